//! The bytes of a `multipart/x-mixed-replace` answer.
//!
//! The boundary that ends a part goes out with that part: a browser shows a
//! picture when it sees the next boundary, and would else be one picture late.
//!
//! Chromium and its kin want more: they show a picture once they have read the
//! *headers* of the next part. For them there is [`ahead`], where those headers go out
//! with the picture before; they cannot say anything of a picture that is yet to come.

use bytes::Bytes;
use eyeline_media::Timestamp;

/// Letters and digits only, for clients that do not unquote; long enough not to
/// occur in a picture by chance.
macro_rules! boundary {
    () => {
        "eyelineframe7c40b1d95e"
    };
}

/// The answer's `Content-Type`.
pub const CONTENT_TYPE: &str = concat!("multipart/x-mixed-replace; boundary=", boundary!());

/// What comes before the first part.
pub const PREAMBLE: &[u8] = concat!("--", boundary!(), "\r\n").as_bytes();

/// What ends the stream properly after any part or the preamble. A boundary has
/// just gone out, so by the grammar (RFC 2046, 5.1.1) this is an empty part,
/// then the close delimiter. Browsers keep the last picture.
pub const CLOSE: &[u8] = concat!("\r\n--", boundary!(), "--\r\n").as_bytes();

/// What ends every part.
const BETWEEN: &[u8] = concat!("\r\n--", boundary!(), "\r\n").as_bytes();

/// One part: headers, picture and the boundary that ends it, in one allocation
/// of exactly their size.
#[must_use]
pub fn part(jpeg: &[u8], captured: Timestamp) -> Bytes {
    put_together(jpeg, captured, "")
}

/// As [`part`], of a slate: a header says so to programs, which are not to take it for what
/// the camera sees.
#[must_use]
pub fn slate_part(jpeg: &[u8], captured: Timestamp) -> Bytes {
    put_together(jpeg, captured, "X-Eyeline-Slate: 1\r\n")
}

fn put_together(jpeg: &[u8], captured: Timestamp, more: &str) -> Bytes {
    let headers = format!(
        "Content-Type: image/jpeg\r\nContent-Length: {}\r\nX-Timestamp: {captured}\r\n{more}\r\n",
        jpeg.len()
    );
    let mut part = Vec::with_capacity(headers.len() + jpeg.len() + BETWEEN.len());
    part.extend_from_slice(headers.as_bytes());
    part.extend_from_slice(jpeg);
    part.extend_from_slice(BETWEEN);
    part.into()
}

/// The same stream for image elements of Chromium and its kin: the headers of each part
/// go out with the part before, and so without `Content-Length` and `X-Timestamp`,
/// which an image element could not read anyway.
pub mod ahead {
    use bytes::Bytes;

    /// What comes before the first picture: the boundary and the first headers.
    pub const PREAMBLE: &[u8] =
        concat!("--", boundary!(), "\r\nContent-Type: image/jpeg\r\n\r\n").as_bytes();

    const BETWEEN: &[u8] = concat!(
        "\r\n--",
        boundary!(),
        "\r\nContent-Type: image/jpeg\r\n\r\n"
    )
    .as_bytes();

    /// A picture, the boundary that ends it, and the headers of the next, in one
    /// allocation of exactly their size.
    #[must_use]
    pub fn part(jpeg: &[u8]) -> Bytes {
        [jpeg, BETWEEN].concat().into()
    }
}
