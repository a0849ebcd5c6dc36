//! Who joins between key pictures, or goes on with one of a while ago, gets what came since at once. A
//! player that keeps the pace of the times it is given would stay behind by as much; so the times of this
//! backlog are pressed together right before the first live picture, in a copy for this viewer. From
//! there on the pieces are the shared ones.
//!
//! Not here: where times stand in a container.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use eyeline_hub::{Chunk, Item, Stream, Subscriber};
use eyeline_media::Timestamp;

use crate::limits::BACKLOG_KEPT;
use crate::mux::Container;

/// How a container's backlog is told in less time.
#[derive(Clone, Copy)]
pub struct Backlog {
    /// So many seconds become one. As much as the container's ticks bear, so that times differ still.
    pub ratio: u32,
    /// The piece with its times changed so, or what must be left of a piece of sound, if anything: there is
    /// no sound in a backlog.
    pub retime: fn(&Chunk, Press) -> Option<Bytes>,
}

/// Moves times towards the first live picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Press {
    live: Duration,
    ratio: u32,
}

impl Press {
    /// Presses what is before `live`; of so many seconds one is left.
    #[must_use]
    pub fn new(live: Duration, ratio: u32) -> Self {
        let ratio = ratio.max(1);
        Self { live, ratio }
    }

    /// Where a time comes to lie: never earlier than it was, and in the same order.
    #[must_use]
    pub fn place(&self, time: Duration) -> Duration {
        match self.live.checked_sub(time) {
            Some(before) => self.live - before / self.ratio,
            None => time,
        }
    }

    /// How much later that is.
    #[must_use]
    pub fn later(&self, time: Duration) -> Duration {
        self.place(time) - time
    }
}

/// One viewer's backlog, as long as there is one.
#[derive(Default)]
pub(crate) struct CatchUp {
    /// Number of the piece that would follow the latest.
    following: Option<u64>,
    /// Where the viewer goes on, while what it goes on to is still being made, and what that ends with.
    held: Option<(Arc<Item<Chunk>>, Timestamp)>,
    press: Option<Press>,
}

impl CatchUp {
    /// The piece that was held back.
    pub(crate) fn held(&self) -> Option<Arc<Item<Chunk>>> {
        self.held.as_ref().map(|(item, _)| Arc::clone(item))
    }

    /// The piece as this viewer gets it; `None` if it gets nothing of it. Pending, with the piece held back,
    /// until it is known what is live.
    pub(crate) fn poll_pass(
        &mut self,
        item: &Arc<Item<Chunk>>,
        container: &Container,
        stream: &Stream,
        cursor: &Subscriber<Chunk>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Bytes>> {
        let chunk = &item.value;
        let Some(backlog) = container.backlog else {
            return Poll::Ready(Some(chunk.data.clone()));
        };
        if chunk.key && self.following != Some(item.seq) {
            let newest = match self.held.take() {
                Some((_, newest)) => newest,
                // Where key pictures come when they are asked for, nothing of before is made.
                None if cursor.is_prompt() => chunk.captured,
                None => stream.newest(container.codec).unwrap_or(chunk.captured),
            };
            let made = cursor.poll_newest(cx, |made| made.captured >= newest);
            let Poll::Ready(live) = made else {
                self.held = Some((Arc::clone(item), newest));
                return Poll::Pending;
            };
            self.press = live.map(|live| {
                let live = live.value.decoded.saturating_sub(BACKLOG_KEPT);
                Press::new(live, backlog.ratio)
            });
        }
        self.following = Some(item.seq + 1);
        self.press = self.press.filter(|press| {
            let is_live = chunk.picture && chunk.decoded >= press.live;
            !is_live
        });
        Poll::Ready(match self.press {
            Some(press) => (backlog.retime)(chunk, press),
            None => Some(chunk.data.clone()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where times come to lie if the live picture is at ten seconds, in microseconds.
    fn check(ratio: u32, at_ms: &[u64], expected_us: &[u128]) {
        let press = Press::new(Duration::from_secs(10), ratio);
        let place = |ms: &u64| press.place(Duration::from_millis(*ms)).as_micros();
        let placed: Vec<_> = at_ms.iter().map(place).collect();
        assert_eq!(placed, expected_us);
    }

    #[test]
    fn what_is_before_the_live_picture_is_pressed_and_the_rest_stays() {
        check(
            100,
            &[0, 5_000, 9_960, 10_000, 10_040],
            &[9_900_000, 9_950_000, 9_999_600, 10_000_000, 10_040_000],
        );
    }

    #[test]
    fn nothing_is_moved_by_a_ratio_of_one_or_none() {
        check(1, &[0, 10_000], &[0, 10_000_000]);
        check(0, &[7, 10_000], &[7_000, 10_000_000]);
    }
}
