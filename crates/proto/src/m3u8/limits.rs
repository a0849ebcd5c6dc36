//! Every limit of playlists.

/// Most bytes of a playlist. Those of live streams have some thousands, those of a recording of a day
/// some millions.
pub const MAX_PLAYLIST_BYTES: usize = 8 * 1024 * 1024;
/// Most segments, those of which only parts are there included: a day of 1 s each.
pub(super) const MAX_SEGMENTS: usize = 100_000;
/// Most parts of one segment.
pub(super) const MAX_PARTS: usize = 1_000;
/// Most variants that are looked at.
pub(super) const MAX_VARIANTS: usize = 100;
