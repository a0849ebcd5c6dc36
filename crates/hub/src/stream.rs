//! A stream: its source's feed, what is made of it, and who looks.

use std::sync::Arc;
use std::time::Duration;

use eyeline_media::{Packet, Resolution, StreamId, Timestamp};

use crate::Demand;
use crate::derived::{Derived, Refused};
use crate::feed::Feed;
use crate::flow::Chunk;
use crate::publisher::Publisher;
use crate::registry::Shared;
use crate::subscriber::Subscriber;
use crate::sync::{AtomicU64, Mutex, Ordering, lock};
use crate::viewer::{Account, AccountId, Accounts, ViewerInfo, ViewerStats};
use crate::wish::{RenditionKey, Wish};

/// How a stream's source is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Not running, because nobody looks.
    Idle,
    /// Being opened; no picture yet.
    Starting,
    /// Pictures come.
    Live {
        /// When the first of this run was captured.
        since: Timestamp,
    },
    /// No pictures come; the stream shows a slate and goes on by itself.
    Away {
        /// Why, in a sentence for people.
        reason: String,
        /// Since when.
        since: Timestamp,
    },
}

impl State {
    /// The state in one word, for JSON and metrics.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Starting => "starting",
            Self::Live { .. } => "live",
            Self::Away { .. } => "away",
        }
    }
}

/// Why a stream cannot be looked at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ViewError {
    /// No stream of that name.
    #[error("there is no stream named {0}")]
    Unknown(StreamId),
    /// As many renditions as allowed are being made.
    #[error(
        "{most} renditions of this stream are being made already; ask for one of those, or for the source"
    )]
    TooManyRenditions {
        /// The limit.
        most: usize,
    },
    /// As many viewers as allowed are looking.
    #[error("{most} viewers look at this stream already; that is the limit")]
    TooManyViewers {
        /// The limit.
        most: usize,
    },
    /// The stream ended a moment ago.
    #[error("the stream {0} has ended")]
    Ended(StreamId),
}

/// A stream's numbers at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamStats {
    /// Name of the stream.
    pub id: StreamId,
    /// Its source, without passwords.
    pub source: String,
    /// How the source is doing.
    pub state: State,
    /// When the stream was made.
    pub since: Timestamp,
    /// Size of the latest picture.
    pub resolution: Option<Resolution>,
    /// Pictures that came from the source.
    pub frames: u64,
    /// Bytes of those pictures.
    pub bytes: u64,
    /// Frames a second that come now.
    pub fps: f64,
    /// Number of viewers.
    pub viewers: usize,
    /// Number of re-encoded renditions being made.
    pub renditions: usize,
}

/// One stream. Getting hold of one takes a `Grant`; see [`Hub::watch`](crate::Hub::watch).
pub struct Stream {
    id: StreamId,
    source: String,
    since: Timestamp,
    shared: Arc<Shared>,
    feed: Feed<Packet>,
    renditions: Derived<RenditionKey, Packet>,
    containers: Derived<(Option<RenditionKey>, &'static str), Chunk>,
    accounts: Arc<Accounts>,
    state: Mutex<State>,
    numbers: Numbers,
}

struct Numbers {
    frames: AtomicU64,
    bytes: AtomicU64,
    /// Width in the upper half, height in the lower; 0 while unknown.
    resolution: AtomicU64,
    /// Smoothed time between pictures, in nanoseconds; 0 while unknown.
    interval: AtomicU64,
    last: AtomicU64,
}

impl Stream {
    pub(crate) fn new(
        id: StreamId,
        source: String,
        shared: Arc<Shared>,
        feed: Feed<Packet>,
    ) -> Self {
        let zero = || AtomicU64::new(0);
        Self {
            id,
            source,
            since: shared.now(),
            shared,
            feed,
            renditions: Derived::new(),
            containers: Derived::new(),
            accounts: Accounts::new(),
            state: Mutex::new(State::Starting),
            numbers: Numbers {
                frames: zero(),
                bytes: zero(),
                resolution: zero(),
                interval: zero(),
                last: zero(),
            },
        }
    }

    /// Name of the stream.
    #[must_use]
    pub fn id(&self) -> &StreamId {
        &self.id
    }

    /// Pictures as wished: the source's own, or those of a rendition, which starts
    /// with its first viewer.
    ///
    /// # Errors
    /// [`ViewError`]: too many renditions, or the stream has ended.
    pub fn packets(&self, wish: &Wish) -> Result<Subscriber<Packet>, ViewError> {
        match wish.rendition() {
            None => self
                .source_packets()
                .map(|cursor| cursor.with_pace(wish.pace())),
            Some(key) => self.rendition(key),
        }
    }

    fn source_packets(&self) -> Result<Subscriber<Packet>, ViewError> {
        self.feed
            .subscribe()
            .ok_or_else(|| ViewError::Ended(self.id.clone()))
    }

    fn rendition(&self, key: RenditionKey) -> Result<Subscriber<Packet>, ViewError> {
        let limits = &self.shared.limits;
        let most = limits.renditions_per_stream;
        let made = self
            .renditions
            .subscribe(key, most, self.shared.ring(), |publisher| {
                let source = self.feed.subscribe().ok_or(Refused::Gone)?;
                let source = source.with_pace(key.fps.map(crate::pace::Pace::new));
                self.shared
                    .transcode
                    .start(&self.id, key, source, publisher);
                Ok(())
            });
        made.map_err(|refused| self.refusal(refused, most))
    }

    /// Pieces of a container as wished: each is made once, whoever looks. `start`
    /// is called for the first viewer, to turn packets into chunks until the
    /// publisher is idle or the packets end.
    ///
    /// # Errors
    /// As [`packets`](Self::packets).
    pub fn chunks(
        &self,
        wish: &Wish,
        container: &'static str,
        start: impl FnOnce(Subscriber<Packet>, Publisher<Chunk>),
    ) -> Result<Subscriber<Chunk>, ViewError> {
        let key = wish.rendition();
        let mut refusal = None;
        let made = self.containers.subscribe(
            (key, container),
            usize::MAX,
            self.shared.ring(),
            |publisher| {
                let packets = match key {
                    None => self.source_packets(),
                    Some(key) => self.rendition(key),
                };
                let packets = packets.map_err(|error| {
                    refusal = Some(error);
                    Refused::Gone
                })?;
                start(packets, publisher);
                Ok(())
            },
        );
        let pace = if key.is_none() { wish.pace() } else { None };
        match made {
            Ok(cursor) => Ok(cursor.with_pace(pace)),
            Err(refused) => Err(refusal.unwrap_or_else(|| self.refusal(refused, usize::MAX))),
        }
    }

    fn refusal(&self, refused: Refused, most: usize) -> ViewError {
        match refused {
            Refused::TooMany => ViewError::TooManyRenditions { most },
            Refused::Gone => ViewError::Ended(self.id.clone()),
        }
    }

    /// Opens a viewer's account on this stream.
    ///
    /// # Errors
    /// [`ViewError::TooManyViewers`].
    pub fn seat(&self, info: ViewerInfo) -> Result<Account, ViewError> {
        let most = self.shared.limits.viewers_per_stream;
        let account = self.accounts.open(info, self.shared.now(), most);
        account.ok_or(ViewError::TooManyViewers { most })
    }

    /// Ends one viewer, saying why; `false` if there is no such viewer.
    pub fn close_viewer(&self, id: AccountId, reason: &str) -> bool {
        self.accounts.close(id, reason)
    }

    /// Every viewer's account.
    #[must_use]
    pub fn viewers(&self) -> Vec<ViewerStats> {
        self.accounts.stats()
    }

    /// How long a feed made of this stream goes on without viewers.
    #[must_use]
    pub fn grace(&self) -> Duration {
        self.shared.limits.grace
    }

    /// The stream's numbers.
    #[must_use]
    pub fn stats(&self) -> StreamStats {
        let numbers = &self.numbers;
        let size = numbers.resolution.load(Ordering::Relaxed);
        let interval = numbers.interval.load(Ordering::Relaxed);
        let state = lock(&self.state).clone();
        let flowing = matches!(state, State::Live { .. }) && interval > 0;
        StreamStats {
            id: self.id.clone(),
            source: self.source.clone(),
            state,
            since: self.since,
            resolution: Resolution::new((size >> 32) as u32, size as u32).ok(),
            frames: numbers.frames.load(Ordering::Relaxed),
            bytes: numbers.bytes.load(Ordering::Relaxed),
            fps: if flowing { 1e9 / interval as f64 } else { 0.0 },
            viewers: self.accounts.count(),
            renditions: self.renditions.count(),
        }
    }

    fn count(&self, packet: &Packet) {
        let (numbers, size) = (&self.numbers, packet.resolution);
        let packed = u64::from(size.width()) << 32 | u64::from(size.height());
        numbers.resolution.store(packed, Ordering::Relaxed);
        if packet.slate {
            numbers.last.store(0, Ordering::Relaxed);
            return;
        }
        numbers.frames.fetch_add(1, Ordering::Relaxed);
        numbers
            .bytes
            .fetch_add(packet.data.len() as u64, Ordering::Relaxed);
        let now = packet.captured.as_nanos();
        let last = numbers.last.swap(now, Ordering::Relaxed);
        if last != 0 && now > last {
            let (gap, smooth) = (now - last, numbers.interval.load(Ordering::Relaxed));
            let next = if smooth == 0 {
                gap
            } else {
                smooth - smooth / 16 + gap / 16
            };
            numbers.interval.store(next, Ordering::Relaxed);
        }
    }
}

/// The writing end of a stream; dropping it ends the stream and takes it off the hub.
pub struct StreamPublisher {
    stream: Arc<Stream>,
    feed: Publisher<Packet>,
}

impl StreamPublisher {
    pub(crate) fn new(stream: Arc<Stream>, feed: Publisher<Packet>) -> Self {
        Self { stream, feed }
    }

    /// Name of the stream.
    #[must_use]
    pub fn id(&self) -> &StreamId {
        &self.stream.id
    }

    /// Publishes a picture to everyone who looks. Never waits for any of them.
    pub fn publish(&mut self, packet: Packet) {
        self.stream.count(&packet);
        self.feed.publish(packet);
    }

    /// Says how the source is doing. Going idle forgets the pictures held, so that
    /// the next viewer does not start with an old one.
    pub fn set_state(&mut self, state: State) {
        if state == State::Idle {
            self.feed.clear();
        }
        *lock(&self.stream.state) = state;
    }

    /// How the source was last said to be doing.
    #[must_use]
    pub fn state(&self) -> State {
        lock(&self.stream.state).clone()
    }

    /// Size of the latest picture, for a slate to match.
    #[must_use]
    pub fn resolution(&self) -> Option<Resolution> {
        self.stream.stats().resolution
    }

    /// What is wanted now.
    #[must_use]
    pub fn demand(&self) -> Demand {
        self.feed.demand()
    }

    /// Waits for the demand to change; see [`Publisher::demand_changed`].
    pub async fn demand_changed(&mut self) -> Demand {
        self.feed.demand_changed().await
    }
}

impl Drop for StreamPublisher {
    fn drop(&mut self) {
        self.stream.shared.forget(&self.stream);
    }
}
