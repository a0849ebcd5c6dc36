//! The memory that a feed's publisher and cursors share.
//!
//! The handoff: the publisher stores the item in its slot, then moves `head`, then
//! wakes the cursors. A cursor registers its waker, then reads `head`; so either it
//! sees the item or the publisher sees the waker. `loom_tests` explores this.

use std::sync::Arc;
use std::time::Duration;

use eyeline_clock::{MonoTime, SharedClock};

use crate::demand::Demand;
use crate::flow::Item;
use crate::limits::RingLimits;
use crate::rendition::Making;
use crate::sync::{AtomicBool, AtomicU64, AtomicWaker, Mutex, Ordering, lock};

const NOT_IDLE: u64 = u64::MAX;

pub(crate) struct Ring<T> {
    pub(crate) clock: SharedClock,
    pub(crate) limits: RingLimits,
    slots: Box<[crate::sync::Slot<Item<T>>]>,
    /// Sequence number that the next item will get.
    head: AtomicU64,
    /// Sequence number of the newest key item, plus one; 0 while there is none.
    key_end: AtomicU64,
    /// When the newest item was published, in nanoseconds.
    newest: AtomicU64,
    closed: AtomicBool,
    key_wanted: AtomicBool,
    /// Key items come as soon as they are wanted.
    prompt: AtomicBool,
    /// What the publisher says of how it makes the items.
    making: Mutex<Making>,
    /// Since when there is no cursor, in nanoseconds, or `NOT_IDLE`.
    idle_since: AtomicU64,
    demand_version: AtomicU64,
    demand_waker: AtomicWaker,
    /// One waker a cursor. Locked once per item by the publisher, and when a
    /// cursor comes or goes; never by a cursor that reads.
    cursors: Mutex<Vec<Arc<AtomicWaker>>>,
}

impl<T> Ring<T> {
    pub(crate) fn new(clock: SharedClock, limits: RingLimits) -> Self {
        let slots = (0..limits.items.next_power_of_two()).map(|_| crate::sync::Slot::empty());
        let now = nanos(clock.now());
        Self {
            slots: slots.collect(),
            clock,
            limits,
            head: AtomicU64::new(0),
            key_end: AtomicU64::new(0),
            newest: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            key_wanted: AtomicBool::new(false),
            prompt: AtomicBool::new(false),
            making: Mutex::new(Making::default()),
            idle_since: AtomicU64::new(now),
            demand_version: AtomicU64::new(0),
            demand_waker: AtomicWaker::new(),
            cursors: Mutex::new(Vec::new()),
        }
    }

    pub(crate) fn capacity(&self) -> usize {
        self.slots.len()
    }

    fn slot(&self, seq: u64) -> &crate::sync::Slot<Item<T>> {
        // The number of slots is a power of two, so the mask keeps the index in range.
        &self.slots[(seq & (self.slots.len() as u64 - 1)) as usize]
    }

    /// The item with this number, if it is still held.
    pub(crate) fn get(&self, seq: u64) -> Option<Arc<Item<T>>> {
        self.slot(seq).load().filter(|item| item.seq == seq)
    }

    pub(crate) fn head(&self) -> u64 {
        self.head.load(Ordering::Acquire)
    }

    /// The newest item, if it is still held.
    pub(crate) fn newest(&self) -> Option<Arc<Item<T>>> {
        self.get(self.head().checked_sub(1)?)
    }

    /// Number of the newest key item.
    pub(crate) fn newest_key(&self) -> Option<u64> {
        self.key_end.load(Ordering::Acquire).checked_sub(1)
    }

    pub(crate) fn newest_published(&self) -> MonoTime {
        Duration::from_nanos(self.newest.load(Ordering::Acquire))
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Publishes an item. Only the one publisher calls this.
    pub(crate) fn put(&self, item: Arc<Item<T>>, key: bool) {
        let seq = item.seq;
        self.newest.store(nanos(item.published), Ordering::Release);
        self.slot(seq).swap(Some(item));
        if key {
            self.key_end.store(seq + 1, Ordering::Release);
            self.key_wanted.store(false, Ordering::Release);
        }
        self.head.store(seq + 1, Ordering::Release);
        self.wake_cursors();
    }

    /// Takes an item out; those who have it keep it.
    pub(crate) fn evict(&self, seq: u64) -> Option<Arc<Item<T>>> {
        self.slot(seq).swap(None)
    }

    /// No more items will come.
    pub(crate) fn close(&self) {
        let cursors = lock(&self.cursors);
        self.closed.store(true, Ordering::Release);
        for waker in cursors.iter() {
            waker.wake();
        }
    }

    /// Closes if no cursor has been here for `grace`. A cursor that comes later is
    /// refused, so none is ever left on a feed that nobody fills.
    pub(crate) fn close_if_idle(&self, grace: Duration) -> bool {
        let cursors = lock(&self.cursors);
        let idle_since = self.idle_since.load(Ordering::Acquire);
        let due = idle_since != NOT_IDLE
            && nanos(self.clock.now()).saturating_sub(idle_since) >= nanos(grace);
        if cursors.is_empty() && due {
            self.closed.store(true, Ordering::Release);
        }
        cursors.is_empty() && due
    }

    fn wake_cursors(&self) {
        for waker in lock(&self.cursors).iter() {
            waker.wake();
        }
    }

    /// Adds a cursor, unless the feed is closed.
    pub(crate) fn enter(&self) -> Option<Arc<AtomicWaker>> {
        let mut cursors = lock(&self.cursors);
        if self.closed.load(Ordering::Acquire) {
            return None;
        }
        let waker = Arc::new(AtomicWaker::new());
        cursors.push(Arc::clone(&waker));
        self.idle_since.store(NOT_IDLE, Ordering::Release);
        drop(cursors);
        self.demand_changed();
        Some(waker)
    }

    pub(crate) fn leave(&self, waker: &Arc<AtomicWaker>) {
        let mut cursors = lock(&self.cursors);
        if let Some(at) = cursors.iter().position(|other| Arc::ptr_eq(other, waker)) {
            cursors.swap_remove(at);
        }
        if cursors.is_empty() {
            self.idle_since
                .store(nanos(self.clock.now()), Ordering::Release);
        }
        drop(cursors);
        self.demand_changed();
    }

    pub(crate) fn set_prompt(&self) {
        self.prompt.store(true, Ordering::Release);
    }

    pub(crate) fn is_prompt(&self) -> bool {
        self.prompt.load(Ordering::Acquire)
    }

    pub(crate) fn set_making(&self, making: Making) {
        *lock(&self.making) = making;
    }

    pub(crate) fn making(&self) -> Making {
        *lock(&self.making)
    }

    pub(crate) fn want_key(&self) {
        if !self.key_wanted.swap(true, Ordering::AcqRel) {
            self.demand_changed();
        }
    }

    fn demand_changed(&self) {
        self.demand_version.fetch_add(1, Ordering::AcqRel);
        self.demand_waker.wake();
    }

    pub(crate) fn demand(&self) -> Demand {
        let cursors = lock(&self.cursors);
        let idle_since = self.idle_since.load(Ordering::Acquire);
        Demand {
            viewers: cursors.len() as u64,
            key_frame_wanted: self.key_wanted.load(Ordering::Acquire),
            idle_since: (idle_since != NOT_IDLE).then(|| Duration::from_nanos(idle_since)),
        }
    }

    pub(crate) fn demand_version(&self) -> u64 {
        self.demand_version.load(Ordering::Acquire)
    }

    pub(crate) fn register_demand_waker(&self, waker: &std::task::Waker) {
        register(&self.demand_waker, waker);
    }
}

/// Registers a waker; loom's takes it by value where the real one borrows.
pub(crate) fn register(cell: &AtomicWaker, waker: &std::task::Waker) {
    #[cfg(not(loom))]
    cell.register(waker);
    #[cfg(loom)]
    cell.register_by_ref(waker);
}

fn nanos(time: Duration) -> u64 {
    // Below `NOT_IDLE`: 584 years of running.
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX - 1)
}
