//! Every limit of a WebSocket session.

use std::time::Duration;

use eyeline_proto::websocket::Limits;

/// What a viewer may send: short JSON.
pub(super) const OF_A_VIEWER: Limits = Limits {
    max_text_bytes: 64 * 1024,
    max_binary_bytes: 64 * 1024,
};

/// What a producer may send: a picture, or a piece of a recording.
pub(super) const OF_A_PRODUCER: Limits = Limits {
    max_text_bytes: 64 * 1024,
    max_binary_bytes: 16 * 1024 * 1024,
};

/// Most streams joined on one socket.
pub(super) const STREAMS: usize = 64;

/// Most messages of a viewer in a second, Pings and Pongs included.
pub(super) const VIEWER_MESSAGES: u32 = 200;

/// Most messages of a producer in a second, its pictures included.
pub(super) const PRODUCER_MESSAGES: u32 = 1_000;

/// Answers that wait to be taken. While there are as many, the client is not heard.
pub(super) const REPLIES: usize = 64;

/// How often a client is asked whether it is there.
pub(super) const PING_EVERY: Duration = Duration::from_secs(20);

/// How many Pings in a row may have no answer until the client is given up.
pub(super) const UNANSWERED_PINGS: u32 = 3;

/// How long a client may take to take what was begun, and the Close behind it.
pub(super) const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// What changes within so long is told at once.
pub(super) const NEWS_DELAY: Duration = Duration::from_millis(100);

/// Longest age that a client may report, either way: clocks may differ.
pub(super) const MAX_AGE_MS: f64 = 3_600_000.0;

/// Most pictures a second, and most left out at a time, that a client may report.
pub(super) const MAX_FPS: f64 = 1_000.0;
pub(super) const MAX_DROPPED: u64 = 1_000_000;
