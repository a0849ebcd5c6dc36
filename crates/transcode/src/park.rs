//! Waiting for a poll function on a plain thread.

use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}

/// Parks this thread until `poll` is ready, or once for about `limit`.
pub(crate) struct Parker {
    waker: Waker,
}

impl Parker {
    pub(crate) fn new() -> Self {
        Self {
            waker: Waker::from(Arc::new(Unpark(thread::current()))),
        }
    }

    /// What `poll` gave, or `None` when the thread was woken or the limit passed
    /// without it being ready; the caller looks at the clock and comes again.
    pub(crate) fn wait<T>(
        &self,
        limit: Option<Duration>,
        mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Option<T> {
        let cx = &mut Context::from_waker(&self.waker);
        if let Poll::Ready(value) = poll(cx) {
            return Some(value);
        }
        match limit {
            Some(limit) => thread::park_timeout(limit),
            None => thread::park(),
        }
        match poll(cx) {
            Poll::Ready(value) => Some(value),
            Poll::Pending => None,
        }
    }
}
