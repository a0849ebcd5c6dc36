//! Producing over WebSocket: what is sent in comes out again, and demand comes back.

use bytes::Bytes;
use eyeline_media::{Resolution, Timestamp};
use eyeline_proto::websocket::picture::{self, Meta};
use eyeline_proto::websocket::{Opcode, frame};
use eyeline_testkit::http::Viewer;
use eyeline_testkit::{pictures, wait};
use serde_json::{Value, json};

use crate::harness::{Harness, start};
use eyeline_testkit::websocket::Client;

fn jpeg(number: u64) -> Bytes {
    let time = Timestamp::from_micros(1_700_000_000_000_000 + number);
    pictures::jpeg(Resolution::new(320, 240).unwrap(), time, 50)
}

fn producer(server: &Harness, id: &str) -> Client {
    Client::open(server.port, &format!("/ws/stream/{id}"))
}

/// A producer that was let in.
fn started(server: &Harness, id: &str, settings: Value) -> Client {
    let mut producer = producer(server, id);
    producer.say("start_stream", settings);
    assert_eq!(producer.expect("stream_info")["stream_id"], id);
    let demand = json!({ "stream_id": id, "viewers": 0, "watched": false });
    assert_eq!(producer.expect("demand"), demand);
    producer
}

/// Waits until the demand is so.
fn demand(producer: &mut Client, viewers: u64, watched: bool) {
    loop {
        let demand = producer.expect("demand");
        if demand["viewers"] == viewers && demand["watched"] == watched {
            return;
        }
    }
}

#[test]
fn pictures_reach_viewers_as_they_come_and_demand_comes_back() {
    let server = start();
    let mut producer = started(&server, "cam", json!({}));
    let mut viewer = Viewer::open(server.port, "/streams/cam/mjpeg");
    demand(&mut producer, 1, true);
    for n in 0..5 {
        producer.send(Opcode::Binary, &jpeg(n));
        // A slate may come first.
        let shown = std::iter::from_fn(|| viewer.next_part()).find(|part| part.jpeg == jpeg(n));
        assert!(shown.is_some());
    }
    drop(viewer);
    demand(&mut producer, 0, false);
    let _viewer = Viewer::open(server.port, "/streams/cam/mjpeg");
    demand(&mut producer, 1, true);
}

#[test]
fn a_picture_starts_the_stream_with_the_defaults() {
    let server = start();
    let mut producer = producer(&server, "cam");
    producer.send(Opcode::Binary, &jpeg(1));
    assert_eq!(producer.expect("stream_info")["stream_id"], "cam");
    wait::until("the picture to be shown", || {
        let answer = server.get("/streams/cam/snapshot.jpg?max_age_ms=60000");
        (answer.body == jpeg(1)).then_some(())
    });
}

#[test]
fn stopping_counts_the_pictures_and_another_start_goes_on() {
    let server = start();
    let mut producer = started(&server, "cam", json!({}));
    for n in 0..3 {
        producer.send(Opcode::Binary, &jpeg(n));
    }
    producer.say("stop_stream", json!({}));
    let stopped = json!({ "stream_id": "cam", "frames": 3 });
    assert_eq!(producer.wait_for("stream_stopped"), stopped);
    wait::until("the stream to be away", || {
        (server.json("/api/streams/cam")["state"] != "live").then_some(())
    });
    // Pictures that come late start nothing, and are mentioned once.
    producer.send(Opcode::Binary, &jpeg(3));
    producer.send(Opcode::Binary, &jpeg(4));
    assert_eq!(producer.expect("error")["code"], "not_started");
    producer.say("stop_stream", json!({}));
    assert_eq!(producer.expect("error")["code"], "not_started");
    producer.text(r#"{"type":"start_stream"}"#);
    producer.expect("stream_info");
    producer.expect("demand");
    producer.send(Opcode::Binary, &jpeg(5));
    wait::until("the stream to be live", || {
        (server.json("/api/streams/cam")["state"] == "live").then_some(())
    });
}

#[test]
fn one_publishes_at_a_time() {
    let server = start();
    let mut first = started(&server, "cam", json!({}));
    let mut second = producer(&server, "cam");
    second.say("start_stream", json!({}));
    let error = second.expect("error");
    assert_eq!(
        (&error["code"], &error["stream_id"]),
        (&json!("busy"), &json!("cam"))
    );
    second.send(Opcode::Binary, &jpeg(1));
    assert_eq!(second.expect("error")["code"], "busy");
    first.say("stop_stream", json!({}));
    first.expect("stream_stopped");
    second.say("start_stream", json!({}));
    second.expect("stream_info");
    // One that is gone without a word makes room as well.
    drop(second);
    wait::until("the place to be free", || {
        first.say("start_stream", json!({}));
        let text = first.message();
        let started = format!("{text:?}").contains("stream_info");
        started.then_some(())
    });
}

#[test]
fn a_stream_with_a_source_of_its_own_takes_no_pictures() {
    let server = start();
    let mut producer = producer(&server, "front");
    producer.say("start_stream", json!({}));
    assert_eq!(producer.expect("error")["code"], "not_push");
}

#[test]
fn the_capture_time_in_a_header_counts() {
    let server = start();
    let mut producer = started(&server, "cam", json!({ "format": "binary" }));
    let mut viewer = Viewer::open(server.port, "/streams/cam/mjpeg");
    let now = server.hub.clock().wall_nanos() / 1_000;
    let captured = Timestamp::from_micros(now - 2_000_000);
    let message = picture::binary(
        Meta {
            stream_id: "whatever",
            timestamp: captured,
            frame_number: 7,
            quality: "any",
            slate: false,
        },
        &jpeg(1),
    );
    // Less the header of the frame, which has a length of two bytes.
    producer.send(Opcode::Binary, &message[4..]);
    let shown = std::iter::from_fn(|| viewer.next_part()).find(|part| part.jpeg == jpeg(1));
    assert_eq!(shown.unwrap().captured, captured);
    producer.send(Opcode::Binary, &jpeg(2));
    assert_eq!(producer.wait_for("error")["code"], "malformed");
}

#[test]
fn settings_are_said_of_the_stream() {
    let server = start();
    let settings = json!({ "name": "Porch", "quality": "medium", "fps": 12, "jpeg_quality": 60 });
    let mut producer = started(&server, "cam", settings);
    let info = server.json("/api/streams/cam");
    assert_eq!(
        (&info["name"], &info["quality"]),
        (&json!("Porch"), &json!("medium"))
    );
    // What is left open stays.
    producer.say("start_stream", json!({ "name": "Garden" }));
    let info = producer.expect("stream_info");
    assert_eq!(
        (&info["name"], &info["quality"]),
        (&json!("Garden"), &json!("medium"))
    );
}

#[test]
fn a_stream_of_parts_is_cut_into_pictures() {
    let server = start();
    let content_type = "multipart/x-mixed-replace; boundary=b";
    let mut producer = started(&server, "cam", json!({ "content_type": content_type }));
    let mut body = b"--b\r\nContent-Type: image/jpeg\r\n\r\n".to_vec();
    body.extend(jpeg(1));
    body.extend(b"\r\n--b\r\n");
    for piece in body.chunks(1_000) {
        producer.send(Opcode::Binary, piece);
    }
    wait::until("the picture to be shown", || {
        let answer = server.get("/streams/cam/snapshot.jpg?max_age_ms=60000");
        (answer.body == jpeg(1)).then_some(())
    });
}

#[test]
fn what_cannot_be_taken_is_said_and_the_socket_stays_open() {
    let server = start();
    let mut producer = producer(&server, "cam");
    let mut check = |text: &str, code: &str| {
        producer.text(text);
        let error = producer.expect("error");
        assert_eq!(
            (&error["code"], &error["stream_id"]),
            (&json!(code), &json!("cam")),
            "{text}"
        );
        assert!(error["error"].as_str().unwrap().len() > 10, "{error}");
    };
    check("{", "malformed");
    check(r#"{"type":"join_stream"}"#, "unknown_type");
    check(r#"{"type":"stop_stream"}"#, "not_started");
    check(r#"{"type":"start_stream","fps":0}"#, "bad_parameter");
    check(r#"{"type":"start_stream","name":7}"#, "bad_parameter");
    check(
        r#"{"type":"start_stream","content_type":"text/html"}"#,
        "unsupported_type",
    );
    assert_eq!(
        server.get("/api/streams/cam").status,
        404,
        "nothing was begun"
    );
    producer.say("start_stream", json!({}));
    producer.expect("stream_info");
    producer.expect("demand");
    for wrong in [&b""[..], b"no picture at all", &jpeg(1)[..30]] {
        producer.send(Opcode::Binary, wrong);
        assert_eq!(producer.expect("error")["code"], "malformed");
    }
    producer.send(Opcode::Binary, &jpeg(1));
    producer.say("clock", json!({ "sent": 5 }));
    assert_eq!(producer.expect("clock")["sent"], 5);
    wait::until("the stream to be live", || {
        (server.json("/api/streams/cam")["state"] == "live").then_some(())
    });
}

#[test]
fn a_picture_above_16_mib_is_not_read() {
    let server = start();
    let mut producer = started(&server, "cam", json!({}));
    let head = frame::masked(Opcode::Binary, &[&vec![0; 16 * 1024 * 1024 + 1]], [1; 4]);
    producer.raw(&head[..64]);
    let (code, reason) = producer.closed();
    assert!(
        code == 1009 && reason.contains("16777216"),
        "{code} {reason}"
    );
}

#[test]
fn a_stream_that_is_deleted_says_so_to_its_producer() {
    let server = start();
    let mut producer = started(&server, "cam", json!({}));
    let deleted = server.send("DELETE", "/api/streams/cam", &[]);
    assert_eq!(deleted.status, 200, "{}", deleted.text());
    assert_eq!(producer.expect("error")["code"], "stream_ended");
    producer.say("start_stream", json!({}));
    producer.expect("stream_info");
}

#[test]
fn producers_are_told_that_the_server_stops() {
    let mut server = start();
    let mut producer = started(&server, "cam", json!({}));
    server.stop();
    assert_eq!(
        producer.closed(),
        (1001, "the server is stopping".to_owned())
    );
    drop(producer);
    server.stopped();
}
