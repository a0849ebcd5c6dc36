//! When pictures are shown and sound is heard, on a time line of their own that runs evenly: it
//! begins with the first picture, never goes back, and never leaves more open than players bear.

use std::time::Duration;

use eyeline_media::Timestamp;

/// Until it is known how often pictures come.
const FIRST_INTERVAL: Duration = Duration::from_millis(33);
/// A longer pause, or a step of the wall clock, is cut short to this.
const LONGEST: Duration = Duration::from_secs(2);
/// Two pictures are at least so far apart.
const SHORTEST: Duration = Duration::from_millis(1);
/// As long as sound comes this near to where the sound before it ended, it goes on there: its
/// samples are exactly as far apart as they say, their times of capture only nearly.
const SEAM: Duration = Duration::from_millis(15);

/// A picture's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// When it is shown; the first is decoded at zero.
    pub time: Duration,
    /// How long before that it is decoded.
    pub composition: Duration,
    /// How far pictures are apart lately.
    pub interval: Duration,
}

impl Timing {
    /// When it is decoded.
    #[must_use]
    pub fn decode(&self) -> Duration {
        self.time.saturating_sub(self.composition)
    }
}

/// Finds the places of the pictures and the sound of one stream.
#[derive(Debug)]
pub(crate) struct Timeline {
    /// The latest of all, by the wall clock and on this time line.
    front: Option<(Timestamp, Duration)>,
    /// When the latest picture was decoded.
    decoded: Option<Duration>,
    interval: Duration,
    /// Where the latest sound ended.
    sound_end: Option<Duration>,
}

impl Timeline {
    pub(crate) const LONGEST: Duration = LONGEST;

    pub(crate) const fn new() -> Self {
        Self {
            front: None,
            decoded: None,
            interval: FIRST_INTERVAL,
            sound_end: None,
        }
    }

    /// Says what lies at zero, before the first picture is placed: the same moment for all that is
    /// made of a stream, so that a viewer may change from one to another.
    pub(crate) fn begin(&mut self, first: Timestamp, origin: impl FnOnce() -> Timestamp) {
        self.front
            .get_or_insert_with(|| (first, first.since(origin())));
    }

    /// Whether there was a picture.
    pub(crate) const fn has_begun(&self) -> bool {
        self.decoded.is_some()
    }

    /// The place of the picture that was captured then, and is decoded so long before.
    pub(crate) fn place(&mut self, captured: Timestamp, composition: Duration) -> Timing {
        let at = self.at(captured.before(composition));
        let decode = match self.decoded {
            Some(last) => {
                let decode = at.max(last + SHORTEST);
                self.interval = (self.interval * 7 + (decode - last)) / 8;
                decode
            }
            None => at,
        };
        self.decoded = Some(decode);
        Timing {
            time: decode + composition,
            composition,
            interval: self.interval,
        }
    }

    /// The place of sound whose first sample was captured then. `None` if it is to be left out, as
    /// the sound before it lasts longer than it may by now: where the clock of a microphone is fast,
    /// there are more samples than time.
    pub(crate) fn sound(
        &mut self,
        captured: Timestamp,
        samples: u32,
        rate: u32,
    ) -> Option<Duration> {
        let at = self.at(captured);
        let time = match self.sound_end {
            Some(end) if at.abs_diff(end) <= SEAM => end,
            Some(end) if at < end => return None,
            _ => at,
        };
        let length = u64::from(samples) * 1_000_000_000 / u64::from(rate.max(1));
        self.sound_end = Some(time + Duration::from_nanos(length));
        Some(time)
    }

    /// Where this moment lies.
    fn at(&mut self, moment: Timestamp) -> Duration {
        let Some((front, front_at)) = self.front else {
            self.front = Some((moment, Duration::ZERO));
            return Duration::ZERO;
        };
        let (ahead, behind) = (moment.since(front), front.since(moment));
        let at = if behind > LONGEST {
            front_at + SHORTEST
        } else if behind > Duration::ZERO {
            return front_at.saturating_sub(behind);
        } else {
            front_at + ahead.min(LONGEST)
        };
        self.front = Some((moment, at));
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn ms(ms: u64) -> Timestamp {
        Timestamp::from_micros(ms * 1000)
    }

    /// The times of pictures captured at these milliseconds.
    fn check(captured_ms: &[u64], expected_ms: &[u64]) {
        let mut timeline = Timeline::new();
        let times: Vec<_> = captured_ms
            .iter()
            .map(|&at| timeline.place(ms(at), Duration::ZERO).time)
            .collect();
        let expected: Vec<_> = expected_ms.iter().map(|&ms| MS * ms as u32).collect();
        assert_eq!(times, expected, "{captured_ms:?}");
    }

    #[test]
    fn time_goes_as_pictures_were_captured() {
        check(&[1_000_000, 1_000_040, 1_000_075], &[0, 40, 75]);
    }

    #[test]
    fn time_never_goes_back_nor_stands_still() {
        check(&[5000, 5000, 1000, 1040], &[0, 1, 2, 41]);
        check(&[5000, 5040, 5020, 5080], &[0, 40, 41, 80]);
    }

    #[test]
    fn a_long_pause_is_cut_short() {
        check(&[0, 3_600_000, 3_600_040], &[0, 2000, 2040]);
    }

    #[test]
    fn the_interval_is_what_came_lately() {
        let mut timeline = Timeline::new();
        let last = (0..100).map(|n| timeline.place(ms(n * 200), Duration::ZERO));
        let interval = last.last().unwrap().interval;
        assert!((MS * 199..=MS * 200).contains(&interval), "{interval:?}");
    }

    #[test]
    fn pictures_that_are_shown_in_another_order_are_decoded_evenly() {
        let mut timeline = Timeline::new();
        let mut place = |captured, composition| {
            let timing = timeline.place(ms(captured), MS * composition);
            (timing.decode().as_millis(), timing.time.as_millis())
        };
        assert_eq!(place(1080, 80), (0, 80));
        assert_eq!(place(1200, 160), (40, 200));
        assert_eq!(place(1120, 40), (80, 120));
        assert_eq!(place(1160, 40), (120, 160));
    }

    #[test]
    fn sound_goes_on_where_it_ended_unless_it_was_away() {
        let mut timeline = Timeline::new();
        timeline.place(ms(1000), Duration::ZERO);
        let mut sound = |at| {
            let time = timeline.sound(ms(at), 1024, 51_200);
            time.map(|time| time.as_millis())
        };
        assert_eq!(sound(1010), Some(10));
        assert_eq!(sound(1033), Some(30));
        assert_eq!(sound(1045), Some(50));
        assert_eq!(sound(1170), Some(170));
        assert_eq!(sound(1120), None, "it would be 70 ms late");
        assert_eq!(sound(1180), Some(190));
    }

    #[test]
    fn sound_and_pictures_stay_together_for_hours_and_over_pauses() {
        let mut timeline = Timeline::new();
        let (mut picture_at, mut sound_at) = (1_000_000_u64, 1_000_000_u64);
        for n in 0..300_000_u64 {
            let place = timeline.place(Timestamp::from_micros(picture_at), Duration::ZERO);
            let mut sound = place.time;
            while sound_at <= picture_at {
                let placed = timeline.sound(Timestamp::from_micros(sound_at), 960, 48_000);
                sound = placed.unwrap_or(sound);
                sound_at += 20_000;
            }
            let apart = place.time.abs_diff(sound);
            assert!(apart < MS * 40, "{apart:?} after {n} pictures");
            picture_at += 33_333;
            if n % 10_000 == 9_999 {
                (picture_at, sound_at) = (picture_at + 7_000_000, picture_at + 7_000_000);
            }
        }
    }
}
