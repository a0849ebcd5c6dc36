//! AAC in RTP as `MP4A-LATM` has it (RFC 6416, 6.1): the multiplex of ISO/IEC 14496-3, 1.7.3, of one programme of
//! one layer, whose configuration the description of the session tells.
//!
//! Not here: a configuration among the packets (`cpresent=1`), which is not taken.

use std::collections::VecDeque;

use bytes::Bytes;

use super::aac::{Bits, samples};
use super::depacketizer::{Media, Output};
use super::error::Error;
use super::limits::{MAX_SOUND_BYTES, MAX_SOUNDS};
use super::packet::Packet;

/// Object types whose configuration ends where it is known to (1.6.2.1): AAC Main, LC, SSR, and LTP.
const PLAIN: std::ops::RangeInclusive<usize> = 1..=4;
/// Object types that say another one behind another rate: spectral band replication and parametric stereo.
const EXTENDED: [usize; 2] = [5, 29];

/// What stands behind a configuration that says more for those who know (1.6.2.1); nothing else that may stand there
/// begins so.
const SYNC_EXTENSION: usize = 0x2b7;

/// What a multiplex carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MuxConfig {
    /// The `AudioSpecificConfig`, filled up with zeros to whole bytes.
    pub audio: Bytes,
    /// Channels; 0 if it does not say.
    pub channels: u8,
    /// Access units in each element.
    pub units: usize,
}

impl MuxConfig {
    /// Reads a `StreamMuxConfig` (1.7.3.1); `None` if it makes no sense or is of a kind that is not taken.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut bits = Bits::new(bytes, bytes.len() * 8);
        let (version, same_framing) = (bits.read(1)?, bits.read(1)?);
        let units = bits.read(6)? + 1;
        let (programs, layers) = (bits.read(4)?, bits.read(3)?);
        if (version, same_framing, programs, layers) != (0, 1, 0, 0) {
            return None;
        }
        let start = bits.position();
        let channels = specific(&mut bits)?;
        let end = bits.position();
        let mut again = Bits::new(bytes, end);
        again.read(start as u32)?;
        let mut audio = Vec::with_capacity((end - start).div_ceil(8));
        while again.position() < end {
            let count = (end - again.position()).min(8);
            audio.push((again.read(count as u32)? << (8 - count)) as u8);
        }
        // Access units of any length. GStreamer's `rtpmp4apay` leaves this out.
        (bits.read(3).unwrap_or(0) == 0).then_some(Self {
            audio: audio.into(),
            channels: u8::try_from(channels).ok()?,
            units,
        })
    }
}

/// Reads over an `AudioSpecificConfig` of a kind whose end can be found; its channels.
fn specific(bits: &mut Bits<'_>) -> Option<usize> {
    let rate = |bits: &mut Bits<'_>| match bits.read(4)? {
        15 => bits.read(24),
        index => Some(index),
    };
    let mut object_type = bits.read(5)?;
    rate(bits)?;
    let channels = bits.read(4)?;
    if EXTENDED.contains(&object_type) {
        rate(bits)?;
        object_type = bits.read(5)?;
    }
    let (_short, depends, extended) = (bits.read(1)?, bits.read(1)?, bits.read(1)?);
    let plain = PLAIN.contains(&object_type) && (depends, extended) == (0, 0);
    // Without a number of channels, a list of them would follow.
    if !plain || channels == 0 {
        return None;
    }
    let mut ahead = bits.clone();
    if ahead.read(11) == Some(SYNC_EXTENSION) {
        let (extension, present) = (ahead.read(5)?, ahead.read(1)?);
        if extension == EXTENDED[0] && present == 1 {
            rate(&mut ahead)?;
        }
        *bits = ahead;
    }
    Some(channels)
}

/// Takes access units out of packets.
#[derive(Debug)]
pub(super) struct Unpack {
    units: usize,
    samples: u32,
    /// What came of an element that is not whole.
    partial: Vec<u8>,
    /// Something of it is lost, or it is too long.
    broken: bool,
}

impl Unpack {
    pub(super) fn new(config: &MuxConfig) -> Self {
        Self {
            units: config.units,
            samples: samples(&config.audio),
            partial: Vec::new(),
            broken: false,
        }
    }

    pub(super) fn lose(&mut self) {
        self.partial.clear();
        // What comes next may be the rest of what is lost; only its end tells.
        self.broken = true;
    }

    pub(super) fn push(
        &mut self,
        ticks: i64,
        packet: &Packet<'_>,
        out: &mut VecDeque<Output>,
    ) -> Result<(), Error> {
        if self.partial.len() + packet.payload.len() > MAX_SOUND_BYTES {
            self.lose();
        }
        if !self.broken {
            self.partial.extend_from_slice(packet.payload);
        }
        if !packet.marker {
            return Ok(());
        }
        let element = std::mem::take(&mut self.partial);
        if std::mem::take(&mut self.broken) {
            return Ok(());
        }
        self.take(ticks, &element, out)
    }

    /// Takes the access units out of a whole element (1.7.3.1, `PayloadLengthInfo` and `PayloadMux`).
    fn take(&self, ticks: i64, mut rest: &[u8], out: &mut VecDeque<Output>) -> Result<(), Error> {
        for at in 0..self.units.min(MAX_SOUNDS) {
            let mut length = 0;
            loop {
                let short = Error::Sound("it ends within the length of an access unit");
                let (&byte, after) = rest.split_first().ok_or(short)?;
                (length, rest) = (length + usize::from(byte), after);
                if byte < 255 {
                    break;
                }
            }
            let long = Error::Sound("an access unit is longer than its packet");
            let (unit, after) = rest.split_at_checked(length).ok_or(long)?;
            rest = after;
            out.push_back(Output {
                ticks: ticks + i64::from(self.samples) * at as i64,
                media: Media::Sound {
                    samples: self.samples,
                    data: Bytes::copy_from_slice(unit),
                },
            });
        }
        Ok(())
    }
}
