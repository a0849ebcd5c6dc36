//! How a stream's source is doing.

use eyeline_media::Timestamp;

/// How a stream's source is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Not running, because nobody looks.
    Idle,
    /// Being opened; no picture yet.
    Starting,
    /// Pictures come.
    Live {
        /// When the first of this run was captured.
        since: Timestamp,
    },
    /// No pictures come; the stream shows a slate and goes on by itself.
    Away {
        /// Why, in a sentence for people.
        reason: String,
        /// Since when.
        since: Timestamp,
    },
}

impl State {
    /// The state in one word, for JSON and metrics.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Starting => "starting",
            Self::Live { .. } => "live",
            Self::Away { .. } => "away",
        }
    }
}
