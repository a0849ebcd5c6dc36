//! When pictures were captured, by the timestamps of RTP (RFC 3550, section 5.1), which say
//! exactly how far apart they are but not from when they count.

use std::num::NonZeroU32;

use eyeline_media::Timestamp;

use crate::sink::MAX_CLOCK_DIFFERENCE;

const NANOS_PER_SEC: i128 = 1_000_000_000;
/// For how long the fastest picture counts. Clocks that differ by 100 ppm are 1 ms apart then.
const WINDOW_NANOS: i128 = 10 * NANOS_PER_SEC;
/// The least that pictures are apart.
const STEP_NANOS: i128 = 1_000;

/// Puts timestamps on this machine's clock: the picture that was fastest on its way of the
/// latest 10 to 20 s is taken to have come at once, so that the others' delays do not show.
/// Never later than when a picture came, never before the one before it, and never further from
/// its arrival than any source's capture times may be.
#[derive(Debug, Default)]
pub(super) struct CaptureTimes {
    window: Option<Window>,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    /// Arrival of the first picture of it.
    since: i128,
    /// The least by which arrival was ahead of the timestamp.
    least: i128,
    /// As `least`, of the window before.
    before: i128,
    /// What was said of the latest picture.
    latest: i128,
}

impl CaptureTimes {
    /// When the picture was captured that says `ticks` of a clock of `hz`, and arrived then.
    pub(super) fn at(&mut self, ticks: i64, hz: NonZeroU32, arrived: Timestamp) -> Timestamp {
        let now = i128::from(arrived.as_nanos());
        let media = i128::from(ticks) * NANOS_PER_SEC / i128::from(hz.get());
        let ahead = now - media;
        let fresh = Window {
            since: now,
            least: ahead,
            before: ahead,
            latest: now,
        };
        let window = match self.window {
            Some(window) => window.with(now, ahead).unwrap_or(fresh),
            None => fresh,
        };
        let by_clock = media + window.least.min(window.before);
        let captured = by_clock.max(window.latest + STEP_NANOS).min(now);
        self.window = Some(Window {
            latest: captured,
            ..window
        });
        u64::try_from(captured).map_or(arrived, Timestamp::from_nanos)
    }
}

impl Window {
    /// With one picture more; `None` if one of the clocks has jumped.
    fn with(self, now: i128, ahead: i128) -> Option<Self> {
        let limit = i128::try_from(MAX_CLOCK_DIFFERENCE.as_nanos()).ok()?;
        let known = self.least.min(self.before);
        if (ahead - known).abs() > limit || (now - self.latest).abs() > limit {
            return None;
        }
        Some(if now - self.since > WINDOW_NANOS {
            Self {
                since: now,
                least: ahead,
                before: self.least,
                ..self
            }
        } else {
            Self {
                least: self.least.min(ahead),
                ..self
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HZ: NonZeroU32 = NonZeroU32::new(90_000).unwrap();
    const START_MS: u64 = 1_700_000_000_000;

    /// `(timestamp, arrival, expected)` in milliseconds, the latter two since some moment.
    fn check(pictures: &[(i64, u64, u64)]) {
        let mut times = CaptureTimes::default();
        for (at, arrived, expected) in pictures {
            let arrived = Timestamp::from_micros((START_MS + arrived) * 1000);
            let captured = times.at(at * 90, HZ, arrived);
            let captured = captured.as_micros() / 1000;
            assert_eq!(captured - START_MS, *expected, "of {at} in {pictures:?}");
        }
    }

    #[test]
    fn delays_on_the_way_do_not_show() {
        check(&[
            (0, 100, 100),
            (40, 140, 140),
            (80, 230, 180),
            (120, 231, 220),
            (160, 260, 260),
        ]);
    }

    #[test]
    fn a_faster_picture_moves_the_ones_after_it() {
        // The first came late: what follows is of its own time, and never goes back.
        check(&[
            (0, 100, 100),
            (40, 120, 120),
            (80, 165, 160),
            (120, 200, 200),
        ]);
        check(&[
            (0, 100, 100),
            (40, 101, 101),
            (80, 102, 102),
            (120, 140, 140),
        ]);
    }

    #[test]
    fn a_clock_that_jumps_begins_anew() {
        check(&[
            (0, 100, 100),
            (40, 140, 140),
            (3_600_000, 180, 180),
            (3_600_040, 225, 220),
            (0, 260, 260),
        ]);
        check(&[(0, 20_000, 20_000), (40, 100, 100), (80, 141, 140)]);
    }

    #[test]
    fn clocks_of_different_speed_do_not_drift_apart() {
        // The camera's clock is 1 % slow, and two pictures a second come.
        let mut times = CaptureTimes::default();
        for n in 0..10_000 {
            let arrived = Timestamp::from_micros((START_MS + 505 * n) * 1000);
            let ticks = i64::try_from(n).unwrap() * 45_000;
            let captured = times.at(ticks, HZ, arrived);
            assert!(captured <= arrived);
            assert!(arrived.since(captured).as_millis() <= 210, "{n}");
        }
    }

    #[test]
    fn any_timestamps_give_a_time_that_is_near_the_arrival() {
        let mut times = CaptureTimes::default();
        for ticks in [0, i64::MAX, i64::MIN, -1, 1, i64::MAX / 2] {
            for hz in [1, u32::MAX] {
                for now in [0, 1, u64::MAX, 1_700_000_000_000_000_000] {
                    let arrived = Timestamp::from_nanos(now);
                    let captured = times.at(ticks, NonZeroU32::new(hz).unwrap(), arrived);
                    assert!(captured <= arrived);
                    assert!(arrived.since(captured) <= MAX_CLOCK_DIFFERENCE);
                }
            }
        }
    }
}
