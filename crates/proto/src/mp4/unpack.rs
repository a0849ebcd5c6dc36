//! Samples, made into what flows inside: access units with their parameter sets, and packets of sound.

use std::num::NonZeroU32;
use std::sync::Arc;

use bytes::Bytes;
use eyeline_media::{AudioCodec, AudioFormat, MediaTime, Timestamp};

use super::limits::Limits;
use super::sample_entry::Avc;
use crate::h264::{self, AccessUnit, Assembler};

/// What an MP4 gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A picture.
    Video(Video),
    /// Sound.
    Audio(Audio),
    /// When something was captured.
    Captured(Captured),
    /// A picture that cannot be read, and why; those after it may be.
    Damaged(h264::Error),
}

/// That what is shown or heard at a time was captured then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Captured {
    /// The time, as those of pictures and sounds.
    pub at: MediaTime,
    /// By the sender's wall clock.
    pub wall: Timestamp,
}

/// A picture and its times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Video {
    /// The picture.
    pub unit: AccessUnit,
    /// When it is shown.
    pub present: MediaTime,
    /// When it is decoded.
    pub decode: MediaTime,
}

/// A packet of sound and its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audio {
    /// How it is coded.
    pub format: Arc<AudioFormat>,
    /// When its first sample is heard.
    pub at: MediaTime,
    /// Samples of each channel.
    pub samples: u32,
    /// The coded bytes.
    pub data: Bytes,
}

impl Item {
    /// Whether it is a picture, good or bad.
    #[must_use]
    pub const fn is_picture(&self) -> bool {
        matches!(self, Self::Video(_) | Self::Damaged(_))
    }

    /// When it is decoded, if it is a picture or sound that is whole.
    #[must_use]
    pub fn decode(&self) -> Option<MediaTime> {
        match self {
            Self::Video(video) => Some(video.decode),
            Self::Audio(audio) => Some(audio.at),
            Self::Captured(_) | Self::Damaged(_) => None,
        }
    }
}

/// When a sample counts, in ticks of its track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticks {
    pub(super) decode: i64,
    pub(super) composition: i32,
    pub(super) duration: u32,
}

impl Ticks {
    pub(super) fn decode_time(self, hz: NonZeroU32) -> MediaTime {
        MediaTime::of_ticks(self.decode, hz)
    }

    pub(super) fn present_time(self, hz: NonZeroU32) -> MediaTime {
        let ticks = self.decode.saturating_add(self.composition.into());
        MediaTime::of_ticks(ticks, hz)
    }
}

/// Unpacks the samples of one track.
#[derive(Debug)]
pub struct Unpack {
    hz: NonZeroU32,
    coding: Coding,
}

#[derive(Debug)]
enum Coding {
    Video(Box<Assembler>, usize),
    Audio(Arc<AudioFormat>),
}

impl Unpack {
    pub(super) fn video(avc: &Avc, hz: NonZeroU32, limits: &Limits) -> Self {
        let mut assembler = Assembler::new(limits.h264());
        for set in &avc.sets {
            // Sets in band may make up for one that cannot be read.
            let _ = assembler.push(set);
        }
        let coding = Coding::Video(Box::new(assembler), avc.length_bytes);
        Self { hz, coding }
    }

    pub(super) fn audio(format: AudioFormat, hz: NonZeroU32) -> Self {
        let coding = Coding::Audio(Arc::new(format));
        Self { hz, coding }
    }

    pub(super) fn sound(&self) -> Option<&Arc<AudioFormat>> {
        match &self.coding {
            Coding::Video(..) => None,
            Coding::Audio(format) => Some(format),
        }
    }

    /// What a sample holds; `None` if that is nothing that can be shown or heard.
    pub(super) fn item(&mut self, sample: &[u8], ticks: Ticks) -> Option<Item> {
        match &mut self.coding {
            Coding::Video(assembler, length_bytes) => {
                match access_unit(assembler, *length_bytes, sample) {
                    Ok(unit) => Some(Item::Video(Video {
                        unit: unit?,
                        present: ticks.present_time(self.hz),
                        decode: ticks.decode_time(self.hz),
                    })),
                    Err(why) => Some(Item::Damaged(why)),
                }
            }
            Coding::Audio(format) => Some(Item::Audio(Audio {
                format: Arc::clone(format),
                at: ticks.present_time(self.hz),
                samples: samples(format, ticks.duration, self.hz),
                // Not a part of the sample's memory, which may be large.
                data: Bytes::copy_from_slice(sample),
            })),
        }
    }
}

/// The access unit of a sample; `None` as long as there are no parameter sets.
fn access_unit(
    assembler: &mut Assembler,
    length_bytes: usize,
    sample: &[u8],
) -> Result<Option<AccessUnit>, h264::Error> {
    let mut whole = None;
    let mut rest = sample;
    while !rest.is_empty() {
        let cut = rest.split_at_checked(length_bytes);
        let nal = cut.and_then(|(length, after)| {
            let length = length.iter().fold(0, |n, byte| n << 8 | usize::from(*byte));
            after.split_at_checked(length)
        });
        let Some((nal, after)) = nal else {
            let _ = assembler.finish();
            return Err(h264::Error::Cut);
        };
        rest = after;
        // A sample is one access unit; what begins another behind its slices is not one.
        whole = assembler.push(nal)?.or(whole);
    }
    Ok(whole.or_else(|| assembler.finish()))
}

/// Samples of each channel of a packet that lasts so many ticks.
fn samples(format: &AudioFormat, duration: u32, hz: NonZeroU32) -> u32 {
    let exact = u64::from(duration) * u64::from(format.sample_rate);
    let rounded = (exact + u64::from(hz.get()) / 2) / u64::from(hz.get());
    match (u32::try_from(rounded), format.codec) {
        // Nothing that a packet lasts: what it usually does. Those of 20 ms are what WebRTC has.
        (Ok(0) | Err(_), AudioCodec::Opus) => 960,
        (Ok(0) | Err(_), _) => 1024,
        (Ok(samples), _) => samples,
    }
}
