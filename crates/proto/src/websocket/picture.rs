//! Pictures in messages, in the formats of `docs/websocket.md`: JSON with the JPEG in
//! base64, the bare JPEG, and a binary message that begins with a header.
//!
//! Whatever is made is a whole frame of a server in one allocation of its size:
//! made once, it goes to every viewer.

use std::fmt::{self, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use eyeline_media::Timestamp;
use serde_json::{Map, Value};

use super::frame::{self, Opcode};

/// What is told about a picture beside its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Meta<'a> {
    /// The stream it is of.
    pub stream_id: &'a str,
    /// When it was captured.
    pub timestamp: Timestamp,
    /// Counts the pictures of the rendition.
    pub frame_number: u64,
    /// The quality of the rendition.
    pub quality: &'a str,
    /// Whether it is shown because the source is away.
    pub slate: bool,
}

/// The text message of format `json`.
#[must_use]
pub fn json(meta: Meta<'_>, jpeg: &[u8]) -> Bytes {
    const END: &[u8] = b"\"}}";
    let start = format!("{{\"type\":\"frame\",\"data\":{{{meta},\"frame\":\"");
    // Padded base64: four characters for three bytes or less.
    let base64_bytes = jpeg.len().div_ceil(3) * 4;
    let payload_bytes = start.len() + base64_bytes + END.len();
    let header = frame::header(Opcode::Text, payload_bytes);

    let mut message = Vec::with_capacity(header.len() + payload_bytes);
    message.extend_from_slice(&header);
    message.extend_from_slice(start.as_bytes());
    let picture = message.len();
    message.resize(picture + base64_bytes, 0);
    let written = BASE64.encode_slice(jpeg, &mut message[picture..]);
    debug_assert_eq!(written, Ok(base64_bytes));
    message.extend_from_slice(END);
    message.into()
}

/// The binary message of format `jpeg`: nothing but the picture.
#[must_use]
pub fn jpeg(jpeg: &[u8]) -> Bytes {
    frame::binary(&[jpeg])
}

/// The binary message of format `binary`: the length of the header in four bytes,
/// the header, the picture.
#[must_use]
pub fn binary(meta: Meta<'_>, jpeg: &[u8]) -> Bytes {
    let header = format!("{{{meta}}}");
    let length = (header.len() as u32).to_be_bytes();
    frame::binary(&[&length, header.as_bytes(), jpeg])
}

/// The members of the JSON object, without its braces.
impl fmt::Display for Meta<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"stream_id\":")?;
        quoted(self.stream_id, f)?;
        write!(f, ",\"timestamp\":{}", self.timestamp)?;
        write!(f, ",\"frame_number\":{},\"quality\":", self.frame_number)?;
        quoted(self.quality, f)?;
        if self.slate {
            f.write_str(",\"slate\":true")?;
        }
        Ok(())
    }
}

/// A JSON string (RFC 8259, 7).
fn quoted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    for character in text.chars() {
        match character {
            '"' | '\\' => write!(f, "\\{character}")?,
            '\0'..='\x1F' => write!(f, "\\u{:04x}", u32::from(character))?,
            _ => f.write_char(character)?,
        }
    }
    f.write_char('"')
}

/// Longest header of a picture that comes in, in bytes.
pub const MAX_HEADER_BYTES: usize = 64 * 1024;
/// How much of a wrong value to show.
const EXCERPT_CHARS: usize = 40;

/// What a producer says about a picture; whatever else it says is ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// When it was captured, to the microsecond.
    pub timestamp: Option<Timestamp>,
}

/// Why a message is no picture with a header.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// Not even the four bytes of the header's length.
    #[error("a message of format \"binary\" begins with the length of its header in four bytes")]
    NoLength,
    /// A header that is longer than the message or the limit.
    #[error(
        "the first four bytes announce a header of {announced} bytes, but {available} follow and \
         {MAX_HEADER_BYTES} are allowed; a bare JPEG needs \"format\":\"jpeg\" in start_stream"
    )]
    TooLong {
        /// What the message says, in bytes.
        announced: u32,
        /// What comes after the length, in bytes.
        available: usize,
    },
    /// Not a JSON object.
    #[error("the header is not a JSON object: {0}")]
    NotJson(String),
    /// A time that cannot be, or is none.
    #[error("the timestamp {0} is no number of seconds since 1970")]
    BadTimestamp(String),
}

/// Takes a message of format `binary` apart, without copying the picture. Whether that
/// is a JPEG is not looked at.
///
/// # Errors
/// [`HeaderError`]: what is wrong with the header.
pub fn parse_binary(message: &Bytes) -> Result<(Header, Bytes), HeaderError> {
    let (length, rest) = message.split_first_chunk().ok_or(HeaderError::NoLength)?;
    let announced = u32::from_be_bytes(*length);
    let header = usize::try_from(announced)
        .ok()
        .filter(|&length| length <= MAX_HEADER_BYTES)
        .and_then(|length| rest.get(..length))
        .ok_or(HeaderError::TooLong {
            announced,
            available: rest.len(),
        })?;
    let picture = message.slice(length.len() + header.len()..);
    Ok((read_header(header)?, picture))
}

fn read_header(header: &[u8]) -> Result<Header, HeaderError> {
    let members: Map<String, Value> =
        serde_json::from_slice(header).map_err(|error| HeaderError::NotJson(error.to_string()))?;
    let timestamp = match members.get("timestamp") {
        None | Some(Value::Null) => None,
        Some(value) => Some(time(value).ok_or_else(|| {
            HeaderError::BadTimestamp(value.to_string().chars().take(EXCERPT_CHARS).collect())
        })?),
    };
    Ok(Header { timestamp })
}

/// A double has about 0.2 µs of precision today, so microseconds come back exactly.
fn time(seconds: &Value) -> Option<Timestamp> {
    const END: f64 = (u64::MAX / 1_000_000_000) as f64;
    let seconds = seconds.as_f64().filter(|s| (0.0..END).contains(s))?;
    Some(Timestamp::from_micros((seconds * 1e6).round() as u64))
}
