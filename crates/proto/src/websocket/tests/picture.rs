//! Pictures in messages.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use eyeline_media::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::picture::{self, Header, HeaderError, MAX_HEADER_BYTES, Meta, parse_binary};
use super::*;

const TIME: Timestamp = Timestamp::from_micros(1_700_000_000_000_042);

const META: Meta<'_> = Meta {
    stream_id: "front",
    timestamp: TIME,
    frame_number: 7,
    quality: "medium",
    slate: false,
};

/// The only message in a whole frame of a server.
fn message(frame: &Bytes) -> Message {
    let limits = Limits {
        max_text_bytes: usize::MAX,
        max_binary_bytes: usize::MAX,
    };
    let mut parser = Parser::new(Role::Client, limits);
    parser.push(frame);
    let message = parser.next().unwrap().unwrap();
    assert_eq!((parser.next(), parser.buffered()), (Ok(None), 0));
    message
}

fn binary_message(frame: &Bytes) -> Bytes {
    match message(frame) {
        Message::Binary(data) => data,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_picture_in_json_is_written_to_the_letter() {
    assert_eq!(
        message(&picture::json(META, b"JPEG")),
        text(
            "{\"type\":\"frame\",\"data\":{\"stream_id\":\"front\",\
             \"timestamp\":1700000000.000042,\"frame_number\":7,\"quality\":\"medium\",\
             \"frame\":\"SlBFRw==\"}}"
        )
    );
}

#[test]
fn a_slate_says_so() {
    let slate = Meta {
        slate: true,
        ..META
    };
    let Message::Text(text) = message(&picture::json(slate, b"")) else {
        panic!("a text message");
    };
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["data"]["slate"], json!(true));
    assert_eq!(value["data"]["frame"], json!(""));
}

#[test]
fn names_stay_strings_whatever_is_in_them() {
    let odd: String = ('\0'..='\x7F').chain("\u{2028}ü🎥".chars()).collect();
    let meta = Meta {
        stream_id: &odd,
        quality: &odd,
        ..META
    };
    let Message::Text(text) = message(&picture::json(meta, b"")) else {
        panic!("a text message");
    };
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["data"]["stream_id"], json!(odd));
    assert_eq!(value["data"]["quality"], json!(odd));
}

#[test]
fn a_bare_jpeg_is_nothing_else() {
    assert_eq!(binary_message(&picture::jpeg(b"JPEG")), &b"JPEG"[..]);
}

#[test]
fn a_binary_picture_is_a_length_a_header_and_the_jpeg() {
    let data = binary_message(&picture::binary(META, b"JPEG"));
    let header = "{\"stream_id\":\"front\",\"timestamp\":1700000000.000042,\
                  \"frame_number\":7,\"quality\":\"medium\"}";
    let length = (header.len() as u32).to_be_bytes();
    assert_eq!(data, [&length, header.as_bytes(), b"JPEG"].concat());

    let (read, jpeg) = parse_binary(&data).unwrap();
    assert_eq!(read.timestamp, Some(TIME));
    assert_eq!(jpeg, &b"JPEG"[..]);
    assert_eq!(jpeg.as_ptr(), data[data.len() - 4..].as_ptr(), "no copy");
}

fn with_header(header: &str) -> Bytes {
    let length = (header.len() as u32).to_be_bytes();
    [&length, header.as_bytes(), b"JPEG"].concat().into()
}

#[test]
fn a_producer_may_say_when_and_anything_else() {
    let check = |header: &str, nanos: Option<u64>| {
        let timestamp = nanos.map(Timestamp::from_nanos);
        let expected = (Header { timestamp }, Bytes::from_static(b"JPEG"));
        assert_eq!(parse_binary(&with_header(header)), Ok(expected), "{header}");
    };
    check("{}", None);
    check("{\"timestamp\":null,\"x\":[{}]}", None);
    check("{\"timestamp\":0}", Some(0));
    check(" {\"timestamp\":1.7e9}\n", Some(1_700_000_000_000_000_000));
    check(
        "{\"timestamp\":1700000000.123456789}",
        Some(1_700_000_000_123_457_000),
    );
}

#[test]
fn a_wrong_header_is_told_what_is_wrong() {
    let check = |message: &[u8], part: &str| {
        let error = parse_binary(&Bytes::copy_from_slice(message)).unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    };
    check(b"", "four bytes");
    check(b"\0\0\0", "four bytes");
    check(b"\0\0\0\x03{}", "3 bytes, but 2 follow");
    // A bare JPEG.
    check(b"\xFF\xD8\xFF\xE0\0\x10JFIF", "bare JPEG");
    check(&[0; 4], "JSON");
    for header in ["", "1", "x", "[1.5]", "{} {}", "{\"timestamp\":1e999}"] {
        check(&with_header(header), "JSON object");
    }
    let long = format!("{{\"timestamp\":\"{}\"}}", "1".repeat(100));
    for header in [
        "{\"timestamp\":-1}",
        "{\"timestamp\":1764000000000000}",
        "{\"timestamp\":\"1\"}",
        "{\"timestamp\":[1]}",
        &long,
    ] {
        check(&with_header(header), "seconds since 1970");
    }
}

#[test]
fn a_header_has_a_limit() {
    let blank = |bytes| with_header(&format!("{{}}{}", " ".repeat(bytes - 2)));
    assert!(parse_binary(&blank(MAX_HEADER_BYTES)).is_ok());
    let error = parse_binary(&blank(MAX_HEADER_BYTES + 1)).unwrap_err();
    let announced = MAX_HEADER_BYTES as u32 + 1;
    let available = MAX_HEADER_BYTES + 5;
    assert_eq!(
        error,
        HeaderError::TooLong {
            announced,
            available
        }
    );
}

proptest! {
    #[test]
    fn any_picture_in_json_is_read_again(
        stream_id in any::<String>(),
        quality in any::<String>(),
        micros in 0..4_000_000_000_000_000_u64,
        frame_number in any::<u64>(),
        slate in any::<bool>(),
        jpeg in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let timestamp = Timestamp::from_micros(micros);
        let meta = Meta {
            stream_id: &stream_id,
            timestamp,
            frame_number,
            quality: &quality,
            slate,
        };
        let Message::Text(text) = message(&picture::json(meta, &jpeg)) else {
            panic!("a text message");
        };
        let value: Value = serde_json::from_str(&text).unwrap();
        let mut data = json!({
            "stream_id": stream_id,
            "timestamp": value["data"]["timestamp"],
            "frame_number": frame_number,
            "quality": quality,
            "frame": BASE64.encode(&jpeg),
        });
        if slate {
            data["slate"] = json!(true);
        }
        prop_assert_eq!(&value, &json!({"type": "frame", "data": data}));

        let message = binary_message(&picture::binary(meta, &jpeg));
        let (header, picture) = parse_binary(&message).unwrap();
        prop_assert_eq!(header.timestamp, Some(timestamp));
        prop_assert_eq!(picture, jpeg);
    }

    #[test]
    fn any_bytes_are_a_picture_with_a_header_or_an_error(
        length in 0_u32..40,
        rest in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let message = Bytes::from([&length.to_be_bytes(), &rest[..]].concat());
        let _ = parse_binary(&message);
        let _ = parse_binary(&Bytes::from(rest));
    }
}
