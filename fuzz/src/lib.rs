//! What the fuzz targets do with their input, one function each. They panic if a
//! promise of the parsers is broken. `crates/proto/tests/untrusted.rs` includes
//! this file and calls the same functions: with the corpus, and with inputs that
//! proptest makes up.

mod h264;
mod hls;
mod m3u8;
mod mp4;
mod mpegts;
mod rtmp;
mod rtp;
mod rtsp;
mod websocket;

pub use h264::h264;
pub use hls::hls;
pub use m3u8::m3u8;
pub use mp4::fmp4;
pub use mpegts::mpegts;
pub use rtmp::rtmp;
pub use rtp::rtp;
pub use rtsp::rtsp;
pub use websocket::websocket;

use bytes::Bytes;
use eyeline_media::jpeg::{Splitter, insert_standard_huffman_tables, parse_header};
use eyeline_media::{PixelFormat, Resolution};
use eyeline_proto::mpjpeg::{
    Boundary, Demux, Error, Limits, Parser, Part, Picture, boundary_from_content_type,
};

/// Small enough for a fuzzer to reach every one of them.
const LIMITS: Limits = Limits {
    max_part_bytes: 2_000,
    max_header_bytes: 200,
    max_garbage_bytes: 300,
};

/// A multipart body: the first byte says how its boundary is known, the second
/// into which pieces it is cut. The pieces must not matter, the memory held must
/// stay within the limits, and no data may come from nowhere.
pub fn multipart(data: &[u8]) {
    let &[kind, seed, ref body @ ..] = data else {
        return;
    };
    let boundary = || match kind % 4 {
        0 => Boundary::Sniff,
        1 => Boundary::Declared("b".parse().expect("a usable boundary")),
        2 => boundary_from_content_type("multipart/x-mixed-replace; boundary=\"--b--c\"")
            .expect("a usable boundary"),
        _ => boundary_from_content_type(&String::from_utf8_lossy(body)).unwrap_or(Boundary::Sniff),
    };
    let parse = |pieces: Vec<Bytes>| {
        let parser = Parser::new(boundary(), LIMITS);
        run(parser, pieces)
    };
    let whole = parse(vec![Bytes::copy_from_slice(body)]);
    assert_eq!(whole, parse(cut(body, seed)), "the pieces mattered");
    assert_eq!(whole, parse(cut(body, 0)), "single bytes mattered");
    for part in &whole.items {
        assert!(part.offset as usize <= body.len());
        // Huffman tables are all that may be added.
        assert!(part.data.len() <= LIMITS.max_part_bytes + 420);
    }
    check_error(whole.error.as_ref(), body);
}

/// One picture: read its header, find its end, put tables in.
pub fn jpeg_header(data: &[u8]) {
    let header = parse_header(data);
    if let Ok(header) = &header {
        assert_eq!(
            data.get(header.scan_offset..header.scan_offset + 2),
            Some(&[0xFF, 0xDA][..])
        );
    }
    let jpeg = Bytes::copy_from_slice(data);
    match (insert_standard_huffman_tables(&jpeg), &header) {
        (Ok(whole), Ok(header)) => {
            let after = parse_header(&whole).expect("tables do not break a header");
            assert_eq!(
                (after.resolution, after.components, after.progressive),
                (header.resolution, header.components, header.progressive)
            );
            assert!(after.has_huffman_tables || after.progressive);
            assert_eq!(insert_standard_huffman_tables(&whole), Ok(whole));
        }
        (Err(inserting), Err(reading)) => assert_eq!(&inserting, reading),
        (inserted, read) => panic!("{inserted:?}, but {read:?}"),
    }
    let whole = Splitter::new().find_end(data);
    if let Ok(Some(end)) = whole {
        assert_eq!(&data[end - 2..end], [0xFF, 0xD9]);
    }
    let mut splitter = Splitter::new();
    let stepwise = (0..=data.len())
        .map(|len| splitter.find_end(&data[..len]))
        .find(|outcome| *outcome != Ok(None))
        .unwrap_or(Ok(None));
    assert_eq!(whole, stepwise, "the pieces mattered");
}

/// A stream of any kind: the first byte says what is known about it, the second
/// into which pieces it is cut.
pub fn demux(data: &[u8]) {
    let &[kind, seed, ref body @ ..] = data else {
        return;
    };
    let new = || match kind % 5 {
        0 => Demux::sniff(None, LIMITS),
        1 => Demux::sniff(Some("image/jpeg"), LIMITS),
        2 => Demux::sniff(Some("multipart/x-mixed-replace; boundary=b"), LIMITS),
        3 => Demux::sniff(Some(&String::from_utf8_lossy(body)), LIMITS),
        _ => {
            let size = Resolution::new(7, 5).expect("a small size");
            Ok(Demux::raw(PixelFormat::Nv12, size))
        }
    };
    let parse = |pieces: Vec<Bytes>| Some(run(new().ok()?, pieces));
    let whole = parse(vec![Bytes::copy_from_slice(body)]);
    assert_eq!(whole, parse(cut(body, seed)), "the pieces mattered");
    assert_eq!(whole, parse(cut(body, 0)), "single bytes mattered");
    check_error(whole.and_then(|outcome| outcome.error).as_ref(), body);
}

/// Everything a parser gave.
#[derive(Debug, PartialEq)]
struct Outcome<T> {
    items: Vec<T>,
    error: Option<Error>,
}

trait Stream {
    type Item;
    fn push(&mut self, piece: Bytes);
    fn next(&mut self) -> Result<Option<Self::Item>, Error>;
    fn finish(&mut self) -> Result<Option<Self::Item>, Error>;
    fn buffered(&self) -> usize;
}

macro_rules! stream {
    ($parser:ty, $item:ty) => {
        impl Stream for $parser {
            type Item = $item;
            fn push(&mut self, piece: Bytes) {
                <$parser>::push(self, piece);
            }
            fn next(&mut self) -> Result<Option<$item>, Error> {
                <$parser>::next(self)
            }
            fn finish(&mut self) -> Result<Option<$item>, Error> {
                <$parser>::finish(self)
            }
            fn buffered(&self) -> usize {
                <$parser>::buffered(self)
            }
        }
    };
}
stream!(Parser, Part);
stream!(Demux, Picture);

fn run<S: Stream>(mut stream: S, pieces: Vec<Bytes>) -> Outcome<S::Item> {
    let mut items = Vec::new();
    let mut error = None;
    'pieces: for piece in pieces {
        stream.push(piece);
        loop {
            match stream.next() {
                Ok(Some(item)) => items.push(item),
                Ok(None) => break,
                Err(failed) => {
                    error = Some(failed);
                    break 'pieces;
                }
            }
        }
        let held = stream.buffered();
        assert!(held <= LIMITS.max_buffered(), "{held} bytes held");
    }
    while error.is_none() {
        match stream.finish() {
            Ok(Some(item)) => items.push(item),
            Ok(None) => break,
            Err(failed) => error = Some(failed),
        }
    }
    if let Some(error) = &error {
        assert_eq!(stream.next().err().as_ref(), Some(error), "errors stay");
        assert_eq!(stream.buffered(), 0, "a failed stream holds nothing");
    }
    Outcome { items, error }
}

/// `bytes` in pieces of 1 to `seed` bytes, or single ones.
fn cut(bytes: &[u8], seed: u8) -> Vec<Bytes> {
    let mut pieces = Vec::new();
    let mut rest = bytes;
    let mut state = u32::from(seed);
    while !rest.is_empty() {
        state = state.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        let most = u32::from(seed).max(1);
        let len = 1 + ((state >> 16) % most) as usize;
        let (piece, after) = rest.split_at(len.min(rest.len()));
        pieces.push(Bytes::copy_from_slice(piece));
        rest = after;
    }
    pieces
}

fn check_error(error: Option<&Error>, body: &[u8]) {
    if let Some(error) = error {
        assert!(error.offset() as usize <= body.len(), "{error}");
        assert!(!error.to_string().is_empty());
    }
}
