//! What happens to streams and viewers, as a feed that anybody may follow.

use eyeline_clock::SharedClock;
use eyeline_media::{StreamId, Timestamp};

use crate::feed::Feed;
use crate::flow::Flow;
use crate::limits::RingLimits;
use crate::publisher::Publisher;
use crate::subscriber::Subscriber;
use crate::sync::{Mutex, lock};
use crate::viewer::ViewerStats;

/// Something that happened, and when.
#[derive(Clone, Debug)]
pub struct Event {
    /// When, by the wall clock.
    pub at: Timestamp,
    /// To which stream.
    pub stream: StreamId,
    /// What.
    pub what: What,
}

/// What happened to a stream.
#[derive(Clone, Debug)]
pub enum What {
    /// It was made.
    Added,
    /// Its state or its profile changed.
    Changed,
    /// It ended.
    Removed,
    /// Somebody looks.
    ViewerJoined(ViewerStats),
    /// Somebody looks no more; the account as it was at the end.
    ViewerLeft(ViewerStats),
}

impl Flow for Event {
    fn len_bytes(&self) -> usize {
        size_of::<Self>()
    }

    fn is_key(&self) -> bool {
        true
    }

    fn captured(&self) -> Timestamp {
        self.at
    }
}

/// The one publisher of events, which everything in the hub shares. Events are rare
/// beside pictures, so it may be locked.
pub(crate) struct Events {
    clock: SharedClock,
    publisher: Mutex<Publisher<Event>>,
    feed: Feed<Event>,
}

impl Events {
    pub(crate) fn new(clock: SharedClock) -> Self {
        let (publisher, feed) = Feed::new(clock.clone(), RingLimits::EVENTS);
        Self {
            clock,
            publisher: Mutex::new(publisher),
            feed,
        }
    }

    pub(crate) fn tell(&self, stream: &StreamId, what: What) {
        lock(&self.publisher).publish(Event {
            at: Timestamp::from_nanos(self.clock.wall_nanos()),
            stream: stream.clone(),
            what,
        });
    }

    /// A cursor on what happens from now on.
    pub(crate) fn follow(&self) -> Option<Subscriber<Event>> {
        let mut cursor = self.feed.subscribe()?;
        while cursor.take().is_some() {}
        Some(cursor)
    }
}
