//! Times of day as documents write them.

use eyeline_media::Timestamp;

/// ISO 8601 in UTC with milliseconds, such as `2026-01-31T12:00:00.250Z`.
#[must_use]
pub fn iso8601(time: Timestamp) -> String {
    const DAY_MS: u64 = 86_400_000;
    let millis = time.as_micros() / 1_000;
    let (day, ms) = (millis / DAY_MS, millis % DAY_MS);
    let (year, month, day) = civil(day);
    let (hour, minute) = (ms / 3_600_000, ms / 60_000 % 60);
    let (second, ms) = (ms / 1_000 % 60, ms % 1_000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}

/// Year, month and day of the Gregorian calendar, of a day counted from 1970-01-01. Counts
/// in years that begin in March, so that the leap day is a year's last.
fn civil(days: u64) -> (u64, u64, u64) {
    const DAYS_TO_1970: u64 = 719_468;
    const ERA: u64 = 146_097;
    let days = days + DAYS_TO_1970;
    let (era, of_era) = (days / ERA, days % ERA);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_dates() {
        let check = |seconds: u64, expected: &str| {
            let time = Timestamp::from_micros(seconds * 1_000_000 + 250_999);
            assert_eq!(iso8601(time), expected);
        };
        check(0, "1970-01-01T00:00:00.250Z");
        check(951_782_400, "2000-02-29T00:00:00.250Z");
        check(1_709_251_199, "2024-02-29T23:59:59.250Z");
        check(1_709_251_200, "2024-03-01T00:00:00.250Z");
        check(4_107_542_399, "2100-02-28T23:59:59.250Z");
        check(4_107_542_400, "2100-03-01T00:00:00.250Z");
    }
}
