//! Every limit of the RTMP server, named, in one place.

use std::time::Duration;

use eyeline_tcp::Patience;

/// The limits of a server that its operator may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most connections open at a time; those beyond are closed at once.
    pub connections: usize,
    /// How long a client may take until it says what it wants to publish or play.
    pub ask_timeout: Duration,
    /// How long a publisher may say nothing at all.
    pub silence_timeout: Duration,
    /// How slow a viewer may be.
    pub patience: Patience,
    /// How long connections may take to end when the server stops.
    pub shutdown_grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4_096,
            ask_timeout: Duration::from_secs(10),
            silence_timeout: Duration::from_secs(60),
            patience: Patience::default(),
            shutdown_grace: Duration::from_secs(3),
        }
    }
}

/// How long a connection is kept after the last word, for the other end to read it.
pub(crate) const LINGER: Duration = Duration::from_secs(1);
/// How many messages in a row may be unreadable before a publisher is given up.
pub(crate) const MAX_BAD_IN_A_ROW: u32 = 16;
/// Pieces that are small are sent together as long as they have no more bytes than this.
pub(crate) const GATHER_BYTES: usize = 8 * 1024;
/// Most pieces of one write.
pub(crate) const GATHER_PIECES: usize = 16;
