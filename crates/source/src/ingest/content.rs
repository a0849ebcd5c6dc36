//! What a publisher sends, told by what it says of it.

use super::IngestError;
use super::converter::Container;
use crate::byte_stream::{self, H264_TYPES, RawFormat, TRANSPORT_TYPES, essence};

/// Types that say nothing more than that there are bytes or JPEGs; the first bytes
/// tell the rest. The form type is what `curl --data-binary` says of anything.
const SNIFFED: [&str; 8] = [
    "",
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    "image/jpeg",
    "image/jpg",
    "video/x-motion-jpeg",
    "video/x-mjpeg",
    "video/mjpeg",
];
/// Most bytes of a raw picture that is taken from elsewhere: 8K in yuv420p.
const MAX_RAW_BYTES: usize = 64 * 1024 * 1024;
/// Types of raw pictures; which ones, only the query can say.
const RAW: [&str; 2] = ["video/x-raw", "video/raw"];

/// What a publisher sends.
#[derive(Debug)]
pub struct Content(pub(super) Kind);

#[derive(Debug)]
pub(super) enum Kind {
    /// JPEGs, one at a time.
    Pictures,
    /// Bytes in pieces of any length, that are cut into pictures here.
    Stream(byte_stream::Content),
    /// Pictures and sound with their times, one at a time.
    Media,
    /// Pieces of an MPEG transport stream, that are taken apart here if there is H.264 in it, and by
    /// `ffmpeg` if not.
    Transport,
    /// Pieces of any length that `ffmpeg` takes apart.
    Container(Container),
}

impl Content {
    /// JPEGs, one at a time: for [`Producer::picture`](super::Producer::picture).
    #[must_use]
    pub fn pictures() -> Self {
        Self(Kind::Pictures)
    }

    /// H.264 and sound with their times, for [`Producer::video`](super::Producer::video) and
    /// [`Producer::audio`](super::Producer::audio).
    #[must_use]
    pub fn media() -> Self {
        Self(Kind::Media)
    }

    /// Bytes in pieces of any length, for [`Producer::chunk`](super::Producer::chunk): what
    /// the `Content-Type` says, or raw pictures of this `format`.
    ///
    /// # Errors
    /// [`IngestError`]: not a type that can be taken, or something is missing.
    pub fn stream(
        content_type: Option<&str>,
        format: Option<RawFormat>,
    ) -> Result<Self, IngestError> {
        if let Some(raw) = format {
            let len = raw.frame_len();
            if len > MAX_RAW_BYTES {
                return Err(IngestError::TooLarge(format!(
                    "a {} picture of {} has {len} bytes, more than the limit of {MAX_RAW_BYTES}",
                    raw.format, raw.size
                )));
            }
            return Ok(Self(Kind::Stream(byte_stream::Content::Raw(raw))));
        }
        let essence = essence(content_type);
        let sniffed = SNIFFED.contains(&essence.as_str()) || essence.starts_with("multipart/");
        if sniffed || H264_TYPES.contains(&essence.as_str()) {
            let typed = byte_stream::Content::typed(content_type);
            typed
                .map(|content| Self(Kind::Stream(content)))
                .map_err(|error| IngestError::Malformed(error.to_string()))
        } else if essence == Container::Mp4.content_type() {
            Ok(Self(Kind::Stream(byte_stream::Content::Mp4)))
        } else if TRANSPORT_TYPES.contains(&essence.as_str()) {
            Ok(Self(Kind::Transport))
        } else if let Some(container) = Container::of_type(&essence) {
            Ok(Self(Kind::Container(container)))
        } else if RAW.contains(&essence.as_str()) {
            Err(IngestError::FormatMissing)
        } else {
            Err(IngestError::UnsupportedType(
                essence.chars().take(80).collect(),
            ))
        }
    }
}
