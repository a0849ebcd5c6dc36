//! Fragmented MP4 (ISO/IEC 14496-12) of a track of H.264 (14496-15), one of AAC (14496-14) or
//! Opus, or both: initialisation segments, and fragments of any number of samples.
//!
//! Not here: when samples are due, where segments are cut, and reading MP4.

mod audio;
mod boxes;
mod fragment;
mod init;
mod video;

#[cfg(test)]
mod tests;

pub use audio::Audio;
pub use fragment::{
    Captured, Fragment, Run, Sample, fragment_track, move_picture, put_segment_type,
};
pub use init::{Init, describes_sound, init_bytes};
pub use video::Video;

/// Ticks a second of the times of pictures.
pub const TIMESCALE: u32 = 90_000;

/// A track of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Track {
    /// The pictures.
    Video,
    /// The sound.
    Audio,
}

impl Track {
    /// Its number in the file.
    const fn id(self) -> u32 {
        match self {
            Self::Video => 1,
            Self::Audio => 2,
        }
    }
}

/// A time in ticks, rounded to the nearest.
#[must_use]
pub fn ticks(time: std::time::Duration, timescale: u32) -> u64 {
    const NANOS: u128 = 1_000_000_000;
    let ticks = (time.as_nanos() * u128::from(timescale) + NANOS / 2) / NANOS;
    u64::try_from(ticks).unwrap_or(u64::MAX)
}

/// A number of ticks as a time; the opposite of [`ticks`].
#[must_use]
pub fn time(ticks: u64, timescale: u32) -> std::time::Duration {
    const NANOS: u128 = 1_000_000_000;
    let nanos = u128::from(ticks) * NANOS / u128::from(timescale.max(1));
    std::time::Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}
