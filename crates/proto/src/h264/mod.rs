//! H.264 (ITU-T H.264, ISO/IEC 14496-10): access units out of a byte stream (Annex B), and the
//! form in which packets carry them.
//!
//! Not here: decoding, and the protocols that carry NAL units in their own ways.

mod access_unit;
mod annexb;
mod demux;
mod early;
mod error;
mod limits;
mod nal;
mod sps;

#[cfg(test)]
mod tests;

pub use access_unit::{AccessUnit, Assembler};
pub(crate) use annexb::units;
pub use annexb::{nal_units, to_annexb};
pub use demux::Demux;
pub use error::Error;
pub use limits::Limits;
pub(crate) use nal::{begins, is_slice};
pub use sps::Sps;
