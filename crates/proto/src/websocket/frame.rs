//! Frames to send (RFC 6455, 5.2): a whole message in one frame and one allocation
//! of exactly its size.
//!
//! A server's frames are not masked, so one message can be made once and written to
//! every socket. A client's are: see [`masked`] and [`masked_close`].

use std::ops::Deref;

use bytes::Bytes;

use super::close_code::CloseCode;
use super::limits::{MAX_CONTROL_BYTES, MAX_HEADER_BYTES, MAX_REASON_BYTES};
use super::mask;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opcode {
    /// More of the message before.
    Continuation = 0,
    /// Text, in UTF-8.
    Text = 1,
    /// Bytes.
    Binary = 2,
    /// The end.
    Close = 8,
    /// Asks for a Pong.
    Ping = 9,
    /// Answers a Ping.
    Pong = 10,
}

impl Opcode {
    /// The opcode of this number, if it is assigned.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        Some(match number {
            0 => Self::Continuation,
            1 => Self::Text,
            2 => Self::Binary,
            8 => Self::Close,
            9 => Self::Ping,
            10 => Self::Pong,
            _ => return None,
        })
    }

    /// Whether it is Close, Ping or Pong, which are short and never in fragments.
    #[must_use]
    pub const fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

/// The header of a frame, at most 14 bytes.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    bytes: [u8; MAX_HEADER_BYTES],
    length: u8,
}

impl Header {
    fn new(opcode: Opcode, payload_bytes: usize, key: Option<[u8; 4]>) -> Self {
        let mut header = Self {
            bytes: [0; MAX_HEADER_BYTES],
            length: 0,
        };
        let masked = if key.is_some() { 0x80 } else { 0 };
        header.push(&[0x80 | opcode as u8]);
        match (u8::try_from(payload_bytes), u16::try_from(payload_bytes)) {
            (Ok(length @ ..=125), _) => header.push(&[masked | length]),
            (_, Ok(length)) => {
                header.push(&[masked | 126]);
                header.push(&length.to_be_bytes());
            }
            _ => {
                header.push(&[masked | 127]);
                header.push(&(payload_bytes as u64).to_be_bytes());
            }
        }
        if let Some(key) = key {
            header.push(&key);
        }
        header
    }

    fn push(&mut self, bytes: &[u8]) {
        let start = usize::from(self.length);
        self.bytes[start..][..bytes.len()].copy_from_slice(bytes);
        self.length += bytes.len() as u8;
    }
}

impl Deref for Header {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

/// The header of a server's frame that is a whole message of `payload_bytes`.
#[must_use]
pub fn header(opcode: Opcode, payload_bytes: usize) -> Header {
    Header::new(opcode, payload_bytes, None)
}

/// A binary message whose payload is `parts`, one after the other.
#[must_use]
pub fn binary(parts: &[&[u8]]) -> Bytes {
    whole(Opcode::Binary, parts)
}

/// A text message.
#[must_use]
pub fn text(text: &str) -> Bytes {
    whole(Opcode::Text, &[text.as_bytes()])
}

/// A Ping. Of a payload above 125 bytes the rest is left out.
#[must_use]
pub fn ping(payload: &[u8]) -> Bytes {
    whole(Opcode::Ping, &[control(payload)])
}

/// The Pong that answers a Ping with this payload.
#[must_use]
pub fn pong(payload: &[u8]) -> Bytes {
    whole(Opcode::Pong, &[control(payload)])
}

/// A Close. Of a reason above 123 bytes the rest is left out.
#[must_use]
pub fn close(code: CloseCode, reason: &str) -> Bytes {
    let code = code.as_u16().to_be_bytes();
    whole(Opcode::Close, &[&code, fitting(reason)])
}

/// A client's message whose payload is `parts`, one after the other. `key` must be
/// random, and another one for each frame (RFC 6455, 5.3). A control frame must not
/// be longer than 125 bytes.
#[must_use]
pub fn masked(opcode: Opcode, parts: &[&[u8]], key: [u8; 4]) -> Bytes {
    let payload_bytes = parts.iter().map(|part| part.len()).sum();
    let header = Header::new(opcode, payload_bytes, Some(key));
    let mut frame = joined(&header, payload_bytes, parts);
    mask::apply(key, &mut frame[header.len()..]);
    frame.into()
}

/// A client's Close, as [`close`] and [`masked`].
#[must_use]
pub fn masked_close(code: CloseCode, reason: &str, key: [u8; 4]) -> Bytes {
    let code = code.as_u16().to_be_bytes();
    masked(Opcode::Close, &[&code, fitting(reason)], key)
}

fn whole(opcode: Opcode, parts: &[&[u8]]) -> Bytes {
    let payload_bytes = parts.iter().map(|part| part.len()).sum();
    joined(&header(opcode, payload_bytes), payload_bytes, parts).into()
}

fn joined(header: &[u8], payload_bytes: usize, parts: &[&[u8]]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(header.len() + payload_bytes);
    frame.extend_from_slice(header);
    for part in parts {
        frame.extend_from_slice(part);
    }
    frame
}

/// What of a payload fits into a control frame.
fn control(payload: &[u8]) -> &[u8] {
    &payload[..payload.len().min(MAX_CONTROL_BYTES)]
}

/// What of a reason fits into a Close, in whole characters.
fn fitting(reason: &str) -> &[u8] {
    let mut end = reason.len().min(MAX_REASON_BYTES);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    &reason.as_bytes()[..end]
}
