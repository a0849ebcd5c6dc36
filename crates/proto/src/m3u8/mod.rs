//! Playlists of HTTP Live Streaming as they come in (RFC 8216 and its successor, rfc8216bis): which
//! variants there are, and which segments and parts.
//!
//! Not here: writing playlists, and fetching what they list.

mod attributes;
mod date;
mod error;
mod limits;
mod master;
mod media;

#[cfg(test)]
mod tests;

pub use error::Error;
pub use limits::MAX_PLAYLIST_BYTES;
pub use master::{Master, Variant};
pub use media::{Media, Part, Piece, Range, Segment};

/// A playlist.
#[derive(Clone, Debug, PartialEq)]
pub enum Playlist {
    /// Of variants.
    Master(Master),
    /// Of segments.
    Media(Media),
}

impl Playlist {
    /// Reads a playlist.
    ///
    /// # Errors
    /// [`Error`]: what is wrong with it, and in which line.
    pub fn parse(text: &[u8]) -> Result<Self, Error> {
        let bytes = text.len();
        if bytes > MAX_PLAYLIST_BYTES {
            return Err(Error::TooLong {
                bytes,
                limit: MAX_PLAYLIST_BYTES,
            });
        }
        let text = String::from_utf8_lossy(text);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let mut lines = text.lines().map(str::trim).enumerate();
        if lines.next().is_none_or(|(_, line)| line != "#EXTM3U") {
            return Err(Error::NotAPlaylist);
        }
        let lines = lines.map(|(at, line)| (at + 1, line));
        let lines = lines.filter(|(_, line)| !line.is_empty());
        if text.contains("#EXT-X-STREAM-INF:") {
            Ok(Self::Master(Master::read(lines)))
        } else {
            Media::read(lines).map(Self::Media)
        }
    }
}

/// What a tag says: what follows its name and a colon.
fn tag<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let rest = line.strip_prefix(name)?;
    if rest.is_empty() {
        return Some(rest);
    }
    rest.strip_prefix(':')
}
