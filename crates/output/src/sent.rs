//! What went out of one stream since the server started, over all viewers, those
//! who left included.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use eyeline_media::StreamId;

/// Counters that every viewer of one stream adds to. They only grow.
#[derive(Debug, Default)]
pub struct Sent {
    frames: AtomicU64,
    bytes: AtomicU64,
    skipped: AtomicU64,
}

impl Sent {
    pub(crate) fn count(&self, bytes: usize, picture: bool) {
        self.frames.fetch_add(u64::from(picture), Ordering::Relaxed);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn count_many(&self, pictures: usize, bytes: usize) {
        self.frames.fetch_add(pictures as u64, Ordering::Relaxed);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn count_skipped(&self, frames: u64) {
        self.skipped.fetch_add(frames, Ordering::Relaxed);
    }

    /// Pictures handed to viewers' connections.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.frames.load(Ordering::Relaxed)
    }

    /// Bytes handed to viewers' connections.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Pictures left out because a viewer was too slow.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.skipped.load(Ordering::Relaxed)
    }
}

/// What went out of every stream, by whichever door. Clones share the counters.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    /// Of the streams there are, and of those that went and were not yet told of.
    sent: Arc<Mutex<BTreeMap<StreamId, Arc<Sent>>>>,
}

impl Traffic {
    /// The counters of what goes out of a stream.
    #[must_use]
    pub fn sent(&self, stream: &StreamId) -> Arc<Sent> {
        Arc::clone(self.lock().entry(stream.clone()).or_default())
    }

    /// Forgets streams that are gone with all their viewers, so that names that come
    /// and go take no memory. `is_there` tells of each whether it still is.
    pub fn forget_gone(&self, is_there: impl Fn(&StreamId) -> bool) {
        let mut sent = self.lock();
        sent.retain(|id, sent| Arc::strong_count(sent) > 1 || is_there(id));
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<StreamId, Arc<Sent>>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
