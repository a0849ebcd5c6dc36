//! A reader of HLS playlists for tests, and the rules of draft-pantos-hls-rfc8216bis that they must
//! keep, by section. It knows nothing of how ours are written.

mod playlist;
mod rules;

#[cfg(test)]
mod tests;

pub use playlist::{Attributes, Map, Part, Playlist, Segment, Variants};
pub use rules::{Broken, check, check_next, check_variants};
