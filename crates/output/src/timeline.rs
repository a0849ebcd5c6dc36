//! When pictures are shown, on a time line of their own that runs evenly: it begins with the
//! first, never goes back, and never leaves more open than players bear.

use std::time::Duration;

use eyeline_media::Timestamp;

/// Until it is known how often pictures come.
const FIRST_INTERVAL: Duration = Duration::from_millis(33);
/// A longer pause, or a step of the wall clock, is cut short to this.
const LONGEST: Duration = Duration::from_secs(2);
/// Two pictures are at least so far apart.
const SHORTEST: Duration = Duration::from_millis(1);

/// A picture's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// When it is shown; the first is at zero.
    pub time: Duration,
    /// How far pictures are apart lately.
    pub interval: Duration,
}

/// Finds the places of the pictures of one stream.
#[derive(Debug)]
pub(crate) struct Timeline {
    last: Option<Timestamp>,
    at: Timing,
}

impl Timeline {
    pub(crate) const LONGEST: Duration = LONGEST;

    pub(crate) const fn new() -> Self {
        Self {
            last: None,
            at: Timing {
                time: Duration::ZERO,
                interval: FIRST_INTERVAL,
            },
        }
    }

    /// The place of the latest picture.
    pub(crate) const fn now(&self) -> Timing {
        self.at
    }

    /// The place of the picture that was captured then.
    pub(crate) fn place(&mut self, captured: Timestamp) -> Timing {
        if let Some(last) = self.last.replace(captured) {
            let step = captured.since(last).clamp(SHORTEST, LONGEST);
            self.at.time += step;
            self.at.interval = (self.at.interval * 7 + step) / 8;
        }
        self.at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// The times of pictures captured at these milliseconds.
    fn check(captured_ms: &[u64], expected_ms: &[u64]) {
        let mut timeline = Timeline::new();
        let times: Vec<_> = captured_ms
            .iter()
            .map(|ms| timeline.place(Timestamp::from_micros(ms * 1000)).time)
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
        check(&[5000, 5000, 1000, 1040], &[0, 1, 2, 42]);
    }

    #[test]
    fn a_long_pause_is_cut_short() {
        check(&[0, 3_600_000, 3_600_040], &[0, 2000, 2040]);
    }

    #[test]
    fn the_interval_is_what_came_lately() {
        let mut timeline = Timeline::new();
        let last = (0..100).map(|n| timeline.place(Timestamp::from_micros(n * 200_000)));
        let interval = last.last().unwrap().interval;
        assert!((MS * 199..=MS * 200).contains(&interval), "{interval:?}");
    }
}
