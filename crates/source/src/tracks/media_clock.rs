//! The clock of a source put on this machine's: its times say exactly how far apart pictures and
//! sounds are, but not from when they count, and not always the truth.

use std::time::Duration;

use eyeline_media::{MediaTime, Timestamp};

use super::Times;
use crate::sink::MAX_CLOCK_DIFFERENCE;

/// For how long the fastest picture counts. Clocks that differ by 100 ppm are 1 ms apart then.
const WINDOW_NANOS: i128 = 10_000_000_000;
/// The least that pictures are apart.
const STEP_NANOS: i128 = 1_000;
/// The furthest that a picture may be shown after it is decoded: sixteen pictures, the most that
/// a decoder holds back, at four a second.
const MAX_COMPOSITION_NANOS: i128 = 4_000_000_000;
/// Times of decoding that are rounded to those of segments are after that of being shown by no more than
/// this.
const ROUNDING_NANOS: i128 = 20_000_000;

/// Puts times on this machine's clock: the picture that was fastest on its way of the
/// latest 10 to 20 s is taken to have come at once, so that the others' delays do not show.
/// Never decoded before the one before it, and never captured further from
/// its arrival than any source's capture times may be.
#[derive(Debug, Default)]
pub(super) struct MediaClock {
    window: Option<Window>,
    /// By how much sound is ahead of its times, if those have nothing to do with the pictures'.
    sound_ahead: Option<i128>,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    /// Arrival of the first picture of it.
    since: i128,
    /// The least by which arrival was ahead of the time.
    least: i128,
    /// As `least`, of the window before.
    before: i128,
    /// When the latest picture was said to be decoded.
    latest: i128,
    /// When it was decoded by the source's own time.
    latest_media: i128,
}

/// Where a picture was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) captured: Timestamp,
    pub(super) composition: Duration,
    /// Whether its times had jumped or stood still.
    pub(super) repaired: bool,
    /// Whether what follows is of a time line of its own.
    pub(super) jumped: bool,
}

impl MediaClock {
    /// Where the picture of these times belongs that arrived then.
    pub(super) fn picture(&mut self, at: Times, arrived: Timestamp) -> Placed {
        let now = i128::from(arrived.as_nanos());
        let present = i128::from(at.present.as_nanos());
        let composition = present - i128::from(at.decode.as_nanos());
        let believable = (-ROUNDING_NANOS..=MAX_COMPOSITION_NANOS).contains(&composition);
        let composition = if believable { composition.max(0) } else { 0 };
        let media = present - composition;
        let ahead = now - present;
        let goes_on = self
            .window
            .and_then(|window| window.with(now, media, ahead));
        let jumped = self.window.is_some() && goes_on.is_none();
        // A key picture waits for less than those after it: they are taken to wait for twice as long,
        // so that they need not be moved.
        let least = ahead - composition;
        let window = goes_on.unwrap_or(Window {
            since: now,
            least,
            before: least,
            latest: self.after_latest(media + least),
            latest_media: media,
        });
        let by_clock = media + window.offset();
        let decoded = by_clock.max(window.latest).min(now);
        self.window = Some(Window {
            latest: decoded + STEP_NANOS,
            latest_media: media,
            ..window
        });
        Placed {
            captured: timestamp(decoded + composition).unwrap_or(arrived),
            composition: Duration::from_nanos(u64::try_from(composition).unwrap_or_default()),
            repaired: !believable || jumped,
            jumped,
        }
    }

    /// Where sound of this time belongs that arrived then; `None` before the first picture.
    pub(super) fn sound(&mut self, at: MediaTime, arrived: Timestamp) -> Option<Timestamp> {
        let (now, media) = (i128::from(arrived.as_nanos()), i128::from(at.as_nanos()));
        let near =
            |captured: &i128| (captured - now).unsigned_abs() <= MAX_CLOCK_DIFFERENCE.as_nanos();
        let with_pictures = media + self.window?.offset();
        let captured = Some(with_pictures).filter(near).unwrap_or_else(|| {
            let ahead = self.sound_ahead.filter(|ahead| near(&(media + ahead)));
            media + *self.sound_ahead.insert(ahead.unwrap_or(now - media))
        });
        timestamp(captured)
    }

    /// A time to begin anew with, not before what there was.
    fn after_latest(&self, now: i128) -> i128 {
        self.window.map_or(now, |window| {
            if window.latest - now > STEP_NANOS * 1_000_000 {
                // This machine's own clock was set back.
                now
            } else {
                window.latest.max(now)
            }
        })
    }
}

impl Window {
    /// By how much this machine's clock is ahead of the source's.
    fn offset(&self) -> i128 {
        self.least.min(self.before)
    }

    /// With one picture more; `None` if one of the clocks has jumped or the source's stands still.
    fn with(self, now: i128, media: i128, ahead: i128) -> Option<Self> {
        let limit = i128::try_from(MAX_CLOCK_DIFFERENCE.as_nanos()).ok()?;
        let jumped = (ahead - self.offset()).abs() > limit || (now - self.latest).abs() > limit;
        if jumped || media <= self.latest_media {
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

fn timestamp(nanos: i128) -> Option<Timestamp> {
    u64::try_from(nanos).ok().map(Timestamp::from_nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START_MS: u64 = 1_700_000_000_000;

    fn at_ms(present: i64, decode: i64) -> Times {
        let time = |ms: i64| MediaTime::from_nanos(ms.saturating_mul(1_000_000));
        Times {
            present: time(present),
            decode: time(decode),
        }
    }

    fn arrived_ms(ms: u64) -> Timestamp {
        Timestamp::from_micros((START_MS + ms) * 1000)
    }

    /// `(time, arrival, expected)` in milliseconds, the latter two since some moment; how many
    /// were repaired.
    fn check(pictures: &[(i64, u64, u64)], repaired: usize) {
        let mut clock = MediaClock::default();
        let mut repairs = 0;
        for (at, arrived, expected) in pictures {
            let placed = clock.picture(at_ms(*at, *at), arrived_ms(*arrived));
            let captured = placed.captured.as_micros() / 1000;
            assert_eq!(captured - START_MS, *expected, "of {at} in {pictures:?}");
            repairs += usize::from(placed.repaired);
        }
        assert_eq!(repairs, repaired, "{pictures:?}");
    }

    #[test]
    fn delays_on_the_way_do_not_show() {
        check(
            &[
                (0, 100, 100),
                (40, 140, 140),
                (80, 230, 180),
                (120, 231, 220),
                (160, 260, 260),
            ],
            0,
        );
    }

    #[test]
    fn a_faster_picture_moves_the_ones_after_it() {
        // The first came late: what follows is of its own time, and never goes back.
        check(
            &[
                (0, 100, 100),
                (40, 120, 120),
                (80, 165, 160),
                (120, 200, 200),
            ],
            0,
        );
        check(
            &[
                (0, 100, 100),
                (40, 101, 101),
                (80, 102, 102),
                (120, 140, 140),
            ],
            0,
        );
    }

    #[test]
    fn a_clock_that_jumps_begins_anew() {
        check(
            &[
                (0, 100, 100),
                (40, 140, 140),
                (3_600_000, 180, 180),
                (3_600_040, 225, 220),
                (0, 260, 260),
            ],
            2,
        );
        check(&[(0, 20_000, 20_000), (40, 100, 100), (80, 141, 140)], 1);
    }

    #[test]
    fn a_clock_that_stands_still_is_replaced_by_the_arrival() {
        check(
            &[
                (0, 100, 100),
                (0, 140, 140),
                (0, 180, 180),
                (40, 220, 220),
                (80, 265, 260),
            ],
            2,
        );
    }

    #[test]
    fn pictures_that_are_shown_in_another_order_keep_it() {
        let mut clock = MediaClock::default();
        // I P B B, as x264 sends them: decoded 0, 40, 80, 120, shown at 80, 200, 120, 160.
        let shown = [(80, 0), (200, 40), (120, 80), (160, 120)];
        let placed: Vec<_> = shown
            .iter()
            .zip([100, 140, 180, 220_u64])
            .map(|(&(present, decode), arrived)| {
                let placed = clock.picture(at_ms(present, decode), arrived_ms(arrived));
                let ms = placed.captured.as_micros() / 1000 - START_MS;
                (ms, placed.composition.as_millis())
            })
            .collect();
        // The second was the fastest: it is taken to have come at once.
        assert_eq!(placed, [(20, 80), (140, 160), (60, 40), (100, 40)]);
    }

    #[test]
    fn times_of_decoding_may_be_rounded() {
        let check = |present, decode, repaired| {
            let mut clock = MediaClock::default();
            clock.picture(at_ms(0, 0), arrived_ms(100));
            let placed = clock.picture(at_ms(present, decode), arrived_ms(140));
            assert_eq!(placed.repaired, repaired, "{present} {decode}");
            assert_eq!(placed.composition, Duration::ZERO);
        };
        check(40, 40, false);
        check(40, 46, false);
        check(40, 90, true);
    }

    #[test]
    fn sound_goes_with_the_pictures_however_those_move() {
        let mut clock = MediaClock::default();
        assert_eq!(clock.sound(MediaTime::default(), arrived_ms(0)), None);
        for (at, arrived) in [(0, 100), (40, 120), (80, 200), (120, 201)] {
            let placed = clock.picture(at_ms(at, at), arrived_ms(arrived));
            let sound = clock.sound(at_ms(at, at).present, arrived_ms(arrived + 50));
            let apart = placed
                .captured
                .as_micros()
                .abs_diff(sound.unwrap().as_micros());
            assert!(apart < 1000, "{at}: {apart}");
        }
    }

    #[test]
    fn sound_of_another_clock_is_placed_by_its_arrival() {
        let mut clock = MediaClock::default();
        clock.picture(at_ms(0, 0), arrived_ms(100));
        let ms = |clock: &mut MediaClock, at, arrived| {
            let sound = clock.sound(at_ms(at, at).present, arrived_ms(arrived));
            sound.unwrap().as_micros() / 1000 - START_MS
        };
        assert_eq!(ms(&mut clock, 5_000_000, 100), 100);
        assert_eq!(ms(&mut clock, 5_000_020, 135), 120);
        assert_eq!(ms(&mut clock, 9_000_000, 160), 160);
    }

    #[test]
    fn clocks_of_different_speed_do_not_drift_apart() {
        // The camera's clock is 1 % slow, and two pictures a second come, for 84 minutes.
        let mut clock = MediaClock::default();
        for n in 0..10_000 {
            let arrived = arrived_ms(505 * n);
            let at = i64::try_from(n).unwrap() * 500;
            let captured = clock.picture(at_ms(at, at), arrived).captured;
            assert!(captured <= arrived);
            assert!(arrived.since(captured).as_millis() <= 210, "{n}");
        }
    }

    #[test]
    fn any_times_give_a_time_that_is_near_the_arrival() {
        let mut clock = MediaClock::default();
        let ends = [0, i64::MAX, i64::MIN, -1, 1, i64::MAX / 2];
        for (present, decode) in ends.iter().flat_map(|p| ends.map(|d| (*p, d))) {
            for now in [0, 1, u64::MAX / 2, 1_700_000_000_000_000_000] {
                let arrived = Timestamp::from_nanos(now);
                let at = Times {
                    present: MediaTime::from_nanos(present),
                    decode: MediaTime::from_nanos(decode),
                };
                let captured = clock.picture(at, arrived).captured;
                let apart = captured.since(arrived).max(arrived.since(captured));
                assert!(apart <= MAX_CLOCK_DIFFERENCE, "{at:?} {now}");
                clock.sound(at.present, arrived);
            }
        }
    }
}
