//! Capture time: the wall clock, in nanoseconds.

use std::fmt;
use std::time::Duration;

/// A wall-clock instant in nanoseconds since the Unix epoch.
///
/// It travels with every packet from capture to the last output that can carry
/// it, so that latency is measured and not guessed. Covers the years 1970–2554.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The instant `nanos` nanoseconds after the Unix epoch.
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// The instant `micros` microseconds after the Unix epoch, saturating.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros.saturating_mul(1_000))
    }

    /// Nanoseconds since the Unix epoch.
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Whole microseconds since the Unix epoch.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.0 / 1_000
    }

    /// Seconds since the Unix epoch, for JSON (about 0.2 µs of precision today).
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// Time from `earlier` to `self`; zero when `earlier` is the later one.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// This instant moved forward by `by`, saturating.
    #[must_use]
    pub fn after(self, by: Duration) -> Self {
        let nanos = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(nanos))
    }

    /// This instant moved back by `by`, saturating.
    #[must_use]
    pub fn before(self, by: Duration) -> Self {
        let nanos = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        Self(self.0.saturating_sub(nanos))
    }

    /// Reads `seconds.fraction` since the Unix epoch, as an `X-Timestamp` header
    /// carries it. The fraction is read to the nanosecond; more digits are ignored.
    #[must_use]
    pub fn parse_secs(text: &str) -> Option<Self> {
        let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
        let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(fraction) {
            return None;
        }
        let secs: u64 = whole.parse().ok()?;
        let nanos = fraction
            .bytes()
            .chain(std::iter::repeat(b'0'))
            .take(9)
            .fold(0, |n, digit| n * 10 + u64::from(digit - b'0'));
        Some(Self(secs.checked_mul(1_000_000_000)?.checked_add(nanos)?))
    }
}

/// `seconds.microseconds` since the Unix epoch: the form of an `X-Timestamp` header.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.as_micros();
        write!(f, "{}.{:06}", micros / 1_000_000, micros % 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<u64>) {
        let parsed = Timestamp::parse_secs(text).map(Timestamp::as_nanos);
        assert_eq!(parsed, expected, "{text:?}");
    }

    #[test]
    fn a_header_value_is_read_to_the_nanosecond() {
        check("1.5", Some(1_500_000_000));
        check(" 1700000000.123456 ", Some(1_700_000_000_123_456_000));
        check("7", Some(7_000_000_000));
        check("0.0000000019", Some(1));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            ".",
            "1.",
            ".5",
            "-1",
            "1e9",
            "1.2.3",
            "99999999999999999999",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn what_is_written_is_read_back_to_the_microsecond() {
        let time = Timestamp::from_micros(1_700_000_000_000_042);
        assert_eq!(Timestamp::parse_secs(&time.to_string()), Some(time));
    }
}
