//! A stream: its source's feed, what is made of it, and who looks.

use std::sync::Arc;

use eyeline_media::{AudioFormat, AudioPacket, Codec, Packet, StreamId, Timestamp};

use crate::beside::Beside;
use crate::derived::{Derived, Refused};
use crate::events::What;
use crate::feed::Feed;
use crate::flow::Chunk;
use crate::numbers::{Faults, Numbers, StreamStats};
use crate::pace::Pace;
use crate::profile::Profile;
use crate::publisher::Publisher;
use crate::rate::Rate;
use crate::registry::Shared;
use crate::rendition::{RenditionKey, RenditionStats};
use crate::state::State;
use crate::subscriber::Subscriber;
use crate::sync::{AtomicU64, Mutex, Ordering, lock};
use crate::view_error::ViewError;
use crate::viewer::{Account, AccountId, Accounts, ViewerInfo, ViewerStats};
use crate::wish::Wish;

/// One stream. Getting hold of one takes a `Grant`; see [`Hub::watch`](crate::Hub::watch).
pub struct Stream {
    id: StreamId,
    /// Locked by whoever comes and by the API, never per picture.
    profile: Mutex<Profile>,
    /// Counts the profiles.
    version: AtomicU64,
    since: Timestamp,
    shared: Arc<Shared>,
    feed: Feed<Packet>,
    renditions: Derived<RenditionKey, Packet>,
    containers: Derived<(Option<RenditionKey>, &'static str), Chunk>,
    accounts: Arc<Accounts>,
    state: Mutex<State>,
    /// How the source's pictures are coded; locked when that changes, and by whoever comes.
    codec: Mutex<Option<Codec>>,
    sound: Feed<AudioPacket>,
    /// How the source's sound is coded; locked when that changes, and by whoever comes.
    audio: Mutex<Option<Arc<AudioFormat>>>,
    numbers: Numbers,
    rate: Rate,
    beside: Beside,
}

impl Stream {
    pub(crate) fn new(
        id: StreamId,
        profile: Profile,
        shared: Arc<Shared>,
        feed: Feed<Packet>,
        sound: Feed<AudioPacket>,
    ) -> Self {
        let accounts = Accounts::new(id.clone(), shared.clock.clone(), Arc::clone(&shared.events));
        Self {
            id,
            profile: Mutex::new(profile),
            version: AtomicU64::new(0),
            since: shared.now(),
            shared,
            feed,
            renditions: Derived::new(),
            containers: Derived::new(),
            accounts,
            state: Mutex::new(State::Starting),
            codec: Mutex::new(None),
            sound,
            audio: Mutex::new(None),
            numbers: Numbers::default(),
            rate: Rate::default(),
            beside: Beside::new(),
        }
    }

    /// Name of the stream.
    #[must_use]
    pub fn id(&self) -> &StreamId {
        &self.id
    }

    /// What is said of the stream.
    #[must_use]
    pub fn profile(&self) -> Profile {
        lock(&self.profile).clone()
    }

    /// Changes whenever the profile, the [codec](Self::codec) or the [audio](Self::audio) does;
    /// viewers are woken then.
    #[must_use]
    pub fn profile_version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// What a viewer with this wish gets: the stream's defaults fill in what is left open.
    #[must_use]
    pub fn granted(&self, wish: &Wish) -> Wish {
        wish.over(&lock(&self.profile).defaults)
    }

    /// When the first picture was captured since the source was started; `None` until one came.
    #[must_use]
    pub fn began(&self) -> Option<Timestamp> {
        self.numbers.began()
    }

    /// When the newest picture of the source was captured, if it is coded so.
    #[must_use]
    pub fn newest(&self, codec: Codec) -> Option<Timestamp> {
        let item = self.feed.newest()?;
        (item.value.codec == codec).then_some(item.value.captured)
    }

    /// How the source's pictures are coded; `None` until one came.
    #[must_use]
    pub fn codec(&self) -> Option<Codec> {
        *lock(&self.codec)
    }

    /// How the source's sound is coded; `None` if there is none that can be passed on.
    #[must_use]
    pub fn audio(&self) -> Option<Arc<AudioFormat>> {
        lock(&self.audio).clone()
    }

    /// The sound that goes beside the pictures, from the oldest that is held on: as far back as the
    /// newest key picture may lie. Listening alone does not keep the source running.
    ///
    /// # Errors
    /// [`ViewError::Ended`].
    pub fn sound(&self) -> Result<Subscriber<AudioPacket>, ViewError> {
        let cursor = self.sound.subscribe().map(Subscriber::from_oldest);
        cursor.ok_or_else(|| ViewError::Ended(self.id.clone()))
    }

    /// Pictures as wished, as JPEGs: the source's own, or those of a rendition, which starts
    /// with its first viewer. When the source comes to be coded otherwise, packets may follow
    /// that are no JPEGs: whoever meets one asks again. The stream's defaults are not asked: see
    /// [`granted`](Self::granted).
    ///
    /// # Errors
    /// [`ViewError`]: too many renditions, or the stream has ended.
    pub fn packets(&self, wish: &Wish) -> Result<Subscriber<Packet>, ViewError> {
        let cursor = match self.rendition_for(wish, Codec::Jpeg) {
            None => self.source_packets(),
            Some(key) => self.rendition(key),
        };
        Ok(cursor?.with_pace(thinning(wish)))
    }

    /// The rendition that answers this wish with pictures that are coded so, if the source's own
    /// do not: because they are too large, or coded otherwise. Another one may once the first picture has
    /// come, or the source has come to be coded otherwise; then the stream's profile has a new version.
    #[must_use]
    pub fn rendition_for(&self, wish: &Wish, codec: Codec) -> Option<RenditionKey> {
        let source = self.codec();
        let key = wish.rendition(codec, source)?;
        // A JPEG that is small enough passes through its rendition, as each stands for itself.
        let small = |height| {
            let size = self.numbers.resolution();
            size.is_some_and(|size| size.height() <= height)
        };
        let passes = codec != Codec::Jpeg && source == Some(codec) && !key.always;
        if passes && key.height.is_some_and(small) {
            return None;
        }
        Some(key)
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
                if key.codec() != Codec::Jpeg {
                    publisher.set_prompt();
                }
                self.shared
                    .transcode
                    .start(&self.id, key, source, publisher);
                Ok(())
            });
        made.map_err(|refused| self.refusal(refused, most))
    }

    /// Pictures as wished, and coded so: for whoever makes something of them for many. As with
    /// [`packets`](Self::packets), others may follow.
    ///
    /// # Errors
    /// As [`packets`](Self::packets).
    pub fn coded(&self, wish: &Wish, codec: Codec) -> Result<Subscriber<Packet>, ViewError> {
        match self.rendition_for(wish, codec) {
            None => self.source_packets(),
            Some(key) => self.rendition(key),
        }
    }

    /// What others keep beside the stream, one of each type: made when it is first asked for, gone
    /// with the stream.
    pub fn beside<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        self.beside.get()
    }

    /// Pieces of a container, which carries pictures that are coded so, as wished: each is made
    /// once, whoever looks. `start`
    /// is called for the first viewer, to turn packets into chunks until the
    /// publisher is idle or the packets end.
    ///
    /// # Errors
    /// As [`packets`](Self::packets).
    pub fn chunks(
        &self,
        wish: &Wish,
        (codec, container): (Codec, &'static str),
        start: impl FnOnce(Subscriber<Packet>, Publisher<Chunk>),
    ) -> Result<Subscriber<Chunk>, ViewError> {
        let key = self.rendition_for(wish, codec);
        let mut refusal = None;
        let made = self.containers.subscribe(
            (key, container),
            usize::MAX,
            self.shared.ring(),
            |publisher| {
                if key.is_some_and(|key| key.codec() != Codec::Jpeg) {
                    publisher.set_prompt();
                }
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
        match made {
            // What was left out of others may be needed by the next.
            Ok(cursor) if codec != Codec::Jpeg => Ok(cursor),
            Ok(cursor) => Ok(cursor.with_pace(thinning(wish))),
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

    /// Every viewer's account, by number.
    #[must_use]
    pub fn viewers(&self) -> Vec<ViewerStats> {
        self.accounts.stats()
    }

    /// The stream's numbers.
    #[must_use]
    pub fn stats(&self) -> StreamStats {
        let state = self.state();
        let flowing = matches!(state, State::Live { .. });
        let (_, bitrate_bps) = self.rate.read(self.shared.clock.now());
        StreamStats {
            id: self.id.clone(),
            profile: self.profile(),
            state,
            since: self.since,
            codec: self.codec(),
            resolution: self.numbers.resolution(),
            frames: self.numbers.frames(),
            bytes: self.numbers.bytes(),
            fps: if flowing { self.numbers.fps() } else { 0.0 },
            bitrate_bps: if flowing { bitrate_bps } else { 0 },
            viewers: self.accounts.count(),
            audio: self.audio(),
            faults: self.numbers.faults(),
            renditions: self.renditions.running(|key, feed| RenditionStats {
                key: *key,
                making: feed.making(),
            }),
        }
    }

    /// Books a picture that is about to be published.
    pub(crate) fn count(&self, packet: &Packet) {
        self.numbers.count(packet);
        if !packet.slate && self.codec() != Some(packet.codec) {
            *lock(&self.codec) = Some(packet.codec);
            self.changed();
        }
        if !packet.slate {
            self.rate.count(packet.data.len(), self.shared.clock.now());
        }
    }

    pub(crate) fn state(&self) -> State {
        lock(&self.state).clone()
    }

    pub(crate) fn set_state(&self, state: State) {
        if state == State::Idle {
            self.numbers.end();
        }
        *lock(&self.state) = state;
        self.tell(What::Changed);
    }

    pub(crate) fn set_profile(&self, profile: Profile) {
        *lock(&self.profile) = profile;
        self.changed();
    }

    pub(crate) fn set_audio(&self, format: Option<&Arc<AudioFormat>>) {
        let mut audio = lock(&self.audio);
        if audio.as_ref() != format {
            *audio = format.cloned();
            drop(audio);
            self.changed();
        }
    }

    pub(crate) fn fault(&self, faults: Faults) {
        self.numbers.fault(faults);
    }

    /// What viewers get may be something else now.
    fn changed(&self) {
        self.version.fetch_add(1, Ordering::AcqRel);
        self.accounts.wake();
        self.tell(What::Changed);
    }

    pub(crate) fn tell(&self, what: What) {
        self.shared.events.tell(&self.id, what);
    }

    /// Takes the stream off the hub.
    pub(crate) fn forget(self: &Arc<Self>) {
        self.shared.forget(self);
    }
}

/// How the pictures of the source are thinned out on the way to one viewer; a rendition that was
/// wished for has its own rate.
fn thinning(wish: &Wish) -> Option<Pace> {
    if wish.rendition(Codec::Jpeg, None).is_none() {
        wish.pace()
    } else {
        None
    }
}
