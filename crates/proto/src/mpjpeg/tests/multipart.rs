//! Multipart bodies: every quirk.

use super::*;

pub(super) fn declared(boundary: &str) -> Boundary {
    let content_type = format!("multipart/x-mixed-replace; boundary={boundary}");
    boundary_from_content_type(&content_type).unwrap()
}

fn data(parts: &[Part]) -> Vec<&[u8]> {
    parts.iter().map(|part| &part.data[..]).collect()
}

/// The parts of a whole and healthy body whose boundary is `b`.
fn check(body: &[&[u8]], expected: &[&[u8]]) {
    check_with(&declared("b"), body, expected);
}

fn check_with(boundary: &Boundary, body: &[&[u8]], expected: &[&[u8]]) {
    let (parts, ended) = parse_parts(boundary, Limits::default(), &body.concat());
    assert_eq!((data(&parts), ended), (expected.to_vec(), Ok(())));
}

#[test]
fn what_ffmpeg_writes_is_read() {
    let body = include_bytes!("../../../tests/fixtures/ffmpeg-three-64x48.mpjpeg");
    for boundary in [Boundary::Sniff, declared("ffmpeg")] {
        let (parts, ended) = parse_parts(&boundary, Limits::default(), body);
        assert_eq!((parts.len(), ended), (3, Ok(())));
        for part in parts {
            assert_eq!(part.content_type.as_deref(), Some("image/jpeg"));
            let size = parse_header(&part.data).unwrap().resolution;
            assert_eq!(size.to_string(), "64x48");
        }
    }
}

#[test]
fn headers_are_read_in_any_case_and_order() {
    let body = [
        b"--b\r\nX-TIMESTAMP: 1700000000.25\r\ncontent-LENGTH:2\r\nX-Other: yes\r\n",
        &b"Content-type:  Image/JPEG ; q=1\r\n\r\nhi\r\n--b\r\n"[..],
    ]
    .concat();
    let (parts, ended) = parse_parts(&declared("b"), Limits::default(), &body);
    assert_eq!(ended, Ok(()));
    let expected = Part {
        data: Bytes::from_static(b"hi"),
        captured: Some(Timestamp::from_micros(1_700_000_000_250_000)),
        content_type: Some("image/jpeg".to_owned()),
        offset: u64::try_from(body.len() - b"hi\r\n--b\r\n".len()).unwrap(),
    };
    assert_eq!(parts, [expected]);
}

#[test]
fn header_lines_that_make_no_sense_are_ignored() {
    let headers = b"--b\r\nHTTP/1.0 200 OK\r\n: x\r\nX-Timestamp: soon\r\n\xFE:\xFF\r\n\r\n";
    let (parts, _) = parse_parts(&declared("b"), Limits::default(), &[headers, JPEG].concat());
    assert_eq!(data(&parts), [JPEG]);
    assert_eq!(parts[0].captured, None);
}

#[test]
fn a_boundary_may_be_declared_with_dashes_or_without() {
    for declaration in ["b", "--b", "-b", "\"b\"", "\"--b\"", " b ", "b; x=y"] {
        for line in [&b"--b\r\n"[..], b"----b\r\n", b"--b \t\r\n"] {
            check_with(
                &declared(declaration),
                &[line, b"\r\n", JPEG, b"\r\n", line, b"\r\n", JPEG],
                &[JPEG, JPEG],
            );
        }
    }
}

#[test]
fn a_boundary_other_than_the_declared_one_is_taken_from_the_first_line() {
    let body: [&[u8]; 4] = [b"--real\r\n\r\n", JPEG, b"\r\n--real\r\n\r\n", JPEG];
    check(&body, &[JPEG, JPEG]);
    check_with(&Boundary::Sniff, &body, &[JPEG, JPEG]);
}

#[test]
fn a_preamble_and_blank_lines_come_before_the_first_boundary() {
    let preamble = b"\r\n\nThis is a message.\r\n--bogus\r\n-- b\r\n";
    check(&[preamble, b"--b\r\n\r\n", JPEG], &[JPEG]);
    check_with(
        &Boundary::Sniff,
        &[b"Hello\r\n--\r\n\r\n--any thing\n\n", JPEG],
        &[JPEG],
    );
}

#[test]
fn a_line_too_long_for_a_delimiter_is_none() {
    let pad = |count| b" ".repeat(count);
    let body = |count| [b"--b", &pad(count)[..], b"\r\n\r\n", JPEG].concat();
    check(&[&body(395)], &[JPEG]);
    check(&[&body(396), b"\r\n--b\r\n\r\nx\r\n--b--"], &[b"x"]);
    let text = [b"text\n--b", &pad(500)[..], b"\n--", &b"-".repeat(500)].concat();
    check(&[b"--b\n\n", &text, b"\n--b\n"], &[&text]);
}

#[test]
fn lines_may_end_in_lf_only() {
    let sized = format!("--b\nContent-Length: {}\n\n", JPEG.len()).into_bytes();
    check(
        &[&sized, JPEG, b"\n--b\n\n", JPEG, b"\n--b\n\ntext\n--b--\n"],
        &[JPEG, JPEG, b"text"],
    );
}

#[test]
fn without_a_content_length_a_jpeg_is_given_at_its_own_end() {
    let mut parser = Parser::new(declared("b"), Limits::default());
    parser.push(Bytes::from([b"--b\r\n\r\n", JPEG].concat()));
    let part = parser
        .next()
        .unwrap()
        .expect("no need to wait for the boundary");
    assert_eq!(part.data, JPEG);
}

#[test]
fn with_a_content_length_a_part_is_given_at_its_last_byte() {
    let mut parser = Parser::new(declared("b"), Limits::default());
    parser.push(Bytes::from_static(b"--b\r\nContent-Length: 5\r\n\r\nhell"));
    assert_eq!(parser.next(), Ok(None));
    parser.push(Bytes::from_static(b"o"));
    assert_eq!(parser.next().unwrap().unwrap().data, b"hello"[..]);
}

#[test]
fn a_boundary_or_an_end_inside_a_thumbnail_ends_nothing() {
    let jpeg = with_thumbnail();
    check(
        &[b"--b\r\n\r\n", &jpeg, b"\r\n--b\r\n\r\n", &jpeg],
        &[&jpeg, &jpeg],
    );
}

#[test]
fn without_a_content_length_anything_else_ends_at_the_boundary() {
    check(
        &[b"--b\r\n\r\none\r\ntwo\r\n--bc\r\n--b\r\n\r\n\r\nthree\r\n--b\r\nX: y\r\n\r\n--b\r\n"],
        &[b"one\r\ntwo\r\n--bc", b"three", b""],
    );
}

#[test]
fn a_jpeg_that_the_boundary_cuts_short_is_given_as_it_is() {
    let cut = &JPEG[..JPEG.len() - 20];
    check(
        &[b"--b\r\n\r\n", cut, b"\r\n--b\r\n\r\n", JPEG],
        &[cut, JPEG],
    );
}

#[test]
fn a_part_needs_no_headers_and_not_even_a_blank_line() {
    check(&[b"--b\r\n", JPEG, b"\r\n--b\r\n", JPEG], &[JPEG, JPEG]);
}

#[test]
fn the_boundary_may_follow_a_picture_without_a_line_end() {
    let sized = format!("--b\r\nContent-Length: {}\r\n\r\n", JPEG.len()).into_bytes();
    check(
        &[&sized, JPEG, &sized, JPEG, b"--b\r\n\r\n", JPEG],
        &[JPEG; 3],
    );
    check(&[b"--b\r\n\r\n", JPEG, b"--b\r\n\r\n", JPEG], &[JPEG; 2]);
}

#[test]
fn padding_after_a_picture_is_cut() {
    let padding = [0; 100];
    let sized = format!("--b\r\nContent-Length: {}\r\n\r\n", JPEG.len() + 100).into_bytes();
    check(&[&sized, JPEG, &padding, b"\r\n--b\r\n"], &[JPEG]);
    check(
        &[
            b"--b\r\n\r\n",
            JPEG,
            b"stale\xFF\xD9",
            b"\r\n--b\r\n\r\n",
            JPEG,
        ],
        &[JPEG, JPEG],
    );
}

#[test]
fn missing_huffman_tables_are_inserted() {
    let camera = without_tables();
    let body = [b"--b\r\n\r\n", &camera[..], b"\r\n--b\r\n"].concat();
    let (parts, _) = parse_parts(&declared("b"), Limits::default(), &body);
    let header = parse_header(&parts[0].data).unwrap();
    assert!(header.has_huffman_tables);
    assert_eq!(parts[0].data.len(), JPEG.len());
}

#[test]
fn nothing_follows_the_close_delimiter() {
    let end = b"\r\n--b--\r\nepilogue\r\n--b\r\n\r\nno part\r\n--b\r\n";
    check(&[b"--b\r\n\r\n", JPEG, end], &[JPEG]);
    check(&[b"--b--"], &[]);
    check(&[b"--b\r\n--b--"], &[]);
    let mut parser = Parser::new(declared("b"), Limits::default());
    parser.push(Bytes::from_static(b"--b--\r\n"));
    assert_eq!(parser.next(), Ok(None));
    assert!(parser.is_closed());
    parser.push(Bytes::from_static(end));
    assert_eq!(parser.buffered(), 0);
}

#[test]
fn a_stream_may_end_after_any_part() {
    for end in [
        &b""[..],
        b"\r\n",
        b"\r\n--",
        b"\r\n--b",
        b"\r\n--b\r\n",
        b"\r\n--b\r\n\r\n",
    ] {
        check(&[b"--b\r\n\r\n", JPEG, end], &[JPEG]);
    }
    check(&[], &[]);
}
