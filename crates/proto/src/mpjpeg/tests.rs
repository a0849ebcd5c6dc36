//! What cameras and programs send, well and badly formed. Every stream is
//! parsed whole, and byte by byte: the outcome must be the same.

use std::fmt::Debug;

use bytes::Bytes;
use eyeline_media::Timestamp;
use eyeline_media::jpeg::parse_header;

use super::*;

mod content_type;
mod demux;
mod jpegs;
mod malformed;
mod multipart;
mod mux;
mod raw;

/// 16x16, with Huffman tables, by ffmpeg.
const JPEG: &[u8] = include_bytes!("../../tests/fixtures/16x16.jpg");

/// [`JPEG`] without its Huffman tables, as a UVC camera sends it.
fn without_tables() -> Vec<u8> {
    let at = JPEG.windows(2).position(|pair| pair == [0xFF, 0xC4]);
    let at = at.unwrap();
    let length = usize::from(u16::from_be_bytes([JPEG[at + 2], JPEG[at + 3]]));
    [&JPEG[..at], &JPEG[at + 2 + length..]].concat()
}

/// [`JPEG`] with a thumbnail, an end marker and a boundary inside an APP1 segment.
fn with_thumbnail() -> Vec<u8> {
    let inside = [&without_tables(), &b"--b\r\n"[..]].concat();
    let length = u16::try_from(inside.len() + 2).unwrap().to_be_bytes();
    [&JPEG[..2], &[0xFF, 0xE1], &length, &inside, &JPEG[2..]].concat()
}

/// What a stream gave, and how it ended.
type Outcome<T> = (Vec<T>, Result<(), Error>);

/// Drives any parser over `body`, cut into pieces of `size` bytes.
fn drive<P, T>(
    mut parser: P,
    body: &[u8],
    size: usize,
    push: impl Fn(&mut P, Bytes),
    next: impl Fn(&mut P) -> Result<Option<T>, Error>,
    finish: impl Fn(&mut P) -> Result<Option<T>, Error>,
) -> Outcome<T> {
    let mut items = Vec::new();
    let mut drain = |parser: &mut P, step: &dyn Fn(&mut P) -> Result<Option<T>, Error>| {
        while let Some(item) = step(parser)? {
            items.push(item);
        }
        Ok(())
    };
    let mut ended = Ok(());
    for piece in body.chunks(size) {
        push(&mut parser, Bytes::copy_from_slice(piece));
        ended = drain(&mut parser, &next);
        if ended.is_err() {
            break;
        }
    }
    if ended.is_ok() {
        ended = drain(&mut parser, &finish);
    }
    (items, ended)
}

/// The outcome, which the size of the pieces must not change.
fn same<T: PartialEq + Debug>(body: &[u8], run: impl Fn(usize) -> Outcome<T>) -> Outcome<T> {
    let whole = run(body.len().max(1));
    for size in [1, 2, 7] {
        assert_eq!(run(size), whole, "in pieces of {size}");
    }
    whole
}

fn parse_parts(boundary: &Boundary, limits: Limits, body: &[u8]) -> Outcome<Part> {
    same(body, |size| {
        let parser = Parser::new(boundary.clone(), limits);
        drive(
            parser,
            body,
            size,
            Parser::push,
            Parser::next,
            Parser::finish,
        )
    })
}

fn parse_pictures(new: impl Fn() -> Demux, body: &[u8]) -> Outcome<Picture> {
    same(body, |size| {
        drive(new(), body, size, Demux::push, Demux::next, Demux::finish)
    })
}
