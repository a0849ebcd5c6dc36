//! Lists of attributes (RFC 8216, 4.2): `NAME=value,NAME="value"`.

use std::time::Duration;

/// What stands behind a tag's colon.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attributes<'a>(pub(super) &'a str);

impl<'a> Attributes<'a> {
    /// The value of this name, without quotes.
    pub(super) fn get(self, name: &str) -> Option<&'a str> {
        let mut rest = self.0;
        while let Some((found, after)) = rest.split_once('=') {
            let (value, after) = match after.strip_prefix('"') {
                Some(quoted) => {
                    let (value, after) = quoted.split_once('"').unwrap_or((quoted, ""));
                    (value, after.strip_prefix(',').unwrap_or(after))
                }
                None => after.split_once(',').unwrap_or((after, "")),
            };
            if found.trim() == name {
                return Some(value);
            }
            rest = after;
        }
        None
    }

    pub(super) fn is_yes(self, name: &str) -> bool {
        self.get(name) == Some("YES")
    }

    pub(super) fn seconds(self, name: &str) -> Option<Duration> {
        seconds(self.get(name)?)
    }
}

/// A number of seconds that is not negative; no segment or playlist lasts longer than a year.
pub(super) fn seconds(text: &str) -> Option<Duration> {
    const YEAR: f64 = 366.0 * 86_400.0;
    let number: f64 = text.trim().parse().ok()?;
    (0.0..=YEAR)
        .contains(&number)
        .then(|| Duration::from_secs_f64(number))
}
