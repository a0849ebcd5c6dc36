//! What can go wrong with a picture.

use eyeline_media::{InvalidResolution, PixelFormat, Resolution};

/// Why a picture was not encoded, decoded or scaled. The codec that returned it can be
/// used for the next picture.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The JPEG's header tells a size outside the limits; nothing was allocated.
    #[error("the JPEG header: {0}")]
    Size(#[from] InvalidResolution),
    /// The raw picture is not as long as its size and format demand.
    #[error("a {format} picture of {size} has {expected} bytes, not {actual}")]
    WrongLength {
        /// The format it was said to have.
        format: PixelFormat,
        /// The size it was said to have.
        size: Resolution,
        /// Bytes such a picture has.
        expected: usize,
        /// Bytes there were.
        actual: usize,
    },
    /// A JPEG quality other than 1 to 100.
    #[error("a JPEG quality is 1 to 100, not {0}")]
    Quality(u8),
    /// A correct picture of a kind that no camera makes, such as a CMYK JPEG.
    #[error("{0} is not supported")]
    Unsupported(&'static str),
    /// The JPEG ends before the picture does.
    #[error("the JPEG ends before its picture does")]
    Truncated,
    /// The codec gives up on a picture of H.264, or its NAL units are not as long as they say.
    #[error("damaged H.264: {0}")]
    CorruptH264(String),
    /// The JPEG is damaged, or no JPEG at all; in the words of the decoder.
    #[error("damaged JPEG: {0}")]
    Corrupt(String),
    /// The codec failed for a reason that is not in the data; in its own words.
    #[error("the codec failed: {0}")]
    Codec(String),
}

impl Error {
    /// What went wrong outside of any JPEG's data.
    pub(crate) fn codec(error: impl std::fmt::Display) -> Self {
        Self::Codec(error.to_string())
    }

    /// Sorts what libjpeg says about a JPEG it was reading.
    pub(crate) fn reading(error: turbojpeg::Error) -> Self {
        let message = match error {
            turbojpeg::Error::TurboJpegError(message) => message,
            // What it makes of the missing width of a JPEG that ends in its header.
            turbojpeg::Error::IntegerOverflow(_) => "there is no picture in it".to_owned(),
            other => other.to_string(),
        };
        // jerror.h: JWRN_JPEG_EOF.
        if message.contains("Premature end of JPEG") {
            Self::Truncated
        } else {
            Self::Corrupt(message)
        }
    }
}
