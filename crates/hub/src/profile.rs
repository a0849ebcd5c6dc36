//! What is said of a stream, and what its viewers get unless they ask for something else.

use crate::wish::Wish;

/// What is said of a stream. May be replaced while it runs; viewers stay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// Where the pictures come from, without passwords.
    pub source: String,
    /// A name for people.
    pub name: Option<String>,
    /// What viewers get who leave it to the stream.
    pub defaults: Wish,
}

impl From<String> for Profile {
    fn from(source: String) -> Self {
        Self {
            source,
            ..Self::default()
        }
    }
}
