//! A fragment: one picture with its times.

use std::time::Duration;

use eyeline_media::Timestamp;

use super::boxes::{put, put_full, u32s, u64s};
use super::{TIMESCALE, TRACK};

/// One picture as a movie fragment, behind the time of its capture by the wall clock (`prft`).
#[derive(Clone, Copy, Debug)]
pub struct Fragment<'a> {
    /// Counts the fragments.
    pub sequence: u64,
    /// When the picture is shown, on the track's own time line.
    pub time: Duration,
    /// How long it is shown.
    pub duration: Duration,
    /// When it was captured.
    pub captured: Timestamp,
    /// Whether decoding can start with it.
    pub key: bool,
    /// The access unit: NAL units behind their lengths in four bytes.
    pub data: &'a [u8],
}

/// Bytes of the boxes around the picture.
const HEADER_BYTES: usize = PRFT_BYTES + MOOF_BYTES + 8;
const PRFT_BYTES: usize = 32;
const MOOF_BYTES: usize = 100;

/// The time in `prft` is that of capture (ISO/IEC 14496-12, 8.16.5).
const OF_CAPTURE: u32 = 24;
/// Offsets count from the fragment's own beginning (8.8.7).
const BASE_IS_MOOF: u32 = 0x02_0000;
/// The run says where its data begins, and of the sample how long, how large and what it is (8.8.8).
const RUN: u32 = 0x701;
/// Depends on no other sample (8.8.3.1).
const KEY: u32 = 0x0200_0000;
/// Depends on others, and decoding cannot start with it.
const NO_KEY: u32 = 0x0101_0000;

impl Fragment<'_> {
    /// Bytes of it.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        HEADER_BYTES + self.data.len()
    }

    /// Appends it.
    pub fn put(&self, out: &mut Vec<u8>) {
        let start = out.len();
        let time = ticks(self.time);
        put_full(out, b"prft", 1, OF_CAPTURE, |out| {
            u32s(out, &[TRACK]);
            u64s(out, &[ntp(self.captured), time]);
        });
        put(out, b"moof", |out| {
            put_full(out, b"mfhd", 0, 0, |out| u32s(out, &[self.sequence as u32]));
            put(out, b"traf", |out| {
                put_full(out, b"tfhd", 0, BASE_IS_MOOF, |out| u32s(out, &[TRACK]));
                put_full(out, b"tfdt", 1, 0, |out| u64s(out, &[time]));
                put_full(out, b"trun", 0, RUN, |out| {
                    let data_offset = MOOF_BYTES as u32 + 8;
                    let duration = u32::try_from(ticks(self.duration)).unwrap_or(u32::MAX);
                    let flags = if self.key { KEY } else { NO_KEY };
                    let size = self.data.len() as u32;
                    u32s(out, &[1, data_offset, duration, size, flags]);
                });
            });
        });
        put(out, b"mdat", |out| out.extend_from_slice(self.data));
        debug_assert_eq!(out.len() - start, self.bytes(), "no byte was not foreseen");
    }
}

fn ticks(time: Duration) -> u64 {
    let ticks = time.as_nanos() * u128::from(TIMESCALE) / 1_000_000_000;
    u64::try_from(ticks).unwrap_or(u64::MAX)
}

/// As NTP writes it (RFC 5905, 6): seconds since 1900 and their fraction, 32 bits each.
fn ntp(time: Timestamp) -> u64 {
    const SECONDS_TO_1970: u64 = 2_208_988_800;
    let (seconds, nanos) = (
        time.as_nanos() / 1_000_000_000,
        time.as_nanos() % 1_000_000_000,
    );
    ((seconds + SECONDS_TO_1970) << 32) | ((nanos << 32) / 1_000_000_000)
}
