//! What is wrong with a packet.

/// Why a packet cannot be read, or a picture not be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It ends too early.
    #[error("an RTP packet of {length} bytes ends within its {part}")]
    Truncated {
        /// What was being read.
        part: &'static str,
        /// Bytes there are.
        length: usize,
    },
    /// Not version 2.
    #[error("this is no RTP packet: its version is {0} and not 2")]
    Version(u8),
    /// A kind of payload that is not taken.
    #[error(
        "H.264 in RTP packets of type {0} is not taken; use packetization-mode 0 or 1 (RFC 6184)"
    )]
    Packetization(u8),
    /// Sound that makes no sense.
    #[error("sound in an RTP packet cannot be read: {0}")]
    Sound(&'static str),
    /// What the packets make up cannot be read.
    #[error(transparent)]
    H264(#[from] crate::h264::Error),
    /// A JPEG that RTP cannot carry.
    #[error("RTP cannot carry this JPEG: {0}")]
    Jpeg(String),
}
