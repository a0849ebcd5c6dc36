//! Closes connections that do not take what is written to them: at all, or so slowly
//! that no picture ever arrives. Sits between the protocol and the socket, because only
//! there is known what was taken.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::limits::{Patience, SLOW_BYTES};
use crate::meter::{Meter, Probe};

/// Why a connection was closed; comes wrapped in an [`io::Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stalled {
    /// Nothing was taken for so long.
    #[error("the viewer took no data for {} s", .0.as_secs())]
    Still(Duration),
    /// Next to nothing was taken in so long.
    #[error("the viewer took less than {} KiB in {} s", SLOW_BYTES / 1024, .0.as_secs())]
    Slow(Duration),
}

/// Whether what was written has left for the kernel; between a connection's socket and
/// the body of its answer, which are polled by the same task.
#[derive(Debug, Default)]
pub struct Backlog {
    pending: AtomicBool,
    held_back: AtomicBool,
}

impl Backlog {
    /// Whether a body should keep its next picture until all of the last one was taken:
    /// it would only grow old in a queue, and by then there will be a newer one. The
    /// task is woken when that is so.
    #[must_use]
    pub fn holds_back(&self) -> bool {
        let pending = self.pending.load(Ordering::Relaxed);
        if pending {
            self.held_back.store(true, Ordering::Relaxed);
        }
        pending
    }

    fn cleared(&self, cx: &Context<'_>) {
        // One task writes both: to look is cheaper than to swap.
        if !self.pending.load(Ordering::Relaxed) {
            return;
        }
        self.pending.store(false, Ordering::Relaxed);
        if self.held_back.swap(false, Ordering::Relaxed) {
            cx.waker().wake_by_ref();
        }
    }
}

/// A socket whose other end has to take something.
pub struct StallGuard<S> {
    inner: S,
    backlog: Arc<Backlog>,
    meter: Meter,
    stall: Duration,
    slow: Duration,
    behind: Option<Behind>,
    /// Made at the first stall and kept.
    timer: Option<Pin<Box<Sleep>>>,
}

/// Since when the other end has been behind, and what it took since.
struct Behind {
    since: Instant,
    progress: Instant,
    taken: usize,
}

impl<S: Probe> StallGuard<S> {
    /// Guards a socket.
    pub fn new(inner: S, backlog: Arc<Backlog>, meter: Meter, patience: Patience) -> Self {
        Self {
            inner,
            backlog,
            meter,
            stall: patience.stall_timeout,
            slow: patience.slow_timeout,
            behind: None,
            timer: None,
        }
    }

    fn took(&mut self, bytes: usize) {
        let Some(behind) = &mut self.behind else {
            return;
        };
        behind.taken += bytes;
        behind.progress = Instant::now();
        if behind.taken >= SLOW_BYTES {
            self.behind = None;
        }
    }

    /// Ready when the other end has been behind for too long.
    fn poll_stalled(&mut self, cx: &mut Context<'_>) -> Poll<Stalled> {
        let behind = self.behind.get_or_insert_with(|| {
            let now = Instant::now();
            Behind {
                since: now,
                progress: now,
                taken: 0,
            }
        });
        let (still, slow) = (behind.progress + self.stall, behind.since + self.slow);
        let deadline = still.min(slow);
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if timer.deadline() != deadline {
            timer.as_mut().reset(deadline);
        }
        ready!(timer.as_mut().poll(cx));
        Poll::Ready(if still <= slow {
            Stalled::Still(self.stall)
        } else {
            Stalled::Slow(self.slow)
        })
    }

    fn watch(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        let taken = match &written {
            Poll::Ready(Ok(bytes)) => *bytes,
            Poll::Ready(Err(_)) | Poll::Pending => 0,
        };
        let acked = self.meter.wrote(&self.inner, taken);
        match written {
            Poll::Ready(Ok(bytes)) => {
                self.took(bytes);
                Poll::Ready(Ok(bytes))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                // What drains from the kernel's buffer is progress, too.
                if acked > 0 {
                    self.took(usize::try_from(acked).unwrap_or(usize::MAX));
                }
                self.backlog.pending.store(true, Ordering::Relaxed);
                let stalled = ready!(self.poll_stalled(cx));
                Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, stalled)))
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for StallGuard<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl<S: Probe> AsyncWrite for StallGuard<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = self.inner.poll_send(cx, &[IoSlice::new(buf)]);
        self.watch(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = self.inner.poll_send(cx, bufs);
        self.watch(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    /// Waits, when all is taken, until there is room for more: so that who comes next with a
    /// picture comes with the newest. Nothing keeps young in a full buffer.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.meter.may_be_full() && this.inner.poll_room(cx).is_pending() {
            return this.watch(cx, Poll::Pending).map_ok(|_| ());
        }
        // It is flushed when all there is was written: nobody is behind.
        this.behind = None;
        this.meter.all_taken(&this.inner);
        this.backlog.cleared(cx);
        Pin::new(&mut this.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eyeline_clock::RealClock;
    use eyeline_sys_socket::TcpInfo;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    impl Probe for DuplexStream {
        fn info(&self) -> Option<TcpInfo> {
            None
        }

        fn bound_send_buffer(&self, _: usize) {}

        fn poll_room(&mut self, _: &mut Context<'_>) -> Poll<()> {
            Poll::Ready(())
        }
    }

    const PATIENCE: Patience = Patience {
        stall_timeout: Duration::from_secs(10),
        slow_timeout: Duration::from_secs(30),
    };

    /// Writes `bytes` to a reader that takes `step` bytes each `pause`; says how it
    /// ended and after how many virtual seconds.
    async fn check(bytes: usize, step: usize, pause: Duration) -> (Option<Stalled>, u64) {
        let (near, mut far) = duplex(1024);
        let meter = Meter::new(Arc::default(), RealClock::shared());
        let mut guard = StallGuard::new(near, Arc::default(), meter, PATIENCE);
        let reader = async {
            let mut buf = vec![0; step];
            loop {
                tokio::time::sleep(pause).await;
                if !matches!(far.read(&mut buf).await, Ok(1..)) {
                    return;
                }
            }
        };
        let start = Instant::now();
        let writer = async {
            let error = guard.write_all(&vec![7; bytes]).await.err()?;
            error.get_ref()?.downcast_ref().copied()
        };
        let ended = tokio::select! { ended = writer => ended, () = reader => None };
        (ended, start.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_takes_nothing_is_closed_after_the_stall_time() {
        let ended = check(100_000, 1, Duration::from_secs(1_000)).await;
        assert_eq!(ended, (Some(Stalled::Still(PATIENCE.stall_timeout)), 10));
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_takes_a_byte_a_second_is_closed_after_the_slow_time() {
        let ended = check(100_000, 1, Duration::from_secs(1)).await;
        assert_eq!(ended, (Some(Stalled::Slow(PATIENCE.slow_timeout)), 30));
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_that_moves_on_is_served_to_the_end() {
        let (ended, seconds) = check(100_000, 1024, Duration::from_secs(1)).await;
        assert_eq!(ended, None);
        assert!(seconds > 90, "{seconds}");
    }
}
