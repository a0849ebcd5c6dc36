//! HTTP Live Streaming with low latency (draft-pantos-hls-rfc8216bis): playlists as text, the
//! names of what they list, and what a client may ask of a playlist. Numbers of sections are of
//! that document.
//!
//! Not here: what is in segments, when they are cut, waiting, HTTP.

mod media;
mod multivariant;
mod name;
mod reload;

#[cfg(test)]
mod tests;

pub use media::{Media, Part, Report, Segment, Server};
pub use multivariant::{Multivariant, Rendition, Variant};
pub use name::{Name, Names};
pub use reload::{Edge, InvalidReload, Reload, Standing};

/// The media type of playlists (4).
pub const CONTENT_TYPE: &str = "application/vnd.apple.mpegurl";
