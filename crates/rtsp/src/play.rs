//! Playing: a viewer's chunks over its connection, or as datagrams.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use eyeline_media::AudioFormat;
use eyeline_output::View;
use eyeline_proto::rtp::sender::frames;
use tokio::io::Interest;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use crate::adapt::{Adapter, TRACKS, track_of};
use crate::containers::SOUND_CHANNEL;
use crate::datagrams::Datagrams;
use crate::limits::{DATAGRAMS_AT_ONCE, DATAGRAMS_EVERY};

/// A view whose sound is left out once it is coded otherwise than was described.
pub(crate) struct Playing {
    view: View,
    adapter: Adapter,
    moves: u64,
    version: u64,
    sound: Option<Arc<AudioFormat>>,
    sound_fits: bool,
    /// What was taken of the view to tell where it begins.
    first: Option<Bytes>,
}

impl Playing {
    pub(crate) fn new(view: View, adapter: Adapter, sound: Option<Arc<AudioFormat>>) -> Self {
        Self {
            moves: view.moves(),
            version: view.stream().profile_version(),
            view,
            adapter,
            sound,
            sound_fits: true,
            first: None,
        }
    }

    /// Waits for the first chunk, as it is shared, and keeps it to be sent.
    pub(crate) async fn first(&mut self) -> Option<Bytes> {
        if self.first.is_none() {
            self.first = std::future::poll_fn(|cx| self.view.poll_chunk(cx)).await;
        }
        self.first.clone()
    }

    /// The next chunk as this viewer gets it.
    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        loop {
            let chunk = match self.first.take() {
                Some(chunk) => chunk,
                None => match ready!(self.view.poll_chunk(cx)) {
                    Some(chunk) => chunk,
                    None => return Poll::Ready(None),
                },
            };
            let moves = self.view.moves();
            if moves != self.moves {
                self.moves = moves;
                self.adapter.moved();
            }
            let version = self.view.stream().profile_version();
            if version != self.version {
                self.version = version;
                self.sound_fits = self.view.stream().audio() == self.sound;
            }
            let is_sound = chunk
                .get(1)
                .is_some_and(|channel| *channel >= SOUND_CHANNEL);
            if is_sound && !self.sound_fits {
                continue;
            }
            if let Some(adapted) = self.adapter.adapt(chunk) {
                return Poll::Ready(Some(adapted));
            }
        }
    }

    /// Why an operator ended it, if that is why it ended.
    pub(crate) fn close_reason(&self) -> Option<&str> {
        self.view.close_reason()
    }
}

/// Playing over the connection itself.
pub(crate) struct Interleaved(pub(crate) Playing);

impl Interleaved {
    pub(crate) fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.0.poll_chunk(cx)
    }
}

/// Playing as datagrams, in a task of its own that ends with this.
pub(crate) struct Sending(JoinHandle<()>);

impl Sending {
    /// Sends to these ports of the client, each track's packets and reports.
    pub(crate) fn start(
        mut playing: Playing,
        ports: Datagrams,
        to: [Option<(SocketAddr, SocketAddr)>; TRACKS],
    ) -> Self {
        Self(tokio::spawn(async move {
            let mut pace = Pace::default();
            loop {
                let chunk = std::future::poll_fn(|cx| playing.poll_chunk(cx)).await;
                let Some(chunk) = chunk else { return };
                if let Err(error) = send(&chunk, &ports, &to, &mut pace).await {
                    // Nobody is there any more, or cannot be reached: RTSP will say so.
                    tracing::trace!(%error, "a picture was not sent");
                }
            }
        }))
    }

    /// Whether the stream has ended.
    pub(crate) async fn ended(&mut self) {
        let _ = (&mut self.0).await;
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Spreads datagrams out: who joins between key pictures is sent all since the last, and their
/// system holds only so many that its program has not read.
#[derive(Default)]
struct Pace {
    left: usize,
    until: Option<Instant>,
}

impl Pace {
    /// Waits until some may be sent; how many.
    async fn some(&mut self) -> usize {
        let over = self.until.is_none_or(|until| until <= Instant::now());
        if !over && self.left == 0 {
            sleep_until(self.until.unwrap_or_else(Instant::now)).await;
        }
        if over || self.left == 0 {
            self.left = DATAGRAMS_AT_ONCE;
            self.until = Some(Instant::now() + DATAGRAMS_EVERY);
        }
        self.left
    }

    fn sent(&mut self, count: usize) {
        self.left = self.left.saturating_sub(count);
    }
}

/// Sends the packets of a chunk, several at a time, and its reports.
async fn send(
    chunk: &Bytes,
    ports: &Datagrams,
    to: &[Option<(SocketAddr, SocketAddr)>; TRACKS],
    pace: &mut Pace,
) -> io::Result<()> {
    let mut packets = Vec::new();
    let mut destination = None;
    for (channel, packet) in frames(chunk) {
        let Some((rtp, rtcp)) = to[track_of(channel)] else {
            continue;
        };
        if channel % 2 == 1 {
            ports.report(rtcp, packet);
        } else {
            destination = Some(rtp);
            packets.push(IoSlice::new(packet));
        }
    }
    let Some(destination) = destination else {
        return Ok(());
    };
    let socket = ports.packets();
    let mut rest = &packets[..];
    while !rest.is_empty() {
        let most = pace.some().await.min(rest.len());
        let sent = socket
            .async_io(Interest::WRITABLE, || {
                send_some(socket, &rest[..most], destination)
            })
            .await?;
        pace.sent(sent.max(1));
        rest = rest.get(sent.max(1)..).unwrap_or_default();
    }
    Ok(())
}

/// Sends as many datagrams as the kernel takes at once; how many.
#[cfg(target_os = "linux")]
fn send_some(
    socket: &tokio::net::UdpSocket,
    packets: &[IoSlice<'_>],
    to: SocketAddr,
) -> io::Result<usize> {
    use rustix::net::addr::SocketAddrArg as _;
    use rustix::net::{MMsgHdr, SendAncillaryBuffer, SendFlags, sendmmsg};
    let to = to.as_any();
    let mut nothing: Vec<_> = packets
        .iter()
        .map(|_| SendAncillaryBuffer::default())
        .collect();
    let mut messages: Vec<_> = packets
        .iter()
        .zip(&mut nothing)
        .map(|(packet, nothing)| MMsgHdr::new_with_addr(&to, std::slice::from_ref(packet), nothing))
        .collect();
    Ok(sendmmsg(socket, &mut messages, SendFlags::NOSIGNAL)?)
}

#[cfg(not(target_os = "linux"))]
fn send_some(
    socket: &tokio::net::UdpSocket,
    packets: &[IoSlice<'_>],
    to: SocketAddr,
) -> io::Result<usize> {
    for packet in &packets[..1] {
        rustix::net::sendto(socket, packet, rustix::net::SendFlags::NOSIGNAL, &to)?;
    }
    Ok(1)
}
