//! What comes out of containers that carry times, and how it is passed on and paced.
//!
//! Not here: taking containers apart (`proto`), and where their bytes come from.

use std::time::Duration;

use eyeline_media::MediaTime;
use eyeline_proto::mp4::Item;
use tokio::time::{Instant, sleep_until};

use crate::error::{InputError, PictureError};
use crate::sink::Sink;
use crate::tracks::{Times, Tracks};

/// Later than this, what comes is not hurried after, but goes on at its pace from there.
const MAX_LATE: Duration = Duration::from_millis(250);
/// Times that jump further begin anew.
const MAX_STEP: Duration = Duration::from_secs(10);

/// Passes on what a container gave.
///
/// # Errors
/// As [`Tracks::video`], and [`InputError::BadPictures`] after too many that are damaged.
pub(crate) async fn give(
    item: Item,
    tracks: &mut Tracks,
    sink: &mut Sink,
) -> Result<(), InputError> {
    match item {
        Item::Video(video) => {
            let at = Times {
                present: video.present,
                decode: video.decode,
            };
            tracks.video(video.unit, at, sink).await
        }
        Item::Audio(audio) => {
            let sound = (audio.samples, audio.data);
            tracks.audio(&audio.format, audio.at, sound, sink).await
        }
        Item::Captured(told) => {
            tracks.tell(told.at, told.wall);
            Ok(())
        }
        Item::Damaged(why) => sink.damaged(PictureError::H264(why)).await,
    }
}

/// In the order in which they are decoded, where they came track by track.
pub(crate) fn in_order(mut items: Vec<Item>) -> Vec<Item> {
    // What is damaged has no time; it stays behind what it came behind.
    let mut latest = MediaTime::default();
    items.sort_by_cached_key(|item| {
        latest = item.decode().unwrap_or(latest);
        latest
    });
    items
}

/// Lets things pass as far apart as their times are.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// When a thing of this time passed.
    anchor: Option<(Instant, i64)>,
    latest: i64,
}

impl Pace {
    /// Waits until what is of this time is due. `hurry` is by how much faster than its time it runs,
    /// in parts of a thousand.
    pub(crate) async fn due(&mut self, at: MediaTime, hurry: u32) {
        let (now, at) = (Instant::now(), at.as_nanos());
        let step = at.saturating_sub(self.latest).unsigned_abs();
        self.latest = at;
        let anchor = self
            .anchor
            .filter(|_| u128::from(step) < MAX_STEP.as_nanos());
        let due = anchor.and_then(|(since, from)| {
            let apart = u64::try_from(at.saturating_sub(from)).unwrap_or(0);
            let apart = Duration::from_nanos(apart) * 1000 / (1000 + hurry);
            let due = since.checked_add(apart)?;
            (now.saturating_duration_since(due) < MAX_LATE).then_some(due)
        });
        match due {
            // What has begun at another speed goes on from here at this one.
            Some(due) => {
                sleep_until(due).await;
                self.anchor = Some((due, at));
            }
            None => self.anchor = Some((now, at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: i64) -> MediaTime {
        MediaTime::from_nanos(ms * 1_000_000)
    }

    /// `(time, after)`: how long after the first the thing of this time passed.
    async fn check(hurry: u32, things: &[(i64, u64)]) {
        let mut pace = Pace::default();
        let start = Instant::now();
        for (at, after) in things {
            pace.due(ms(*at), hurry).await;
            assert_eq!(
                start.elapsed().as_millis(),
                u128::from(*after),
                "{at} of {things:?}"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn things_pass_as_far_apart_as_their_times_are() {
        check(0, &[(500, 0), (540, 40), (580, 80), (2000, 1500)]).await;
        check(1000, &[(500, 0), (540, 20), (580, 40)]).await;
        // One that is earlier than the one before does not hold up those behind it.
        check(0, &[(0, 0), (40, 40), (20, 40), (100, 120)]).await;
        // Times that jump.
        check(
            0,
            &[
                (0, 0),
                (40, 40),
                (60_000, 40),
                (60_040, 80),
                (0, 80),
                (40, 120),
            ],
        )
        .await;
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_late_goes_on_from_there() {
        let mut pace = Pace::default();
        pace.due(ms(0), 0).await;
        tokio::time::advance(Duration::from_secs(5)).await;
        let start = Instant::now();
        for at in [40, 80, 120] {
            pace.due(ms(at), 0).await;
        }
        assert_eq!(start.elapsed().as_millis(), 80);
    }
}
