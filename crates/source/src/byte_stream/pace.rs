//! When pictures of a file are due: at a rate, or at the times that it says itself.

use std::time::Duration;

use eyeline_media::MediaTime;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep_until};

/// A longer pause, or a step back, is a time line of its own.
const LONGEST: Duration = Duration::from_secs(10);
/// The step to the first picture of another time line, until one is known.
const FIRST_STEP: Duration = Duration::from_millis(40);

/// A schedule of `fps` frames a second that is kept absolutely.
pub(crate) fn schedule(fps: f64) -> Interval {
    let mut ticks = interval(Duration::from_secs_f64(1.0 / fps));
    // After a pause the pictures go on, they do not rush.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    ticks
}

/// Paces what is read faster than it is to be shown.
#[derive(Debug)]
pub(crate) struct Pace {
    ticks: Interval,
    timed: Option<Timed>,
}

/// Of pictures that say when they are due.
#[derive(Clone, Copy, Debug)]
struct Timed {
    /// A moment, and the time of the picture that was due then.
    start: (Instant, MediaTime),
    latest: MediaTime,
    step: Duration,
}

impl Pace {
    /// Pictures without times are due so often a second.
    pub(crate) fn new(fps: f64) -> Self {
        Self {
            ticks: schedule(fps),
            timed: None,
        }
    }

    /// Waits until the next picture is due, which has no time.
    pub(crate) async fn tick(&mut self) {
        self.ticks.tick().await;
    }

    /// Waits until the picture of this time is due.
    pub(crate) async fn until(&mut self, at: MediaTime) {
        let (timed, due) = Timed::next(self.timed, at, Instant::now());
        self.timed = Some(timed);
        sleep_until(due).await;
    }
}

impl Timed {
    /// With the picture of this time, which is due then.
    fn next(before: Option<Self>, at: MediaTime, now: Instant) -> (Self, Instant) {
        let Some(before) = before else {
            let timed = Self {
                start: (now, at),
                latest: at,
                step: FIRST_STEP,
            };
            return (timed, now);
        };
        let (start, first) = before.start;
        let due = start + since(first, before.latest).unwrap_or_default();
        let step = since(before.latest, at).filter(|step| *step < LONGEST);
        let behind = now.saturating_duration_since(due) > LONGEST;
        let timed = match step {
            Some(step) if !behind => Self {
                latest: at,
                step,
                ..before
            },
            // Played again, or after a gap: it goes on where the other ended.
            _ => Self {
                start: (if behind { now } else { due } + before.step, at),
                latest: at,
                ..before
            },
        };
        let (start, first) = timed.start;
        (timed, start + since(first, at).unwrap_or_default())
    }
}

fn since(earlier: MediaTime, later: MediaTime) -> Option<Duration> {
    let nanos = later.as_nanos().checked_sub(earlier.as_nanos())?;
    u64::try_from(nanos).ok().map(Duration::from_nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When pictures of these milliseconds are due, in milliseconds from the first.
    fn check(times: &[i64], expected: &[u128]) {
        let start = Instant::now();
        let mut timed = None;
        let mut now = start;
        let due: Vec<_> = times
            .iter()
            .map(|ms| {
                let at = MediaTime::from_nanos(ms * 1_000_000);
                let (next, due) = Timed::next(timed, at, now);
                (timed, now) = (Some(next), due.max(now));
                due.duration_since(start).as_millis()
            })
            .collect();
        assert_eq!(due, expected, "{times:?}");
    }

    #[tokio::test]
    async fn pictures_are_as_far_apart_as_they_say() {
        check(&[500, 540, 600], &[0, 40, 100]);
        check(&[-40, 0, 40], &[0, 40, 80]);
    }

    #[tokio::test]
    async fn what_is_played_again_goes_on_behind_the_end() {
        check(&[0, 20, 40, 0, 20, 40], &[0, 20, 40, 60, 80, 100]);
        check(&[0, 20, 50_000, 50_020], &[0, 20, 40, 60]);
    }
}
