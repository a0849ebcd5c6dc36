//! What is wrong with a stream.

/// Why a stream of H.264 cannot be read on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No start code came.
    #[error("no H.264 start code (00 00 01) within the first {limit} bytes")]
    NoStartCode {
        /// How many bytes were looked at.
        limit: usize,
    },
    /// A stream of another codec.
    #[error("the byte stream is H.265 (HEVC); have it encoded as H.264 (`ffmpeg … -c:v libx264`)")]
    H265,
    /// An access unit without end.
    #[error("an H.264 picture is longer than the limit of {limit} bytes")]
    TooLong {
        /// The limit.
        limit: usize,
    },
    /// A NAL unit behind a length that cannot be.
    #[error("an H.264 picture is cut short: a NAL unit is longer than what is there")]
    Cut,
    /// A picture that was given on when the writer paused within it.
    #[error("the writer of the H.264 paused within a picture, which was taken for whole")]
    Torn,
    /// A sequence parameter set that cannot be read.
    #[error("an H.264 sequence parameter set cannot be read: {0}")]
    Sps(String),
}

impl Error {
    /// Whether reading on makes sense: only one picture is lost.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        !matches!(self, Self::NoStartCode { .. } | Self::H265)
    }
}
