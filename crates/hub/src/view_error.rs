//! Why nothing is to be seen.

use eyeline_media::StreamId;

/// Why a stream cannot be looked at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ViewError {
    /// No stream of that name.
    #[error("there is no stream named {0}")]
    Unknown(StreamId),
    /// As many renditions as allowed are being made.
    #[error(
        "{most} renditions of this stream are being made already; ask for one of those, or for the source"
    )]
    TooManyRenditions {
        /// The limit.
        most: usize,
    },
    /// As many viewers as allowed are looking.
    #[error("{most} viewers look at this stream already; that is the limit")]
    TooManyViewers {
        /// The limit.
        most: usize,
    },
    /// The stream ended a moment ago.
    #[error("the stream {0} has ended")]
    Ended(StreamId),
}
