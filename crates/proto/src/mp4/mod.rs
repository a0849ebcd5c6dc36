//! MP4 (ISO/IEC 14496-12) as it comes in: fragmented in a byte stream, and plain in files. What comes
//! out are access units of H.264 and packets of sound with their times.
//!
//! Not here: writing MP4 (`fmp4`), and reading the bytes themselves.

mod aac;
mod boxes;
mod capture;
mod demux;
mod error;
mod fragment;
mod index;
mod limits;
mod movie;
mod opus;
mod sample_entry;
mod scan;
mod table;
mod unpack;

#[cfg(test)]
mod tests;

pub use demux::Demux;
pub use error::Error;
pub use index::{Index, Sample};
pub use limits::Limits;
pub use scan::{Scan, Step};
pub use unpack::{Audio, Captured, Item, Unpack, Video};

/// Whether a stream that begins with these bytes is MP4: its first box is one that files and
/// segments begin with.
#[must_use]
pub fn begins(first: &[u8]) -> bool {
    let kind = first.get(4..8);
    kind.is_some_and(|kind| matches!(kind, b"ftyp" | b"styp" | b"moov"))
}
