//! The item of a stream's feed.

use bytes::Bytes;

use crate::{Resolution, Timestamp};

/// How the bytes of a packet are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Codec {
    /// Baseline or progressive JPEG, one picture a packet.
    Jpeg,
}

impl Codec {
    /// FFmpeg's name of the codec.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "mjpeg",
        }
    }
}

/// One coded picture, shared by everybody who looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// When the picture was captured.
    pub captured: Timestamp,
    /// How `data` is coded.
    pub codec: Codec,
    /// Size of the picture.
    pub resolution: Resolution,
    /// Whether decoding can start here: true of every JPEG.
    pub key: bool,
    /// Whether this is a notice from Eyeline ("away since …") and not a picture
    /// from the source.
    pub slate: bool,
    /// The coded bytes.
    pub data: Bytes,
}
