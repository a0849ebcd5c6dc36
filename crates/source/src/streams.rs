//! Every stream that runs in this process: started, changed and stopped while viewers look.
//!
//! Not here: what a stream does while it runs (`supervise`), who publishes into it (`ingest`).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use eyeline_auth::{Grant, Publish};
use eyeline_hub::{Hub, PublishError};
use eyeline_media::StreamId;
use tokio::sync::watch;

#[cfg(target_os = "linux")]
use crate::camera::Which;
use crate::definition::Definition;
use crate::ingest::Port;
use crate::options::Options;
use crate::supervise::{Orders, Target, supervise};

/// The streams that run. Clones are the same.
#[derive(Clone)]
pub struct Streams {
    shared: Arc<Shared>,
}

/// Why a stream cannot be changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// There is none of that name that was started here.
    #[error("there is no stream named {0}")]
    Unknown(StreamId),
}

struct Shared {
    hub: Hub,
    stop: watch::Receiver<bool>,
    running: Mutex<HashMap<StreamId, Arc<Running>>>,
    /// Every task of a stream holds a receiver.
    tasks: watch::Sender<()>,
}

/// A stream that runs.
pub(crate) struct Running {
    target: watch::Sender<Target>,
    /// The version of the target that is in force. Its sender is gone when the stream has
    /// ended.
    applied: watch::Receiver<u64>,
    /// Which of its sources is shown, counted from the best.
    shown: watch::Receiver<Option<usize>>,
    /// Where others publish.
    pub(crate) port: Arc<Port>,
}

impl Streams {
    /// No streams yet. When `stop` says true, or its sender is gone, all end.
    #[must_use]
    pub fn new(hub: Hub, stop: watch::Receiver<bool>) -> Self {
        let shared = Shared {
            hub,
            stop,
            running: Mutex::default(),
            tasks: watch::Sender::new(()),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// The default options, with the hub's clock.
    #[must_use]
    pub fn options(&self) -> Options {
        Options::new(self.shared.hub.clock().clone())
    }

    /// Starts a stream. It runs even if its sources cannot be opened: a slate says why.
    ///
    /// # Errors
    /// [`PublishError`]: the name is taken, or there are too many streams.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn start(
        &self,
        grant: &Grant<Publish>,
        definition: Definition,
    ) -> Result<(), PublishError> {
        self.launch(grant, definition).map(drop)
    }

    pub(crate) fn launch(
        &self,
        grant: &Grant<Publish>,
        definition: Definition,
    ) -> Result<Arc<Running>, PublishError> {
        let (id, shared) = (grant.stream(), &self.shared);
        // Held, so that whoever finds the stream in the hub finds it here too.
        let mut running = shared.running();
        let publisher = shared.hub.publish(grant, definition.plan().profile)?;
        let port = Arc::new(Port::of(publisher.stream()));
        let (target, ordered) = watch::channel(Target::first(definition));
        let (apply, applied) = watch::channel(0);
        let (show, shown) = watch::channel(None);
        let one = Arc::new(Running {
            target,
            applied,
            shown,
            port: Arc::clone(&port),
        });
        running.insert(id.clone(), Arc::clone(&one));
        drop(running);
        let seat = Seat {
            shared: Arc::downgrade(shared),
            id: id.clone(),
            port: Arc::clone(&port),
        };
        let orders = Orders {
            target: ordered,
            applied: apply,
            shown: show,
            _seat: Some(seat),
        };
        let (stop, task) = (shared.stop.clone(), shared.tasks.subscribe());
        tokio::spawn(async move {
            supervise(publisher, orders, port, stop).await;
            drop(task);
        });
        Ok(one)
    }

    /// What a stream is to be; `None` if none of that name was started here.
    #[must_use]
    pub fn definition(&self, id: &StreamId) -> Option<Definition> {
        let running = self.find(id)?;
        let definition = running.target.borrow().definition.clone();
        Some(definition)
    }

    /// Makes a running stream another one; viewers stay. When this returns, it is said
    /// of the stream and counts for its viewers. Sources that are not in the new
    /// definition are being closed then, and the new ones are opened after that.
    ///
    /// # Errors
    /// [`ChangeError::Unknown`] if none of that name was started here, or it ended.
    pub async fn change(
        &self,
        grant: &Grant<Publish>,
        definition: Definition,
    ) -> Result<(), ChangeError> {
        self.modify(grant.stream(), |old| *old = definition).await
    }

    /// The camera that a stream shows, or else the first in its list; `None` if it has none.
    #[cfg(target_os = "linux")]
    pub(crate) fn camera(&self, id: &StreamId) -> Result<Option<Which>, ChangeError> {
        let running = self.find(id);
        let running = running.ok_or_else(|| ChangeError::Unknown(id.clone()))?;
        let (target, shown) = (running.target.borrow(), *running.shown.borrow());
        let specs = &target.definition.specs;
        let shown = shown.and_then(|index| specs.get(index)?.run().camera());
        let first = || specs.iter().find_map(|spec| spec.run().camera());
        Ok(shown.or_else(first))
    }

    pub(crate) async fn modify(
        &self,
        id: &StreamId,
        how: impl FnOnce(&mut Definition),
    ) -> Result<(), ChangeError> {
        let unknown = || ChangeError::Unknown(id.clone());
        let running = self.find(id).ok_or_else(unknown)?;
        let mut version = 0;
        running.target.send_modify(|target| {
            target.version += 1;
            version = target.version;
            how(&mut target.definition);
        });
        let mut applied = running.applied.clone();
        let in_force = applied.wait_for(|applied| *applied >= version).await;
        in_force.map(drop).map_err(|_| unknown())
    }

    /// Ends a stream. When this returns `true`, it is off the hub and its name may be used
    /// again; its sources have up to 4 s to close. `false` if none of that name was
    /// started here.
    pub async fn stop(&self, grant: &Grant<Publish>) -> bool {
        let Some(running) = self.find(grant.stream()) else {
            return false;
        };
        running.target.send_modify(|target| target.stop = true);
        let mut applied = running.applied.clone();
        while applied.changed().await.is_ok() {}
        true
    }

    /// Waits until nothing runs any more, once all streams were told to stop.
    pub async fn ended(&self) {
        self.shared.tasks.closed().await;
    }

    /// The streams that were started here.
    #[must_use]
    pub fn ids(&self) -> Vec<StreamId> {
        self.shared.running().keys().cloned().collect()
    }

    pub(crate) fn find(&self, id: &StreamId) -> Option<Arc<Running>> {
        self.shared.running().get(id).cloned()
    }

    pub(crate) fn hub(&self) -> &Hub {
        &self.shared.hub
    }
}

impl Running {
    /// Whether others may publish.
    pub(crate) fn is_push(&self) -> bool {
        let target = self.target.borrow();
        target.definition.specs.iter().any(|spec| spec.is_push())
    }
}

impl Shared {
    fn running(&self) -> MutexGuard<'_, HashMap<StreamId, Arc<Running>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream's place in the list; dropping it gives it up.
pub(crate) struct Seat {
    shared: Weak<Shared>,
    id: StreamId,
    port: Arc<Port>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.port.shut();
        let Some(shared) = self.shared.upgrade() else {
            return;
        };
        let mut running = shared.running();
        let listed = running.get(&self.id);
        if listed.is_some_and(|listed| Arc::ptr_eq(&listed.port, &self.port)) {
            running.remove(&self.id);
        }
    }
}
