//! The writing end of a feed.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use eyeline_clock::MonoTime;

use crate::demand::Demand;
use crate::flow::{Flow, Item};
use crate::rendition::Making;
use crate::ring::Ring;

/// How many evicted items are kept for the memory they lie in. By time, two may go at once
/// and then none.
const SPARE: usize = 2;

/// The one writer of a feed; not `Clone`. Dropping it closes the feed.
pub struct Publisher<T: Flow> {
    ring: Arc<Ring<T>>,
    next: u64,
    /// Number of the newest item that decoding can start with.
    newest_key: Option<u64>,
    held: VecDeque<Held>,
    held_bytes: usize,
    /// Evicted items, whose memory the next ones get if nobody has them any more.
    spare: Vec<Arc<Item<T>>>,
    seen_demand: u64,
}

struct Held {
    seq: u64,
    len: usize,
    published: MonoTime,
}

impl<T: Flow> Publisher<T> {
    pub(crate) fn new(ring: Arc<Ring<T>>) -> Self {
        Self {
            ring,
            next: 0,
            newest_key: None,
            held: VecDeque::new(),
            held_bytes: 0,
            spare: Vec::with_capacity(SPARE),
            seen_demand: 0,
        }
    }

    /// Publishes a value to every cursor. Never waits for any of them.
    pub fn publish(&mut self, value: T) {
        let published = self.ring.clock.now();
        let (seq, len, key) = (self.next, value.len_bytes(), value.is_key());
        if key {
            self.newest_key = Some(seq);
        }
        self.make_room(len, published);
        self.held.push_back(Held {
            seq,
            len,
            published,
        });
        self.held_bytes += len;
        self.next += 1;
        let item = self.placed(Item {
            seq,
            published,
            value,
        });
        self.ring.put(item, key);
    }

    /// The item in memory of its own: that of one that nobody has any more, if there is one.
    fn placed(&mut self, item: Item<T>) -> Arc<Item<T>> {
        while let Some(mut spare) = self.spare.pop() {
            if let Some(place) = Arc::get_mut(&mut spare) {
                *place = item;
                return spare;
            }
        }
        Arc::new(item)
    }

    /// Evicts from the oldest on until an item of `len` bytes fits.
    fn make_room(&mut self, len: usize, now: MonoTime) {
        let limits = self.ring.limits;
        while let Some(oldest) = self.held.front() {
            let full = self.held.len() >= self.ring.capacity();
            let heavy = self.held_bytes.saturating_add(len) > limits.bytes;
            // Whoever comes next starts at the newest key item.
            let superseded = self.newest_key.is_none_or(|key| oldest.seq < key);
            let long = superseded && now.saturating_sub(oldest.published) > limits.span;
            if !(full || heavy || long) {
                break;
            }
            self.held_bytes -= oldest.len;
            let evicted = self.ring.evict(oldest.seq);
            self.held.pop_front();
            if self.spare.len() < SPARE {
                self.spare.extend(evicted);
            }
        }
    }

    /// Forgets every item, so that a viewer who comes later does not start with an
    /// old picture. Cursors that had not read them count them as skipped.
    pub fn clear(&mut self) {
        for held in self.held.drain(..) {
            self.ring.evict(held.seq);
        }
        self.held_bytes = 0;
        self.spare.clear();
    }

    /// Says that a key item comes as soon as one is [wanted](Demand::key_frame_wanted): then
    /// whoever comes starts with a new one rather than with one from a while ago.
    pub fn set_prompt(&self) {
        self.ring.set_prompt();
    }

    /// Says how the items are made.
    pub fn set_making(&self, making: Making) {
        self.ring.set_making(making);
    }

    /// What is wanted now.
    #[must_use]
    pub fn demand(&self) -> Demand {
        self.ring.demand()
    }

    /// Ready with the demand when it may have changed since the last time this was
    /// ready; at first at once.
    pub fn poll_demand(&mut self, cx: &mut Context<'_>) -> Poll<Demand> {
        self.ring.register_demand_waker(cx.waker());
        // Versions count from 0; what has been seen is kept plus one.
        let version = self.ring.demand_version() + 1;
        if version == self.seen_demand {
            return Poll::Pending;
        }
        self.seen_demand = version;
        Poll::Ready(self.ring.demand())
    }

    /// Waits for the demand to change; see [`poll_demand`](Self::poll_demand).
    /// Dropping the future loses nothing.
    pub async fn demand_changed(&mut self) -> Demand {
        poll_fn(|cx| self.poll_demand(cx)).await
    }

    /// Closes the feed if nobody has looked at it for `grace`. From then on it
    /// takes no cursor, so whoever wants it starts a new one.
    #[must_use = "a closed feed needs its publisher no more"]
    pub fn close_if_idle(&self, grace: Duration) -> bool {
        self.ring.close_if_idle(grace)
    }
}

impl<T: Flow> Drop for Publisher<T> {
    fn drop(&mut self) {
        self.ring.close();
    }
}
