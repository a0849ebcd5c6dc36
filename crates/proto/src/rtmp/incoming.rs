//! What is published or pulled: pictures and sound out of messages, on one time line.

use std::num::NonZeroU32;
use std::sync::Arc;

use bytes::Bytes;
use eyeline_media::{AudioFormat, MediaTime};

use super::audio::{Heard, Sound};
use super::flv::TagError;
use super::message::{Kind, Message};
use super::video::Pictures;
use crate::h264::AccessUnit;
use crate::unwrap::Unwrap;

const MILLIS: NonZeroU32 = NonZeroU32::new(1_000).unwrap();

/// A picture, a piece of sound, or how sound is coded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A picture.
    Picture {
        /// The picture.
        unit: AccessUnit,
        /// When it is shown.
        present: MediaTime,
        /// When it is decoded.
        decode: MediaTime,
    },
    /// How the sound will be coded that follows.
    Format(Arc<AudioFormat>),
    /// A piece of sound.
    Sound {
        /// How it is coded.
        format: Arc<AudioFormat>,
        /// When it is heard.
        at: MediaTime,
        /// Samples of each channel.
        samples: u32,
        /// Its bytes.
        data: Bytes,
    },
}

/// Reads the messages of one publisher, or of one stream that is played.
#[derive(Debug)]
pub struct Incoming {
    pictures: Pictures,
    sound: Sound,
    /// Both have the same clock, whose milliseconds wrap after 49 days.
    clock: Unwrap<32>,
}

impl Default for Incoming {
    fn default() -> Self {
        Self {
            pictures: Pictures::new(),
            sound: Sound::default(),
            clock: Unwrap::default(),
        }
    }
}

impl Incoming {
    /// What a message of kind video or audio holds; others hold nothing.
    ///
    /// # Errors
    /// [`TagError`]: see there whether what follows can be read.
    pub fn read(&mut self, message: &Message) -> Result<Option<Unit>, TagError> {
        let Message {
            kind,
            timestamp,
            payload,
            ..
        } = message;
        if ![Kind::VIDEO, Kind::AUDIO].contains(kind) {
            return Ok(None);
        }
        let millis = self.clock.unwrap((*timestamp).into());
        let at = |millis| MediaTime::of_ticks(millis, MILLIS);
        if *kind == Kind::VIDEO {
            let picture = self.pictures.read(payload)?;
            return Ok(picture.map(|(unit, later)| Unit::Picture {
                unit,
                present: at(millis + i64::from(later)),
                decode: at(millis),
            }));
        }
        let heard = self.sound.read(payload)?;
        Ok(heard.map(|heard| match heard {
            Heard::Format(format) => Unit::Format(format),
            Heard::Piece(format, samples, data) => Unit::Sound {
                format,
                at: at(millis),
                samples,
                data,
            },
        }))
    }
}
