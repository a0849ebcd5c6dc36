//! Descriptions of sessions (SDP, RFC 8866): what a stream consists of, as RTSP tells it and is
//! told. Only what RTSP needs is read; the rest is passed over.
//!
//! Not here: how the payloads are laid out (`rtp`).

mod read;
mod track;
mod write;

#[cfg(test)]
mod tests;

pub use read::{Description, Error, Media};
pub use track::{Coded, Track, Unsupported};
pub use write::{Video, sound_rate, sound_type, write};

/// Most bytes of a description.
pub const MAX_BYTES: usize = 64 * 1024;
/// Most media of a session.
pub const MAX_MEDIA: usize = 16;
/// Most attributes that are looked at, over all media.
pub const MAX_LINES: usize = 1_024;
