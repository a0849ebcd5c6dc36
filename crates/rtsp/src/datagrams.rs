//! The server's two ports for datagrams, which all sessions share: what comes is told apart by
//! where it comes from.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use socket2::SockRef;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;

use crate::limits::{DATAGRAM_BUFFER_BYTES, DATAGRAM_BYTES, DATAGRAMS_WAITING};

/// How often a pair of ports is looked for that are both free.
const TRIES: usize = 32;

/// The server's ports.
#[derive(Clone)]
pub struct Datagrams(Arc<Ports>);

struct Ports {
    /// For packets, and for reports.
    sockets: [UdpSocket; 2],
    ports: (u16, u16),
    sessions: Mutex<HashMap<SocketAddr, Target>>,
}

/// Whose a client's port is.
#[derive(Clone)]
struct Target {
    track: usize,
    session: mpsc::Sender<Datagram>,
}

/// Something that came of a client.
pub(crate) struct Datagram {
    pub(crate) track: usize,
    pub(crate) is_report: bool,
    pub(crate) data: Bytes,
}

/// A session's place among those that datagrams come for; dropping it gives it up.
pub(crate) struct Mailbox {
    ports: Datagrams,
    known: Vec<SocketAddr>,
    sender: mpsc::Sender<Datagram>,
    incoming: mpsc::Receiver<Datagram>,
}

impl Datagrams {
    /// Takes this port and the one behind it, or any pair if it is 0.
    ///
    /// # Errors
    /// They are in use.
    pub async fn bind(ip: IpAddr, port: u16) -> io::Result<Self> {
        let mut failed = io::ErrorKind::AddrInUse.into();
        for _ in 0..if port == 0 { TRIES } else { 1 } {
            match Self::pair(ip, port).await {
                Ok(ports) => return Ok(Self(Arc::new(ports))),
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }

    async fn pair(ip: IpAddr, port: u16) -> io::Result<Ports> {
        let rtp = UdpSocket::bind((ip, port)).await?;
        let number = rtp.local_addr()?.port();
        // Packets have the even port, and reports the odd one behind it (RFC 3550, 11).
        let next = number.checked_add(1).filter(|_| number.is_multiple_of(2));
        let next = next.ok_or(io::ErrorKind::AddrInUse)?;
        let rtcp = UdpSocket::bind((ip, next)).await?;
        let socket = SockRef::from(&rtp);
        for refused in [
            socket.set_send_buffer_size(DATAGRAM_BUFFER_BYTES),
            socket.set_recv_buffer_size(DATAGRAM_BUFFER_BYTES),
        ] {
            if let Err(error) = refused {
                tracing::debug!(%error, "a socket option was refused");
            }
        }
        Ok(Ports {
            sockets: [rtp, rtcp],
            ports: (number, next),
            sessions: Mutex::default(),
        })
    }

    /// For packets, and for reports.
    #[must_use]
    pub fn ports(&self) -> (u16, u16) {
        self.0.ports
    }

    /// Hands what comes to those it is for, for ever.
    pub(crate) async fn receive(&self) {
        tokio::join!(self.receive_at(0), self.receive_at(1));
    }

    async fn receive_at(&self, which: usize) {
        let mut buffer = vec![0; DATAGRAM_BYTES];
        loop {
            let Ok((length, from)) = self.0.sockets[which].recv_from(&mut buffer).await else {
                // The error is of something that was sent; nothing is lost here.
                continue;
            };
            let target = self.0.sessions().get(&canonical(from)).cloned();
            let Some(Target { track, session }) = target else {
                continue;
            };
            // Who sends faster than it is looked at loses some, as anywhere on the way.
            let _ = session.try_send(Datagram {
                track,
                is_report: which == 1,
                data: Bytes::copy_from_slice(&buffer[..length]),
            });
        }
    }

    /// Where packets are sent from.
    pub(crate) fn packets(&self) -> &UdpSocket {
        &self.0.sockets[0]
    }

    /// Sends a report; one that gets lost is followed by another.
    pub(crate) fn report(&self, to: SocketAddr, report: &[u8]) {
        let _ = self.0.sockets[1].try_send_to(report, to);
    }

    /// A place for a session.
    pub(crate) fn mailbox(&self) -> Mailbox {
        let (sender, incoming) = mpsc::channel(DATAGRAMS_WAITING);
        Mailbox {
            ports: self.clone(),
            known: Vec::new(),
            sender,
            incoming,
        }
    }
}

impl Ports {
    fn sessions(&self) -> MutexGuard<'_, HashMap<SocketAddr, Target>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mailbox {
    /// Takes what comes from these ports of a client for a track.
    pub(crate) fn take(&mut self, ip: IpAddr, ports: (u16, u16), track: usize) {
        let mut sessions = self.ports.0.sessions();
        for port in [ports.0, ports.1] {
            let from = canonical(SocketAddr::new(ip, port));
            let session = self.sender.clone();
            sessions.insert(from, Target { track, session });
            self.known.push(from);
        }
    }

    /// What came next.
    pub(crate) async fn next(&mut self) -> Option<Datagram> {
        self.incoming.recv().await
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        let mut sessions = self.ports.0.sessions();
        for from in &self.known {
            let own = sessions.get(from);
            if own.is_some_and(|target| target.session.same_channel(&self.sender)) {
                sessions.remove(from);
            }
        }
    }
}

/// The address as IPv4 if it is one that was written as IPv6.
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}
