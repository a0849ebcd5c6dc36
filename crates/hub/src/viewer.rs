//! An account for every viewer: who, since when, how much, and how much was lost.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use eyeline_media::Timestamp;

use crate::sync::{AtomicU64, AtomicWaker, Mutex, Ordering, lock};

/// Number of a viewer within its stream, never used twice while the stream lives.
pub type AccountId = u64;

/// Who looks, and by which way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewerInfo {
    /// Address of the other end.
    pub remote: IpAddr,
    /// Name of the transport, such as `mjpeg`.
    pub transport: &'static str,
    /// What the viewer's program says it is, if it does.
    pub agent: Option<String>,
}

/// A viewer's account, read at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewerStats {
    /// Number of the viewer within its stream.
    pub id: AccountId,
    /// Who looks.
    pub info: ViewerInfo,
    /// When the viewer came.
    pub since: Timestamp,
    /// Pictures handed to the viewer's connection.
    pub frames: u64,
    /// Bytes handed to the viewer's connection.
    pub bytes: u64,
    /// Pictures left out because the viewer was too slow.
    pub skipped: u64,
}

struct Entry {
    id: AccountId,
    info: ViewerInfo,
    since: Timestamp,
    frames: AtomicU64,
    bytes: AtomicU64,
    skipped: AtomicU64,
    closed: OnceLock<String>,
    wakers: Mutex<Vec<Arc<AtomicWaker>>>,
}

/// The open account of one viewer; dropping it takes the viewer off the list.
pub struct Account {
    entry: Arc<Entry>,
    list: Arc<Accounts>,
}

impl Account {
    pub(crate) fn book(&self, bytes: usize) {
        self.entry.frames.fetch_add(1, Ordering::Relaxed);
        self.entry.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn book_skipped(&self, items: u64) {
        self.entry.skipped.fetch_add(items, Ordering::Relaxed);
    }

    pub(crate) fn on_close(&self, waker: Arc<AtomicWaker>) {
        lock(&self.entry.wakers).push(waker);
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.entry.closed.get().is_some()
    }

    /// Why the viewer was closed, if it was.
    #[must_use]
    pub fn close_reason(&self) -> Option<&str> {
        self.entry.closed.get().map(String::as_str)
    }

    /// The account as it stands.
    #[must_use]
    pub fn stats(&self) -> ViewerStats {
        self.entry.stats()
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Account").field(&self.stats()).finish()
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        lock(&self.list.entries).remove(&self.entry.id);
    }
}

impl Entry {
    fn stats(&self) -> ViewerStats {
        ViewerStats {
            id: self.id,
            info: self.info.clone(),
            since: self.since,
            frames: self.frames.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            skipped: self.skipped.load(Ordering::Relaxed),
        }
    }

    fn close(&self, reason: &str) {
        // The first reason stands.
        let _ = self.closed.set(reason.to_owned());
        for waker in lock(&self.wakers).iter() {
            waker.wake();
        }
    }
}

/// The viewers of one stream.
pub(crate) struct Accounts {
    entries: Mutex<BTreeMap<AccountId, Arc<Entry>>>,
    next: AtomicU64,
}

impl Accounts {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            entries: Mutex::new(BTreeMap::new()),
            next: AtomicU64::new(1),
        })
    }

    /// Opens an account, unless there are `most` already.
    pub(crate) fn open(
        self: &Arc<Self>,
        info: ViewerInfo,
        since: Timestamp,
        most: usize,
    ) -> Option<Account> {
        let mut entries = lock(&self.entries);
        if entries.len() >= most {
            return None;
        }
        let entry = Arc::new(Entry {
            id: self.next.fetch_add(1, Ordering::Relaxed),
            info,
            since,
            frames: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            skipped: AtomicU64::new(0),
            closed: OnceLock::new(),
            wakers: Mutex::new(Vec::new()),
        });
        entries.insert(entry.id, Arc::clone(&entry));
        Some(Account {
            entry,
            list: Arc::clone(self),
        })
    }

    pub(crate) fn count(&self) -> usize {
        lock(&self.entries).len()
    }

    pub(crate) fn stats(&self) -> Vec<ViewerStats> {
        lock(&self.entries)
            .values()
            .map(|entry| entry.stats())
            .collect()
    }

    /// Ends one viewer's cursors; `false` if there is no such viewer.
    pub(crate) fn close(&self, id: AccountId, reason: &str) -> bool {
        let entry = lock(&self.entries).get(&id).cloned();
        entry.is_some_and(|entry| {
            entry.close(reason);
            true
        })
    }
}
