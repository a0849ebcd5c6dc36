//! The item of a stream's feed.

use std::time::Duration;

use bytes::Bytes;

use crate::{Resolution, Timestamp};

/// How the bytes of a packet are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Codec {
    /// Baseline or progressive JPEG, one picture a packet.
    Jpeg,
    /// H.264 (ITU-T H.264), one access unit a packet: NAL units, each behind its length in four
    /// bytes, big-endian (ISO/IEC 14496-15, 5.3.4.2.1). Those that decoding can start with begin
    /// with their parameter sets.
    H264,
}

impl Codec {
    /// FFmpeg's name of the codec.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "mjpeg",
            Self::H264 => "h264",
        }
    }
}

/// One coded picture, shared by everybody who looks at it. They flow in decoding order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// When the picture was captured.
    pub captured: Timestamp,
    /// How long after it is decoded it is shown: zero unless pictures are coded in another order
    /// than they are shown in (B-frames).
    pub composition: Duration,
    /// How `data` is coded.
    pub codec: Codec,
    /// Size of the picture.
    pub resolution: Resolution,
    /// Whether decoding can start here: true of every JPEG, and of H.264's IDR pictures.
    pub key: bool,
    /// Whether this is a notice from Eyeline ("away since …") and not a picture
    /// from the source.
    pub slate: bool,
    /// The coded bytes.
    pub data: Bytes,
}

impl Packet {
    /// When it is decoded, on the clock of `captured`: later with every packet.
    #[must_use]
    pub fn decoded(&self) -> Timestamp {
        self.captured.before(self.composition)
    }
}
