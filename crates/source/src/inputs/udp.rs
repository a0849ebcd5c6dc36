//! `udp://address:port`: MPEG-TS in datagrams, to this machine or to a group that it joins.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use eyeline_proto::mpegts::rtp;
use eyeline_proto::rtp::Reorder;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout_at};

use super::{Input, Risk, Run, Running};
use crate::byte_stream::{Content, Intake};
use crate::error::InputError;
use crate::params::{Param, Params};
use crate::session::Session;
use crate::sink::Event;
use crate::spec::{SpecError, Written};

/// This input.
pub const INPUT: Input = Input {
    schemes: &["udp"],
    example: "udp://0.0.0.0:5000",
    help: "Takes MPEG-TS of H.264 that is sent to a UDP port of this machine, in bare datagrams or in \
           RTP (payload type 33): `ffmpeg … -f mpegts udp://this-machine:5000`. The address is one of \
           this machine, 0.0.0.0 for all of them, or a multicast group to join: \
           `udp://239.1.1.1:5000?interface=192.168.1.5`. One sender at a time.",
    params: PARAMS,
    wish: false,
    risk: Risk::None,
    parse,
};

const PARAMS: &[Param] = &[Param {
    name: "interface",
    value: "192.168.1.5",
    help: "Of a multicast group: the address of this machine by which to join it; of IPv6 the \
           interface's number. The system chooses if not given.",
}];

/// The longest datagram there is.
const MAX_DATAGRAM: usize = 65_536;
/// With less room than this a new buffer is taken.
const READ_BYTES: usize = 256 * 1024;
/// What may wait in the kernel: half a second of 30 Mbit/s. Only a wish.
const RECEIVE_BUFFER: usize = 2 * 1024 * 1024;
/// When nothing has come of a sender for so long, another one is listened to.
const SENDER_GONE: Duration = Duration::from_secs(2);

#[derive(Debug)]
struct Udp {
    address: SocketAddr,
    interface: Option<Interface>,
}

/// By which way a group is joined.
#[derive(Clone, Copy, Debug)]
enum Interface {
    Address(Ipv4Addr),
    Number(u32),
}

impl FromStr for Interface {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let address = text.parse().map(Self::Address);
        let number = || text.parse().map(Self::Number);
        address
            .or_else(|_| number())
            .map_err(|_| "use an IPv4 address of this machine, or the number of an interface")
    }
}

fn parse(written: &Written<'_>) -> Result<Arc<dyn Run>, SpecError> {
    let (rest, query) = written.rest.split_once('?').unwrap_or((written.rest, ""));
    // Some programs write an @ before the address that they listen on.
    let text = rest.trim_start_matches('/').trim_start_matches('@');
    let text = text.trim_end_matches('/');
    let any = text.strip_prefix(':').map(|port| format!("0.0.0.0:{port}"));
    let parsed: Option<SocketAddr> = any.as_deref().unwrap_or(text).parse().ok();
    let Some(address) = parsed.filter(|address| address.port() > 0) else {
        return Err(SpecError::Malformed(format!(
            "udp: needs an address of this machine or a multicast group, and a port, such as {}; \
             {text:?} is not that",
            INPUT.example
        )));
    };
    let interface = Params::read(query, PARAMS)?.get("interface")?;
    Ok(Arc::new(Udp { address, interface }))
}

impl Run for Udp {
    fn address(&self) -> Option<IpAddr> {
        Some(self.address.ip())
    }

    fn run<'a>(&'a self, session: &'a mut Session) -> Running<'a> {
        Box::pin(async move {
            let socket = self.open().map_err(|error| InputError::Connect {
                to: self.address.to_string(),
                why: error.to_string(),
            })?;
            let away = Event::Away("nobody sends yet");
            session.sink.outlet.send(away).await?;
            let mut datagrams = Datagrams::new(socket);
            let mut intake = Intake::new(Content::Transport);
            loop {
                let packets = datagrams.next().await?;
                intake.push(packets, &mut session.sink).await?;
            }
        })
    }
}

impl Udp {
    fn open(&self) -> std::io::Result<UdpSocket> {
        let domain = Domain::for_address(self.address);
        let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
        let _ = socket.set_recv_buffer_size(RECEIVE_BUFFER);
        let group = self.address.ip();
        if group.is_multicast() {
            // Others on this machine may listen to the group, too.
            socket.set_reuse_address(true)?;
        }
        socket.set_nonblocking(true)?;
        socket.bind(&self.address.into())?;
        match group {
            IpAddr::V4(group) if group.is_multicast() => {
                let interface = match self.interface {
                    Some(Interface::Address(address)) => address,
                    _ => Ipv4Addr::UNSPECIFIED,
                };
                socket.join_multicast_v4(&group, &interface)?;
            }
            IpAddr::V6(group) if group.is_multicast() => join_v6(&socket, group, self.interface)?,
            _ => {}
        }
        UdpSocket::from_std(socket.into())
    }
}

fn join_v6(socket: &Socket, group: Ipv6Addr, by: Option<Interface>) -> std::io::Result<()> {
    let interface = match by {
        Some(Interface::Number(number)) => number,
        _ => 0,
    };
    socket.join_multicast_v6(&group, interface)
}

/// The packets of the transport stream out of datagrams, those of RTP in their order.
struct Datagrams {
    socket: UdpSocket,
    buffer: BytesMut,
    sender: Option<(SocketAddr, Instant)>,
    start: Instant,
    reorder: Reorder,
}

impl Datagrams {
    fn new(socket: UdpSocket) -> Self {
        Self {
            socket,
            buffer: BytesMut::with_capacity(READ_BYTES),
            sender: None,
            start: Instant::now(),
            reorder: Reorder::new(),
        }
    }

    async fn next(&mut self) -> Result<Bytes, InputError> {
        loop {
            let now = Instant::now() - self.start;
            if let Some(arrival) = self.reorder.pop(now) {
                // What is missing is seen by the counters of the transport stream.
                return Ok(arrival.packet);
            }
            let datagram = match self.reorder.deadline() {
                None => self.receive().await?,
                Some(at) => match timeout_at(self.start + at, self.receive()).await {
                    Ok(datagram) => datagram?,
                    Err(_) => continue,
                },
            };
            let packets = datagram.slice_ref(rtp::payload(&datagram));
            match datagram
                .get(2..4)
                .filter(|_| packets.len() < datagram.len())
            {
                Some(sequence) => {
                    let sequence = u16::from_be_bytes([sequence[0], sequence[1]]);
                    self.reorder
                        .push(Instant::now() - self.start, sequence, packets);
                }
                None => return Ok(packets),
            }
        }
    }

    /// The next datagram of the one who sends.
    async fn receive(&mut self) -> Result<Bytes, InputError> {
        loop {
            if self.buffer.capacity() < MAX_DATAGRAM {
                self.buffer = BytesMut::with_capacity(READ_BYTES);
            }
            let (_, from) = self.socket.recv_buf_from(&mut self.buffer).await?;
            let datagram = self.buffer.split().freeze();
            let now = Instant::now();
            match self.sender {
                Some((sender, last)) if sender != from && now - last < SENDER_GONE => {}
                _ => {
                    self.sender = Some((from, now));
                    return Ok(datagram);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Spec;

    #[test]
    fn an_address_and_a_port_are_needed() {
        let good = |text: &str| assert!(Spec::parse(text).is_ok(), "{text}");
        good("udp://0.0.0.0:5000");
        good("udp://:5000");
        good("udp://@239.1.1.1:5000");
        good("udp://[ff02::1234]:5000?interface=2");
        good("udp://239.1.1.1:5000?interface=127.0.0.1");
        let bad = |text: &str, why: &str| {
            let error = Spec::parse(text).unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
        };
        bad("udp://", "such as udp://0.0.0.0:5000");
        bad("udp://camera:5000", "address of this machine");
        bad("udp://1.2.3.4:0", "and a port");
        bad("udp://1.2.3.4:5000?interface=eth0", "IPv4 address");
        bad("udp://1.2.3.4:5000?fps=3", "it takes interface");
    }
}
