//! The promises of the WebSocket parser, and of what reads the pictures in it.

use bytes::{BufMut as _, Bytes};
use eyeline_media::Timestamp;
use eyeline_proto::websocket::handshake::{self, Request};
use eyeline_proto::websocket::picture::{self, Meta};
use eyeline_proto::websocket::{Error, Limits, MAX_REASON_BYTES, Message, Parser, Role, frame};

/// Small enough for a fuzzer to reach both of them.
const LIMITS: Limits = Limits {
    max_text_bytes: 200,
    max_binary_bytes: 1_000,
};

/// One end of a connection: the first byte says which, the second into which pieces
/// it is cut. The pieces must not matter, the memory held must stay within the
/// limits, and what is read must be the same when it is written and read again.
pub fn websocket(data: &[u8]) {
    let &[kind, seed, ref body @ ..] = data else {
        return;
    };
    let role = [Role::Server, Role::Client][usize::from(kind % 2)];
    let whole = run(role, &[Bytes::copy_from_slice(body)]);
    assert_eq!(whole, run(role, &super::cut(body, seed)), "pieces mattered");
    assert_eq!(whole, run(role, &super::cut(body, 0)), "bytes mattered");
    if let Some(error) = &whole.error {
        assert!(error.offset() < body.len() as u64, "{error}");
        assert!(error.to_string().len() <= MAX_REASON_BYTES, "{error}");
    }
    for message in whole.messages {
        survives(message);
    }
    with_header(&Bytes::copy_from_slice(body));
    key(&String::from_utf8_lossy(body));
}

/// Everything a parser gave.
#[derive(Debug, PartialEq)]
struct Outcome {
    messages: Vec<Message>,
    error: Option<Error>,
}

fn run(role: Role, pieces: &[Bytes]) -> Outcome {
    let mut parser = Parser::new(role, LIMITS);
    let mut messages = Vec::new();
    let mut error = None;
    for (index, piece) in pieces.iter().enumerate() {
        if index % 3 == 0 {
            parser.input().put_slice(piece);
        } else {
            parser.push(piece);
        }
        loop {
            match parser.next() {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(failed) => {
                    assert!(error.is_none_or(|error| error == failed), "errors stay");
                    assert_eq!(parser.buffered(), 0, "a failed parser holds nothing");
                    error = Some(failed);
                    break;
                }
            }
        }
        let held = parser.buffered();
        assert!(held <= LIMITS.max_buffered(), "{held} bytes held");
        assert!(!parser.is_closed() || held == 0, "nothing follows a Close");
    }
    let closes = |message: &Message| matches!(message, Message::Close { .. });
    assert_eq!(parser.is_closed(), messages.last().is_some_and(closes));
    Outcome { messages, error }
}

/// What was read is within its limit, and is read again when it is written.
fn survives(message: Message) {
    let written = match &message {
        Message::Text(text) => {
            assert!(text.len() <= LIMITS.max_text_bytes);
            frame::text(text)
        }
        Message::Binary(data) => {
            assert!(data.len() <= LIMITS.max_binary_bytes);
            with_header(data);
            frame::binary(&[data])
        }
        Message::Ping(data) => frame::ping(data),
        Message::Pong(data) => frame::pong(data),
        Message::Close { code: None, .. } => Bytes::from_static(b"\x88\0"),
        Message::Close {
            code: Some(code),
            reason,
        } => frame::close(*code, reason),
    };
    let again = run(Role::Client, &[written]);
    assert_eq!((again.messages, again.error), (vec![message], None));
}

/// A picture with a header keeps its time and its bytes when it is written again.
fn with_header(message: &Bytes) {
    let Ok((header, jpeg)) = picture::parse_binary(message) else {
        return;
    };
    assert!(message.ends_with(&jpeg));
    let Some(timestamp) = header.timestamp else {
        return;
    };
    // Beyond, a double does not tell microseconds apart.
    let exact = timestamp < Timestamp::from_micros(1 << 52);
    let meta = Meta {
        stream_id: "front",
        timestamp,
        frame_number: 1,
        quality: "medium",
        slate: false,
    };
    let written = picture::binary(meta, &jpeg);
    let payload = written.slice(written.len() - jpeg.len()..);
    assert_eq!(payload, jpeg);
    // Two bytes of the frame's header, and two more for a longer message.
    let start = if written[1] < 126 { 2 } else { 4 };
    let (again, picture) = picture::parse_binary(&written.slice(start..)).expect("own header");
    assert_eq!(picture, jpeg);
    if exact {
        assert_eq!(again, header);
    }
}

/// A key that is accepted is 24 characters, and the answer 28.
fn key(text: &str) {
    let request = Request {
        method: "GET",
        has_host: true,
        upgrade: Some("websocket"),
        connection: Some("upgrade"),
        version: Some(handshake::VERSION),
        key: Some(text),
    };
    if let Ok(accept) = handshake::accept(&request) {
        assert_eq!((text.trim().len(), accept.len()), (24, 28));
    }
}
