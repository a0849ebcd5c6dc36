//! What is written, and that it is read again.

use proptest::prelude::*;

use super::*;
use crate::mpjpeg::mux::{CLOSE, CONTENT_TYPE, PREAMBLE, ahead, part, slate_part};

#[test]
fn a_part_carries_its_length_its_time_and_the_boundary_that_ends_it() {
    let bytes = part(b"JPEG", Timestamp::from_micros(1_700_000_000_000_042));
    let boundary = CONTENT_TYPE.split_once("boundary=").unwrap().1;
    let expected = format!(
        "Content-Type: image/jpeg\r\nContent-Length: 4\r\n\
         X-Timestamp: 1700000000.000042\r\n\r\nJPEG\r\n--{boundary}\r\n"
    );
    assert_eq!(bytes, expected);
    assert_eq!(PREAMBLE, format!("--{boundary}\r\n").as_bytes());
    let slate = slate_part(b"JPEG", Timestamp::from_micros(1_700_000_000_000_042));
    let marked = expected.replace("42\r\n", "42\r\nX-Eyeline-Slate: 1\r\n");
    assert_eq!(slate, marked);
}

#[test]
fn a_stream_is_closed_after_any_number_of_parts() {
    let one = part(JPEG, Timestamp::from_micros(5));
    for count in 0..3 {
        let body = [PREAMBLE, &one.repeat(count), CLOSE].concat();
        for boundary in [
            boundary_from_content_type(CONTENT_TYPE).unwrap(),
            Boundary::Sniff,
        ] {
            let (parts, ended) = parse_parts(&boundary, Limits::default(), &body);
            assert_eq!((parts.len(), ended), (count, Ok(())));
            let mut parser = Parser::new(boundary, Limits::default());
            parser.push(Bytes::from(body.clone()));
            while parser.next().unwrap().is_some() {}
            assert!(parser.is_closed());
        }
    }
}

#[test]
fn headers_that_go_ahead_make_a_stream_all_the_same() {
    let body = [ahead::PREAMBLE, &ahead::part(JPEG).repeat(3), CLOSE].concat();
    let boundary = boundary_from_content_type(CONTENT_TYPE).unwrap();
    let (parts, ended) = parse_parts(&boundary, Limits::default(), &body);
    // The headers that went ahead of the end make an empty part.
    let lengths: Vec<_> = parts.iter().map(|part| part.data.len()).collect();
    assert_eq!(
        (lengths, ended),
        (vec![JPEG.len(), JPEG.len(), JPEG.len(), 0], Ok(()))
    );
    assert!(parts[..3].iter().all(|part| part.data == JPEG));
    let next = b"Content-Type: image/jpeg\r\n\r\n";
    assert!(
        ahead::part(JPEG).ends_with(next),
        "Chromium shows a picture when it has read this"
    );
}

proptest! {
    #[test]
    fn what_is_muxed_is_parsed_again_whatever_the_pieces(
        bodies in proptest::collection::vec(
            (proptest::collection::vec(any::<u8>(), 0..300), any::<u32>()),
            0..6,
        ),
        sizes in proptest::collection::vec(1_usize..200, 1..20),
    ) {
        let mut stream = PREAMBLE.to_vec();
        for (body, micros) in &bodies {
            stream.extend(part(body, Timestamp::from_micros(u64::from(*micros))));
        }
        stream.extend(CLOSE);
        let boundary = boundary_from_content_type(CONTENT_TYPE).unwrap();
        let mut parser = Parser::new(boundary, Limits::default());
        let mut given = Vec::new();
        let mut rest = &stream[..];
        for size in sizes.iter().cycle() {
            let (piece, after) = rest.split_at(rest.len().min(*size));
            parser.push(Bytes::copy_from_slice(piece));
            while let Some(part) = parser.next().unwrap() {
                given.push((part.data.to_vec(), part.captured));
            }
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(parser.finish(), Ok(None));
        let time = |micros: u32| Some(Timestamp::from_micros(u64::from(micros)));
        let sent: Vec<_> = bodies.into_iter().map(|(body, at)| (body, time(at))).collect();
        prop_assert_eq!(given, sent);
    }
}
