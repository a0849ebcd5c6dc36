//! Feeds made of a feed: one for each distinct key, started by the first who wants
//! it, ended by its maker a grace period after the last one left.

use std::collections::HashMap;
use std::hash::Hash;

use eyeline_clock::SharedClock;

use crate::feed::Feed;
use crate::flow::Flow;
use crate::limits::RingLimits;
use crate::publisher::Publisher;
use crate::subscriber::Subscriber;
use crate::sync::{Mutex, lock};

pub(crate) struct Derived<K, T> {
    feeds: Mutex<HashMap<K, Feed<T>>>,
}

/// Why a derived feed could not be had.
pub(crate) enum Refused {
    /// There are as many as allowed.
    TooMany,
    /// What it would be made of is gone.
    Gone,
}

impl<K: Eq + Hash, T: Flow> Derived<K, T> {
    pub(crate) fn new() -> Self {
        Self {
            feeds: Mutex::new(HashMap::new()),
        }
    }

    /// A cursor on the feed of `key`. If there is none, `start` gets the publisher
    /// of a new one, which has its first cursor already.
    pub(crate) fn subscribe(
        &self,
        key: K,
        most: usize,
        (clock, ring): (SharedClock, RingLimits),
        start: impl FnOnce(Publisher<T>) -> Result<(), Refused>,
    ) -> Result<Subscriber<T>, Refused> {
        let mut feeds = lock(&self.feeds);
        if let Some(cursor) = feeds.get(&key).and_then(Feed::subscribe) {
            return Ok(cursor);
        }
        feeds.retain(|_, feed| !feed.is_closed());
        if feeds.len() >= most {
            return Err(Refused::TooMany);
        }
        let (publisher, feed) = Feed::new(clock, ring);
        let cursor = feed.subscribe().ok_or(Refused::Gone)?;
        start(publisher)?;
        feeds.insert(key, feed);
        Ok(cursor)
    }

    /// Every feed that runs.
    pub(crate) fn running<R>(&self, read: impl Fn(&K, &Feed<T>) -> R) -> Vec<R> {
        lock(&self.feeds)
            .iter()
            .filter(|(_, feed)| !feed.is_closed())
            .map(|(key, feed)| read(key, feed))
            .collect()
    }
}
