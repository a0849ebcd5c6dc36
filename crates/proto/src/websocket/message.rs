//! What a parser gives.

use bytes::Bytes;

use super::close_code::CloseCode;
use super::error::Error;
use super::frame::Opcode;

/// One message, put together from its fragments and unmasked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A text message.
    Text(String),
    /// A binary message. One that came in a single frame was not copied.
    Binary(Bytes),
    /// A Ping, to be answered by a Pong with the same payload of at most 125 bytes.
    Ping(Bytes),
    /// A Pong.
    Pong(Bytes),
    /// A Close, to be answered by one; nothing comes after it.
    Close {
        /// Why, if the peer says so.
        code: Option<CloseCode>,
        /// What it says beside the code; often empty.
        reason: String,
    },
}

impl Message {
    /// The message of a whole `payload`, whose last frame begins at `offset`.
    /// A continuation is none and must not come here.
    pub(super) fn new(opcode: Opcode, payload: Bytes, offset: u64) -> Result<Self, Error> {
        Ok(match opcode {
            Opcode::Text => Self::Text(utf8(&payload, offset)?),
            Opcode::Binary | Opcode::Continuation => Self::Binary(payload),
            Opcode::Ping => Self::Ping(payload),
            Opcode::Pong => Self::Pong(payload),
            Opcode::Close => close(&payload, offset)?,
        })
    }
}

fn close(payload: &[u8], offset: u64) -> Result<Message, Error> {
    let (code, reason) = match *payload {
        [] => (None, String::new()),
        [_] => return Err(Error::HalfCloseCode { offset }),
        [high, low, ref reason @ ..] => {
            let code = u16::from_be_bytes([high, low]);
            let valid = CloseCode::new(code).ok_or(Error::BadCloseCode { offset, code })?;
            (Some(valid), utf8(reason, offset)?)
        }
    };
    Ok(Message::Close { code, reason })
}

fn utf8(bytes: &[u8], offset: u64) -> Result<String, Error> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => Err(Error::NotUtf8 {
            offset,
            at: error.valid_up_to(),
        }),
    }
}
