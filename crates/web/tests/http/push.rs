//! Publishing over HTTP: what is sent in comes out again.

use std::io::Write as _;

use bytes::Bytes;
use eyeline_media::{Resolution, Timestamp};
use eyeline_testkit::http::{self, Answer, Viewer};
use eyeline_testkit::{pictures, wait};

use crate::harness::{Harness, read_to_close, start};

fn jpeg() -> Bytes {
    let time = Timestamp::from_micros(1_700_000_000_000_000);
    pictures::jpeg(Resolution::new(640, 360).unwrap(), time, 50)
}

fn push(server: &Harness, path: &str, kind: &str, body: &[u8]) -> Answer {
    http::send(server.port, "POST", path, &[("Content-Type", kind)], body)
}

fn code(answer: &Answer) -> (u16, String) {
    let json: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    (
        answer.status,
        json["code"].as_str().unwrap_or_default().to_owned(),
    )
}

#[test]
fn a_posted_picture_makes_a_stream_that_shows_it() {
    let server = start();
    let taken = push(&server, "/streams/pushed/ingest", "image/jpeg", &jpeg());
    assert_eq!(
        (taken.status, taken.text().as_str()),
        (200, "{\"frames\":1}")
    );
    wait::until("the stream to show the picture", || {
        let answer = server.get("/streams/pushed/snapshot.jpg?max_age_ms=60000");
        (answer.body == jpeg()).then_some(())
    });
}

#[test]
fn pictures_in_an_endless_body_reach_viewers_as_they_come() {
    let server = start();
    let head = "PUT /streams/pushed/ingest HTTP/1.1\r\nHost: localhost\r\n\
        Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\
        Content-Type: multipart/x-mixed-replace; boundary=b\r\n\r\n";
    let mut publisher = server.raw(head.as_bytes());
    let mut go_on = [0; 25];
    std::io::Read::read_exact(&mut publisher, &mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    let mut part = b"--b\r\nContent-Type: image/jpeg\r\n\r\n".to_vec();
    part.extend(jpeg());
    part.extend(b"\r\n--b\r\n");
    let mut send = |bytes: &[u8]| {
        let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
        chunk.extend(bytes);
        chunk.extend(b"\r\n");
        publisher.write_all(&chunk).unwrap();
    };
    send(&part);
    wait::until("the stream to be there", || {
        (server.json("/api/streams/pushed")["state"] == "live").then_some(())
    });
    let mut viewer = Viewer::open(server.port, "/streams/pushed/mjpeg");
    assert_eq!(viewer.next_part().unwrap().jpeg, jpeg());
    send(&part[5..]);
    assert_eq!(viewer.next_part().unwrap().jpeg, jpeg());
}

#[test]
fn what_cannot_be_taken_is_refused_with_a_reason() {
    let server = start();
    let check = |path: &str, kind: &str, body: &[u8], status: u16, expected: &str| {
        let answer = push(&server, path, kind, body);
        assert_eq!(
            code(&answer),
            (status, expected.to_owned()),
            "{path} {kind}"
        );
    };
    check(
        "/streams/front/ingest",
        "image/jpeg",
        &jpeg(),
        409,
        "not_push",
    );
    check(
        "/streams/a%20b/ingest",
        "image/jpeg",
        &jpeg(),
        400,
        "bad_stream_id",
    );
    check(
        "/streams/x/ingest",
        "text/html",
        b"<html>",
        415,
        "unsupported_type",
    );
    check(
        "/streams/x/ingest",
        "image/jpeg",
        b"no picture at all",
        400,
        "malformed",
    );
    check(
        "/streams/x/ingest",
        "video/x-raw",
        b"xxxxxxxx",
        400,
        "format_missing",
    );
    check(
        "/streams/x/ingest?format=bgr24",
        "",
        b"xxxxxxxx",
        400,
        "bad_parameter",
    );
    check(
        "/streams/x/ingest?format=bgr24&size=60000x60000",
        "",
        b"x",
        400,
        "bad_parameter",
    );
    assert!(server.metric("eyeline_ingest_errors_total") >= 6.0);
}

#[test]
fn a_publisher_who_is_refused_while_sending_reads_why() {
    let server = start();
    let length = 1_000_000_000;
    let head = format!(
        "POST /streams/front/ingest HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
    );
    let mut publisher = server.raw(head.as_bytes());
    // More than the socket buffers hold would block for ever, so only some of it.
    let _ = publisher.write_all(&[7; 300_000]);
    let answer = String::from_utf8(read_to_close(&mut publisher)).unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 409") && answer.contains("not_push"),
        "{answer}"
    );
}

#[test]
fn a_part_that_announces_a_gigabyte_is_refused_at_once() {
    let server = start();
    let body = b"--b\r\nContent-Type: image/jpeg\r\nContent-Length: 1000000000\r\n\r\n\xff\xd8";
    let kind = "multipart/x-mixed-replace; boundary=b";
    let answer = push(&server, "/streams/x/ingest", kind, body);
    assert_eq!(code(&answer), (413, "too_large".to_owned()));
}
