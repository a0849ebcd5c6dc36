//! Names of streams.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// A stream's name: 1 to 64 of `a–z A–Z 0–9 - _ .`, not starting with a dot.
/// It stands in URLs, file names and metric labels unescaped.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(Arc<str>);

/// A text that cannot name a stream.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} cannot name a stream; use 1 to {max} letters, digits, '-', '_' or '.', not starting with '.'",
    max = StreamId::MAX_LEN
)]
pub struct InvalidStreamId(String);

impl StreamId {
    /// Most characters in a name.
    pub const MAX_LEN: usize = 64;

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for StreamId {
    type Err = InvalidStreamId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        let fits = (1..=Self::MAX_LEN).contains(&text.len());
        if fits && !text.starts_with('.') && text.bytes().all(allowed) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidStreamId(
                text.chars().take(Self::MAX_LEN + 1).collect(),
            ))
        }
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for StreamId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, valid: bool) {
        assert_eq!(text.parse::<StreamId>().is_ok(), valid, "{text:?}");
    }

    #[test]
    fn names_are_safe_in_urls_and_file_names() {
        for text in ["front", "cam-1", "a", "a.b_c", &"x".repeat(64)] {
            check(text, true);
        }
        for text in [
            "",
            ".",
            "..",
            ".x",
            "a/b",
            "a b",
            "ä",
            "a?b",
            "a%20",
            &"x".repeat(65),
        ] {
            check(text, false);
        }
    }
}
