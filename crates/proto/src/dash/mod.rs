//! DASH (ISO/IEC 23009-1): the media presentation description of a live stream, as text. Segments
//! are listed by their times (`SegmentTimeline`), since those of a camera are as long as its groups
//! of pictures happen to be; the newest is listed while it is being made, so that players can have
//! it piece by piece.
//!
//! Not here: what is in segments, when they are cut, HTTP.

mod mpd;

#[cfg(test)]
mod tests;

pub use mpd::{AdaptationSet, Content, Mpd, Period, Reference, Segment};

/// The media type of a media presentation description (C.1).
pub const CONTENT_TYPE: &str = "application/dash+xml";
