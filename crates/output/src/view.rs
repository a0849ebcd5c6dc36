//! One viewer of one stream: a cursor that moves to another rendition when the viewer
//! asks for one, when the stream's defaults change, or when the link is too slow.
//!
//! Not here: sockets, and what a container looks like.

use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use eyeline_clock::{MonoTime, SharedClock};
use eyeline_hub::{
    AccountId, Chunk, Delivery, End, Feedback, RenditionKey, Stream, Subscriber, ViewError,
    ViewerInfo, Wish,
};
use eyeline_media::{Codec, Timestamp};

use crate::backlog::CatchUp;
use crate::behind::Behind;
use crate::ladder::{Ladder, Look, Rung};
use crate::limits::INTER_CODED_MAX_LAG;
use crate::link::Link;
use crate::mux::{self, Container, Labels};
use crate::rungs;
use crate::sent::Sent;
use crate::switch::{self, Switch};

/// Why less is sent than was wished for, in one word.
const SLOW_LINK: &str = "slow_link";
/// How somebody looks at a stream.
pub struct Viewing {
    /// The stream.
    pub stream: Arc<Stream>,
    /// How pictures are wrapped.
    pub container: &'static Container,
    /// What is asked for.
    pub wish: Wish,
    /// Who looks.
    pub viewer: ViewerInfo,
    /// The way to the viewer.
    pub link: Arc<Link>,
    /// Where to count what goes out.
    pub sent: Arc<Sent>,
    /// The clock of the hub.
    pub clock: SharedClock,
}

/// A viewer's number within its stream: an extension of answers that go on for as long
/// as somebody looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ViewerId(pub AccountId);

/// One viewer of one stream. Dropping it ends the viewer's account.
pub struct View {
    stream: Arc<Stream>,
    container: &'static Container,
    link: Arc<Link>,
    sent: Arc<Sent>,
    clock: SharedClock,
    wish: Wish,
    /// The version of the stream's profile that the rungs were made by.
    version: u64,
    /// Which rendition the cursor was taken of; `None` for the source's own pictures.
    rendition: Option<RenditionKey>,
    rungs: Vec<Wish>,
    ladder: Ladder,
    /// Whether the source's size was known when the rungs were made.
    sized: bool,
    cursor: Subscriber<Chunk>,
    switch: Switch,
    catch_up: CatchUp,
    behind: Behind,
    counted: Counted,
    /// When the latest piece was captured, and when it was there to be sent.
    latest: Option<(Timestamp, MonoTime)>,
    /// How often the cursor was taken anew, apart from the switch.
    moves: u64,
}

/// What this view has added to the counters so far.
#[derive(Default)]
struct Counted {
    passed: u64,
    bytes: u64,
    skipped: u64,
}

impl View {
    /// Takes a seat and starts to look.
    ///
    /// # Errors
    /// [`ViewError`]: too many viewers or renditions, or the stream has ended.
    pub fn open(viewing: Viewing) -> Result<Self, ViewError> {
        let Viewing {
            stream,
            container,
            wish,
            viewer,
            ..
        } = viewing;
        let account = stream.seat(viewer)?;
        let version = stream.profile_version();
        let granted = stream.granted(&wish);
        let rendition = stream.rendition_for(&granted, container.codec);
        let cursor = chunks(&stream, container, &granted)?.with_account(account);
        let mut view = Self {
            stream,
            container,
            link: viewing.link,
            sent: viewing.sent,
            clock: viewing.clock,
            wish,
            version,
            rendition,
            rungs: Vec::new(),
            ladder: Ladder::new(Vec::new()),
            sized: false,
            cursor,
            switch: Switch::default(),
            catch_up: CatchUp::default(),
            behind: Behind::default(),
            counted: Counted::default(),
            latest: None,
            moves: 0,
        };
        view.make_rungs(&granted);
        view.tell();
        Ok(view)
    }

    /// The stream.
    #[must_use]
    pub fn stream(&self) -> &Arc<Stream> {
        &self.stream
    }

    /// The viewer's number within the stream.
    #[must_use]
    pub fn viewer(&self) -> Option<ViewerId> {
        self.cursor.account().map(|account| ViewerId(account.id()))
    }

    /// What was asked for, and what is sent.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        let rung = self.ladder.rung().min(self.rungs.len().saturating_sub(1));
        Delivery {
            wish: self.wish,
            sent: self.rungs.get(rung).copied().unwrap_or_default(),
            reason: (rung > 0).then_some(SLOW_LINK),
        }
    }

    /// How often this viewer was moved to another rendition, whose chunks are counted otherwise.
    #[must_use]
    pub fn moves(&self) -> u64 {
        self.moves + self.switch.made()
    }

    /// Why an operator closed this viewer, if that is why no more comes.
    #[must_use]
    pub fn close_reason(&self) -> Option<&str> {
        self.cursor.account()?.close_reason()
    }

    /// Asks for something else from now on.
    ///
    /// # Errors
    /// [`ViewError`]; then everything stays as it was.
    pub fn set_wish(&mut self, wish: Wish) -> Result<(), ViewError> {
        let granted = self.stream.granted(&wish);
        if granted != self.delivery().sent {
            self.move_to(&granted)?;
        }
        self.wish = wish;
        self.make_rungs(&granted);
        self.tell();
        Ok(())
    }

    /// Takes in what the viewer's program reports.
    pub fn report(&mut self, feedback: Feedback) {
        if let Some(account) = self.cursor.account() {
            account.report(feedback);
        }
        let age = feedback.age_ms.filter(|age| age.is_finite() && *age >= 0.0);
        let age = age.map(|ms| Duration::from_secs_f64((ms / 1e3).min(3_600.0)));
        let before = self.age_before_sending();
        let said = crate::ladder::Feedback {
            age: age.map(|age| age.saturating_sub(before)),
            fps: feedback.fps.map(|fps| fps as f32),
        };
        self.ladder.feedback(self.clock.now(), said);
    }

    /// How old the latest picture was when it was there to be sent: that a source is behind is not for
    /// its viewers' links to make up for.
    fn age_before_sending(&self) -> Duration {
        let Some((captured, published)) = self.latest else {
            return Duration::ZERO;
        };
        let now = Timestamp::from_nanos(self.clock.wall_nanos());
        let since = self.clock.now().saturating_sub(published);
        now.since(captured).saturating_sub(since)
    }

    /// The next piece when there is one; `None` when no more will come. Wakes the task
    /// of the latest call, also when the stream's profile changes.
    pub fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.follow_profile();
        self.climb();
        let Some((data, picture)) = ready!(self.poll_piece(cx)) else {
            return Poll::Ready(None);
        };
        self.counted.passed += u64::from(picture);
        self.counted.bytes += data.len() as u64;
        self.sent.count(data.len(), picture);
        self.count_skipped();
        Poll::Ready(Some(data))
    }

    /// The next piece of what the viewer looks at, as it gets it, and whether a picture is in it.
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<(Bytes, bool)>> {
        loop {
            let item = match self.catch_up.held() {
                Some(item) => item,
                None => match ready!(self.switch.poll_next(&mut self.cursor, cx)) {
                    Ok(item) => item,
                    Err(End) => return Poll::Ready(None),
                },
            };
            let (container, stream, cursor) = (self.container, &self.stream, &self.cursor);
            let passed = self
                .catch_up
                .poll_pass(&item, container, stream, cursor, cx);
            if let Some(data) = ready!(passed) {
                self.latest = Some((item.value.captured, item.published));
                return Poll::Ready(Some((data, item.value.picture)));
            }
        }
    }

    fn follow_profile(&mut self) {
        let version = self.stream.profile_version();
        if version != self.version {
            self.version = version;
            let granted = self.stream.granted(&self.wish);
            let sent = self.delivery().sent;
            let rendition = self.stream.rendition_for(&sent, self.container.codec);
            if rendition != self.rendition || self.rungs.first() != Some(&granted) {
                self.settle(&granted);
            }
        } else if !self.sized && self.counted.passed > 0 {
            let granted = self.stream.granted(&self.wish);
            self.make_rungs(&granted);
        }
    }

    /// Moves to what is granted now, or stays where it is if that cannot be had.
    fn settle(&mut self, granted: &Wish) {
        match self.move_to(granted) {
            Ok(()) => self.make_rungs(granted),
            Err(error) => {
                tracing::debug!(stream = %self.stream.id(), %error, "a viewer stays as it is");
            }
        }
        self.tell();
    }

    /// Steps down or up the ladder, as the link allows.
    fn climb(&mut self) {
        if self.switch.is_waiting() {
            return;
        }
        // Of inter-coded pictures not every one can be left out.
        if self.container.codec == Codec::Jpeg {
            let max_lag = if self.behind.look(&self.link) {
                Duration::ZERO
            } else {
                Duration::MAX
            };
            self.cursor.set_max_lag(max_lag);
        }
        let took = self.link.took();
        if !self
            .ladder
            .wants_to_look(self.counted.passed, self.counted.skipped, took)
        {
            return;
        }
        let before = self.ladder.rung();
        let rung = self.ladder.look(&Look {
            now: self.clock.now(),
            took,
            passed: self.counted.passed,
            skipped: self.counted.skipped,
            bytes: self.counted.bytes,
            bandwidth_bps: self.link.bandwidth_bps(),
        });
        if rung == before {
            return;
        }
        let wish = self.rungs.get(rung).copied().unwrap_or_default();
        if let Err(error) = self.move_to(&wish) {
            // Nobody else may rent the CPU for it either: do without a ladder.
            tracing::debug!(stream = %self.stream.id(), %error, "no rendition for a slow link");
            let here = self.rungs.get(before).copied().unwrap_or_default();
            self.rungs = vec![here];
            self.ladder.replace(Vec::new());
        }
        self.tell();
    }

    fn move_to(&mut self, wish: &Wish) -> Result<(), ViewError> {
        let next = chunks(&self.stream, self.container, wish)?;
        self.rendition = self.stream.rendition_for(wish, self.container.codec);
        self.count_skipped();
        match self.container.codec {
            Codec::Jpeg => {
                switch::replace(&mut self.cursor, next);
                self.moves += 1;
            }
            Codec::H264 => self.switch.to(next),
        }
        Ok(())
    }

    fn make_rungs(&mut self, granted: &Wish) {
        let stats = self.stream.stats();
        let source = stats.resolution.map(|size| Rung {
            height: size.height(),
            // What was measured lately may be of a pause: the ladder finds out.
            fps: (stats.fps.round() as u32).max(30),
        });
        let codecs = (self.container.codec, self.stream.codec());
        let rungs = rungs::below(granted, source, codecs);
        self.sized = source.is_some();
        self.ladder
            .replace(rungs.iter().map(|(_, rung)| *rung).collect());
        self.rungs = rungs.into_iter().map(|(wish, _)| wish).collect();
    }

    /// Enters into the account what is delivered.
    fn tell(&self) {
        if let Some(account) = self.cursor.account() {
            account.set_delivery(self.delivery());
        }
    }

    fn count_skipped(&mut self) {
        let Some(account) = self.cursor.account() else {
            return;
        };
        let skipped = account.skipped();
        if skipped != self.counted.skipped {
            self.sent.count_skipped(skipped - self.counted.skipped);
            self.counted.skipped = skipped;
        }
        account.set_bandwidth(self.link.bandwidth_bps().unwrap_or_default());
    }
}

impl Drop for View {
    fn drop(&mut self) {
        self.count_skipped();
    }
}

/// What is made of a stream in a container, for whoever is no viewer: who describes a stream
/// before it is played, say. It is made once, and as long as anybody takes it.
///
/// # Errors
/// [`ViewError`]: too many renditions, or the stream has ended.
///
/// # Panics
/// Outside a tokio runtime.
pub fn chunks(
    stream: &Arc<Stream>,
    container: &'static Container,
    wish: &Wish,
) -> Result<Subscriber<Chunk>, ViewError> {
    let name = (container.codec, container.name);
    let cursor = stream.chunks(wish, name, |packets, chunks| {
        let labels = Labels {
            stream: Arc::clone(stream),
            quality: wish.quality.unwrap_or_default(),
        };
        tokio::spawn(mux::run(container, labels, packets, chunks));
    })?;
    Ok(match container.codec {
        Codec::Jpeg => cursor,
        Codec::H264 => cursor.impatient(INTER_CODED_MAX_LAG),
    })
}

#[cfg(test)]
mod tests;
