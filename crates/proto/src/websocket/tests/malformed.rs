//! Frames that are refused, and with which code.

use super::*;

/// `frames` of a client end in `expected`, which closes with `code`.
#[track_caller]
fn check(frames: &[Vec<u8>], expected: &Error, code: u16) {
    check_as(Role::Server, &frames.concat(), expected, code);
}

#[track_caller]
fn check_as(role: Role, stream: &[u8], expected: &Error, code: u16) {
    let (_, ended) = parse(role, stream);
    assert_eq!(ended.as_ref(), Err(expected));
    assert_eq!(expected.close_code().as_u16(), code);
    let sentence = expected.to_string();
    assert!(sentence.len() <= MAX_REASON_BYTES, "too long: {sentence}");
    assert!(sentence.contains(&expected.offset().to_string()));

    let mut parser = Parser::new(role, LIMITS);
    parser.push(stream);
    while let Ok(Some(_)) = parser.next() {}
    assert_eq!(parser.buffered(), 0, "a failed parser holds nothing");
    parser.push(b"\x81\x80abcd");
    assert_eq!(parser.next().as_ref(), Err(expected), "errors stay");
    assert_eq!(parser.buffered(), 0);
    assert!(!parser.is_closed());
}

#[test]
fn masks_are_for_clients() {
    let offset = 0;
    check_as(
        Role::Server,
        b"\x81\x05Hello",
        &Error::NotMasked { offset },
        1002,
    );
    let frame = client_frame(0x81, b"Hello");
    check_as(Role::Client, &frame, &Error::Masked { offset }, 1002);
}

#[test]
fn reserved_bits_and_opcodes_are_refused() {
    for first in [0xC1, 0xA1, 0x91, 0xF1] {
        let frame = client_frame(first, b"x");
        check(&[frame], &Error::ReservedBits { offset: 0 }, 1002);
    }
    for opcode in (3..8).chain(11..16) {
        let frame = client_frame(0x80 | opcode, b"");
        let error = Error::UnknownOpcode { offset: 7, opcode };
        check(&[client_frame(0x81, b"x"), frame], &error, 1002);
    }
}

#[test]
fn control_frames_are_short_and_whole() {
    for opcode in [8, 9, 10] {
        let offset = 0;
        check(
            &[client_frame(opcode, b"")],
            &Error::FragmentedControl { offset },
            1002,
        );
        check(
            &[client_frame(0x80 | opcode, &[b'x'; 126])],
            &Error::ControlTooLong { offset },
            1002,
        );
    }
}

#[test]
fn fragments_are_in_order() {
    let offset = 7;
    let whole = client_frame(0x81, b"x");
    let begun = client_frame(0x01, b"x");
    for first in [0x00, 0x80] {
        let frames = [whole.clone(), client_frame(first, b"y")];
        check(&frames, &Error::NothingToContinue { offset }, 1002);
    }
    for first in [0x01, 0x02, 0x81, 0x82] {
        let frames = [begun.clone(), client_frame(first, b"y")];
        check(&frames, &Error::Unfinished { offset }, 1002);
    }
}

#[test]
fn lengths_end_at_63_bits() {
    let head = b"\x82\xff\x80\0\0\0\0\0\0\0";
    check(&[head.to_vec()], &Error::LengthOverflow { offset: 0 }, 1002);
}

#[test]
fn messages_end_at_the_limit_of_their_kind() {
    let text = Error::MessageTooBig {
        offset: 0,
        limit: 300,
    };
    check(&[client_frame(0x81, &[b'x'; 301])], &text, 1009);
    let binary = Error::MessageTooBig {
        offset: 0,
        limit: 70_000,
    };
    // Refused for its header alone.
    let head = client_frame(0x82, &[0; 70_001])[..14].to_vec();
    check(&[head], &binary, 1009);
    let huge = b"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0";
    check(&[huge.to_vec()], &binary, 1009);
}

#[test]
fn all_fragments_of_a_message_count_together() {
    let frames = [
        client_frame(0x01, &[b'x'; 200]),
        client_frame(0x89, &[b'x'; 100]),
        client_frame(0x00, &[b'x'; 100]),
        client_frame(0x00, b"x"),
    ];
    let error = Error::MessageTooBig {
        offset: 208 + 106 + 106,
        limit: 300,
    };
    check(&frames, &error, 1009);
}

#[test]
fn text_is_utf_8() {
    for wrong in [
        &b"caf\xE9"[..],
        b"abc\xC0\xAF",
        b"abc\xED\xA0\x80",
        b"abc\xF4\x90\x80\x80",
        b"abc\xE2\x82",
    ] {
        let error = Error::NotUtf8 { offset: 0, at: 3 };
        check(&[client_frame(0x81, wrong)], &error, 1007);
    }
    let frames = [client_frame(0x01, b"ab"), client_frame(0x80, b"\xFF")];
    check(&frames, &Error::NotUtf8 { offset: 8, at: 2 }, 1007);
}

#[test]
fn a_close_has_a_code_that_may_be_sent_and_a_reason_in_utf_8() {
    let offset = 0;
    check(
        &[client_frame(0x88, b"\x03")],
        &Error::HalfCloseCode { offset },
        1002,
    );
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535] {
        let frame = client_frame(0x88, &u16::to_be_bytes(code));
        check(&[frame], &Error::BadCloseCode { offset, code }, 1002);
    }
    for code in [1000, 1003, 1007, 1014, 3000, 4999] {
        let frame = client_frame(0x88, &u16::to_be_bytes(code));
        super::check(Role::Server, &frame, &[close(code, "")]);
    }
    check(
        &[client_frame(0x88, b"\x03\xE8ab\xFF")],
        &Error::NotUtf8 { offset, at: 2 },
        1007,
    );
}

#[test]
fn every_sentence_fits_into_a_close_at_the_end_of_a_long_life() {
    let offset = u64::MAX;
    for error in [
        Error::NotMasked { offset },
        Error::Masked { offset },
        Error::ReservedBits { offset },
        Error::UnknownOpcode { offset, opcode: 15 },
        Error::NothingToContinue { offset },
        Error::Unfinished { offset },
        Error::LengthOverflow { offset },
        Error::MessageTooBig {
            offset,
            limit: 16 << 20,
        },
        Error::NotUtf8 {
            offset,
            at: 16 << 20,
        },
        Error::BadCloseCode {
            offset,
            code: u16::MAX,
        },
    ] {
        let sentence = error.to_string();
        assert!(sentence.len() <= MAX_REASON_BYTES, "too long: {sentence}");
    }
}
