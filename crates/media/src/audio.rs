//! Sound: how it is coded, and the packets of it that go beside pictures.
//!
//! Not here: decoding. Sound is passed on as it comes, or not at all.

use std::sync::Arc;

use bytes::Bytes;

use crate::Timestamp;

/// How sound is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AudioCodec {
    /// AAC (ISO/IEC 14496-3), one access unit a packet, without a header of its own.
    Aac,
    /// Opus (RFC 6716), one packet of it a packet.
    Opus,
    /// G.711 with the µ-law: a byte a sample and channel.
    Pcmu,
    /// G.711 with the A-law: a byte a sample and channel.
    Pcma,
}

impl AudioCodec {
    /// FFmpeg's name of the codec.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aac => "aac",
            Self::Opus => "opus",
            Self::Pcmu => "pcm_mulaw",
            Self::Pcma => "pcm_alaw",
        }
    }
}

/// What must be known of sound before it can be decoded. It is shared by the packets that are
/// coded so.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AudioFormat {
    /// How it is coded.
    pub codec: AudioCodec,
    /// Samples a second of each channel.
    pub sample_rate: u32,
    /// Channels.
    pub channels: u8,
    /// What a decoder is set up with: of AAC the `AudioSpecificConfig` (ISO/IEC 14496-3, 1.6.2.1), of
    /// Opus the identification header (RFC 7845, 5.1), of others nothing.
    pub config: Bytes,
}

/// A piece of sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AudioPacket {
    /// When its first sample was captured.
    pub captured: Timestamp,
    /// How it is coded.
    pub format: Arc<AudioFormat>,
    /// Samples of each channel.
    pub samples: u32,
    /// The coded bytes.
    pub data: Bytes,
}
