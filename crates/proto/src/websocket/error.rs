//! What can be wrong with a peer's frames.

use super::close_code::CloseCode;
use super::limits::MAX_CONTROL_BYTES;

/// Why a connection cannot be read on. Offsets count bytes after the handshake. Each
/// sentence fits into a Close frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A client's frame without a mask (RFC 6455, 5.1).
    #[error("the frame at byte {offset} is not masked, as those of a client must be")]
    NotMasked {
        /// Where the frame begins.
        offset: u64,
    },
    /// A server's frame with a mask (RFC 6455, 5.1).
    #[error("the frame at byte {offset} is masked, as those of a server must not be")]
    Masked {
        /// Where the frame begins.
        offset: u64,
    },
    /// A reserved bit without an extension that uses it (RFC 6455, 5.2).
    #[error("the frame at byte {offset} uses an extension (RSV bits), but none was agreed on")]
    ReservedBits {
        /// Where the frame begins.
        offset: u64,
    },
    /// An opcode that is not assigned (RFC 6455, 5.2).
    #[error("the frame at byte {offset} has the unknown opcode {opcode}")]
    UnknownOpcode {
        /// Where the frame begins.
        offset: u64,
        /// The opcode, 3–7 or 11–15.
        opcode: u8,
    },
    /// A Ping, Pong or Close in fragments (RFC 6455, 5.5).
    #[error("the control frame at byte {offset} is a fragment, which it must not be")]
    FragmentedControl {
        /// Where the frame begins.
        offset: u64,
    },
    /// A Ping, Pong or Close with too much in it (RFC 6455, 5.5).
    #[error("the control frame at byte {offset} is longer than {MAX_CONTROL_BYTES} bytes")]
    ControlTooLong {
        /// Where the frame begins.
        offset: u64,
    },
    /// A continuation of nothing (RFC 6455, 5.4).
    #[error("the frame at byte {offset} continues a message, but none was begun")]
    NothingToContinue {
        /// Where the frame begins.
        offset: u64,
    },
    /// A new message before the end of the last (RFC 6455, 5.4).
    #[error("the frame at byte {offset} begins a message before the last one ended")]
    Unfinished {
        /// Where the frame begins.
        offset: u64,
    },
    /// A length of more than 63 bits (RFC 6455, 5.2).
    #[error("the frame at byte {offset} announces a length of more than 63 bits")]
    LengthOverflow {
        /// Where the frame begins.
        offset: u64,
    },
    /// A message above the limit; nothing was allocated for it.
    #[error("the message with the frame at byte {offset} is longer than {limit} bytes")]
    MessageTooBig {
        /// Where the frame that is too much begins.
        offset: u64,
        /// How long a message of this kind may be, in bytes.
        limit: usize,
    },
    /// A text message, or the reason of a Close, that is not UTF-8 (RFC 6455, 8.1).
    #[error("the text that ends with the frame at byte {offset} is not UTF-8 from its byte {at}")]
    NotUtf8 {
        /// Where the last frame of the text begins.
        offset: u64,
        /// Where in the text the first wrong byte is.
        at: usize,
    },
    /// A Close of one byte (RFC 6455, 5.5.1).
    #[error("the Close at byte {offset} has half a code")]
    HalfCloseCode {
        /// Where the frame begins.
        offset: u64,
    },
    /// A Close with a code that must not be sent (RFC 6455, 7.4).
    #[error("the Close at byte {offset} has the code {code}, which must not be sent")]
    BadCloseCode {
        /// Where the frame begins.
        offset: u64,
        /// The code.
        code: u16,
    },
}

impl Error {
    /// The code to close the connection with.
    #[must_use]
    pub const fn close_code(&self) -> CloseCode {
        match self {
            Self::MessageTooBig { .. } => CloseCode::MESSAGE_TOO_BIG,
            Self::NotUtf8 { .. } => CloseCode::INVALID_PAYLOAD,
            _ => CloseCode::PROTOCOL_ERROR,
        }
    }

    /// Where the frame that was refused begins, in bytes after the handshake.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        match *self {
            Self::NotMasked { offset }
            | Self::Masked { offset }
            | Self::ReservedBits { offset }
            | Self::UnknownOpcode { offset, .. }
            | Self::FragmentedControl { offset }
            | Self::ControlTooLong { offset }
            | Self::NothingToContinue { offset }
            | Self::Unfinished { offset }
            | Self::LengthOverflow { offset }
            | Self::MessageTooBig { offset, .. }
            | Self::NotUtf8 { offset, .. }
            | Self::HalfCloseCode { offset }
            | Self::BadCloseCode { offset, .. } => offset,
        }
    }
}
