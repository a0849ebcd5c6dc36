//! The parser, fed with what the server's side makes, in pieces of every size, read and
//! skipped.

use eyeline_proto::websocket::frame;
use eyeline_proto::websocket::picture::{self, Meta};
use eyeline_proto::websocket::{CloseCode, Limits, Message, Role};

use super::*;

const JPEGS: [&[u8]; 3] = [&[7; 9], &[8; 70_000], &[9; 600]];

fn time(index: usize) -> Timestamp {
    Timestamp::from_micros(1_700_000_000_000_000 + index as u64)
}

fn head() -> String {
    format!("HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept: {ACCEPT}\r\n\r\n")
}

/// An answer with three pictures made by `make`, and between them what else may come.
fn answer(make: fn(Meta<'_>, &[u8]) -> bytes::Bytes) -> Vec<u8> {
    let mut answer = head().into_bytes();
    let info = "x".repeat(2_000);
    answer.extend(frame::text(&format!(
        r#"{{"type":"stream_info","data":"{info}"}}"#
    )));
    for (index, jpeg) in JPEGS.iter().enumerate() {
        let meta = Meta {
            stream_id: "bench",
            timestamp: time(index),
            frame_number: 3,
            quality: "auto",
            slate: false,
        };
        answer.extend(make(meta, jpeg));
        answer.extend(frame::ping(b"still there?"));
        answer.extend(frame::text(""));
    }
    answer
}

fn check_frames(frames: &[Frame], jpegs: [Vec<u8>; 3], context: &str) {
    assert_eq!(frames.len(), 3, "{context}");
    for (index, (frame, jpeg)) in frames.iter().zip(jpegs).enumerate() {
        let time = time(index);
        assert!(*frame == Frame { time, jpeg }, "{index} of {context}");
    }
}

#[test]
fn pictures_are_found_however_the_bytes_are_cut() {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    for piece in [1, 2, 7, 100, 1_024, 1_000_000] {
        let read = |answer: &[u8]| {
            let mut parser = Parser::new(true);
            let mut frames = Vec::new();
            for bytes in answer.chunks(piece) {
                parser.feed(bytes, &mut frames).unwrap();
            }
            frames
        };
        let frames = read(&answer(picture::binary));
        check_frames(&frames, JPEGS.map(<[u8]>::to_vec), &format!("{piece}"));
        let frames = read(&answer(picture::json));
        let texts = JPEGS.map(|jpeg| STANDARD.encode(jpeg).into_bytes());
        check_frames(&frames, texts, &format!("{piece}, json"));
    }
}

#[test]
fn pictures_are_counted_when_they_are_skipped() {
    for make in [picture::binary, picture::json] {
        for piece in [1, 50, 1_024, 60_000] {
            let answer = answer(make);
            let (mut parser, mut frames, mut at) = (Parser::new(false), Vec::new(), 0);
            let mut skipped = 0;
            while at < answer.len() {
                let skippable = parser.skippable();
                let count = match skippable {
                    0 => piece,
                    some => some.min(piece),
                };
                let count = count.min(answer.len() - at);
                if skippable > 0 {
                    frames.extend(parser.skip(count));
                    skipped += count;
                } else {
                    parser.feed(&answer[at..at + count], &mut frames).unwrap();
                }
                at += count;
            }
            check_frames(&frames, [const { Vec::new() }; 3], &format!("{piece}"));
            assert!(skipped > 1_000, "{skipped} {piece}");
        }
    }
}

#[test]
fn pings_are_answered() {
    let mut parser = Parser::new(false);
    let mut frames = Vec::new();
    parser.feed(&answer(picture::binary), &mut frames).unwrap();
    let mut server = eyeline_proto::websocket::Parser::new(
        Role::Server,
        Limits {
            max_text_bytes: 0,
            max_binary_bytes: 0,
        },
    );
    server.push(&parser.take_replies());
    for _ in 0..3 {
        let pong = server.next().unwrap();
        assert_eq!(pong, Some(Message::Pong(b"still there?"[..].into())));
    }
    assert_eq!(server.next().unwrap(), None);
    assert!(parser.take_replies().is_empty());
}

#[test]
fn what_is_no_stream_is_refused() {
    let check = |bytes: &[u8], reason: &str| {
        let said = Parser::new(false).feed(bytes, &mut Vec::new());
        let said = said.unwrap_err().to_string();
        assert!(said.contains(reason), "{said:?}, not {reason:?}");
    };
    let framed = |frame: &[u8]| [head().as_bytes(), frame].concat();
    check(b"HTTP/1.1 404 Not Found\r\n", "404");
    check(b"HTTP/1.1 101 Go\r\nx: y\r\n\r\n", "not understood");
    let close = frame::close(CloseCode::POLICY_VIOLATION, "too slow");
    check(&framed(&close), "1008 too slow");
    check(&framed(&[0x82, 3, 0, 0, 0]), "without a header");
    check(&framed(&[0x82, 9, 0, 0, 0, 6]), "longer than");
    check(
        &framed(&[0x82, 6, 0, 0, 0, 2, b'{', b'}']),
        "without a time",
    );
    check(&framed(&[0x02, 4, 0, 0, 0, 0]), "fragment");
    check(&framed(&[0xC2, 4, 0, 0, 0, 0]), "extension");
    check(&framed(&[0x82, 0x84]), "masked");
    check(&framed(&[0x83, 0]), "opcode");
}
