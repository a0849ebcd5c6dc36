//! Measures the way to a viewer where it is written to, and keeps the kernel's send buffer
//! no larger than what the link delivers in a moment: what waits there can only grow old.
//!
//! Not here: what follows from it for the rendition (`output`'s ladder).

use std::sync::Arc;
use std::time::Duration;

use eyeline_clock::{MonoTime, SharedClock};
use eyeline_output::Link;
use eyeline_sys_socket::TcpInfo;
use socket2::SockRef;
use tokio::net::TcpStream;

use crate::limits::{
    BUFFERED_TIME, FIRST_SEND_BUFFER_BYTES, LEAST_SEND_BUFFER_BYTES, SEND_BUFFER_BYTES,
};

/// While the viewer keeps up, the kernel is asked with each of the first pictures, so that
/// a fast link is soon known as one, and later with each of so many.
const SELDOM: u64 = 16;
/// It is never asked more often than this.
const LEAST_PAUSE: Duration = Duration::from_millis(20);
/// Nor less often while one large body is written.
const LONGEST_PAUSE: Duration = Duration::from_millis(100);
/// A shorter time of sending says little of the link.
const LEAST_BUSY: Duration = Duration::from_millis(5);
/// The send buffer is left alone when it is about right.
const ABOUT_RIGHT: f64 = 0.25;

/// A socket that may tell what the kernel knows of it.
pub(crate) trait Probe {
    /// What the kernel knows, if it tells.
    fn info(&self) -> Option<TcpInfo>;
    /// Bounds the send buffer; the kernel doubles the number.
    fn bound_send_buffer(&self, bytes: usize);
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
}

/// Measures one connection.
pub(crate) struct Meter {
    link: Arc<Link>,
    clock: SharedClock,
    /// Whether a picture is being written, and whether it had to wait.
    writing: bool,
    waited: bool,
    asked_at: MonoTime,
    pictures: u64,
    estimate: Estimate,
    send_buffer: usize,
}

impl Meter {
    pub(crate) fn new(link: Arc<Link>, clock: SharedClock) -> Self {
        Self {
            link,
            clock,
            writing: false,
            waited: false,
            asked_at: MonoTime::ZERO,
            pictures: 0,
            estimate: Estimate::default(),
            send_buffer: FIRST_SEND_BUFFER_BYTES,
        }
    }

    /// The socket was given something, and took some of it or none.
    pub(crate) fn wrote(&mut self, socket: &impl Probe, took_none: bool) {
        if self.writing && !took_none {
            return;
        }
        let now = self.clock.now();
        if !self.writing {
            self.writing = true;
            self.waited = false;
            self.link.begin(now);
        }
        self.waited |= took_none;
        if self.waited && now.saturating_sub(self.asked_at) >= LONGEST_PAUSE {
            self.ask(socket, now);
        }
    }

    /// All that was given to the socket was taken.
    pub(crate) fn all_taken(&mut self, socket: &impl Probe) {
        if !self.writing {
            return;
        }
        self.writing = false;
        let now = self.clock.now();
        self.link.finish(now);
        self.pictures += 1;
        let often = self.waited || self.pictures <= SELDOM || self.pictures.is_multiple_of(SELDOM);
        if often && now.saturating_sub(self.asked_at) >= LEAST_PAUSE {
            self.ask(socket, now);
        }
    }

    fn ask(&mut self, socket: &impl Probe, now: MonoTime) {
        self.asked_at = now;
        let Some(info) = socket.info() else { return };
        self.estimate.take_in(&info, self.waited);
        let Some(bytes_per_second) = self.estimate.bytes_per_second else {
            return;
        };
        let bps = (bytes_per_second * 8.0) as u64;
        self.link.measured(bps, info.min_rtt);
        let wanted = send_buffer(bytes_per_second, info.min_rtt);
        if wanted.abs_diff(self.send_buffer) as f64 > ABOUT_RIGHT * self.send_buffer as f64 {
            self.send_buffer = wanted;
            socket.bound_send_buffer(wanted);
        }
    }
}

/// The number to tell the kernel, which then takes about twice as many bytes.
fn send_buffer(bytes_per_second: f64, min_rtt: Duration) -> usize {
    let time = BUFFERED_TIME.max(min_rtt * 2);
    let bytes = bytes_per_second * time.as_secs_f64() / 2.0;
    (bytes as usize).clamp(LEAST_SEND_BUFFER_BYTES, SEND_BUFFER_BYTES)
}

/// What a link delivers, as far as it shows.
#[derive(Debug, Default)]
struct Estimate {
    bytes_per_second: Option<f64>,
    before: TcpInfo,
}

impl Estimate {
    /// `waited` says that the send buffer was full: then what was acknowledged meanwhile is
    /// what the link carries. If not, it may carry more: that can only raise the estimate.
    /// So can the kernel's own rate, which it keeps from busier times when little is sent:
    /// only a new one counts.
    fn take_in(&mut self, info: &TcpInfo, waited: bool) {
        let before = std::mem::replace(&mut self.before, *info);
        let busy = info.busy.saturating_sub(before.busy);
        let acked = info.acked_bytes.saturating_sub(before.acked_bytes);
        let sample = (busy >= LEAST_BUSY).then(|| acked as f64 / busy.as_secs_f64());
        let told =
            (info.delivery_rate != before.delivery_rate).then_some(info.delivery_rate as f64);
        let known = self.bytes_per_second;
        self.bytes_per_second = match (known, sample) {
            (Some(known), Some(sample)) if waited => Some(f64::midpoint(known, sample)),
            (None, Some(sample)) if waited => Some(sample),
            _ => [known, sample, told].into_iter().flatten().reduce(f64::max),
        };
    }
}

#[cfg(test)]
mod tests;
