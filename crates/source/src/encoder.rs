//! Raw pictures into JPEG, on a thread of their own, only while somebody looks.
//!
//! The queue is bounded in number and in time: when the machine cannot keep up, the
//! oldest pictures go, so that what is shown is recent.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use eyeline_clock::{MonoTime, SharedClock};
use eyeline_hub::JpegQuality;
use eyeline_media::{PixelFormat, Resolution, Timestamp};
use eyeline_sys_codec::Encoder;
use tokio::sync::Notify;

use crate::error::PictureError;
use crate::sink::{Event, Outlet, jpeg_packet};

/// How many pictures may wait to be encoded, to get over a hiccup of the machine.
const MAX_WAITING: usize = 4;
/// How long a picture may wait when newer ones are there.
const MAX_WAIT: Duration = Duration::from_millis(100);

/// A picture as a camera or program made it.
#[derive(Debug)]
pub(crate) struct RawPicture {
    pub(crate) format: PixelFormat,
    pub(crate) size: Resolution,
    pub(crate) data: Bytes,
    pub(crate) captured: Timestamp,
}

/// Encodes the raw pictures of one run. Clones are the same encoder; its thread
/// starts with the first picture that somebody wants and ends with [`close`](Self::close).
#[derive(Clone)]
pub(crate) struct RawEncoder {
    shared: Arc<Shared>,
}

struct Shared {
    clock: SharedClock,
    state: Mutex<State>,
    changed: Condvar,
    /// All that waited is encoded.
    idle: Notify,
}

struct State {
    quality: JpegQuality,
    waiting: VecDeque<(MonoTime, RawPicture)>,
    /// The newest picture that came while nobody looked: what the next viewer sees
    /// first, if the source is slow.
    unseen: Option<RawPicture>,
    wanted: bool,
    running: bool,
    /// A picture is being encoded.
    busy: bool,
    closed: bool,
    dropped: u64,
    outlet: Option<Outlet>,
}

impl RawEncoder {
    /// An encoder that has not started. `wanted` says whether anybody looks.
    pub(crate) fn new(quality: JpegQuality, clock: SharedClock, wanted: bool) -> Self {
        let state = State {
            quality,
            waiting: VecDeque::new(),
            unseen: None,
            wanted,
            running: false,
            busy: false,
            closed: false,
            dropped: 0,
            outlet: None,
        };
        let shared = Shared {
            clock,
            state: Mutex::new(state),
            changed: Condvar::new(),
            idle: Notify::new(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Takes a picture; what comes of it goes to `outlet`. Never waits.
    pub(crate) fn push(&self, picture: RawPicture, outlet: &Outlet) {
        let mut state = self.shared.lock();
        if !state.wanted {
            state.unseen = Some(picture);
            state.outlet = Some(outlet.clone());
            drop(state);
            outlet.hint(Event::Unseen);
            return;
        }
        self.queue(&mut state, picture, outlet);
    }

    /// JPEG quality of what is encoded.
    pub(crate) fn quality(&self) -> JpegQuality {
        self.shared.lock().quality
    }

    /// Replaces the JPEG quality from the next picture on.
    pub(crate) fn set_quality(&self, quality: JpegQuality) {
        self.shared.lock().quality = quality;
    }

    /// Whether anybody looks.
    pub(crate) fn wanted(&self) -> bool {
        self.shared.lock().wanted
    }

    /// Says whether anybody looks.
    pub(crate) fn set_wanted(&self, wanted: bool) {
        let mut state = self.shared.lock();
        state.wanted = wanted;
        if wanted && let (Some(picture), Some(outlet)) = (state.unseen.take(), state.outlet.take())
        {
            self.queue(&mut state, picture, &outlet);
        }
    }

    /// Waits until every picture that was taken is encoded and handed on.
    pub(crate) async fn drained(&self) {
        loop {
            let mut idle = std::pin::pin!(self.shared.idle.notified());
            idle.as_mut().enable();
            let done = {
                let state = self.shared.lock();
                !state.running || state.closed || (state.waiting.is_empty() && !state.busy)
            };
            if done {
                return;
            }
            idle.await;
        }
    }

    /// Ends the thread; pictures that wait are dropped.
    pub(crate) fn close(&self) {
        let mut state = self.shared.lock();
        state.closed = true;
        state.waiting.clear();
        state.unseen = None;
        self.shared.changed.notify_all();
        self.shared.idle.notify_waiters();
    }

    fn queue(&self, state: &mut State, picture: RawPicture, outlet: &Outlet) {
        if state.closed {
            return;
        }
        if state.waiting.len() >= MAX_WAITING {
            state.waiting.pop_front();
            state.dropped += 1;
        }
        state.waiting.push_back((self.shared.clock.now(), picture));
        if state.running {
            self.shared.changed.notify_all();
            return;
        }
        let (shared, outlet) = (Arc::clone(&self.shared), outlet.clone());
        let spawned = std::thread::Builder::new()
            .name("encode".to_owned())
            .spawn(move || shared.encode(&outlet));
        match spawned {
            Ok(_) => state.running = true,
            Err(error) => tracing::error!(%error, "cannot start a thread to encode pictures"),
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The thread: encodes what waits until it is told to end or nobody listens.
    fn encode(&self, outlet: &Outlet) {
        if let Err(error) = self.encode_all(outlet) {
            outlet.hint(Event::Skipped(PictureError::Encode(error.to_string())));
        }
        let mut state = self.lock();
        (state.running, state.busy) = (false, false);
        drop(state);
        self.idle.notify_waiters();
    }

    fn encode_all(&self, outlet: &Outlet) -> Result<(), eyeline_sys_codec::Error> {
        let mut encoder = Encoder::new()?;
        while let Some((picture, quality)) = self.next() {
            let RawPicture {
                format,
                size,
                data,
                captured,
            } = picture;
            let event = match encoder.encode_raw(format, size, &data, quality.get()) {
                Ok(jpeg) => Event::Picture(jpeg_packet(jpeg, size, captured)),
                Err(error) => Event::Skipped(PictureError::Encode(error.to_string())),
            };
            drop(data);
            if outlet.send_blocking(event).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Waits for the next picture that is not too old, to be encoded with this quality;
    /// `None` at the end.
    fn next(&self) -> Option<(RawPicture, JpegQuality)> {
        let mut state = self.lock();
        state.busy = false;
        loop {
            if state.closed {
                if state.dropped > 0 {
                    tracing::warn!(
                        dropped = state.dropped,
                        "raw pictures came faster than they could be encoded"
                    );
                }
                return None;
            }
            let now = self.clock.now();
            while state.waiting.len() > 1
                && state
                    .waiting
                    .front()
                    .is_some_and(|(since, _)| now.saturating_sub(*since) > MAX_WAIT)
            {
                state.waiting.pop_front();
                state.dropped += 1;
            }
            match state.waiting.pop_front() {
                Some((_, picture)) => {
                    state.busy = true;
                    return Some((picture, state.quality));
                }
                None => {
                    self.idle.notify_waiters();
                    state = self
                        .changed
                        .wait(state)
                        .unwrap_or_else(PoisonError::into_inner)
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
