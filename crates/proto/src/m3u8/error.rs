//! What is wrong with a playlist.

/// Why a playlist cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It does not begin as playlists do.
    #[error("not a playlist of HLS: its first line is not #EXTM3U")]
    NotAPlaylist,
    /// It is too long.
    #[error("the playlist has {bytes} bytes, more than the limit of {limit}")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// Too many segments.
    #[error("the playlist lists more than {limit} segments")]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// A line that does not say what it should.
    #[error("line {line} of the playlist: {what}")]
    Malformed {
        /// Which, counted from 1.
        line: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// None of the variants is H.264.
    #[error("the playlist offers no H.264, only {codecs}")]
    NoH264 {
        /// What it offers.
        codecs: String,
    },
}
