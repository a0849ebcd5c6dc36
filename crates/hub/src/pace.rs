//! Frame-rate reduction: pictures are dropped, never re-timed.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use eyeline_media::Timestamp;

/// A frame rate in whole frames a second, 1 to 120.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fps(u8);

/// A frame rate out of range, or a text that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no frame rate; use a whole number from 1 to 120")]
pub struct InvalidFps(String);

impl Fps {
    /// A rate from 1 to 120 frames a second.
    ///
    /// # Errors
    /// [`InvalidFps`] outside that range.
    pub fn new(fps: u32) -> Result<Self, InvalidFps> {
        match u8::try_from(fps) {
            Ok(rate @ 1..=120) => Ok(Self(rate)),
            _ => Err(InvalidFps(fps.to_string())),
        }
    }

    /// A rate from the table of presets, which is in range.
    pub(crate) const fn of_preset(fps: u8) -> Self {
        Self(fps)
    }

    /// Frames a second.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// Time from one frame to the next.
    #[must_use]
    pub fn interval(self) -> Duration {
        Duration::from_secs(1) / u32::from(self.0)
    }
}

impl fmt::Display for Fps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Fps {
    type Err = InvalidFps;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fps = text
            .parse()
            .map_err(|_| InvalidFps(text.chars().take(20).collect()))?;
        Self::new(fps)
    }
}

/// Chooses which pictures pass so that on average a rate is not exceeded.
#[derive(Clone, Debug)]
pub struct Pace {
    interval: u64,
    due: u64,
    last: u64,
}

impl Pace {
    /// Lets `fps` pictures a second pass.
    #[must_use]
    pub fn new(fps: Fps) -> Self {
        let interval = u64::try_from(fps.interval().as_nanos()).unwrap_or(u64::MAX);
        Self {
            interval,
            due: 0,
            last: 0,
        }
    }

    /// Whether the picture captured at this time passes. A picture that is early by
    /// less than a quarter of the interval does, so that jitter costs no frames;
    /// the schedule, not the picture, sets the next due time, so that the average holds.
    pub fn passes(&mut self, captured: Timestamp) -> bool {
        let now = captured.as_nanos();
        let clock_went_back = now < self.last;
        self.last = now;
        if clock_went_back {
            self.due = now;
        }
        if now.saturating_add(self.interval / 4) < self.due {
            return false;
        }
        let on_schedule = self.due.saturating_add(self.interval);
        // After a pause the schedule starts anew instead of catching up in a burst.
        let anew = now.saturating_add(self.interval);
        self.due = if on_schedule.saturating_add(self.interval / 2) < anew {
            anew
        } else {
            on_schedule
        };
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(source_fps: u64, wished: u32, seconds: u64, jitter_ns: u64) -> u64 {
        let mut pace = Pace::new(Fps::new(wished).unwrap());
        let start = 1_700_000_000_000_000_000_u64;
        (0..source_fps * seconds)
            .map(|n| start + n * 1_000_000_000 / source_fps + (n * 7919) % (jitter_ns + 1))
            .filter(|&at| pace.passes(Timestamp::from_nanos(at)))
            .count() as u64
    }

    fn check(source_fps: u64, wished: u32, expected: u64) {
        for jitter_ns in [0, 3_000_000] {
            let passed = passed(source_fps, wished, 10, jitter_ns);
            let near = expected * 10 - 3..=expected * 10 + 3;
            assert!(
                near.contains(&passed),
                "{source_fps} to {wished}: {passed} in 10 s"
            );
        }
    }

    #[test]
    fn the_average_is_the_rate_that_was_wished() {
        check(30, 15, 15);
        check(30, 24, 24);
        check(60, 24, 24);
        check(30, 1, 1);
    }

    #[test]
    fn a_source_slower_than_the_wish_loses_nothing() {
        check(30, 30, 30);
        check(15, 30, 15);
        check(24, 120, 24);
    }

    #[test]
    fn a_clock_that_goes_back_does_not_stop_the_picture() {
        let mut pace = Pace::new(Fps::new(10).unwrap());
        assert!(pace.passes(Timestamp::from_nanos(5_000_000_000_000)));
        assert!(pace.passes(Timestamp::from_nanos(1_000_000_000_000)));
    }

    #[test]
    fn rates_outside_the_range_are_refused() {
        for text in ["0", "121", "-1", "24.5", "", "fast"] {
            assert!(text.parse::<Fps>().is_err(), "{text:?}");
        }
        assert_eq!("120".parse::<Fps>().map(Fps::get), Ok(120));
    }
}
