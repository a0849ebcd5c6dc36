//! Which of a camera's media is the sound, and how it is coded.

use std::num::NonZeroU32;

use bytes::Bytes;
use eyeline_media::{AudioCodec, AudioFormat};
use retina::client::{Demuxed, Stream};
use retina::codec::ParametersRef;

/// The sound of a camera.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sound {
    /// Which of its media.
    pub(super) media: usize,
    /// Ticks of its clock in a second.
    pub(super) hz: NonZeroU32,
    codec: AudioCodec,
}

/// The first sound that can be passed on. Of Opus the library does not take packets apart.
pub(super) fn choose(media: &[Stream]) -> Option<Sound> {
    media.iter().enumerate().find_map(|(at, media)| {
        let codec = codec(media.media(), media.encoding_name())?;
        let hz = NonZeroU32::new(media.clock_rate_hz())?;
        Some(Sound {
            media: at,
            hz,
            codec,
        })
    })
}

fn codec(kind: &str, encoding: &str) -> Option<AudioCodec> {
    match (kind, encoding) {
        ("audio", "mpeg4-generic") => Some(AudioCodec::Aac),
        ("audio", "pcmu") => Some(AudioCodec::Pcmu),
        ("audio", "pcma") => Some(AudioCodec::Pcma),
        _ => None,
    }
}

impl Sound {
    /// What a decoder must know, once it is known.
    pub(super) fn format(&self, playing: &Demuxed) -> Option<AudioFormat> {
        let ParametersRef::Audio(known) = playing.streams().get(self.media)?.parameters()? else {
            return None;
        };
        let config = match self.codec {
            AudioCodec::Aac => Bytes::copy_from_slice(known.extra_data()),
            _ => Bytes::new(),
        };
        Some(AudioFormat {
            codec: self.codec,
            sample_rate: known.clock_rate(),
            channels: u8::try_from(known.channels().get()).ok()?,
            config,
        })
    }
}
