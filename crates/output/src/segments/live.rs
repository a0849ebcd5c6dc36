//! A rendition that is being cut into segments while somebody asks for them, and requests that
//! wait for what comes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use eyeline_clock::{MonoTime, SharedClock};
use eyeline_hub::{End, Item, Stream, Subscriber, ViewError, Wish};
use eyeline_media::{AudioPacket, Codec, Packet, Timestamp};
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::audience::Audience;
use super::packager::{Packager, Plan};
use crate::limits::{MOST_CUT, PLAYLIST_TEXTS, SEGMENTS_GRACE};

/// How often it is looked whether anybody is there.
const LOOK: Duration = Duration::from_secs(1);

/// What is cut of one stream: kept beside it.
#[derive(Default)]
pub(crate) struct Lives {
    renditions: Mutex<HashMap<Wish, Rendition>>,
}

/// One rendition, now or before.
#[derive(Default)]
struct Rendition {
    live: Weak<Live>,
    /// By which it begins the next time.
    plan: Arc<Mutex<Plan>>,
}

/// A rendition that is being cut.
pub(crate) struct Live {
    state: Mutex<State>,
    changed: watch::Sender<u64>,
    pub(crate) audience: Audience,
    clock: SharedClock,
}

struct State {
    packager: Packager,
    /// When somebody asked last.
    asked: MonoTime,
    /// No more come, or nobody asks.
    over: bool,
    size: (u32, u32),
    /// Playlists as they are at the moment, by what was asked for.
    texts: HashMap<String, Bytes>,
}

impl Lives {
    /// The rendition if it is being cut.
    pub(crate) fn running(&self, wish: &Wish, now: MonoTime) -> Option<Arc<Live>> {
        let renditions = self
            .renditions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let live = renditions.get(wish)?.live.upgrade()?;
        live.ask(now).then_some(live)
    }

    /// The rendition, which begins to be cut if it is not yet.
    ///
    /// # Errors
    /// [`ViewError`]: it cannot be had.
    pub(crate) fn get(
        &self,
        stream: &Arc<Stream>,
        wish: &Wish,
        clock: &SharedClock,
    ) -> Result<Arc<Live>, ViewError> {
        let mut renditions = self
            .renditions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let known = renditions
            .get(wish)
            .and_then(|rendition| rendition.live.upgrade());
        if let Some(live) = known
            && live.ask(clock.now())
        {
            return Ok(live);
        }
        if !renditions.contains_key(wish) && renditions.len() >= MOST_CUT {
            renditions.retain(|_, rendition| rendition.live.strong_count() > 0);
        }
        if !renditions.contains_key(wish) && renditions.len() >= MOST_CUT {
            return Err(ViewError::TooManyRenditions { most: MOST_CUT });
        }
        let cut = Cut::open(stream, *wish)?;
        let rendition = renditions.entry(*wish).or_default();
        let mut plan = *rendition
            .plan
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // Numbers only grow, also from one run of the server to the next: segments take a
        // second or longer.
        plan.first = plan.first.max(clock.wall_nanos() / 1_000_000_000);
        let live = Arc::new(Live {
            state: Mutex::new(State {
                packager: Packager::new(plan),
                asked: clock.now(),
                over: false,
                size: (0, 0),
                texts: HashMap::new(),
            }),
            changed: watch::Sender::new(0),
            audience: Audience::default(),
            clock: Arc::clone(clock),
        });
        rendition.live = Arc::downgrade(&live);
        let plan = Arc::clone(&rendition.plan);
        tokio::spawn(cut.run(Arc::clone(&live), plan));
        Ok(live)
    }
}

impl Live {
    /// Takes note that somebody is here; `false` if it is over.
    fn ask(&self, now: MonoTime) -> bool {
        let mut state = self.state();
        state.asked = now;
        !state.over
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What `look` finds, now or as soon as there is such a thing; `None` if that takes longer
    /// than `wait`, or never will be.
    pub(crate) async fn find<T>(
        &self,
        wait: Duration,
        mut look: impl FnMut(&Packager) -> Option<T>,
    ) -> Option<T> {
        let mut changed = self.changed.subscribe();
        let found = async {
            loop {
                changed.borrow_and_update();
                {
                    let state = self.state();
                    if let Some(found) = look(&state.packager) {
                        return Some(found);
                    }
                    if state.over {
                        return None;
                    }
                }
                changed.changed().await.ok()?;
            }
        };
        tokio::time::timeout(wait, found).await.ok().flatten()
    }

    /// What there is to be found now.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Packager) -> T) -> T {
        look(&self.state().packager)
    }

    /// A playlist: as it was made since the last part came, or made now.
    pub(crate) fn text(
        &self,
        asked: &str,
        make: impl FnOnce(&Packager, (u32, u32), Timestamp) -> Option<String>,
    ) -> Option<Bytes> {
        let mut state = self.state();
        if let Some(text) = state.texts.get(asked) {
            return Some(text.clone());
        }
        let now = Timestamp::from_nanos(self.clock.wall_nanos());
        let text = Bytes::from(make(&state.packager, state.size, now)?);
        if state.texts.len() < PLAYLIST_TEXTS {
            state.texts.insert(asked.to_owned(), text.clone());
        }
        Some(text)
    }

    /// Takes something in; if there is more to list then, who waits for it looks again.
    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        let before = state.packager.made();
        change(&mut state);
        let made = state.packager.made();
        if made != before || state.over {
            state.texts.clear();
            drop(state);
            self.changed.send_replace(made);
        }
    }
}

/// Where a rendition is cut from.
struct Cut {
    stream: Weak<Stream>,
    wish: Wish,
    pictures: Subscriber<Packet>,
    sound: Option<Subscriber<AudioPacket>>,
}

impl Cut {
    fn open(stream: &Arc<Stream>, wish: Wish) -> Result<Self, ViewError> {
        Ok(Self {
            pictures: stream.coded(&wish, Codec::H264)?,
            sound: sound(stream),
            stream: Arc::downgrade(stream),
            wish,
        })
    }

    async fn run(mut self, live: Arc<Live>, plan: Arc<Mutex<Plan>>) {
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let sound = async {
                match &mut self.sound {
                    Some(sound) => sound.next().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                item = self.pictures.next() => match item {
                    Ok(item) => self.picture(&live, &item),
                    Err(End) => break,
                },
                item = sound => match item {
                    Ok(item) => live.change(|state| state.packager.sound(item.value.clone())),
                    Err(End) => self.sound = None,
                },
                _ = look.tick() => if !self.look(&live) { break },
            }
        }
        live.change(|state| {
            state.over = true;
            state.packager.end();
            *plan.lock().unwrap_or_else(PoisonError::into_inner) = state.packager.next_plan();
        });
    }

    fn picture(&mut self, live: &Live, item: &Item<Packet>) {
        let packet = &item.value;
        self.listen();
        if packet.codec != Codec::H264 {
            return self.again(packet);
        }
        let since = live.clock.now().saturating_sub(item.published);
        let since = u64::try_from(since.as_nanos()).unwrap_or(u64::MAX);
        let arrived = Timestamp::from_nanos(live.clock.wall_nanos().saturating_sub(since));
        if live.look(Packager::wants_key) {
            self.pictures.want_key();
        }
        live.change(|state| {
            state.size = (packet.resolution.width(), packet.resolution.height());
            state.packager.picture(packet.clone(), arrived);
        });
    }

    /// The source has come to be coded otherwise: what can be cut is made of it elsewhere.
    fn again(&mut self, packet: &Packet) {
        let Some(stream) = self.stream.upgrade().filter(|_| !packet.slate) else {
            return;
        };
        match stream.coded(&self.wish, Codec::H264) {
            Ok(pictures) => self.pictures = pictures,
            Err(error) => tracing::debug!(stream = %stream.id(), %error, "no segments for now"),
        }
    }

    /// Listens as soon as there is something to hear.
    fn listen(&mut self) {
        if let (None, Some(stream)) = (&self.sound, self.stream.upgrade()) {
            self.sound = sound(&stream);
        }
    }

    /// Whether to go on.
    fn look(&mut self, live: &Live) -> bool {
        let now = live.clock.now();
        live.audience.sweep(now);
        self.listen();
        // Who waits for what never comes looks again, too.
        live.changed.send_modify(|_| ());
        let mut state = live.state();
        state.over = now.saturating_sub(state.asked) >= SEGMENTS_GRACE;
        !state.over
    }
}

/// The sound of a stream that has some.
fn sound(stream: &Stream) -> Option<Subscriber<AudioPacket>> {
    stream.audio()?;
    stream.sound().ok()
}
