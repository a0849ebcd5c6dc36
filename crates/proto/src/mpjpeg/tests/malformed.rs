//! Multipart bodies that are wrong, or ask for too much.

use super::multipart::declared;
use super::*;

/// The number of parts before the error of a body whose boundary is `b`.
fn check_error(limits: Limits, body: &[&[u8]], parts: usize, expected: Error) {
    let (given, ended) = parse_parts(&declared("b"), limits, &body.concat());
    assert_eq!((given.len(), ended), (parts, Err(expected)));
}

const SMALL: Limits = Limits {
    max_part_bytes: 1_000,
    max_header_bytes: 100,
    max_garbage_bytes: 50,
};

#[test]
fn a_stream_that_ends_within_a_part_is_truncated() {
    let truncated = |offset, end| Error::Truncated { offset, end };
    check_error(SMALL, &[b"--b\r\nContent-Le"], 0, truncated(5, 15));
    check_error(SMALL, &[b"--b\r\nX: y\r\nZ"], 0, truncated(5, 12));
    check_error(
        SMALL,
        &[b"--b\r\nContent-Length: 9\r\n\r\n1234"],
        0,
        truncated(26, 30),
    );
    check_error(SMALL, &[b"--b\r\n\r\n", &JPEG[..500]], 0, truncated(7, 507));
}

#[test]
fn a_stream_without_any_boundary_says_so() {
    let error = |within| Error::NoBoundary { offset: 0, within };
    check_error(SMALL, &[b"<html>Not found"], 0, error(15));
    check_error(SMALL, &[b"<html>\r\nNot found"], 0, error(17));
    check_error(SMALL, &[&[b'x'; 2_000]], 0, error(50));
    check_error(SMALL, &[&b"garbage\r\n".repeat(10)], 0, error(50));
}

#[test]
fn a_wrong_content_length_is_an_error_where_the_boundary_should_be() {
    for (length, offset) in [(3, 29), (9, 35)] {
        let head = format!("--b\r\nContent-Length: {length}\r\n\r\n").into_bytes();
        let body: [&[u8]; 3] = [&head, b"hello\r\n--b\r\n\r\n", JPEG];
        let expected = Error::ContentLengthMismatch { offset };
        assert_eq!(expected.offset(), offset);
        check_error(SMALL, &body, 1, expected);
    }
}

#[test]
fn a_content_length_that_is_no_number_is_an_error() {
    for value in ["-1", "+5", "0x10", "", "5 5", "99999999999999999999999"] {
        let head = format!("--b\r\nX: y\r\nContent-Length: {value}\r\n\r\n");
        let value = value.to_owned();
        let expected = Error::BadContentLength { offset: 5, value };
        check_error(SMALL, &[head.as_bytes()], 0, expected);
    }
    let twice = b"--b\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n";
    let value = "6".to_owned();
    check_error(
        SMALL,
        &[twice],
        0,
        Error::BadContentLength { offset: 5, value },
    );
}

#[test]
fn a_gigabyte_announced_is_refused_before_it_is_sent() {
    let expected = Error::ContentLengthTooLarge {
        offset: 5,
        length: 1 << 30,
        limit: Limits::MAX_PART_BYTES,
    };
    let body = b"--b\r\nContent-Length: 1073741824\r\n";
    check_error(Limits::default(), &[body], 0, expected);
}

#[test]
fn an_endless_part_is_an_error_at_its_limit() {
    let expected = || Error::TooLong {
        offset: 7,
        limit: 1_000,
    };
    check_error(SMALL, &[b"--b\r\n\r\n", &[b'x'; 2_000]], 0, expected());
    let jpeg = [&JPEG[..600], &[0x11; 2_000]].concat();
    check_error(SMALL, &[b"--b\r\n\r\n", &jpeg], 0, expected());
    let longest = [b'x'; 1_001];
    check_error(
        SMALL,
        &[b"--b\r\n\r\n", &longest, b"\n--b\n"],
        0,
        expected(),
    );
    let (parts, ended) = parse_parts(
        &declared("b"),
        SMALL,
        &[b"--b\r\n\r\n", &longest[1..], b"\n--b\n"].concat(),
    );
    assert_eq!((parts.len(), ended), (1, Ok(())));
}

#[test]
fn endless_headers_are_an_error_at_their_limit() {
    let expected = || Error::HeadersTooLong {
        offset: 5,
        limit: 100,
    };
    check_error(SMALL, &[b"--b\r\n", &b"X: y\r\n".repeat(50)], 0, expected());
    check_error(SMALL, &[b"--b\r\n", &[b'x'; 200]], 0, expected());
}

#[test]
fn endless_padding_is_an_error_at_its_limit() {
    let sized = format!("--b\r\nContent-Length: {}\r\n\r\n", JPEG.len()).into_bytes();
    let at = |head: usize| Error::NoBoundary {
        offset: u64::try_from(head + JPEG.len()).unwrap(),
        within: 50,
    };
    check_error(SMALL, &[&sized, JPEG, &[0; 100]], 1, at(sized.len()));
    check_error(SMALL, &[b"--b\r\n\r\n", JPEG, &[b'x'; 100]], 1, at(7));
    let (parts, ended) = parse_parts(
        &declared("b"),
        SMALL,
        &[b"--b\r\n\r\n", JPEG, &[b'\n'; 50], b"--b\r\n\r\n", JPEG].concat(),
    );
    assert_eq!((parts.len(), ended), (2, Ok(())), "just within it");
    let before = Error::NoBoundary {
        offset: 7,
        within: 50,
    };
    check_error(SMALL, &[b"--b\r\n\r\n", &[b'\n'; 100]], 0, before);
}

#[test]
fn an_endless_stream_is_held_within_the_limits_until_its_error() {
    for start in [
        &b""[..],
        b"--b\r\n",
        b"--b\r\n\r\n",
        b"--b\r\n\r\n\xFF\xD8",
        b"--b\r\nContent-Length: 1000\r\n\r\n",
    ] {
        let mut parser = Parser::new(declared("b"), SMALL);
        parser.push(Bytes::copy_from_slice(start));
        let mut pieces = 0;
        while parser.next().is_ok() {
            assert!(parser.buffered() <= SMALL.max_buffered());
            parser.push(Bytes::from_static(b"0123456789"));
            pieces += 1;
            assert!(pieces < 200, "no error after {start:?}");
        }
    }
}

#[test]
fn an_error_is_repeated_and_frees_what_was_held() {
    let mut parser = Parser::new(declared("b"), SMALL);
    parser.push(Bytes::from([b'x'; 2_000].to_vec()));
    let error = parser.next().unwrap_err();
    parser.push(Bytes::from_static(b"\r\n--b\r\n\r\n"));
    parser.push(Bytes::from_static(JPEG));
    assert_eq!(parser.next(), Err(error.clone()));
    assert_eq!(parser.finish(), Err(error));
    assert_eq!(parser.buffered(), 0);
}

#[test]
fn a_large_part_in_small_pieces_ends_in_memory_of_its_own_size() {
    let len = 3_000_000;
    let mut parser = Parser::new(declared("b"), Limits::default());
    parser.push(Bytes::from(format!("--b\r\nContent-Length: {len}\r\n\r\n")));
    for _ in 0..len / 1_000 {
        assert_eq!(parser.next(), Ok(None));
        parser.push(Bytes::from_static(&[7; 1_000]));
    }
    let part = parser.next().unwrap().unwrap();
    assert_eq!(part.data.len(), len);
    assert_eq!(parser.buffered(), 0);
}
