//! Telling streams apart.

use super::*;

fn check(content_type: Option<&str>, body: &[&[u8]], pictures: usize, ended: Result<(), Error>) {
    let new = || Demux::sniff(content_type, Limits::default()).unwrap();
    let (given, how) = parse_pictures(new, &body.concat());
    assert!(given.iter().all(|picture| picture.data == JPEG));
    assert!(given.iter().all(|picture| picture.kind == Kind::Jpeg));
    assert_eq!((given.len(), how), (pictures, ended), "{content_type:?}");
}

#[test]
fn the_first_bytes_tell_multipart_from_jpegs() {
    for content_type in [None, Some("application/octet-stream"), Some("")] {
        for blanks in [&b""[..], b"\r\n", b"\n\n"] {
            check(content_type, &[blanks, JPEG, JPEG], 2, Ok(()));
            let part: [&[u8]; 3] = [blanks, b"--x\r\n\r\n", JPEG];
            check(content_type, &part, 1, Ok(()));
        }
    }
}

#[test]
fn a_declared_type_is_believed() {
    let multipart = Some("multipart/x-mixed-replace; boundary=b");
    check(multipart, &[b"preamble\r\n--b\r\n\r\n", JPEG], 1, Ok(()));
    check(Some("Image/JPEG; q=1"), &[b"\0\0", JPEG, JPEG], 2, Ok(()));
    let error = Demux::sniff(Some("multipart/mixed; boundary=\"\""), Limits::default());
    let expected = Error::Boundary(BoundaryError::Unusable(String::new()));
    assert_eq!(error.err(), Some(expected));
}

#[test]
fn a_stream_of_something_else_is_told_what_to_say() {
    let unrecognised = |offset, begins: &[u8]| Error::Unrecognised {
        offset,
        begins: begins.to_vec(),
    };
    check(
        None,
        &[b"\r\nGIF89a and so on"],
        0,
        Err(unrecognised(2, b"GIF89a a")),
    );
    check(None, &[b"GIF"], 0, Err(unrecognised(0, b"GIF")));
    check(None, &[b"-"], 0, Err(unrecognised(0, b"-")));
    check(None, &[&[b' '; 1_024], JPEG], 1, Ok(()));
    let blank = || Err(unrecognised(1_025, b""));
    check(None, &[&[b' '; 1_025], JPEG], 0, blank());
    check(None, &[&[0; 9_000]], 0, Err(unrecognised(0, &[0; 8])));
    check(
        None,
        &[&[b' '; 5_000], JPEG],
        0,
        Err(unrecognised(1_025, b"")),
    );
    let said = unrecognised(0, b"GIF").to_string();
    assert!(said.contains("?format=bgr24&size="), "{said}");
}

#[test]
fn nothing_at_all_is_no_error() {
    check(None, &[], 0, Ok(()));
    check(None, &[b"\r\n"], 0, Ok(()));
}

#[test]
fn the_capture_time_of_a_part_is_the_pictures() {
    let body = [b"--b\r\nX-Timestamp: 2.5\r\n\r\n", JPEG].concat();
    let new = || Demux::sniff(None, Limits::default()).unwrap();
    let (given, _) = parse_pictures(new, &body);
    assert_eq!(given[0].captured, Some(Timestamp::from_micros(2_500_000)));
}

#[test]
fn parts_that_are_no_pictures_on_purpose_are_passed_over() {
    let body: [&[u8]; 5] = [
        b"--b\r\nContent-Type: application/json\r\n\r\n{}\r\n--b\r\n\r\n",
        JPEG,
        b"\r\n--b\r\nContent-Length: 0\r\n\r\n\r\n--b\r\n\r\n",
        JPEG,
        b"\r\n--b--\r\n",
    ];
    check(None, &body, 2, Ok(()));
}

#[test]
fn a_part_that_should_be_a_jpeg_and_is_not_is_an_error() {
    let not_a_jpeg = |offset, kind: &str| Error::NotAJpeg {
        offset,
        content_type: kind.to_owned(),
    };
    let png = b"--b\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n--b\r\n";
    check(None, &[png], 0, Err(not_a_jpeg(32, "image/png")));
    let bare = b"--b\r\n\r\nhello\r\n--b\r\n";
    check(None, &[bare], 0, Err(not_a_jpeg(7, "something else")));
}

#[test]
fn errors_of_every_kind_of_stream_come_through() {
    let truncated = |offset, end| Err(Error::Truncated { offset, end });
    check(None, &[&JPEG[..99]], 0, truncated(0, 99));
    check(None, &[b"\n--b\r\n\r\n", &JPEG[..92]], 0, truncated(8, 100));
}
