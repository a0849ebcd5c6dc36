//! What is written.

use super::super::frame::*;
use super::{CloseCode, KEY, MAX_CONTROL_BYTES};

#[test]
fn the_examples_of_the_rfc_are_written() {
    assert_eq!(text("Hello"), &b"\x81\x05Hello"[..]);
    assert_eq!(
        masked(Opcode::Text, &[b"Hel", b"lo"], KEY),
        &b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"[..]
    );
    assert_eq!(ping(b"Hello"), &b"\x89\x05Hello"[..]);
    assert_eq!(pong(b"Hello"), &b"\x8a\x05Hello"[..]);
    assert_eq!(&*header(Opcode::Binary, 256), b"\x82\x7e\x01\x00");
    assert_eq!(
        &*header(Opcode::Binary, 65_536),
        b"\x82\x7f\0\0\0\0\0\x01\0\0"
    );
}

#[test]
fn a_mask_is_put_on_byte_by_byte_whatever_the_length() {
    let payload: Vec<u8> = (0..100).collect();
    for length in 0..payload.len() {
        let frame = masked(Opcode::Binary, &[&payload[..length]], KEY);
        let expected: Vec<u8> = payload[..length]
            .iter()
            .enumerate()
            .map(|(index, byte)| byte ^ KEY[index % 4])
            .collect();
        assert_eq!(frame[2..6], KEY);
        assert_eq!(frame[6..], expected);
    }
}

#[test]
fn a_length_takes_no_more_room_than_it_needs() {
    let check = |length: usize, expected: &[u8]| {
        assert_eq!(&*header(Opcode::Binary, length), expected, "{length}");
    };
    check(0, b"\x82\0");
    check(125, b"\x82\x7d");
    check(126, b"\x82\x7e\0\x7e");
    check(65_535, b"\x82\x7e\xff\xff");
    check(16 << 20, b"\x82\x7f\0\0\0\0\x01\0\0\0");
}

#[test]
fn parts_are_joined_after_one_header() {
    assert_eq!(binary(&[b"ab", b"", b"cde"]), &b"\x82\x05abcde"[..]);
    assert_eq!(binary(&[]), &b"\x82\0"[..]);
}

#[test]
fn a_close_carries_its_code_and_what_fits_of_its_reason() {
    assert_eq!(
        close(CloseCode::GOING_AWAY, "bye"),
        &b"\x88\x05\x03\xe9bye"[..]
    );
    // The 123rd byte is the first half of a letter.
    let reason = format!("{}ü", "x".repeat(122));
    let frame = close(CloseCode::NORMAL, &reason);
    assert_eq!(frame.len(), 2 + 2 + 122);
    assert_eq!(usize::from(frame[1]), frame.len() - 2);
    let masked = masked_close(CloseCode::NORMAL, &reason, KEY);
    assert_eq!(masked.len(), frame.len() + KEY.len());
}

#[test]
fn control_frames_stay_short() {
    for frame in [ping(&[1; 200]), pong(&[1; 200])] {
        assert_eq!(frame.len(), 2 + MAX_CONTROL_BYTES);
        assert_eq!(usize::from(frame[1]), MAX_CONTROL_BYTES);
    }
}
