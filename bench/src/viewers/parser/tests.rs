//! The parser, fed in pieces of every size, read and skipped.

use super::*;
use crate::picture;

const HEAD: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n";

fn time(index: usize) -> Timestamp {
    Timestamp::from_micros(1_700_000_000_000_000 + index as u64)
}

fn jpegs() -> [Vec<u8>; 3] {
    [5, 700, 31].map(|len| vec![b'\n'; len])
}

/// A chunked answer, the body cut into chunks of at most `chunk` bytes.
fn answer(chunk: usize) -> Vec<u8> {
    let mut body = picture::preamble().into_bytes();
    for (index, jpeg) in jpegs().iter().enumerate() {
        body.extend(picture::part(jpeg, time(index)));
    }
    let mut answer = HEAD.as_bytes().to_vec();
    for piece in body.chunks(chunk) {
        answer.extend(format!("{:x}\r\n", piece.len()).bytes());
        answer.extend(piece);
        answer.extend(b"\r\n");
    }
    answer
}

fn check_frames(frames: &[Frame], keep: bool, context: &str) {
    assert_eq!(frames.len(), 3, "{context}");
    for (index, (frame, jpeg)) in frames.iter().zip(jpegs()).enumerate() {
        let jpeg = if keep { jpeg } else { Vec::new() };
        let time = time(index);
        assert_eq!(*frame, Frame { time, jpeg }, "{context}");
    }
}

#[test]
fn pictures_are_found_however_the_bytes_are_cut() {
    for chunk in [1, 3, 64, 5_000] {
        for piece in [1, 2, 7, 100, 10_000] {
            let mut parser = Parser::new(true);
            let mut frames = Vec::new();
            for bytes in answer(chunk).chunks(piece) {
                parser.feed(bytes, &mut frames).unwrap();
            }
            check_frames(&frames, true, &format!("{chunk} {piece}"));
        }
    }
}

#[test]
fn pictures_are_counted_when_they_are_skipped() {
    for chunk in [1, 64, 5_000] {
        for piece in [1, 50, 400] {
            let answer = answer(chunk);
            let (mut parser, mut frames, mut at) = (Parser::new(false), Vec::new(), 0);
            let mut skipped = 0;
            while at < answer.len() {
                let left = answer.len() - at;
                let count = match parser.skippable() {
                    0 => {
                        let count = left.min(piece);
                        parser.feed(&answer[at..at + count], &mut frames).unwrap();
                        count
                    }
                    some => {
                        let count = some.min(left).min(piece);
                        frames.extend(parser.skip(count));
                        skipped += count;
                        count
                    }
                };
                at += count;
            }
            check_frames(&frames, false, &format!("{chunk} {piece}"));
            assert!(skipped > 0, "{chunk} {piece}");
        }
    }
}

#[test]
fn an_answer_without_chunks_is_followed_too() {
    let mut parser = Parser::new(true);
    let mut frames = Vec::new();
    parser
        .feed(b"HTTP/1.0 200 OK\r\n\r\n", &mut frames)
        .unwrap();
    let part = picture::part(b"jpeg", time(0));
    parser.feed(&part, &mut frames).unwrap();
    assert_eq!(frames.len(), 1);
}

#[test]
fn what_is_no_stream_is_refused() {
    let check = |bytes: &str| {
        let mut frames = Vec::new();
        assert!(
            Parser::new(false)
                .feed(bytes.as_bytes(), &mut frames)
                .is_err(),
            "{bytes:?}"
        );
    };
    check("HTTP/1.1 404 Not Found\r\n");
    check(&format!("{HEAD}0\r\n"));
    check(&format!("{HEAD}xyz\r\n"));
    check(&format!("{HEAD}2\r\nabc\r\n"));
    check(&"a".repeat(MAX_LINE + 1));
}
