//! MPEG transport streams (ISO/IEC 13818-1) of H.264 with AAC or Opus: pictures and sound out of
//! one, and one out of pictures and sound.
//!
//! Not here: when pictures are due, and what carries the packets (files, UDP, HTTP).

mod adts;
mod continuity;
mod demux;
mod error;
mod limits;
mod mux;
mod opus;
mod packet;
mod pes;
pub mod rtp;
mod section;
mod sound;
mod sync;
mod tables;
mod video;

#[cfg(test)]
mod tests;

pub use demux::{Demux, Sound, Unit, Video};
pub use error::Error;
pub use limits::Limits;
pub use mux::Mux;
pub use packet::PACKET_BYTES;

/// Ticks a second of the timestamps.
const HZ: std::num::NonZeroU32 = std::num::NonZeroU32::new(90_000).unwrap();
/// Bits of the timestamps.
const TIME_BITS: u32 = 33;

/// Whether a stream that begins so is one: packets begin with their sync byte, a packet's length
/// apart. `None` while more has to come to tell.
#[must_use]
pub fn sniff(first: &[u8]) -> Option<bool> {
    match (
        first.first(),
        first.get(PACKET_BYTES),
        first.get(2 * PACKET_BYTES),
    ) {
        (None, ..) => None,
        (Some(&packet::SYNC), None, _) => None,
        (Some(&packet::SYNC), Some(&packet::SYNC), third) => {
            Some(third.is_none_or(|byte| *byte == packet::SYNC))
        }
        _ => Some(false),
    }
}
