//! The hub: the streams there are, and the doors to them, which take a `Grant`.

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};

use eyeline_auth::{Grant, Publish, View};
use eyeline_clock::SharedClock;
use eyeline_media::{Packet, StreamId, Timestamp};

use crate::events::{Event, Events, What};
use crate::feed::Feed;
use crate::limits::{Limits, RingLimits};
use crate::numbers::StreamStats;
use crate::profile::Profile;
use crate::publisher::Publisher;
use crate::rendition::RenditionKey;
use crate::stream::Stream;
use crate::stream_publisher::StreamPublisher;
use crate::subscriber::Subscriber;
use crate::view_error::ViewError;

/// Makes renditions. The hub knows when one is wanted, not how it is made.
pub trait Transcode: Send + Sync + 'static {
    /// Starts turning `source` into the rendition `key` of `stream`, away from the
    /// calling thread, until `into` is idle or `source` ends.
    fn start(
        &self,
        stream: &StreamId,
        key: RenditionKey,
        source: Subscriber<Packet>,
        into: Publisher<Packet>,
    );
}

/// Why a stream cannot be published.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// The name is taken.
    #[error("a stream named {0} exists already")]
    Exists(StreamId),
    /// As many streams as allowed exist.
    #[error("{most} streams exist already; that is the limit")]
    TooMany {
        /// The limit.
        most: usize,
    },
}

type Streams = BTreeMap<StreamId, Arc<Stream>>;

pub(crate) struct Shared {
    pub(crate) clock: SharedClock,
    pub(crate) limits: Limits,
    pub(crate) transcode: Box<dyn Transcode>,
    pub(crate) events: Arc<Events>,
    streams: RwLock<Streams>,
}

impl Shared {
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_nanos(self.clock.wall_nanos())
    }

    pub(crate) fn ring(&self) -> (SharedClock, RingLimits) {
        (Arc::clone(&self.clock), self.limits.ring)
    }

    pub(crate) fn forget(&self, stream: &Arc<Stream>) {
        let mut streams = self.write();
        if streams
            .get(stream.id())
            .is_some_and(|listed| Arc::ptr_eq(listed, stream))
        {
            streams.remove(stream.id());
            drop(streams);
            stream.tell(What::Removed);
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Streams> {
        self.streams
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Streams> {
        self.streams
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Every stream of this server. Clones share them.
#[derive(Clone)]
pub struct Hub {
    shared: Arc<Shared>,
}

impl Hub {
    /// A hub without streams.
    #[must_use]
    pub fn new(clock: SharedClock, limits: Limits, transcode: Box<dyn Transcode>) -> Self {
        let streams = RwLock::new(BTreeMap::new());
        let events = Arc::new(Events::new(clock.clone()));
        Self {
            shared: Arc::new(Shared {
                events,
                clock,
                limits,
                transcode,
                streams,
            }),
        }
    }

    /// Makes a stream; it lives as long as the publisher. A text as its profile says
    /// where the pictures come from, without passwords.
    ///
    /// # Errors
    /// [`PublishError`]: the name is taken, or there are too many streams.
    pub fn publish(
        &self,
        grant: &Grant<Publish>,
        profile: impl Into<Profile>,
    ) -> Result<StreamPublisher, PublishError> {
        let id = grant.stream().clone();
        let most = self.shared.limits.streams;
        let mut streams = self.shared.write();
        if streams.contains_key(&id) {
            return Err(PublishError::Exists(id));
        }
        if streams.len() >= most {
            return Err(PublishError::TooMany { most });
        }
        let (clock, ring) = self.shared.ring();
        let (publisher, feed) = Feed::new(clock.clone(), ring);
        let (speaker, sound) = Feed::new(clock, RingLimits::SOUND);
        let stream = Arc::new(Stream::new(
            id.clone(),
            profile.into(),
            Arc::clone(&self.shared),
            feed,
            sound,
        ));
        streams.insert(id, Arc::clone(&stream));
        drop(streams);
        stream.tell(What::Added);
        Ok(StreamPublisher::new(stream, publisher, speaker))
    }

    /// The stream that the grant permits to look at.
    ///
    /// # Errors
    /// [`ViewError::Unknown`] if there is none of that name.
    pub fn watch(&self, grant: &Grant<View>) -> Result<Arc<Stream>, ViewError> {
        let found = self.shared.read().get(grant.stream()).cloned();
        found.ok_or_else(|| ViewError::Unknown(grant.stream().clone()))
    }

    /// The numbers of every stream, by name.
    #[must_use]
    pub fn stats(&self) -> Vec<StreamStats> {
        let streams: Vec<_> = self.shared.read().values().cloned().collect();
        streams.iter().map(|stream| stream.stats()).collect()
    }

    /// The numbers of one stream; `None` if there is none of that name.
    #[must_use]
    pub fn stats_of(&self, id: &StreamId) -> Option<StreamStats> {
        let stream = self.shared.read().get(id).cloned();
        stream.map(|stream| stream.stats())
    }

    /// A cursor on what happens to streams and viewers from now on; `None` when the
    /// hub is gone.
    #[must_use]
    pub fn events(&self) -> Option<Subscriber<Event>> {
        self.shared.events.follow()
    }

    /// The clock that everything here is timed by.
    #[must_use]
    pub fn clock(&self) -> &SharedClock {
        &self.shared.clock
    }
}
