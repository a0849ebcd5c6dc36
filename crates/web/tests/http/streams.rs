//! The streams' addresses: what is sent, byte for byte, and what is refused.

use std::io::Write as _;

use eyeline_hub::State;
use eyeline_media::Timestamp;
use eyeline_proto::mpjpeg::mux;
use eyeline_testkit::http::{self, Viewer};

use crate::harness::{Harness, publish, read_to_close, start};

#[test]
fn a_viewer_gets_every_picture_with_its_time_and_the_boundary_that_ends_it() {
    let mut server = start();
    let mut viewer = Viewer::open(server.port, "/streams/front/mjpeg");
    for n in 0..5 {
        let captured = server.publish(format!("picture {n}"), 40 * n);
        // The next one is not published yet, so the boundary came with this one.
        let part = viewer.next_part().unwrap();
        assert_eq!(part.jpeg, format!("picture {n}"));
        assert_eq!(part.captured, captured);
    }
    assert_eq!(server.viewers(), 1);
    drop(viewer);
    server.wait_viewers(0);
}

#[test]
fn a_stream_is_neither_cached_nor_buffered_on_its_way() {
    let server = start();
    let head = server.send("HEAD", "/streams/front/mjpeg", &[]);
    assert_eq!((head.status, head.body.len()), (200, 0));
    let kind = head.header("content-type").unwrap();
    assert!(
        kind.starts_with("multipart/x-mixed-replace; boundary="),
        "{kind}"
    );
    assert!(head.header("cache-control").unwrap().contains("no-store"));
    assert_eq!(head.header("x-accel-buffering"), Some("no"));
    assert_eq!(head.header("content-length"), None);
    assert_eq!(server.viewers(), 0);
}

#[test]
fn an_http_1_0_player_gets_the_bare_multipart_body() {
    let mut server = start();
    server.publish("one", 0);
    let mut tcp = server.raw(b"GET /streams/front/mjpeg HTTP/1.0\r\nHost: localhost\r\n\r\n");
    server.wait_viewers(1);
    server.front = None;
    let all = String::from_utf8(read_to_close(&mut tcp)).unwrap();
    let (head, body) = all.split_once("\r\n\r\n").unwrap();
    assert!(
        !head.to_ascii_lowercase().contains("transfer-encoding"),
        "{head}"
    );
    assert!(
        body.starts_with("--") && body.contains("one") && body.ends_with("--\r\n"),
        "{body}"
    );
}

#[test]
fn the_end_of_a_stream_ends_the_body_properly() {
    let mut server = start();
    let mut tcp = server
        .raw(b"GET /streams/front/mjpeg HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    server.wait_viewers(1);
    server.publish("one", 0);
    server.front = None;
    let all = String::from_utf8(read_to_close(&mut tcp)).unwrap();
    let close = std::str::from_utf8(mux::CLOSE).unwrap();
    let end = format!("{close}\r\n0\r\n\r\n");
    assert!(
        all.contains("\r\n\r\none\r\n--") && all.ends_with(&end),
        "{all}"
    );
}

#[test]
fn fewer_frames_can_be_asked_for() {
    let mut server = start();
    let mut viewer = Viewer::open(server.port, "/streams/front/mjpeg?fps=5");
    let mut all = Viewer::open(server.port, "/streams/front/mjpeg");
    server.wait_viewers(2);
    for n in 0..10 {
        server.publish(n.to_string(), 100 * n);
        assert_eq!(all.next_part().unwrap().jpeg, n.to_string());
    }
    for n in (0..10).step_by(2) {
        assert_eq!(viewer.next_part().unwrap().jpeg, n.to_string());
    }
}

#[test]
fn a_snapshot_is_a_jpeg_that_can_be_asked_for_again() {
    let mut server = start();
    let captured = server.publish("one", 0);
    let path = "/streams/front/snapshot.jpg?max_age_ms=60000";
    let answer = server.get(path);
    assert_eq!((answer.status, answer.text().as_str()), (200, "one"));
    assert_eq!(answer.header("content-type"), Some("image/jpeg"));
    assert_eq!(answer.header("content-length"), Some("3"));
    assert_eq!(
        answer.header("x-timestamp"),
        Some(captured.to_string().as_str())
    );
    assert_eq!(
        answer.header("last-modified"),
        Some("Tue, 14 Nov 2023 22:13:20 GMT")
    );
    let tag = answer.header("etag").unwrap();
    let known = server.send("GET", path, &[("If-None-Match", tag)]);
    assert_eq!((known.status, known.body.len()), (304, 0));
    let head = server.send("HEAD", path, &[]);
    assert_eq!(
        (head.status, head.header("content-length")),
        (200, Some("3"))
    );
}

fn check(server: &Harness, method: &str, path: &str, status: u16, code: &str) {
    let answer = server.send(method, path, &[]);
    let json: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    assert_eq!(
        (answer.status, json["code"].as_str()),
        (status, Some(code)),
        "{method} {path}"
    );
    assert!(!json["error"].as_str().unwrap().is_empty());
}

#[test]
fn what_cannot_be_answered_says_why_in_words_and_in_a_code() {
    let server = start();
    check(&server, "GET", "/nothing", 404, "not_found");
    check(&server, "GET", "/streams/front/nothing", 404, "not_found");
    check(&server, "GET", "/streams/back/mjpeg", 404, "unknown_stream");
    check(&server, "GET", "/api/streams/back", 404, "unknown_stream");
    check(&server, "GET", "/api/streams/a%20b", 400, "bad_stream_id");
    check(
        &server,
        "GET",
        "/streams/front/mjpeg?quality=best",
        400,
        "bad_parameter",
    );
    check(
        &server,
        "GET",
        "/streams/front/mjpeg?fps=0",
        400,
        "bad_parameter",
    );
    check(
        &server,
        "GET",
        "/streams/front/snapshot.jpg?max_age_ms=x",
        400,
        "bad_parameter",
    );
    check(
        &server,
        "POST",
        "/api/streams/front",
        405,
        "method_not_allowed",
    );
    check(
        &server,
        "DELETE",
        "/streams/front/mjpeg",
        405,
        "method_not_allowed",
    );
    check(
        &server,
        "GET",
        "/streams/front/ingest",
        405,
        "method_not_allowed",
    );
}

#[test]
fn a_wrong_method_is_told_the_right_ones() {
    let server = start();
    let answer = server.send("DELETE", "/streams/front/mjpeg", &[]);
    assert_eq!(answer.header("allow"), Some("GET,HEAD"));
}

#[test]
fn the_list_tells_of_every_stream() {
    let mut server = start();
    let mut back = publish(&server.hub, "back");
    back.set_state(State::Away {
        reason: "the cable is out".to_owned(),
        since: Timestamp::from_micros(1_700_000_000_123_456),
    });
    server.publish("one", 0);
    server.publish("two", 40);
    let _viewer = Viewer::open(server.port, "/streams/front/mjpeg");
    let list = server.json("/api/streams");
    assert_eq!(list["total"], 2);
    let (away, live) = (&list["streams"][0], &list["streams"][1]);
    assert_eq!(away["stream_id"], "back");
    assert_eq!(away["state"], "away");
    assert_eq!(away["reason"], "the cable is out");
    assert_eq!(away["state_since"], "2023-11-14T22:13:20.123Z");
    assert_eq!(away["is_active"], false);
    assert_eq!(away["settings"]["width"], serde_json::Value::Null);
    assert_eq!(live["stream_id"], "front");
    assert_eq!(live["source"], "test:");
    assert_eq!(live["is_active"], true);
    assert_eq!(
        (&live["frame_count"], &live["viewer_count"]),
        (&2.into(), &1.into())
    );
    assert_eq!(live["fps"], 25.0);
    assert_eq!(live["settings"]["height"], 720);
    assert_eq!(server.json("/api/streams/front"), *live);
}

#[test]
fn viewers_are_told_of_with_what_they_took() {
    let mut server = start();
    let mut viewer = Viewer::open(server.port, "/streams/front/mjpeg");
    server.publish("one", 0);
    viewer.next_part();
    let told = server.json("/api/streams/front/viewers");
    assert_eq!(told["total"], 1);
    let account = &told["viewers"][0];
    assert_eq!(account["transport"], "mjpeg");
    assert_eq!(account["remote"], "127.0.0.1");
    assert_eq!(
        (&account["frames"], &account["skipped"]),
        (&1.into(), &0.into())
    );
}

#[test]
fn metrics_count_what_came_in_and_what_went_out() {
    let mut server = start();
    let mut viewer = Viewer::open(server.port, "/streams/front/mjpeg");
    server.publish("one", 0);
    viewer.next_part();
    let check = |name: &str, expected: f64| {
        assert!((server.metric(name) - expected).abs() < 1e-9, "{name}");
    };
    check("eyeline_stream_frames_in_total{stream=\"front\"}", 1.0);
    check("eyeline_stream_bytes_in_total{stream=\"front\"}", 3.0);
    check("eyeline_stream_frames_out_total{stream=\"front\"}", 1.0);
    check("eyeline_stream_viewers{stream=\"front\"}", 1.0);
    check("eyeline_stream_up{stream=\"front\"}", 1.0);
    check("eyeline_viewers_stalled_total", 0.0);
    assert!(server.metric("process_resident_memory_bytes") > 1e6);
    assert!(server.metric("eyeline_connections") >= 2.0);
    let text = server.get("/metrics");
    assert!(
        text.header("content-type")
            .unwrap()
            .contains("openmetrics-text")
    );
    assert!(text.text().ends_with("# EOF\n"));
}

#[test]
fn the_server_is_ready_when_every_stream_was_started() {
    let server = start();
    assert_eq!(server.get("/health").status, 200);
    assert_eq!(server.get("/ready").status, 200);
    let mut back = publish(&server.hub, "back");
    let starting = server.get("/ready");
    assert_eq!(starting.status, 503);
    assert!(
        starting.text().contains("\"starting\":1"),
        "{}",
        starting.text()
    );
    back.set_state(State::Away {
        reason: "unplugged".to_owned(),
        since: Timestamp::from_micros(1),
    });
    assert_eq!(server.get("/ready").status, 200);
}

#[test]
fn requests_on_one_connection_are_answered_one_after_the_other() {
    let server = start();
    let mut tcp = http::connect(server.port);
    let one = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let last = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    tcp.write_all(format!("{one}{one}{last}").as_bytes())
        .unwrap();
    let all = String::from_utf8(read_to_close(&mut tcp)).unwrap();
    assert_eq!(all.matches("HTTP/1.1 200 OK").count(), 3, "{all}");
}
