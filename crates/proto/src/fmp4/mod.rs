//! Fragmented MP4 of one track of H.264 (ISO/IEC 14496-12 and 14496-15): an initialisation
//! segment of each key picture, and a fragment of each picture.
//!
//! Not here: when pictures are due, and reading MP4.

mod boxes;
mod fragment;
mod init;

#[cfg(test)]
mod tests;

pub use fragment::Fragment;
pub use init::{Init, init_bytes};

/// Ticks a second of every time in the file.
pub const TIMESCALE: u32 = 90_000;

/// The number of the only track.
const TRACK: u32 = 1;
