//! Where others publish into one stream: one at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, oneshot};
use tokio::time::{Duration, Instant, timeout_at};

use crate::options::Options;
use crate::sink::{Event, Sink};

/// After so long without a picture, another publisher may take over: the connection
/// of one that lost its network would otherwise hold the place for minutes.
const TAKEOVER_AFTER: Duration = Options::SILENCE_TIMEOUT;
/// How long a publisher waits for the stream to become ready for it: its supervisor
/// may be starting, or waiting to try `push:` again.
const READY_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a publisher waits for the one before it: a program that connects again
/// may be faster than the end of its old connection.
const LEAVE_TIMEOUT: Duration = Duration::from_millis(250);
/// What the slate says when a publisher has gone.
const LEFT: &str = "the publisher left";

/// A stream's door for publishers. Open while the stream's supervisor runs `push:`.
#[derive(Default)]
pub(crate) struct Port {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    sink: Option<Sink>,
    holder: Option<Holder>,
    next: u64,
}

struct Holder {
    id: u64,
    last_picture: Instant,
    /// Dropped when another takes over or the port closes.
    _hold: oneshot::Sender<()>,
}

/// Why nobody can publish at the moment.
enum Refusal {
    /// The port is not open.
    Closed,
    /// Somebody publishes, and may be replaced from then on if nothing comes.
    Held { until: Instant },
}

/// The place of the one who publishes. Dropping it gives the place up.
pub(crate) struct Lease {
    port: Arc<Port>,
    id: u64,
    sink: Sink,
    lost: oneshot::Receiver<()>,
    /// Whether leaving is nothing to mention: one picture was posted, and the next may follow.
    quiet: bool,
}

/// Keeps a port open.
pub(crate) struct Open {
    port: Arc<Port>,
}

impl Port {
    /// Lets publishers in, whose pictures go to `sink`, until the result is dropped.
    pub(crate) fn open(self: &Arc<Self>, sink: Sink) -> Open {
        self.lock().sink = Some(sink);
        self.changed.notify_waiters();
        Open {
            port: Arc::clone(self),
        }
    }

    /// Waits a moment for the port to open and the place to be free, and takes it. One
    /// whose holder has been silent for long counts as free.
    pub(crate) async fn lease(self: &Arc<Self>) -> Option<Lease> {
        let start = Instant::now();
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            let again = match self.try_lease() {
                Ok(lease) => return Some(lease),
                Err(Refusal::Closed) => start + READY_TIMEOUT,
                Err(Refusal::Held { until }) => until.min(start + LEAVE_TIMEOUT),
            };
            if Instant::now() >= again {
                return None;
            }
            let _ = timeout_at(again, changed).await;
        }
    }

    fn try_lease(self: &Arc<Self>) -> Result<Lease, Refusal> {
        let mut state = self.lock();
        let sink = state.sink.clone().ok_or(Refusal::Closed)?;
        if let Some(holder) = &state.holder {
            let until = holder.last_picture + TAKEOVER_AFTER;
            if Instant::now() < until {
                return Err(Refusal::Held { until });
            }
        }
        let (hold, lost) = oneshot::channel();
        let id = state.next;
        state.next += 1;
        state.holder = Some(Holder {
            id,
            last_picture: Instant::now(),
            _hold: hold,
        });
        drop(state);
        Ok(Lease {
            port: Arc::clone(self),
            id,
            sink,
            lost,
            quiet: false,
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lease {
    /// Where the pictures go.
    pub(crate) fn sink(&mut self) -> &mut Sink {
        &mut self.sink
    }

    /// Says that pictures came.
    pub(crate) fn touch(&self) {
        let mut state = self.port.lock();
        if let Some(holder) = state.holder.as_mut().filter(|holder| holder.id == self.id) {
            holder.last_picture = Instant::now();
        }
    }

    /// Waits until the place is lost: to another publisher, or because the port closed.
    pub(crate) async fn lost(&mut self) {
        let _ = (&mut self.lost).await;
    }

    /// Gives the place up without a word: another picture may follow soon.
    pub(crate) fn leave_quietly(mut self) {
        self.quiet = true;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut state = self.port.lock();
        if state
            .holder
            .as_ref()
            .is_some_and(|holder| holder.id == self.id)
        {
            state.holder = None;
            drop(state);
            if !self.quiet {
                self.sink.outlet.hint(Event::Away(LEFT));
            }
            self.port.changed.notify_waiters();
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut state = self.port.lock();
        state.sink = None;
        state.holder = None;
        drop(state);
        self.port.changed.notify_waiters();
    }
}
