//! Every limit of the RTSP server, named, in one place.

use std::time::Duration;

/// Most connections at a time.
pub(crate) const MAX_CONNECTIONS: usize = 2_048;
/// How long connections may take to end when the server stops.
pub(crate) const SHUTDOWN_GRACE: Duration = Duration::from_secs(1);
/// How long a client may take for the handshake of TLS.
pub(crate) const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a description waits for the first picture.
pub(crate) const FIRST_PICTURE: Duration = Duration::from_secs(8);
/// How long the answer to `PLAY` waits for the first packet, to tell its number.
pub(crate) const FIRST_PACKET: Duration = Duration::from_millis(300);
/// How long a client may take for the last answer.
pub(crate) const LAST_WORDS: Duration = Duration::from_millis(500);
/// How often senders of datagrams are told what was lost.
pub(crate) const REPORT_EVERY: Duration = Duration::from_secs(5);
/// Most bytes that are read at once.
pub(crate) const READ_BYTES: usize = 16 * 1024;
/// Most bytes of a datagram that is taken: what Ethernet carries.
pub(crate) const DATAGRAM_BYTES: usize = 2 * 1024;
/// Most datagrams of one client that wait to be looked at.
pub(crate) const DATAGRAMS_WAITING: usize = 512;
/// Most datagrams that are sent at once to one client.
pub(crate) const DATAGRAMS_AT_ONCE: usize = 8;
/// How often: together about 90 Mbit/s.
pub(crate) const DATAGRAMS_EVERY: Duration = Duration::from_millis(1);
/// Bytes that the kernel holds of datagrams that come or go, if it lets us have as many.
pub(crate) const DATAGRAM_BUFFER_BYTES: usize = 4 * 1024 * 1024;
/// Most characters of a `User-Agent` that are kept in a viewer's account.
pub(crate) const AGENT_CHARS: usize = 200;
/// Most wrong passwords on one connection.
pub(crate) const MAX_DENIED: u32 = 8;
