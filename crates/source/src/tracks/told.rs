//! When pictures and sounds were captured by the source's own word: its times put on the wall clock.
//!
//! Not here: sources that say nothing of it ([`MediaClock`](super::media_clock)).

use std::time::Duration;

use eyeline_media::{MediaTime, Timestamp};

/// The longest that pictures may have been on their way: a playlist of long segments is played from
/// half a minute behind its end. What is said to be older is of a recording, or by a wrong clock.
const MAX_AGE: Duration = Duration::from_secs(120);
/// What is said of one segment after the other differs by less than this as it is rounded.
const ROUNDING_NANOS: i128 = 20_000_000;

/// What the source says last.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// By how many nanoseconds the wall clock is ahead of its times.
    ahead: Option<i128>,
}

impl Told {
    /// What is of this time was captured at `wall`.
    pub(super) fn tell(&mut self, at: MediaTime, wall: Timestamp) {
        let ahead = i128::from(wall.as_nanos()) - i128::from(at.as_nanos());
        let same = |before: &i128| (before - ahead).abs() <= ROUNDING_NANOS;
        self.ahead = self.ahead.filter(same).or(Some(ahead));
    }

    /// What was told holds no longer.
    pub(super) fn forget(&mut self) {
        self.ahead = None;
    }

    /// When what is shown or heard at this time was captured, which came at `arrived` and was decoded so
    /// long before it is shown; `None` if that is not told, or not believably: after it came, or too long
    /// before.
    pub(super) fn captured(
        &self,
        at: MediaTime,
        composition: Duration,
        arrived: Timestamp,
    ) -> Option<Timestamp> {
        let nanos = i128::from(at.as_nanos()) + self.ahead?;
        let captured = Timestamp::from_nanos(u64::try_from(nanos).ok()?);
        let decoded = captured.before(composition);
        (decoded <= arrived && arrived.since(decoded) <= MAX_AGE).then_some(captured)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: i64) -> MediaTime {
        MediaTime::from_nanos(ms * 1_000_000)
    }

    const fn wall(ms: u64) -> Timestamp {
        Timestamp::from_micros(ms * 1000)
    }

    /// What was told, as `(time, wall clock)`; a picture's time and when it arrived; when it was captured.
    /// All in milliseconds.
    fn check(told: &[(i64, u64)], (at, arrived): (i64, u64), captured: Option<u64>) {
        let mut clock = Told::default();
        for (at, at_wall) in told {
            clock.tell(ms(*at), wall(*at_wall));
        }
        let found = clock.captured(ms(at), Duration::ZERO, wall(arrived));
        assert_eq!(found, captured.map(wall), "{told:?}");
    }

    #[test]
    fn times_count_from_the_latest_that_was_told() {
        check(&[(1000, 500_000)], (3000, 510_000), Some(502_000));
        check(
            &[(1000, 500_000), (3000, 506_000)],
            (4000, 510_000),
            Some(507_000),
        );
    }

    #[test]
    fn what_is_told_of_each_segment_is_rounded_and_pictures_stay_even() {
        check(
            &[(1000, 500_000), (3000, 502_003)],
            (3000, 510_000),
            Some(502_000),
        );
    }

    #[test]
    fn a_picture_that_is_shown_later_may_come_before_it_was_captured() {
        let mut clock = Told::default();
        clock.tell(ms(0), wall(500_000));
        let found =
            |composition| clock.captured(ms(80), Duration::from_millis(composition), wall(500_010));
        assert_eq!(found(80), Some(wall(500_080)));
        assert_eq!(found(0), None);
    }

    #[test]
    fn what_cannot_be_true_is_not_believed() {
        check(&[], (0, 500_000), None);
        check(&[(0, 500_001)], (0, 500_000), None);
        check(&[(0, 380_000)], (0, 500_000), Some(380_000));
        check(&[(0, 379_999)], (0, 500_000), None);
        check(&[(i64::MAX / 1_000_000, 0)], (0, 500_000), None);
    }
}
