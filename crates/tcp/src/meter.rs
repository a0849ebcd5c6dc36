//! Measures the way to a viewer where it is written to, and keeps the kernel's send buffer
//! no larger than what the link delivers in a moment: what waits there can only grow old.
//!
//! Not here: what follows from it for the rendition (`output`'s ladder).

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use eyeline_clock::{MonoTime, SharedClock};
use eyeline_output::Link;
use eyeline_sys_socket::TcpInfo;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
#[cfg(target_os = "linux")]
use rustix::net::{SendFlags, send, sendmsg};
use socket2::SockRef;
use tokio::io::{AsyncWrite, Interest};
use tokio::net::TcpStream;

use crate::limits::{
    BUFFERED_TIME, FIRST_SEND_BUFFER_BYTES, LEAST_SEND_BUFFER_BYTES, SEND_BUFFER_BYTES,
};

/// While the viewer keeps up, the kernel is asked with one of so many pictures.
const SELDOM: u64 = 16;
/// While one large body is written it is asked as often as this.
const PAUSE: Duration = Duration::from_millis(100);
/// What was acknowledged in a shorter time says little of a link that is not full.
const LEAST_BUSY: Duration = Duration::from_millis(20);
/// On a full one this time says as much as all that is known already.
const TELLING: Duration = Duration::from_millis(100);
/// The send buffer grows by no more than this with one picture.
const MOST_GROWTH: usize = 2;
/// What little went through without waiting raises an estimate by no more than this: it may
/// have been a burst that a thin link lets pass.
const MOST_RAISE: f64 = 1.1;
/// Behind so many pictures that did not wait, and of which so many fit, there is room for the next.
const TRUSTED: u32 = 16;
const TRUSTED_FIT: usize = 4;
/// The send buffer is left alone when it is about right.
const ABOUT_RIGHT: f64 = 0.25;

/// A socket that may tell what the kernel knows of it.
pub trait Probe: AsyncWrite + Unpin {
    /// What the kernel knows, if it tells.
    fn info(&self) -> Option<TcpInfo>;

    /// Bounds the send buffer; the kernel doubles the number.
    fn bound_send_buffer(&self, bytes: usize);

    /// Ready when the send buffer has room for more.
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<()>;

    /// Writes so that the bound holds for each write.
    fn poll_send(
        &mut self,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(self).poll_write_vectored(cx, pieces)
    }
}

impl Probe for TcpStream {
    fn info(&self) -> Option<TcpInfo> {
        TcpInfo::of(self).ok()
    }

    fn bound_send_buffer(&self, bytes: usize) {
        if let Err(error) = SockRef::from(self).set_send_buffer_size(bytes) {
            tracing::debug!(%error, "the send buffer keeps its size");
        }
    }

    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // Tokio takes a socket for writable until a write has failed: ask the kernel.
        let look = || {
            let mut this = [PollFd::new(self, PollFlags::OUT)];
            match poll(&mut this, Some(&Timespec::default())) {
                Ok(0) => Err(io::ErrorKind::WouldBlock.into()),
                // A broken connection says so when it is written to.
                _ => Ok(()),
            }
        };
        loop {
            if ready!(self.poll_write_ready(cx)).is_err() {
                return Poll::Ready(());
            }
            match self.try_io(Interest::WRITABLE, look) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                _ => return Poll::Ready(()),
            }
        }
    }

    /// Linux lets as much as 64 KiB join what waits at the end of a full send buffer, unless
    /// that is marked as the end of a record: then whatever comes next has to wait for room.
    #[cfg(target_os = "linux")]
    fn poll_send(
        &mut self,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.poll_write_ready(cx))?;
            let write = || match pieces {
                // The kernel takes one piece with less ado.
                [piece] => Ok(send(&*self, piece, END_OF_RECORD)?),
                _ => Ok(sendmsg(&*self, pieces, &mut <_>::default(), END_OF_RECORD)?),
            };
            match self.try_io(Interest::WRITABLE, write) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                sent => return Poll::Ready(sent),
            }
        }
    }
}

#[cfg(target_os = "linux")]
const END_OF_RECORD: SendFlags = SendFlags::EOR.union(SendFlags::NOSIGNAL);

/// Measures one connection.
pub struct Meter {
    link: Arc<Link>,
    clock: SharedClock,
    /// Whether a picture is being written, and whether it had to wait.
    writing: bool,
    waited: bool,
    /// Bytes of the picture so far, and pictures since one had to wait.
    written: usize,
    unwaited: u32,
    asked_at: MonoTime,
    told: TcpInfo,
    pictures: u64,
    estimate: Estimate,
    /// What the estimate asks for, and what there is: it grows by steps, because the first
    /// bytes may pass a thin link in a burst.
    wanted: usize,
    send_buffer: usize,
}

impl Meter {
    /// Nothing is known yet.
    #[must_use]
    pub fn new(link: Arc<Link>, clock: SharedClock) -> Self {
        Self {
            link,
            clock,
            writing: false,
            waited: false,
            written: 0,
            unwaited: 0,
            asked_at: MonoTime::ZERO,
            told: TcpInfo::default(),
            pictures: 0,
            estimate: Estimate::default(),
            wanted: FIRST_SEND_BUFFER_BYTES,
            send_buffer: FIRST_SEND_BUFFER_BYTES,
        }
    }

    /// Whether the send buffer may be too full for a next picture: it was lately, or it is so small
    /// that it may be. To ask the kernel costs a call for every picture, so a link that has carried
    /// much smaller pictures for a while is trusted until one has to wait.
    pub(crate) fn may_be_full(&self) -> bool {
        let fits = self.written.saturating_mul(TRUSTED_FIT) <= self.send_buffer;
        let is_trusted =
            self.send_buffer >= SEND_BUFFER_BYTES || (fits && self.unwaited >= TRUSTED);
        self.writing && (self.waited || !is_trusted)
    }

    /// The socket was given something, and took so many bytes of it, or none. Says how many bytes the
    /// other end has acknowledged meanwhile, if the kernel was asked.
    pub(crate) fn wrote(&mut self, socket: &impl Probe, taken: usize) -> u64 {
        let took_none = taken == 0;
        self.written = self.written.saturating_add(taken);
        if self.writing && !took_none {
            return 0;
        }
        let now = self.clock.now();
        if !self.writing {
            self.writing = true;
            self.waited = false;
            self.link.begin(now);
        }
        let mut acked = 0;
        if took_none && (!self.waited || now.saturating_sub(self.asked_at) >= PAUSE) {
            acked = self.ask(socket, now);
            self.waited = true;
        }
        acked
    }

    /// All that was given to the socket was taken, and there is room for more.
    pub(crate) fn all_taken(&mut self, socket: &impl Probe) {
        if !self.writing {
            return;
        }
        let now = self.clock.now();
        self.link.finish(now);
        self.pictures += 1;
        if self.waited || self.pictures.is_multiple_of(SELDOM) {
            self.ask(socket, now);
        }
        self.resize(socket);
        self.unwaited = if self.waited {
            0
        } else {
            self.unwaited.saturating_add(1)
        };
        self.writing = false;
        self.waited = false;
        self.written = 0;
    }

    fn ask(&mut self, socket: &impl Probe, now: MonoTime) -> u64 {
        let elapsed = now.saturating_sub(std::mem::replace(&mut self.asked_at, now));
        let Some(info) = socket.info() else { return 0 };
        let (acked, busy) = self.since_asked(&info);
        if self.waited {
            self.estimate.full(acked, elapsed);
        } else {
            self.estimate.not_full(acked, busy);
        }
        let Some(bytes_per_second) = self.estimate.bytes_per_second else {
            return acked;
        };
        let bps = (bytes_per_second * 8.0) as u64;
        self.link.measured(bps, info.min_rtt);
        self.wanted = send_buffer(bytes_per_second, info.min_rtt);
        if self.wanted < self.send_buffer {
            self.resize(socket);
        }
        acked
    }

    /// Brings the send buffer nearer to what is wanted: down at once, up by one step a picture.
    fn resize(&mut self, socket: &impl Probe) {
        let next = self.wanted.min(self.send_buffer * MOST_GROWTH);
        if next.abs_diff(self.send_buffer) as f64 > ABOUT_RIGHT * self.send_buffer as f64 {
            self.send_buffer = next;
            socket.bound_send_buffer(next);
        }
    }

    /// Bytes acknowledged since the kernel was last asked, and for how long there were any to be.
    fn since_asked(&mut self, info: &TcpInfo) -> (u64, Duration) {
        let before = std::mem::replace(&mut self.told, *info);
        let acked = info.acked_bytes.saturating_sub(before.acked_bytes);
        (acked, info.busy.saturating_sub(before.busy))
    }
}

/// The number to tell the kernel, which then takes about twice as many bytes.
fn send_buffer(bytes_per_second: f64, min_rtt: Duration) -> usize {
    let time = BUFFERED_TIME.max(min_rtt * 2);
    let bytes = bytes_per_second * time.as_secs_f64() / 2.0;
    (bytes as usize).clamp(LEAST_SEND_BUFFER_BYTES, SEND_BUFFER_BYTES)
}

/// What a link delivers, as far as it shows. The kernel's own rate is not used: it is kept
/// from busier times, and a short burst may pass a thin link as if it were none.
#[derive(Debug, Default)]
struct Estimate {
    bytes_per_second: Option<f64>,
    /// Sent with room in the send buffer since the estimate was last made.
    spare_bytes: u64,
    spare_time: Duration,
}

impl Estimate {
    /// The send buffer was full all the time since the last look: what was acknowledged
    /// is what the link carries.
    fn full(&mut self, bytes: u64, elapsed: Duration) {
        self.spare_bytes = 0;
        self.spare_time = Duration::ZERO;
        if bytes == 0 && elapsed < TELLING {
            return;
        }
        let sample = bytes as f64 / elapsed.max(Duration::from_micros(1)).as_secs_f64();
        let known = self.bytes_per_second.unwrap_or(sample);
        let weight = elapsed.div_duration_f64(TELLING).min(1.0) / 2.0;
        self.bytes_per_second = Some(known + (sample - known) * weight);
    }

    /// There was room: the link may carry more than what was acknowledged while there was
    /// something to acknowledge. That can only raise the estimate.
    fn not_full(&mut self, bytes: u64, busy: Duration) {
        self.spare_bytes += bytes;
        self.spare_time += busy;
        if self.spare_time < LEAST_BUSY {
            return;
        }
        let sample = self.spare_bytes as f64 / self.spare_time.as_secs_f64();
        self.spare_bytes = 0;
        self.spare_time = Duration::ZERO;
        let known = self.bytes_per_second.unwrap_or(sample);
        self.bytes_per_second = Some(sample.clamp(known, known * MOST_RAISE));
    }
}

#[cfg(test)]
mod tests;
