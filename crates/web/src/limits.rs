//! Every limit of the HTTP server, named, in one place.

use std::time::Duration;

/// The limits of a server that its operator may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most connections open at a time. Beyond it the one that has been idle for
    /// longest makes room; if all are busy, the new one gets 503.
    pub connections: usize,
    /// How long a connection may take to send a request's header, from when it is
    /// opened or its last answer was finished.
    pub header_timeout: Duration,
    /// How long a viewer may take no data at all while some is waiting.
    pub stall_timeout: Duration,
    /// How long a viewer that is behind may take for 16 KiB.
    pub slow_timeout: Duration,
    /// How long connections may take to end when the server stops.
    pub shutdown_grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4_096,
            header_timeout: Duration::from_secs(10),
            stall_timeout: Duration::from_secs(10),
            slow_timeout: Duration::from_secs(30),
            shutdown_grace: Duration::from_secs(3),
        }
    }
}

/// What a viewer must at least take within [`Limits::slow_timeout`], in bytes. One
/// that takes a byte at a time moves on, but will never see a picture.
pub(crate) const SLOW_BYTES: usize = 16 * 1024;

/// Most bytes of a request's header, of one read of a request's body, and of what
/// hyper gathers of an answer before it writes.
pub(crate) const HTTP_BUFFER_BYTES: usize = 64 * 1024;

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

/// Pause after an accept failed for want of descriptors or memory.
pub(crate) const ACCEPT_BACKOFF: Duration = Duration::from_millis(100);

/// Most refused connections that are kept a moment so that the refusal is read.
pub(crate) const REFUSALS: usize = 64;

/// How long a connection is kept after the last word, for the other end to read it.
pub(crate) const LINGER: Duration = Duration::from_secs(1);

/// Most characters of a `User-Agent` that are kept in a viewer's account.
pub(crate) const AGENT_CHARS: usize = 200;

/// Most characters of the key by which a client finds itself in the list of clients.
pub(crate) const CLIENT_KEY_CHARS: usize = 64;

/// Most bytes of a JSON body.
pub(crate) const JSON_BYTES: usize = 64 * 1024;
