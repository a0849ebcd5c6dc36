//! A handle to a feed: what subscribers are made from.

use std::sync::Arc;

use eyeline_clock::SharedClock;

use crate::demand::Demand;
use crate::flow::{Flow, Item};
use crate::limits::RingLimits;
use crate::publisher::Publisher;
use crate::rendition::Making;
use crate::ring::Ring;
use crate::subscriber::Subscriber;

/// A broadcast of items with one publisher and any number of cursors.
pub struct Feed<T> {
    ring: Arc<Ring<T>>,
}

impl<T> Clone for Feed<T> {
    fn clone(&self) -> Self {
        Self {
            ring: Arc::clone(&self.ring),
        }
    }
}

impl<T: Flow> Feed<T> {
    /// A new feed and its only publisher. The feed closes when the publisher drops.
    #[must_use]
    pub fn new(clock: SharedClock, limits: RingLimits) -> (Publisher<T>, Self) {
        let ring = Arc::new(Ring::new(clock, limits));
        (Publisher::new(Arc::clone(&ring)), Self { ring })
    }

    /// A cursor that starts at the newest item decoding can start from, or waits
    /// for one. `None` if the feed has closed.
    #[must_use]
    pub fn subscribe(&self) -> Option<Subscriber<T>> {
        let waker = self.ring.enter()?;
        Some(Subscriber::new(Arc::clone(&self.ring), waker))
    }

    /// The newest item, if it is still held.
    #[must_use]
    pub fn newest(&self) -> Option<Arc<Item<T>>> {
        self.ring.newest()
    }

    /// What is wanted of the publisher now.
    #[must_use]
    pub fn demand(&self) -> Demand {
        self.ring.demand()
    }

    /// What the publisher says of how the items are made.
    #[must_use]
    pub fn making(&self) -> Making {
        self.ring.making()
    }

    /// Whether no more items will come.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.ring.is_closed()
    }
}
