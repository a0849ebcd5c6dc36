//! Where others publish into one stream: one at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use eyeline_hub::Stream;
use tokio::sync::{Notify, watch};
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
pub(crate) struct Port {
    stream: Arc<Stream>,
    watched: watch::Sender<bool>,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    sink: Option<Sink>,
    holder: Option<Holder>,
    next: u64,
    /// When the latest holder who heeds demand left.
    left: Option<Instant>,
    /// The stream has ended.
    shut: bool,
}

struct Holder {
    id: u64,
    last_picture: Instant,
    /// Whether it follows the demand, and so may pause while nobody looks.
    heeds_demand: bool,
    /// Dropped when another takes over or the port closes.
    _hold: watch::Sender<()>,
}

/// Why nobody can publish at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The stream has ended.
    Ended,
    /// The port is not open.
    Closed,
    /// Somebody publishes, and may be replaced from then on if nothing comes.
    Held { until: Instant },
}

/// How a publisher lost its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    /// To another one.
    Replaced,
    /// The stream takes no publishers any more.
    Closed,
    /// The stream has ended.
    Ended,
}

/// The place of the one who publishes. Dropping it gives the place up.
pub(crate) struct Lease {
    port: Arc<Port>,
    id: u64,
    sink: Sink,
    lost: watch::Receiver<()>,
    /// Whether leaving is nothing to mention: one picture was posted, and the next may follow.
    quiet: bool,
}

/// A lease's place, for those who work for its holder.
pub(crate) struct Place {
    port: Arc<Port>,
    id: u64,
}

/// Keeps a port open.
pub(crate) struct Open {
    port: Arc<Port>,
}

impl Port {
    /// The door of this stream, closed.
    pub(crate) fn of(stream: &Arc<Stream>) -> Self {
        Self {
            stream: Arc::clone(stream),
            watched: watch::Sender::new(false),
            state: Mutex::default(),
            changed: Notify::new(),
        }
    }

    /// Lets publishers in, whose pictures go to `sink`, until the result is dropped.
    pub(crate) fn open(self: &Arc<Self>, sink: Sink) -> Open {
        self.lock().sink = Some(sink);
        self.changed.notify_waiters();
        Open {
            port: Arc::clone(self),
        }
    }

    /// Closes it for good: the stream has ended.
    pub(crate) fn shut(&self) {
        let mut state = self.lock();
        (state.shut, state.sink, state.holder) = (true, None, None);
        drop(state);
        self.changed.notify_waiters();
    }

    /// Says whether anybody looks.
    pub(crate) fn set_watched(&self, watched: bool) {
        if watched && let Some(holder) = self.lock().holder.as_mut() {
            // It may have paused until now.
            holder.last_picture = Instant::now();
        }
        self.watched
            .send_if_modified(|old| std::mem::replace(old, watched) != watched);
    }

    /// Whether somebody publishes who follows the demand.
    pub(crate) fn is_held(&self) -> bool {
        let state = self.lock();
        state.holder.as_ref().is_some_and(|h| h.heeds_demand)
    }

    /// Until when somebody published who follows the demand: `now` if somebody does.
    pub(crate) fn held_until(&self, now: Instant) -> Option<Instant> {
        let state = self.lock();
        let held = state.holder.as_ref().is_some_and(|h| h.heeds_demand);
        if held { Some(now) } else { state.left }
    }

    /// Waits a moment for the port to open and the place to be free, and takes it. One
    /// whose holder has been silent for long counts as free.
    pub(crate) async fn lease(self: &Arc<Self>) -> Result<Lease, Refusal> {
        let start = Instant::now();
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            let refusal = match self.try_lease() {
                Ok(lease) => return Ok(lease),
                Err(refusal) => refusal,
            };
            let again = match refusal {
                Refusal::Ended => return Err(refusal),
                Refusal::Closed => start + READY_TIMEOUT,
                Refusal::Held { until } => until.min(start + LEAVE_TIMEOUT),
            };
            if Instant::now() >= again {
                return Err(refusal);
            }
            let _ = timeout_at(again, changed).await;
        }
    }

    fn try_lease(self: &Arc<Self>) -> Result<Lease, Refusal> {
        let mut state = self.lock();
        if state.shut {
            return Err(Refusal::Ended);
        }
        let sink = state.sink.clone().ok_or(Refusal::Closed)?;
        let now = Instant::now();
        if let Some(holder) = &state.holder {
            let pauses = holder.heeds_demand && !*self.watched.borrow();
            let until = if pauses { now } else { holder.last_picture } + TAKEOVER_AFTER;
            if now < until {
                return Err(Refusal::Held { until });
            }
        }
        let (hold, lost) = watch::channel(());
        let id = state.next;
        state.next += 1;
        state.holder = Some(Holder {
            id,
            last_picture: now,
            heeds_demand: false,
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

    fn touch(&self, id: u64) {
        if let Some(holder) = self.lock().held_by(id) {
            holder.last_picture = Instant::now();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn held_by(&mut self, id: u64) -> Option<&mut Holder> {
        self.holder.as_mut().filter(|holder| holder.id == id)
    }
}

impl Lease {
    /// Where the pictures go.
    pub(crate) fn sink(&mut self) -> &mut Sink {
        &mut self.sink
    }

    /// The stream that is published into.
    pub(crate) fn stream(&self) -> &Arc<Stream> {
        &self.port.stream
    }

    /// Whether anybody looks at the stream, now and whenever it changes.
    pub(crate) fn watched(&self) -> watch::Receiver<bool> {
        self.port.watched.subscribe()
    }

    /// The place itself, which is held no longer than this.
    pub(crate) fn place(&self) -> Place {
        Place {
            port: Arc::clone(&self.port),
            id: self.id,
        }
    }

    /// Says that pictures came.
    pub(crate) fn touch(&self) {
        self.port.touch(self.id);
    }

    /// Says that this publisher follows the demand: it may pause while nobody looks, and
    /// keeps its place and its stream meanwhile.
    pub(crate) fn heed_demand(&self) {
        if let Some(holder) = self.port.lock().held_by(self.id) {
            holder.heeds_demand = true;
        }
    }

    /// Waits until the place is lost. Cancel-safe, and may be repeated.
    pub(crate) async fn lost(&mut self) -> Loss {
        while self.lost.changed().await.is_ok() {}
        self.loss()
    }

    /// Whether the place is lost.
    pub(crate) fn is_lost(&self) -> Option<Loss> {
        self.lost.has_changed().is_err().then(|| self.loss())
    }

    fn loss(&self) -> Loss {
        let state = self.port.lock();
        if state.shut || self.sink.outlet.is_closed() {
            Loss::Ended
        } else if state.sink.is_none() {
            Loss::Closed
        } else {
            Loss::Replaced
        }
    }

    /// Gives the place up without a word: another picture may follow soon.
    pub(crate) fn leave_quietly(mut self) {
        self.quiet = true;
    }
}

impl Place {
    /// Says that pictures came.
    pub(crate) fn touch(&self) {
        self.port.touch(self.id);
    }

    /// Whether it is still held.
    pub(crate) fn is_held(&self) -> bool {
        self.port.lock().held_by(self.id).is_some()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut state = self.port.lock();
        let Some(holder) = state.held_by(self.id) else {
            return;
        };
        if holder.heeds_demand {
            state.left = Some(Instant::now());
        }
        state.holder = None;
        drop(state);
        if !self.quiet {
            self.sink.outlet.hint(Event::Away(LEFT));
        }
        self.port.changed.notify_waiters();
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
