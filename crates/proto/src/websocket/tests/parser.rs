//! Frames that are as they should be.

use proptest::prelude::*;

use super::super::frame;
use super::*;

#[test]
fn the_examples_of_the_rfc_are_read() {
    let hello = [text("Hello")];
    check(Role::Client, b"\x81\x05Hello", &hello);
    check(
        Role::Server,
        b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58",
        &hello,
    );
    check(Role::Client, b"\x01\x03Hel\x80\x02lo", &hello);
    let ping = [Message::Ping(Bytes::from_static(b"Hello"))];
    check(Role::Client, b"\x89\x05Hello", &ping);
    let pong = [Message::Pong(Bytes::from_static(b"Hello"))];
    check(
        Role::Server,
        b"\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58",
        &pong,
    );
    let medium = [&b"\x82\x7e\x01\x00"[..], &[7; 256]].concat();
    check(
        Role::Client,
        &medium,
        &[Message::Binary(vec![7; 256].into())],
    );
    let long = [&b"\x82\x7f\0\0\0\0\0\x01\0\0"[..], &[7; 65_536]].concat();
    check(
        Role::Client,
        &long,
        &[Message::Binary(vec![7; 65_536].into())],
    );
}

#[test]
fn control_frames_come_between_fragments() {
    let stream = [
        client_frame(0x01, b"gr\xC3"),
        client_frame(0x89, b"are you there"),
        client_frame(0x00, b""),
        client_frame(0x8A, b""),
        client_frame(0x80, b"\xBC\xC3\x9F"),
        client_frame(0x82, b""),
    ];
    check(
        Role::Server,
        &stream.concat(),
        &[
            Message::Ping(Bytes::from_static(b"are you there")),
            Message::Pong(Bytes::new()),
            text("grüß"),
            Message::Binary(Bytes::new()),
        ],
    );
}

#[test]
fn a_close_within_a_message_ends_everything() {
    let stream = [
        client_frame(0x02, b"half a picture"),
        client_frame(0x88, b"\x03\xE9bye"),
        client_frame(0x81, b"too late"),
        b"\xFF\xFF".to_vec(),
    ]
    .concat();
    check(Role::Server, &stream, &[close(1001, "bye")]);
    let mut parser = Parser::new(Role::Server, LIMITS);
    parser.push(&stream);
    assert!(!parser.is_closed());
    assert_eq!(parser.next(), Ok(Some(close(1001, "bye"))));
    assert!(parser.is_closed());
    assert_eq!(parser.buffered(), 0);
    parser.input().put_slice(b"more");
    assert_eq!(parser.next(), Ok(None));
    assert_eq!(parser.buffered(), 0);
}

#[test]
fn a_close_may_say_nothing() {
    let silent = Message::Close {
        code: None,
        reason: String::new(),
    };
    check(Role::Server, &client_frame(0x88, b""), &[silent]);
}

#[test]
fn a_length_may_be_written_longer_than_necessary() {
    let two = [text("Hi")];
    check(Role::Client, b"\x81\x7e\0\x02Hi", &two);
    check(Role::Client, b"\x81\x7f\0\0\0\0\0\0\0\x02Hi", &two);
}

#[test]
fn a_message_may_be_as_long_as_its_limit() {
    let longest = "x".repeat(LIMITS.max_text_bytes);
    let (first, second) = longest.as_bytes().split_at(299);
    let stream = [
        client_frame(0x81, longest.as_bytes()),
        client_frame(0x01, first),
        client_frame(0x00, second),
        client_frame(0x80, b""),
    ];
    check(
        Role::Server,
        &stream.concat(),
        &[text(&longest), text(&longest)],
    );
}

#[test]
fn a_large_message_of_one_frame_is_not_copied_when_it_is_whole() {
    let picture: Vec<u8> = (0..60_000_u32).map(|n| n as u8).collect();
    let frame = frame::masked(Opcode::Binary, &[&picture], KEY);
    let mut parser = Parser::new(Role::Server, LIMITS);
    parser.input().put_slice(&frame[..100]);
    assert_eq!(parser.next(), Ok(None));
    // There is room for the rest at once.
    let room = parser.input().chunk_mut().len();
    assert!(room >= frame.len() - 100, "{room}");
    let place = parser.input().chunk_mut().as_mut_ptr();
    parser.input().put_slice(&frame[100..]);
    let Ok(Some(Message::Binary(data))) = parser.next() else {
        panic!("a binary message");
    };
    assert_eq!(data, picture);
    // The first 100 bytes are a header of 8 and 92 of the payload.
    assert_eq!(data[92..].as_ptr(), place.cast_const());
}

#[test]
fn room_is_made_for_what_has_come_rather_than_for_what_is_announced() {
    let limits = Limits {
        max_binary_bytes: usize::MAX,
        ..LIMITS
    };
    let mut parser = Parser::new(Role::Client, limits);
    assert!(parser.input().chunk_mut().len() < 64 * 1024);
    parser.push(b"\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff");
    assert_eq!(parser.next(), Ok(None));
    assert!(parser.input().chunk_mut().len() < 1024 * 1024);
}

/// A message, and how it is cut into fragments: at these shares of its length.
fn message() -> impl Strategy<Value = (Message, Vec<prop::sample::Index>)> {
    let short = || proptest::collection::vec(any::<u8>(), 0..=125).prop_map(Bytes::from);
    let long = proptest::collection::vec(any::<u8>(), 0..70_000).prop_map(Bytes::from);
    let cuts = proptest::collection::vec(any::<prop::sample::Index>(), 0..4);
    let message = prop_oneof![
        "\\PC{0,75}".prop_map(Message::Text),
        short().prop_map(Message::Binary),
        long.prop_map(Message::Binary),
        short().prop_map(Message::Ping),
        short().prop_map(Message::Pong),
    ];
    (message, cuts)
}

/// The frames of a message, as `role` is to read them.
fn frames(role: Role, message: &Message, cuts: &[prop::sample::Index]) -> Vec<Vec<u8>> {
    let (opcode, payload) = match message {
        Message::Text(text) => (Opcode::Text, text.as_bytes()),
        Message::Binary(data) => (Opcode::Binary, &data[..]),
        Message::Ping(data) => (Opcode::Ping, &data[..]),
        Message::Pong(data) => (Opcode::Pong, &data[..]),
        Message::Close { .. } => unreachable!("not generated"),
    };
    let frame = |opcode, payload: &[u8]| match role {
        Role::Server => frame::masked(opcode, &[payload], KEY).to_vec(),
        Role::Client => [&frame::header(opcode, payload.len()), payload].concat(),
    };
    if opcode.is_control() {
        return vec![frame(opcode, payload)];
    }
    let mut edges: Vec<_> = cuts.iter().map(|c| c.index(payload.len() + 1)).collect();
    edges.extend([0, payload.len()]);
    edges.sort_unstable();
    let last = edges.len() - 2;
    let fragments = edges.windows(2).enumerate().map(|(index, edge)| {
        let opcode = if index == 0 {
            opcode
        } else {
            Opcode::Continuation
        };
        let mut frame = frame(opcode, &payload[edge[0]..edge[1]]);
        if index != last {
            frame[0] &= 0x7F;
        }
        frame
    });
    fragments.collect()
}

proptest! {
    #[test]
    fn what_is_sent_is_read_again_whatever_the_pieces(
        sent in proptest::collection::vec(message(), 0..6),
        role in prop_oneof![Just(Role::Server), Just(Role::Client)],
        sizes in proptest::collection::vec(1_usize..5_000, 1..8),
    ) {
        let stream: Vec<u8> = sent
            .iter()
            .flat_map(|(message, cuts)| frames(role, message, cuts).concat())
            .collect();
        let mut rest = &stream[..];
        let pieces = sizes.iter().cycle().map_while(|&size| {
            let (piece, after) = rest.split_at(size.min(rest.len()));
            rest = after;
            (!piece.is_empty()).then_some(piece)
        });
        let expected: Vec<_> = sent.iter().map(|(message, _)| message.clone()).collect();
        prop_assert_eq!(parse_pieces(role, pieces), (expected, Ok(())));
    }
}
