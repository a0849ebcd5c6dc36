//! Every limit of the parsers.

/// What a stream may ask for before it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of one picture or part.
    pub max_part_bytes: usize,
    /// Most bytes of one part's headers, line ends included.
    pub max_header_bytes: usize,
    /// Most bytes in a row that belong to no picture: a preamble, padding,
    /// what stands between pictures. They are skipped, not held.
    pub max_garbage_bytes: usize,
}

impl Limits {
    /// Default of [`Self::max_part_bytes`]: 32 MiB, twice the largest JPEG seen of 64 megapixels.
    pub const MAX_PART_BYTES: usize = 32 * 1024 * 1024;
    /// Default of [`Self::max_header_bytes`]: 8 KiB, what HTTP servers allow.
    pub const MAX_HEADER_BYTES: usize = 8 * 1024;
    /// Default of [`Self::max_garbage_bytes`]: 1 MiB, above the padding of UVC buffers.
    pub const MAX_GARBAGE_BYTES: usize = 1024 * 1024;

    /// Most bytes a parser of multipart or JPEGs holds when it has nothing to give.
    #[must_use]
    pub fn max_buffered(&self) -> usize {
        self.max_part_bytes
            .max(self.max_header_bytes)
            .saturating_add(MAX_DELIMITER_BYTES)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_part_bytes: Self::MAX_PART_BYTES,
            max_header_bytes: Self::MAX_HEADER_BYTES,
            max_garbage_bytes: Self::MAX_GARBAGE_BYTES,
        }
    }
}

/// Longest boundary, without its leading dashes. RFC 2046 says 70; some
/// programs send a UUID and more.
pub(super) const MAX_BOUNDARY_BYTES: usize = 200;
/// Longest line that can be a delimiter: dashes, boundary, padding, line end.
pub(super) const MAX_DELIMITER_BYTES: usize = 2 * MAX_BOUNDARY_BYTES;
/// How many concatenated JPEGs in a row may be damaged.
pub(super) const MAX_DAMAGED_IN_A_ROW: u32 = 16;
/// Most bytes to allocate at once because a header announces them.
pub(super) const MAX_RESERVE_BYTES: usize = 1024 * 1024;
/// How many blanks may come before the bytes that say what a stream is.
pub(super) const MAX_LEADING_BLANKS: usize = 1024;
/// How many first bytes of an unknown stream to look at, and to show.
pub(super) const EXCERPT_BYTES: usize = 8;
