//! A stream cut into segments of fragmented MP4, and those into parts, for HLS and DASH: made once
//! a rendition, when somebody asks for them, and kept for as long as playlists list them.
//!
//! Pictures and sound are tracks of their own, cut at the same times. `packager` is pure and
//! knows no time but that of the packets; `live` runs it and lets requests wait for what comes.
//!
//! Not here: what playlists look like (`proto::hls`, `proto::dash`), and HTTP (`outputs`).

mod audience;
mod live;
mod packager;
mod part_target;
mod playlists;
mod segment;
mod serve;
mod sound;
mod track;
mod video;

#[cfg(test)]
mod tests;

pub(crate) use packager::Kind;
pub(crate) use serve::{Asked, serve};
