//! What is wrong with a stream.

use crate::h264;

/// Why a transport stream cannot be read on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No packets.
    #[error("no MPEG-TS packets of 188 bytes within {limit} bytes")]
    NoSync {
        /// How many bytes were looked at.
        limit: usize,
    },
    /// Packets, but nothing that says what is in them.
    #[error("the MPEG-TS has no tables (PAT and PMT) that say what is in it, within {limit} bytes")]
    NoTables {
        /// How many bytes were looked at.
        limit: usize,
    },
    /// Nothing in it that can be shown.
    #[error("the MPEG-TS holds {found}; H.264 is what can be shown of it")]
    Unsupported {
        /// What is in it, by name.
        found: String,
    },
    /// Pictures that only who paid for them can see.
    #[error("the MPEG-TS is scrambled")]
    Scrambled,
    /// A picture without end.
    #[error("a picture in the MPEG-TS is longer than the limit of {limit} bytes")]
    TooLong {
        /// The limit.
        limit: usize,
    },
    /// What is wrong with the H.264.
    #[error(transparent)]
    H264(#[from] h264::Error),
}

impl Error {
    /// Whether reading on makes sense: only one picture is lost.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::TooLong { .. } => true,
            Self::H264(error) => error.is_passing(),
            _ => false,
        }
    }
}
