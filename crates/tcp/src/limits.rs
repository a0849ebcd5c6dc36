//! Every limit of connections to viewers, named, in one place.

use std::time::Duration;

/// Pause after an accept failed for want of descriptors or memory.
pub(crate) const ACCEPT_BACKOFF: Duration = Duration::from_millis(100);

/// For how long a viewer's connection may take too little.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// How long a viewer may take no data at all while some is waiting.
    pub stall_timeout: Duration,
    /// How long a viewer that is behind may take for 16 KiB.
    pub slow_timeout: Duration,
}

impl Default for Patience {
    /// 10 s without any data, and 30 s for 16 KiB.
    fn default() -> Self {
        Self {
            stall_timeout: Duration::from_secs(10),
            slow_timeout: Duration::from_secs(30),
        }
    }
}

/// What a viewer must at least take within [`Patience::slow_timeout`], in bytes. One
/// that takes a byte at a time moves on, but will never see a picture.
pub(crate) const SLOW_BYTES: usize = 16 * 1024;

/// Most bytes in the kernel's send buffer; the kernel doubles it for bookkeeping and
/// caps it by `net.core.wmem_max`.
pub(crate) const SEND_BUFFER_BYTES: usize = 512 * 1024;

/// What the send buffer may hold of a connection of which nothing is known yet, told as the
/// above. A large picture has to wait once, and then more is known.
pub(crate) const FIRST_SEND_BUFFER_BYTES: usize = 16 * 1024;

/// The least that it may hold, told as the above.
pub(crate) const LEAST_SEND_BUFFER_BYTES: usize = 4 * 1024;

/// The send buffer of a connection that was measured holds what the link delivers in this
/// time, or in two round trips if those are longer.
pub(crate) const BUFFERED_TIME: Duration = Duration::from_millis(50);

/// The kernel takes no more while this much was not sent yet. What waits here can
/// only grow old; what is in flight is bounded by the viewer's own receive window.
pub(crate) const UNSENT_BYTES: u32 = 16 * 1024;

/// After so long without a word from the other end it is asked whether it is there.
pub(crate) const KEEPALIVE_AFTER: Duration = Duration::from_secs(20);

/// How often it is asked again.
pub(crate) const KEEPALIVE_EVERY: Duration = Duration::from_secs(5);

/// How often it may not answer until the connection is closed.
pub(crate) const KEEPALIVE_TRIES: u32 = 3;
