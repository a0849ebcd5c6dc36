//! What REST refuses: each with its status, a word for programs and a sentence.

use eyeline_testkit::http;

use crate::harness::{Harness, start};

fn check(server: &Harness, (method, path, body): (&str, &str, &str), status: u16, code: &str) {
    let (got, error) = server.call(method, path, body);
    assert_eq!(
        (got, &error["code"]),
        (status, &code.into()),
        "{method} {path} {body}: {error}"
    );
    let sentence = error["error"].as_str().unwrap();
    assert!(sentence.len() > 10, "{sentence}");
}

#[test]
fn bodies_that_are_not_understood() {
    let server = start();
    for (body, code) in [
        ("{", "malformed"),
        ("[]", "malformed"),
        (r#"{"id":1}"#, "malformed"),
        (r#"{"sauce":"test:"}"#, "malformed"),
        (r#"{"quality":"ultra"}"#, "malformed"),
        (r#"{"fps":-1}"#, "malformed"),
        (r#"{"fps":0}"#, "bad_parameter"),
        (r#"{"fps":121}"#, "bad_parameter"),
        (r#"{"jpeg_quality":101}"#, "bad_parameter"),
        (r#"{"name":"a\nb"}"#, "bad_parameter"),
        (r#"{"id":"a/b"}"#, "bad_stream_id"),
        (r#"{"id":"","source":"test:"}"#, "bad_stream_id"),
    ] {
        check(&server, ("POST", "/api/streams", body), 400, code);
    }
}

#[test]
fn what_is_understood_but_impossible() {
    let server = start();
    for (body, status, code) in [
        (r#"{"camera_index":7}"#, 422, "no_such_camera"),
        (r#"{"source":"test:","camera_index":0}"#, 422, "impossible"),
        (r#"{"size":"big"}"#, 422, "impossible"),
        (r#"{"size":"0x0"}"#, 422, "impossible"),
        (r#"{"source":"nonsense"}"#, 422, "bad_source"),
        (r#"{"source":""}"#, 422, "bad_source"),
        (r#"{"source":"warp:9"}"#, 422, "bad_source"),
        (r#"{"record":true}"#, 422, "not_available"),
        (r#"{"id":"front","source":"test:"}"#, 409, "exists"),
        (r#"{"source":"exec:id"}"#, 403, "source_not_allowed"),
        (
            r#"{"source":"file:/etc/passwd"}"#,
            403,
            "source_not_allowed",
        ),
        (r#"{"source":"-"}"#, 403, "source_not_allowed"),
    ] {
        check(&server, ("POST", "/api/streams", body), status, code);
    }
}

#[test]
fn what_is_not_there() {
    let server = start();
    for (method, path, status, code) in [
        ("PATCH", "/api/streams/none", 404, "unknown_stream"),
        ("DELETE", "/api/streams/none", 404, "unknown_stream"),
        ("GET", "/api/streams/none", 404, "unknown_stream"),
        ("GET", "/api/streams/none/viewers", 404, "unknown_stream"),
        (
            "DELETE",
            "/api/streams/front/viewers/77",
            404,
            "unknown_viewer",
        ),
        (
            "DELETE",
            "/api/streams/front/viewers/x",
            400,
            "bad_parameter",
        ),
        ("GET", "/api/nothing", 404, "not_found"),
        ("POST", "/api/streams/front", 405, "method_not_allowed"),
    ] {
        check(&server, (method, path, "{}"), status, code);
    }
    check(
        &server,
        ("PATCH", "/api/streams/front", ""),
        400,
        "malformed",
    );
}

#[test]
fn a_source_that_was_allowed_at_the_start_cannot_be_changed_into_one_that_is_not() {
    let server = start();
    server.call("PUT", "/api/streams/lab", r#"{"source":"push:"}"#);
    let change = ("PATCH", "/api/streams/lab", r#"{"source":"push:,exec:id"}"#);
    check(&server, change, 403, "source_not_allowed");
    assert_eq!(server.json("/api/streams/lab")["source"], "push:");
}

#[test]
fn other_types_and_huge_bodies() {
    let server = start();
    let post = |content_type, body: &[u8]| {
        let headers = [("Content-Type", content_type)];
        http::send(server.port, "POST", "/api/streams", &headers, body).status
    };
    assert_eq!(post("text/plain", b"{}"), 415);
    assert_eq!(post("image/jpeg", b"\xff\xd8"), 415);
    let huge = format!(r#"{{"name":"{}"}}"#, "x".repeat(100_000));
    assert_eq!(post("application/json", huge.as_bytes()), 413);
    assert_eq!(post("application/json; charset=utf-8", b"{}"), 201);
}
