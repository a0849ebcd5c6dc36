//! The pictures and the sound of a session whose protocol carries times: put on this machine's
//! clock together, so that they stay together, and passed on.
//!
//! Not here: protocols. Counters that wrap are unwrapped there (`proto::unwrap`).

mod media_clock;
mod told;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use eyeline_hub::Faults;
use eyeline_media::{AudioFormat, AudioPacket, MediaTime, Timestamp};
use eyeline_proto::h264::AccessUnit;

use crate::error::InputError;
use crate::sink::{Event, Sink};
use media_clock::MediaClock;
use told::Told;

/// When a picture is shown and decoded, by the source's own time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// When it is shown.
    pub present: MediaTime,
    /// When it is decoded: later with every picture, and not after it is shown.
    pub decode: MediaTime,
}

impl Times {
    /// Of a picture that is shown as soon as it is decoded.
    #[must_use]
    pub const fn at(time: MediaTime) -> Self {
        Self {
            present: time,
            decode: time,
        }
    }
}

/// The tracks of one session, from its beginning to its end.
#[derive(Debug, Default)]
pub(crate) struct Tracks {
    clock: MediaClock,
    told: Told,
    /// Whether a key picture has come, before which nothing can be decoded.
    begun: bool,
    audio: Option<Arc<AudioFormat>>,
}

impl Tracks {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Takes the source's word for it that what is of this time was captured at `wall`, and what is of
    /// other times accordingly. Where that cannot be, they are placed by their arrival.
    pub(crate) fn tell(&mut self, at: MediaTime, wall: Timestamp) {
        self.told.tell(at, wall);
    }

    /// Takes a picture, in decoding order. Those before the first key picture are left out.
    ///
    /// # Errors
    /// [`InputError::Gone`] when the stream is being closed.
    pub(crate) async fn video(
        &mut self,
        unit: AccessUnit,
        at: Times,
        sink: &mut Sink,
    ) -> Result<(), InputError> {
        self.begun |= unit.key;
        if !self.begun {
            return Ok(());
        }
        let now = sink.now();
        let placed = self.clock.picture(at, now);
        if placed.repaired {
            let faults = Faults {
                times_repaired: 1,
                packets_lost: 0,
            };
            sink.outlet.send(Event::Faults(faults)).await?;
        }
        if placed.jumped {
            self.told.forget();
        }
        let told = self.told.captured(at.present, placed.composition, now);
        let captured = told.unwrap_or(placed.captured);
        sink.coded(unit, captured, placed.composition).await
    }

    /// Says how the sound will be coded. Said before the first picture, viewers know it from the
    /// beginning.
    ///
    /// # Errors
    /// As [`video`](Self::video).
    pub(crate) async fn announce(
        &mut self,
        format: &Arc<AudioFormat>,
        sink: &Sink,
    ) -> Result<(), InputError> {
        if self.audio.as_ref() != Some(format) {
            self.audio = Some(Arc::clone(format));
            sink.outlet.send(Event::Audio(Arc::clone(format))).await?;
        }
        Ok(())
    }

    /// Takes sound, `samples` of each channel. What comes before the first picture is left out.
    ///
    /// # Errors
    /// As [`video`](Self::video).
    pub(crate) async fn audio(
        &mut self,
        format: &Arc<AudioFormat>,
        at: MediaTime,
        (samples, data): (u32, Bytes),
        sink: &Sink,
    ) -> Result<(), InputError> {
        self.announce(format, sink).await?;
        let now = sink.now();
        let Some(placed) = self.clock.sound(at, now).filter(|_| self.begun) else {
            return Ok(());
        };
        let captured = self
            .told
            .captured(at, Duration::ZERO, now)
            .unwrap_or(placed);
        let packet = AudioPacket {
            captured,
            format: Arc::clone(format),
            samples,
            data,
        };
        sink.outlet.send(Event::Sound(packet)).await
    }
}
