//! Untrusted bytes: every case the fuzzers kept, and streams made up of the
//! pieces that parsers stumble over, cut anywhere.

#[expect(unreachable_pub, reason = "public for the fuzz targets")]
#[path = "../../../fuzz/src/lib.rs"]
mod promises;

use std::path::Path;

use proptest::prelude::*;

fn replay(target: &str, check: fn(&[u8])) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let mut cases = 0;
    for entry in std::fs::read_dir(corpus.join(target)).expect("a folder of cases") {
        let path = entry.expect("a case").path();
        eprintln!("{}", path.display());
        check(&std::fs::read(path).expect("a case"));
        cases += 1;
    }
    assert!(cases > 0, "no corpus for {target}");
}

#[test]
fn multipart_bodies_of_the_corpus_break_no_promise() {
    replay("multipart", promises::multipart);
}

#[test]
fn jpeg_headers_of_the_corpus_break_no_promise() {
    replay("jpeg_header", promises::jpeg_header);
}

#[test]
fn streams_of_the_corpus_break_no_promise() {
    replay("demux", promises::demux);
}

#[test]
fn websockets_of_the_corpus_break_no_promise() {
    replay("websocket", promises::websocket);
}

#[test]
fn h264_of_the_corpus_breaks_no_promise() {
    replay("h264", promises::h264);
}

#[test]
fn what_is_asked_of_hls_in_the_corpus_breaks_no_promise() {
    replay("hls", promises::hls);
}

#[test]
fn rtmp_of_the_corpus_breaks_no_promise() {
    replay("rtmp", promises::rtmp);
}

#[test]
fn mpegts_of_the_corpus_breaks_no_promise() {
    replay("mpegts", promises::mpegts);
}

#[test]
fn mp4_of_the_corpus_breaks_no_promise() {
    replay("fmp4", promises::fmp4);
}

#[test]
fn playlists_of_the_corpus_break_no_promise() {
    replay("m3u8", promises::m3u8);
}

#[test]
fn rtsp_of_the_corpus_breaks_no_promise() {
    replay("rtsp", promises::rtsp);
}

#[test]
fn rtp_of_the_corpus_breaks_no_promise() {
    replay("rtp", promises::rtp);
}

/// A picture of 16x16, and one of the same size without Huffman tables or scan.
fn pictures() -> [Vec<u8>; 2] {
    let real = include_bytes!("fixtures/16x16.jpg").to_vec();
    let bare = [
        &[
            0xFF, 0xD8, 0xFF, 0xC0, 0, 11, 8, 0, 16, 0, 16, 1, 1, 0x11, 0,
        ][..],
        &[0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 1, 2, 0xFF, 0, 3],
        &[0xFF, 0xD9],
    ];
    [real, bare.concat()]
}

/// What streams are made of.
fn token() -> impl Strategy<Value = Vec<u8>> {
    let text = |text: &'static [u8]| Just(text.to_vec());
    let [real, bare] = pictures();
    let cut = real[..300].to_vec();
    prop_oneof![
        4 => text(b"--b\r\n"),
        2 => text(b"\r\n--b\r\n"),
        1 => text(b"\n--b\n"),
        1 => text(b"----b \t\r\n"),
        1 => text(b"\r\n--b--"),
        1 => text(b"--"),
        3 => text(b"\r\n"),
        2 => text(b"Content-Type: image/jpeg\r\n"),
        2 => Just(format!("Content-Length: {}\r\n\r\n", real.len()).into_bytes()),
        1 => (0_u32..3_000).prop_map(|n| format!("CONTENT-LENGTH:{n}\n").into_bytes()),
        1 => text(b"Content-Length: 1073741824\r\n"),
        1 => text(b"X-Timestamp: 1.5\r\n\r\n"),
        3 => Just(real),
        3 => Just(bare),
        1 => Just(cut),
        1 => text(&[0xFF, 0xD8]),
        1 => text(&[0xFF, 0xD9]),
        1 => (any::<u8>(), 1_usize..500).prop_map(|(byte, count)| vec![byte; count]),
        2 => proptest::collection::vec(any::<u8>(), 0..40),
    ]
}

/// Two bytes of choice for the target, then a stream.
fn input() -> impl Strategy<Value = Vec<u8>> {
    let stream = proptest::collection::vec(token(), 0..14);
    (any::<[u8; 2]>(), stream)
        .prop_map(|(choices, tokens)| [choices.to_vec(), tokens.concat()].concat())
}

/// A frame's first byte, its payload and mask, and how its length is written.
type Frame = (u8, Vec<u8>, [u8; 4], u8);

/// A frame with anything right or wrong about it.
fn frame() -> impl Strategy<Value = Frame> {
    let first = prop_oneof![
        8 => prop::sample::select(vec![0x00_u8, 0x01, 0x02, 0x80, 0x81, 0x82, 0x89, 0x8A]),
        1 => Just(0x88),
        1 => any::<u8>(),
    ];
    let payload = prop_oneof![
        3 => "\\PC{0,60}".prop_map(String::into_bytes),
        3 => proptest::collection::vec(any::<u8>(), 0..130),
        1 => proptest::collection::vec(any::<u8>(), 150..1_200),
        1 => Just(b"\x03\xE8bye".to_vec()),
        1 => Just(b"\0\0\0\x11{\"timestamp\":1.5}JPEG".to_vec()),
    ];
    let form = 0..10_u8;
    (first, payload, any::<[u8; 4]>(), form)
}

/// With a mask or without; the length as it is written best, or longer.
fn framed((first, payload, key, form): &Frame, masked: bool) -> Vec<u8> {
    let (first, mut payload) = (*first, payload.clone());
    let bit = if masked { 0x80 } else { 0 };
    let length = payload.len() as u64;
    let head = match (form, payload.len()) {
        (0..=6, 0..126) => vec![first, bit | length as u8],
        (0..=8, _) => [&[first, bit | 126], &length.to_be_bytes()[6..]].concat(),
        _ => [&[first, bit | 127], &length.to_be_bytes()[..]].concat(),
    };
    if masked {
        let keys = key.iter().cycle();
        payload
            .iter_mut()
            .zip(keys)
            .for_each(|(byte, key)| *byte ^= key);
        return [head, key.to_vec(), payload].concat();
    }
    [head, payload].concat()
}

/// Two bytes of choice for the target, then frames, nearly all of the right end.
fn connection() -> impl Strategy<Value = Vec<u8>> {
    let frames = proptest::collection::vec((frame(), 0..30_u8), 0..10);
    (any::<[u8; 2]>(), frames).prop_map(|(choices, frames)| {
        let masked = choices[0].is_multiple_of(2);
        let bytes = frames.iter().flat_map(|(frame, other)| {
            let masked = masked ^ (*other == 0);
            framed(frame, masked)
        });
        choices.into_iter().chain(bytes).collect()
    })
}

proptest! {
    #[test]
    fn any_connection_in_any_pieces_breaks_no_promise(input in connection()) {
        promises::websocket(&input);
    }

    #[test]
    fn any_bytes_over_rtmp_break_no_promise(
        input in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        promises::rtmp(&input);
    }

    #[test]
    fn any_bytes_over_a_websocket_break_no_promise(
        input in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        promises::websocket(&input);
    }

    #[test]
    fn any_multipart_body_in_any_pieces_breaks_no_promise(input in input()) {
        promises::multipart(&input);
    }

    #[test]
    fn any_stream_in_any_pieces_breaks_no_promise(input in input()) {
        promises::demux(&input);
    }

    #[test]
    fn any_damage_to_a_picture_breaks_no_promise(
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        len in any::<prop::sample::Index>(),
    ) {
        for mut picture in pictures() {
            picture.truncate(1 + len.index(picture.len()));
            let at = at.index(picture.len());
            picture[at] = byte;
            promises::jpeg_header(&picture);
        }
    }
}
