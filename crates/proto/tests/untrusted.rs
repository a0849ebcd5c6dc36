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

proptest! {
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
