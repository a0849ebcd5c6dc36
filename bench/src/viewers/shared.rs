//! What the viewers of one process count together.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use eyeline_clock::{RealClock, SharedClock};
use eyeline_media::Timestamp;

use crate::report::{Seen, Spread};

/// Pictures taken so short before the end need not have come by then.
const UNDER_WAY: Duration = Duration::from_millis(500);
/// Longest piece that is thrown away at once.
const SCRATCH_BYTES: usize = 1024 * 1024;

/// Counters, and what else the viewers share. One thread, so no locks.
pub(super) struct Shared {
    clock: SharedClock,
    interval_nanos: u64,
    newest: Cell<Option<Timestamp>>,
    window: Cell<Window>,
    counting: Cell<bool>,
    bytes: Cell<u64>,
    delivered: RefCell<Vec<Delivered>>,
    ages: RefCell<Vec<Duration>>,
    /// Where discarded bytes would go if the kernel wrote them.
    pub(super) scratch: RefCell<Vec<u8>>,
}

/// The pictures that should come: those of the ticks `1..=last` after `anchor`.
#[derive(Clone, Copy, Default)]
struct Window {
    anchor: Timestamp,
    last: u64,
}

/// What one viewer got of them.
#[derive(Clone, Copy, Default)]
struct Delivered {
    count: u64,
    newest_tick: u64,
}

impl Shared {
    pub(super) fn new(viewers: usize, interval_nanos: u64) -> Rc<Self> {
        Rc::new(Self {
            clock: RealClock::shared(),
            interval_nanos,
            newest: Cell::default(),
            window: Cell::default(),
            counting: Cell::default(),
            bytes: Cell::default(),
            delivered: RefCell::new(vec![Delivered::default(); viewers]),
            ages: RefCell::default(),
            scratch: RefCell::new(vec![0; SCRATCH_BYTES]),
        })
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp::from_nanos(self.clock.wall_nanos())
    }

    pub(super) fn is_counting(&self) -> bool {
        self.counting.get()
    }

    /// Begins to count, for so long.
    pub(super) fn start(&self, length: Duration) {
        let nanos = length.saturating_sub(UNDER_WAY).as_nanos() as u64;
        self.window.set(Window {
            anchor: self.newest.get().unwrap_or(self.now()),
            last: nanos / self.interval_nanos,
        });
        self.counting.set(true);
    }

    pub(super) fn stop(&self) {
        self.counting.set(false);
    }

    /// Counts bytes that a fast viewer read.
    pub(super) fn add_bytes(&self, count: usize) {
        if self.is_counting() {
            self.bytes.set(self.bytes.get() + count as u64);
        }
    }

    /// Counts a picture whose last byte a fast viewer has read.
    pub(super) fn add_frame(&self, viewer: usize, time: Timestamp, arrived: Timestamp) {
        self.newest.set(self.newest.get().max(Some(time)));
        if !self.is_counting() {
            return;
        }
        self.ages.borrow_mut().push(arrived.since(time));
        let window = self.window.get();
        let nanos = time.since(window.anchor).as_nanos() as u64;
        let tick = (nanos + self.interval_nanos / 2) / self.interval_nanos;
        if let Some(delivered) = self.delivered.borrow_mut().get_mut(viewer)
            && tick <= window.last
            && tick > delivered.newest_tick
        {
            delivered.newest_tick = tick;
            delivered.count += 1;
        }
    }

    /// Sums up, except for what is not counted here.
    pub(super) fn seen(&self) -> Seen {
        let delivered = self.delivered.borrow();
        let counts = || delivered.iter().map(|viewer| viewer.count);
        Seen {
            viewers: delivered.len(),
            bytes: self.bytes.get(),
            expected: self.window.get().last,
            delivered_mean: counts().sum::<u64>() as f64 / delivered.len().max(1) as f64,
            delivered_min: counts().min().unwrap_or(0),
            by_headers: Spread::of(self.ages.take()),
            ..Seen::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: u64 = 33_333_333;

    fn tick(index: u64) -> Timestamp {
        Timestamp::from_nanos(1_700_000_000_000_000_000 + index * INTERVAL)
    }

    #[test]
    fn a_viewer_that_stops_getting_pictures_loses_those_at_the_end_too() {
        let shared = Shared::new(2, INTERVAL);
        shared.add_frame(0, tick(100), tick(100));
        shared.start(Duration::from_secs(1));
        for index in 101..=130 {
            shared.add_frame(0, tick(index), tick(index));
            shared.add_frame(0, tick(index), tick(index)); // The same again is no other.
            if index < 106 {
                shared.add_frame(1, tick(index), tick(index));
            }
        }
        shared.stop();
        let seen = shared.seen();
        assert_eq!(
            (seen.expected, seen.delivered_min, seen.delivered_mean),
            (15, 5, 10.0)
        );
    }
}
