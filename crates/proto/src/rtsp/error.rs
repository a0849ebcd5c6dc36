//! What is wrong with what a client sends.

use super::limits::{MAX_BODY_BYTES, MAX_FIELDS, MAX_HEAD_BYTES};

/// Why a connection cannot be read on: nobody knows where the next message begins.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The head has no end.
    #[error("the head of a message is longer than the limit of {MAX_HEAD_BYTES} bytes")]
    HeadTooLong,
    /// The body is too long.
    #[error("the body of a message has {0} bytes, more than the limit of {MAX_BODY_BYTES}")]
    BodyTooLong(usize),
    /// There are too many header fields.
    #[error("a message has more than {MAX_FIELDS} header fields")]
    TooManyFields,
    /// Not a request line of RTSP.
    #[error("this is no request of RTSP 1.0: {0:?}")]
    NotRtsp(String),
    /// A header field makes no sense.
    #[error("a header field cannot be read: {0:?}")]
    Field(String),
}
