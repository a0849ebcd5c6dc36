//! Every limit of the hub, named, in one place.

use std::time::Duration;

/// How much a feed's ring holds. Whichever is reached first evicts the oldest
/// item; the newest always stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RingLimits {
    /// Most items; rounded up to a power of two.
    pub items: usize,
    /// Most bytes.
    pub bytes: usize,
    /// Longest time between the oldest and the newest item, unless decoding of the newest has
    /// to start further back.
    pub span: Duration,
    /// How far a cursor may fall behind the newest item before it jumps there.
    /// Together with the time one item takes to be sent, this bounds a slow
    /// viewer's latency; shorter pauses lose nothing.
    pub max_lag: Duration,
}

impl RingLimits {
    /// For live pictures: a hiccup of 150 ms loses nothing, a slow viewer is never
    /// further behind than that when its next picture is chosen.
    pub const LIVE: Self = Self {
        // Ten seconds from one key frame to the next, at 60 pictures a second with their sound.
        items: 2048,
        bytes: 64 * 1024 * 1024,
        span: Duration::from_millis(500),
        max_lag: Duration::from_millis(150),
    };

    /// For sound: as much as may go beside the pictures since the newest key frame.
    pub(crate) const SOUND: Self = Self {
        items: 1024,
        bytes: 4 * 1024 * 1024,
        span: Duration::from_secs(12),
        max_lag: Duration::from_secs(12),
    };

    /// For events: whoever follows them may be away for a minute.
    pub(crate) const EVENTS: Self = Self {
        items: 1024,
        bytes: 4 * 1024 * 1024,
        span: Duration::from_secs(60),
        max_lag: Duration::from_secs(60),
    };
}

/// The limits of a hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most streams registered at a time.
    pub streams: usize,
    /// Most re-encoded renditions of one stream at a time.
    pub renditions_per_stream: usize,
    /// Most viewers of one stream at a time.
    pub viewers_per_stream: usize,
    /// How long a feed without viewers goes on.
    pub grace: Duration,
    /// What the rings hold.
    pub ring: RingLimits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            streams: 256,
            renditions_per_stream: 8,
            viewers_per_stream: 2_000,
            grace: Duration::from_secs(5),
            ring: RingLimits::LIVE,
        }
    }
}
