//! How accepted sockets are set up, so that little waits in the kernel to grow old.

use socket2::SockRef;
use tokio::net::TcpStream;

use crate::limits::{SEND_BUFFER_BYTES, UNSENT_BYTES};

/// Sets up an accepted socket. What the kernel refuses is done without: the server
/// works, only slow viewers lag a little more.
pub(crate) fn tune(tcp: &TcpStream) {
    let socket = SockRef::from(tcp);
    let refused = [
        socket.set_tcp_nodelay(true).err(),
        socket.set_send_buffer_size(SEND_BUFFER_BYTES).err(),
        #[cfg(target_os = "linux")]
        socket.set_tcp_notsent_lowat(UNSENT_BYTES).err(),
    ];
    for error in refused.into_iter().flatten() {
        tracing::debug!(%error, "a socket option was refused");
    }
}
