//! An account for every viewer: who, since when, how much, and how much was lost.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use eyeline_clock::{MonoTime, SharedClock};
use eyeline_media::{StreamId, Timestamp};

use crate::events::{Events, What};
use crate::flow::Flow;
use crate::rate::Rate;
use crate::sync::{AtomicU64, AtomicWaker, Mutex, Ordering, lock};
use crate::wish::Wish;

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

/// What a viewer is sent at the moment, and why not what it asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// What the viewer asked for.
    pub wish: Wish,
    /// What is sent.
    pub sent: Wish,
    /// Why that is less than the wish, in one stable word; `None` if it is not.
    pub reason: Option<&'static str>,
}

/// What a viewer's program reports of the pictures it displays.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Feedback {
    /// Age of the picture on display, in milliseconds since it was captured.
    pub age_ms: Option<f64>,
    /// Pictures displayed a second.
    pub fps: Option<f64>,
    /// Pictures that came and were not displayed, over all reports.
    pub dropped: u64,
}

/// A viewer's account, read at one moment.
#[derive(Clone, Debug, PartialEq)]
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
    /// Pictures a second, now.
    pub fps: f64,
    /// Bits a second, now.
    pub rate_bps: u64,
    /// What the link to the viewer can carry, in bits a second, where that is known.
    pub bandwidth_bps: Option<u64>,
    /// What is sent.
    pub delivery: Delivery,
    /// What the viewer's program reports.
    pub feedback: Feedback,
}

struct Entry {
    id: AccountId,
    info: ViewerInfo,
    since: Timestamp,
    frames: AtomicU64,
    bytes: AtomicU64,
    skipped: AtomicU64,
    rate: Rate,
    /// 0 while unknown.
    bandwidth_bps: AtomicU64,
    told: Mutex<(Delivery, Feedback)>,
    closed: OnceLock<String>,
    waker: Mutex<Option<Arc<AtomicWaker>>>,
}

/// The open account of one viewer; dropping it takes the viewer off the list.
pub struct Account {
    entry: Arc<Entry>,
    list: Arc<Accounts>,
}

impl Account {
    pub(crate) fn book(&self, what: &impl Flow, published: MonoTime) {
        let bytes = what.len_bytes();
        let frames = u64::from(what.is_picture());
        self.entry.frames.fetch_add(frames, Ordering::Relaxed);
        self.entry.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.entry.rate.count(bytes, published);
    }

    /// Books pictures that went out another way than by a cursor.
    pub fn book_pictures(&self, pictures: u64, bytes: usize, now: MonoTime) {
        self.entry.frames.fetch_add(pictures, Ordering::Relaxed);
        self.entry.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.entry.rate.count(bytes, now);
    }

    pub(crate) fn book_skipped(&self, items: u64) {
        self.entry.skipped.fetch_add(items, Ordering::Relaxed);
    }

    /// Whom to wake when the account is closed or the stream's profile changes.
    pub(crate) fn wakes(&self, waker: Arc<AtomicWaker>) {
        *lock(&self.entry.waker) = Some(waker);
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.entry.closed.get().is_some()
    }

    /// Number of the viewer within its stream.
    #[must_use]
    pub fn id(&self) -> AccountId {
        self.entry.id
    }

    /// Why the viewer was closed, if it was.
    #[must_use]
    pub fn close_reason(&self) -> Option<&str> {
        self.entry.closed.get().map(String::as_str)
    }

    /// Pictures left out so far because the viewer was too slow.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.entry.skipped.load(Ordering::Relaxed)
    }

    /// Takes note of what is sent.
    pub fn set_delivery(&self, delivery: Delivery) {
        lock(&self.entry.told).0 = delivery;
    }

    /// Takes note of what the link can carry, in bits a second; 0 is unknown.
    pub fn set_bandwidth(&self, bps: u64) {
        self.entry.bandwidth_bps.store(bps, Ordering::Relaxed);
    }

    /// Takes note of what the viewer's program reports: what it leaves out stays, what
    /// it dropped adds up.
    pub fn report(&self, feedback: Feedback) {
        let known = &mut lock(&self.entry.told).1;
        known.age_ms = feedback.age_ms.or(known.age_ms);
        known.fps = feedback.fps.or(known.fps);
        known.dropped = known.dropped.saturating_add(feedback.dropped);
    }

    /// The account as it stands.
    #[must_use]
    pub fn stats(&self) -> ViewerStats {
        self.entry.stats(self.list.clock.now())
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
        self.list.tell(What::ViewerLeft(self.stats()));
    }
}

impl Entry {
    fn stats(&self, now: MonoTime) -> ViewerStats {
        let (fps, rate_bps) = self.rate.read(now);
        let (delivery, feedback) = *lock(&self.told);
        let bandwidth = self.bandwidth_bps.load(Ordering::Relaxed);
        ViewerStats {
            id: self.id,
            info: self.info.clone(),
            since: self.since,
            frames: self.frames.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            skipped: self.skipped.load(Ordering::Relaxed),
            fps,
            rate_bps,
            bandwidth_bps: Some(bandwidth).filter(|&bps| bps > 0),
            delivery,
            feedback,
        }
    }

    fn close(&self, reason: &str) {
        // The first reason stands.
        let _ = self.closed.set(reason.to_owned());
        self.wake();
    }

    fn wake(&self) {
        if let Some(waker) = &*lock(&self.waker) {
            waker.wake();
        }
    }
}

/// The viewers of one stream.
pub(crate) struct Accounts {
    stream: StreamId,
    clock: SharedClock,
    events: Arc<Events>,
    entries: Mutex<BTreeMap<AccountId, Arc<Entry>>>,
    next: AtomicU64,
}

impl Accounts {
    pub(crate) fn new(stream: StreamId, clock: SharedClock, events: Arc<Events>) -> Arc<Self> {
        Arc::new(Self {
            stream,
            clock,
            events,
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
            rate: Rate::default(),
            bandwidth_bps: AtomicU64::new(0),
            told: Mutex::default(),
            closed: OnceLock::new(),
            waker: Mutex::new(None),
        });
        entries.insert(entry.id, Arc::clone(&entry));
        drop(entries);
        let account = Account {
            entry,
            list: Arc::clone(self),
        };
        self.tell(What::ViewerJoined(account.stats()));
        Some(account)
    }

    pub(crate) fn count(&self) -> usize {
        lock(&self.entries).len()
    }

    pub(crate) fn stats(&self) -> Vec<ViewerStats> {
        let now = self.clock.now();
        let entries = lock(&self.entries);
        entries.values().map(|entry| entry.stats(now)).collect()
    }

    /// Ends one viewer's cursors; `false` if there is no such viewer.
    pub(crate) fn close(&self, id: AccountId, reason: &str) -> bool {
        let entry = lock(&self.entries).get(&id).cloned();
        entry.is_some_and(|entry| {
            entry.close(reason);
            true
        })
    }

    /// Wakes every viewer, to look at the stream's profile.
    pub(crate) fn wake(&self) {
        for entry in lock(&self.entries).values() {
            entry.wake();
        }
    }

    fn tell(&self, what: What) {
        self.events.tell(&self.stream, what);
    }
}
