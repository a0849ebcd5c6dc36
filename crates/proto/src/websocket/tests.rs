//! What peers send, well and badly formed, and what is written. Every stream of frames
//! is parsed whole, and byte by byte: the outcome must be the same.

use bytes::{BufMut as _, Bytes};

use super::*;

mod frame;
mod handshake;
mod malformed;
mod parser;
mod picture;

/// Small, and different, so that they can be told apart.
const LIMITS: Limits = Limits {
    max_text_bytes: 300,
    max_binary_bytes: 70_000,
};

/// The mask of the examples of RFC 6455.
const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// What a connection gave, and how it ended.
type Outcome = (Vec<Message>, Result<(), Error>);

fn parse_pieces<'a>(role: Role, pieces: impl Iterator<Item = &'a [u8]>) -> Outcome {
    let mut parser = Parser::new(role, LIMITS);
    let mut messages = Vec::new();
    let mut drain = |parser: &mut Parser| {
        while let Some(message) = parser.next()? {
            messages.push(message);
        }
        Ok(())
    };
    let mut ended = Ok(());
    for (index, piece) in pieces.enumerate() {
        // The two ways in must be the same.
        if index.is_multiple_of(2) {
            parser.push(piece);
        } else {
            parser.input().put_slice(piece);
        }
        ended = drain(&mut parser);
        assert!(parser.buffered() <= LIMITS.max_buffered());
    }
    (messages, ended)
}

fn parse(role: Role, stream: &[u8]) -> Outcome {
    let whole = parse_pieces(role, std::iter::once(stream));
    let single = parse_pieces(role, stream.chunks(1));
    assert_eq!(whole, single, "single bytes mattered");
    whole
}

#[track_caller]
fn check(role: Role, stream: &[u8], expected: &[Message]) {
    assert_eq!(parse(role, stream), (expected.to_vec(), Ok(())));
}

/// A client's frame of any first byte.
fn client_frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = super::frame::masked(Opcode::Text, &[payload], KEY).to_vec();
    frame[0] = first;
    frame
}

fn text(text: &str) -> Message {
    Message::Text(text.to_owned())
}

fn close(code: u16, reason: &str) -> Message {
    Message::Close {
        code: CloseCode::new(code),
        reason: reason.to_owned(),
    }
}
