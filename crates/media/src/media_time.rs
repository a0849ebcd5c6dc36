//! Times as a source counts them.

use std::num::NonZeroU32;

const NANOS_PER_SEC: i128 = 1_000_000_000;

/// A time on a source's own time line, in nanoseconds. It says how far apart pictures and sounds
/// of that source are, but not from when it counts, and may be negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MediaTime(i64);

impl MediaTime {
    /// So many nanoseconds.
    #[must_use]
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// So many ticks of a clock of `hz`; what is beyond 292 years saturates.
    #[must_use]
    pub fn of_ticks(ticks: i64, hz: NonZeroU32) -> Self {
        let nanos = i128::from(ticks) * NANOS_PER_SEC / i128::from(hz.get());
        Self(nanos.clamp(i64::MIN.into(), i64::MAX.into()) as i64)
    }

    /// The nanoseconds.
    #[must_use]
    pub const fn as_nanos(self) -> i64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_of_any_clock_become_nanoseconds() {
        let check = |ticks, hz, nanos| {
            let time = MediaTime::of_ticks(ticks, NonZeroU32::new(hz).unwrap());
            assert_eq!(time.as_nanos(), nanos, "{ticks} at {hz} Hz");
        };
        check(90_000, 90_000, 1_000_000_000);
        check(-45, 90_000, -500_000);
        check(1024, 44_100, 23_219_954);
        check(i64::MAX, 1, i64::MAX);
        check(i64::MIN, 1, i64::MIN);
    }
}
