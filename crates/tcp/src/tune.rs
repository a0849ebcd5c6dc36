//! How accepted sockets are set up, so that little waits in the kernel to grow old.

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;

use crate::limits::{
    FIRST_SEND_BUFFER_BYTES, KEEPALIVE_AFTER, KEEPALIVE_EVERY, KEEPALIVE_TRIES, UNSENT_BYTES,
};

/// Sets up an accepted socket. What the kernel refuses is done without: the server
/// works, only slow viewers lag a little more.
pub fn tune(tcp: &TcpStream) {
    let socket = SockRef::from(tcp);
    // Finds publishers and waiting viewers that lost their network.
    let keepalive = TcpKeepalive::new()
        .with_time(KEEPALIVE_AFTER)
        .with_interval(KEEPALIVE_EVERY)
        .with_retries(KEEPALIVE_TRIES);
    let refused = [
        socket.set_tcp_nodelay(true).err(),
        socket.set_tcp_keepalive(&keepalive).err(),
        socket.set_send_buffer_size(FIRST_SEND_BUFFER_BYTES).err(),
        #[cfg(target_os = "linux")]
        socket.set_tcp_notsent_lowat(UNSENT_BYTES).err(),
    ];
    for error in refused.into_iter().flatten() {
        tracing::debug!(%error, "a socket option was refused");
    }
}
