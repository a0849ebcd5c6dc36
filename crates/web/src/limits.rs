//! Every limit of the HTTP server, named, in one place.

use std::time::Duration;

use eyeline_tcp::Patience;

/// The limits of a server that its operator may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most connections open at a time. Beyond it the one that has been idle for
    /// longest makes room; if all are busy, the new one gets 503.
    pub connections: usize,
    /// How long a connection may take to send a request's header, from when it is
    /// opened or its last answer was finished.
    pub header_timeout: Duration,
    /// How long a viewer may take too little.
    pub patience: Patience,
    /// How long connections may take to end when the server stops.
    pub shutdown_grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4_096,
            header_timeout: Duration::from_secs(10),
            patience: Patience::default(),
            shutdown_grace: Duration::from_secs(3),
        }
    }
}

/// Most bytes of a request's header, of one read of a request's body, and of what
/// hyper gathers of an answer before it writes.
pub(crate) const HTTP_BUFFER_BYTES: usize = 64 * 1024;

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
