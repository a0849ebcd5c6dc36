//! What can be wrong with a stream of pictures.

use eyeline_media::jpeg::Damage;

use super::boundary::BoundaryError;

/// Why a stream cannot be read on. Offsets count bytes from the start of the stream.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The `Content-Type` does not say how the stream is divided.
    #[error(transparent)]
    Boundary(#[from] BoundaryError),
    /// The first bytes are those of no known stream.
    #[error(
        "byte {offset}: the stream is neither multipart (--boundary) nor JPEG (FF D8), \
         it begins with {begins:02x?}; for raw frames say ?format=bgr24&size=1280x720"
    )]
    Unrecognised {
        /// Where the first byte that is no line end is.
        offset: u64,
        /// The first bytes, at most 8.
        begins: Vec<u8>,
    },
    /// No boundary where one must come.
    #[error("no boundary within {within} bytes from byte {offset}")]
    NoBoundary {
        /// Where the search began.
        offset: u64,
        /// How many bytes were or may be searched.
        within: u64,
    },
    /// The headers of a part do not end.
    #[error("the part headers at byte {offset} are longer than {limit} bytes")]
    HeadersTooLong {
        /// Where the headers begin.
        offset: u64,
        /// How long they may be, in bytes.
        limit: usize,
    },
    /// A `Content-Length` that is no number, or two that differ.
    #[error("the part headers at byte {offset} have no usable Content-Length: {value:?}")]
    BadContentLength {
        /// Where the headers begin.
        offset: u64,
        /// What the header says, at most 40 characters.
        value: String,
    },
    /// A `Content-Length` above the limit; nothing was allocated for it.
    #[error("the part at byte {offset} announces {length} bytes, more than the limit of {limit}")]
    ContentLengthTooLarge {
        /// Where the part's headers begin.
        offset: u64,
        /// What the header says, in bytes.
        length: u64,
        /// How long a part may be, in bytes.
        limit: usize,
    },
    /// After `Content-Length` bytes there is no boundary.
    #[error("no boundary at byte {offset}, where the part ends by its Content-Length")]
    ContentLengthMismatch {
        /// Where the boundary should be.
        offset: u64,
    },
    /// A part or picture does not end.
    #[error("the picture at byte {offset} is longer than {limit} bytes")]
    TooLong {
        /// Where it begins.
        offset: u64,
        /// How long it may be, in bytes.
        limit: usize,
    },
    /// A part that should be a JPEG is not.
    #[error("the part at byte {offset} is no JPEG but {content_type}")]
    NotAJpeg {
        /// Where the part's data begin.
        offset: u64,
        /// What its headers say it is, or "something else".
        content_type: String,
    },
    /// Too much between two concatenated JPEGs.
    #[error("no JPEG within {limit} bytes from byte {offset}")]
    NoJpeg {
        /// Where the search began.
        offset: u64,
        /// How many bytes may be skipped.
        limit: usize,
    },
    /// Too many damaged JPEGs in a row.
    #[error("{count} damaged JPEGs in a row, the last at byte {offset}: {damage}")]
    Damaged {
        /// Where the last one begins.
        offset: u64,
        /// How many there were.
        count: u32,
        /// What is wrong with the last one.
        damage: Damage,
    },
    /// The input ended within a part or picture.
    #[error("the stream ended at byte {end}, within the picture at byte {offset}")]
    Truncated {
        /// Where the unfinished part or picture begins.
        offset: u64,
        /// Where the stream ended.
        end: u64,
    },
}

impl Error {
    /// Where in the stream the trouble begins, in bytes from its start.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        match *self {
            Self::Boundary(_) => 0,
            Self::Unrecognised { offset, .. }
            | Self::NoBoundary { offset, .. }
            | Self::HeadersTooLong { offset, .. }
            | Self::BadContentLength { offset, .. }
            | Self::ContentLengthTooLarge { offset, .. }
            | Self::ContentLengthMismatch { offset }
            | Self::TooLong { offset, .. }
            | Self::NotAJpeg { offset, .. }
            | Self::NoJpeg { offset, .. }
            | Self::Damaged { offset, .. }
            | Self::Truncated { offset, .. } => offset,
        }
    }
}
