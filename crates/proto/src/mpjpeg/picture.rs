//! What every parser of this module gives.

use bytes::Bytes;
use eyeline_media::jpeg::{self, END_OF_IMAGE, START_OF_IMAGE};
use eyeline_media::{PixelFormat, Resolution, Timestamp};

/// One picture out of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Its bytes. Of a JPEG no more is promised than that it starts with SOI:
    /// ask [`jpeg::parse_header`].
    pub data: Bytes,
    /// When it was captured, if the stream says so.
    pub captured: Option<Timestamp>,
    /// How `data` is to be read.
    pub kind: Kind,
}

/// How a picture's bytes are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A JPEG.
    Jpeg,
    /// Pixels.
    Raw {
        /// How the pixels lie.
        format: PixelFormat,
        /// How many there are.
        resolution: Resolution,
    },
}

impl Picture {
    pub(super) fn jpeg(data: Bytes, captured: Option<Timestamp>) -> Self {
        Self {
            data,
            captured,
            kind: Kind::Jpeg,
        }
    }
}

/// A JPEG as browsers want it: without padding after its end, with Huffman
/// tables. What has no readable header, and what is no JPEG, stays as it is.
pub(super) fn tidy(data: Bytes) -> Bytes {
    if !data.starts_with(&START_OF_IMAGE) {
        return data;
    }
    let data = without_padding(data);
    jpeg::insert_standard_huffman_tables(&data).unwrap_or(data)
}

/// Cuts zeros, fill bytes and line ends after the last EOI marker. Reads them
/// from the back, so that a picture without any costs nothing.
fn without_padding(mut data: Bytes) -> Bytes {
    let padding = data
        .iter()
        .rev()
        .take_while(|byte| matches!(byte, 0 | 0xFF | b'\r' | b'\n' | b' '))
        .count();
    let end = data.len() - padding;
    if data[..end].ends_with(&END_OF_IMAGE) {
        data.truncate(end);
    }
    data
}
