//! Dates with times, as ISO 8601 and RFC 3339 write them.

use eyeline_media::Timestamp;

/// Reads `2026-03-01T12:00:00.123+01:00`; also with `Z`, without a colon in the zone, and without a
/// zone, which then counts as UTC. `None` before 1970.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    let (date, time) = text.trim().split_once(['T', 't', ' '])?;
    let mut date = date.splitn(3, '-').map(|part| number(part, 4));
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let zone = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let (time, zone) = time.split_at(zone);
    let (whole, fraction) = time.split_once(['.', ',']).unwrap_or((time, ""));
    let mut time = whole.splitn(3, ':').map(|part| number(part, 2));
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    let valid = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !valid {
        return None;
    }
    let secs = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    let secs = u64::try_from(secs - offset(zone)?).ok()?;
    let mut digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(9);
    let nanos = digits.try_fold(0, |n, digit| {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'));
        Some(n * 10 + digit?)
    })?;
    let nanos = secs.checked_mul(1_000_000_000)?.checked_add(nanos)?;
    Some(Timestamp::from_nanos(nanos))
}

fn number(text: &str, most: usize) -> Option<i64> {
    let fits = (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

/// Seconds that a zone is ahead of UTC.
fn offset(zone: &str) -> Option<i64> {
    let sign = match zone.chars().next() {
        None | Some('Z' | 'z') => return Some(0),
        Some('-') => -1,
        Some(_) => 1,
    };
    let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
    let hours = number(digits.get(..2)?, 2)?;
    let minutes = digits.get(2..4).map_or(Some(0), |text| number(text, 2))?;
    Some(sign * (hours * 3600 + minutes * 60))
}

/// Days from 1970-01-01 to a date of the Gregorian calendar: years are counted from March, so that the
/// day that leap years have more is the last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_all_their_forms() {
        let check = |text: &str, millis: Option<u64>| {
            let parsed = parse(text).map(|time| time.as_micros() / 1000);
            assert_eq!(parsed, millis, "{text}");
        };
        check("1970-01-01T00:00:00Z", Some(0));
        check("2000-02-29T12:30:15.5Z", Some(951_827_415_500));
        check("2026-11-21T19:12:00.123+01:00", Some(1_795_284_720_123));
        check("2026-11-21T13:12:00.123-0500", Some(1_795_284_720_123));
        check("2026-11-21T18:12:00.123", Some(1_795_284_720_123));
        check("1969-12-31T23:59:59Z", None);
        check("2026-13-01T00:00:00Z", None);
        check("2026-11-21", None);
        check("2026-11-21T19:12Z", None);
        check("2026-11-21T19:12:00.x", None);
        check("", None);
    }
}
