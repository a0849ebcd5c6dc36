//! The fence around the one thing that no safe library asks the kernel: what it knows of
//! a TCP connection.
//!
//! Not here: what follows from it, and options that `socket2` sets.

#[cfg(target_os = "linux")]
mod linux;

use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

/// What the kernel knows of a connection (`TCP_INFO`). What an old kernel does not tell is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcpInfo {
    /// Bytes a second that were delivered in the latest sample that counts: one that was
    /// limited by the sender counts only if it is higher than the one before.
    pub delivery_rate: u64,
    /// Whether that sample was limited by what the sender had to send.
    pub app_limited: bool,
    /// The shortest round trip.
    pub min_rtt: Duration,
    /// The round trip, smoothed.
    pub rtt: Duration,
    /// Bytes of one segment.
    pub segment_bytes: u32,
    /// Segments sent and not acknowledged.
    pub unacked_segments: u32,
    /// Bytes in the send buffer that were not sent yet.
    pub unsent_bytes: u32,
    /// Bytes acknowledged since the connection was opened.
    pub acked_bytes: u64,
    /// How long there was something to send or to be acknowledged.
    pub busy: Duration,
    /// How much of that the other end's window was full: it does not read, whatever the link.
    pub window_limited: Duration,
}

impl TcpInfo {
    /// Asks the kernel.
    ///
    /// # Errors
    /// When the socket is no TCP socket; `Unsupported` where the kernel is not Linux.
    pub fn of(socket: impl AsFd) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        return linux::tcp_info(socket.as_fd());
        #[cfg(not(target_os = "linux"))]
        {
            let _ = socket;
            Err(io::ErrorKind::Unsupported.into())
        }
    }

    /// Bytes on their way, roughly: not sent, or not acknowledged.
    #[must_use]
    pub fn queued_bytes(&self) -> u64 {
        u64::from(self.unacked_segments) * u64::from(self.segment_bytes)
            + u64::from(self.unsent_bytes)
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn what_arrived_is_known_as_acknowledged_and_nothing_waits() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut near = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut far, _) = listener.accept().unwrap();
        near.write_all(&[7; 100_000]).unwrap();
        far.read_exact(&mut [0; 100_000]).unwrap();
        // An answer brings the last acknowledgement with it.
        far.write_all(&[1]).unwrap();
        near.read_exact(&mut [0]).unwrap();
        let info = TcpInfo::of(&near).unwrap();
        // The opening counts as a byte.
        assert!((100_000..=100_001).contains(&info.acked_bytes), "{info:?}");
        assert_eq!(info.queued_bytes(), 0, "{info:?}");
        assert!(
            info.delivery_rate > 0 && info.min_rtt > Duration::ZERO,
            "{info:?}"
        );
        assert!((500..=65_536).contains(&info.segment_bytes), "{info:?}");
    }

    #[test]
    fn what_nobody_reads_waits_and_keeps_the_link_busy() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut near = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let _far = listener.accept().unwrap();
        near.set_nonblocking(true).unwrap();
        while near.write(&[7; 64 * 1024]).is_ok() {}
        let info = TcpInfo::of(&near).unwrap();
        assert!(info.queued_bytes() > 0, "{info:?}");
    }

    #[test]
    fn a_socket_of_another_kind_has_no_such_thing() {
        let (near, _far) = UnixStream::pair().unwrap();
        TcpInfo::of(&near).unwrap_err();
    }
}
