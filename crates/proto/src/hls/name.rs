//! Names of what playlists list. A name is given once and never again, so that caches may keep
//! what they hold of it.

use std::fmt::{self, Display};

/// A file beside the playlist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// The initialisation segment in force from this segment on.
    Init(u64),
    /// A segment, by its media sequence number.
    Segment(u64),
    /// A part of a segment; parts count from 0.
    Part(u64, u64),
}

impl Name {
    /// Reads what [`Display`] writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let number = |text: &str| {
            let digits = text.bytes().all(|byte| byte.is_ascii_digit());
            let plain = text == "0" || !text.starts_with('0');
            (digits && plain).then(|| text.parse().ok()).flatten()
        };
        if let Some(text) = text.strip_prefix("init-") {
            return Some(Self::Init(number(text.strip_suffix(".mp4")?)?));
        }
        let text = text.strip_suffix(".m4s")?;
        match text.split_once('.') {
            None => Some(Self::Segment(number(text)?)),
            Some((segment, part)) => Some(Self::Part(number(segment)?, number(part)?)),
        }
    }
}

impl Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Init(segment) => write!(f, "init-{segment}.mp4"),
            Self::Segment(segment) => write!(f, "{segment}.m4s"),
            Self::Part(segment, part) => write!(f, "{segment}.{part}.m4s"),
        }
    }
}

/// Where the files of a playlist are, relative to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Names<'a> {
    /// Their folder, without a slash at its end.
    pub folder: &'a str,
    /// What is put behind each name: nothing, or a query with its `?`.
    pub query: &'a str,
}

impl Names<'_> {
    /// The address of a file, relative to the playlist.
    #[must_use]
    pub fn uri(self, name: Name) -> String {
        format!("{}/{name}{}", self.folder, self.query)
    }
}
