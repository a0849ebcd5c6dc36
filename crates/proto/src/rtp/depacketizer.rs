//! Takes pictures and sound out of the packets of one track.

use std::collections::VecDeque;

use bytes::Bytes;

use super::aac::{self, Layout};
use super::error::Error;
use super::h264;
use super::latm::{self, MuxConfig};
use super::packet::Packet;
use super::sound::opus_samples;
use crate::h264::AccessUnit;

/// Something that came whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// When it is shown or heard, in ticks of the track's clock, which do not wrap.
    pub ticks: i64,
    /// What it is.
    pub media: Media,
}

/// What a track carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Media {
    /// A picture of H.264.
    Picture(AccessUnit),
    /// A piece of sound.
    Sound {
        /// Samples of each channel.
        samples: u32,
        /// The coded bytes.
        data: Bytes,
    },
}

/// Takes one kind of payload apart.
#[derive(Debug)]
pub struct Depacketizer(Kind);

#[derive(Debug)]
enum Kind {
    H264(Box<h264::Unpack>),
    Aac(aac::Unpack),
    Latm(latm::Unpack),
    Opus,
    /// A byte a sample of so many channels.
    G711(u8),
}

impl Depacketizer {
    /// For H.264, with the parameter sets that were said beside the stream.
    #[must_use]
    pub fn h264<'a>(sets: impl IntoIterator<Item = &'a [u8]>) -> Self {
        Self(Kind::H264(Box::new(h264::Unpack::new(sets))))
    }

    /// For AAC that is laid out so, with its `AudioSpecificConfig`.
    #[must_use]
    pub fn aac(layout: Layout, config: &[u8]) -> Self {
        Self(Kind::Aac(aac::Unpack::new(layout, config)))
    }

    /// For AAC in a multiplex with this configuration.
    #[must_use]
    pub fn latm(config: &MuxConfig) -> Self {
        Self(Kind::Latm(latm::Unpack::new(config)))
    }

    /// For Opus.
    #[must_use]
    pub const fn opus() -> Self {
        Self(Kind::Opus)
    }

    /// For G.711 of so many channels.
    #[must_use]
    pub const fn g711(channels: u8) -> Self {
        Self(Kind::G711(channels))
    }

    /// Packets before the next one are lost.
    pub fn lose(&mut self) {
        match &mut self.0 {
            Kind::H264(unpack) => unpack.lose(),
            Kind::Aac(unpack) => unpack.lose(),
            Kind::Latm(unpack) => unpack.lose(),
            Kind::Opus | Kind::G711(_) => {}
        }
    }

    /// Pictures that came and were left out because something was lost.
    #[must_use]
    pub fn damaged(&self) -> u64 {
        match &self.0 {
            Kind::H264(unpack) => unpack.damaged,
            Kind::Aac(_) | Kind::Latm(_) | Kind::Opus | Kind::G711(_) => 0,
        }
    }

    /// Takes a packet in its turn; what is whole then goes to `out`.
    ///
    /// # Errors
    /// [`Error`]: a payload that is not taken, or makes no sense.
    pub fn push(
        &mut self,
        ticks: i64,
        packet: &Packet<'_>,
        out: &mut VecDeque<Output>,
    ) -> Result<(), Error> {
        let sound = |samples| Output {
            ticks,
            media: Media::Sound {
                samples,
                data: Bytes::copy_from_slice(packet.payload),
            },
        };
        match &mut self.0 {
            Kind::H264(unpack) => return unpack.push(ticks, packet, out),
            Kind::Aac(unpack) => return unpack.push(ticks, packet, out),
            Kind::Latm(unpack) => return unpack.push(ticks, packet, out),
            _ if packet.payload.is_empty() => {}
            Kind::Opus => {
                let samples = opus_samples(packet.payload);
                let samples = samples.ok_or(Error::Sound("it is no packet of Opus"))?;
                out.push_back(sound(samples));
            }
            Kind::G711(channels) => {
                let samples = packet.payload.len() / usize::from((*channels).max(1));
                out.push_back(sound(u32::try_from(samples).unwrap_or(u32::MAX)));
            }
        }
        Ok(())
    }
}
