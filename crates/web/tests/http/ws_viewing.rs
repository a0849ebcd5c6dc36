//! Viewing over WebSocket: what is sent, byte for byte, and what a viewer may ask for.

use bytes::Bytes;
use eyeline_auth::Access;
use eyeline_hub::{Fps, Profile, State, Wish};
use eyeline_media::Timestamp;
use eyeline_proto::websocket::picture::{self, Meta};
use eyeline_proto::websocket::{Message, Opcode};
use serde_json::{Value, json};

use crate::harness::{Harness, packet, publish, start};
use eyeline_testkit::websocket::Client;

fn meta(frame_number: u64, timestamp: Timestamp) -> Meta<'static> {
    Meta {
        stream_id: "front",
        timestamp,
        frame_number,
        quality: "source",
        slate: false,
    }
}

/// What a server's frame holds.
fn payload(frame: &Bytes) -> Bytes {
    let header = match frame[1] {
        126 => 4,
        127 => 10,
        _ => 2,
    };
    frame.slice(header..)
}

#[test]
fn what_a_stream_is_comes_before_its_first_frame() {
    let mut server = start();
    server.publish("one", 0);
    let mut viewer = Client::open(server.port, "/ws/viewer/front?fps=25");
    let info = viewer.expect("stream_info");
    assert_eq!(info["stream_id"], "front");
    assert_eq!(info["source"], "test:");
    assert_eq!(info["state"], "live");
    assert_eq!(info["settings"]["height"], 720);
    assert_eq!(info["frame_count"], 1);
    let wish = json!({ "quality": null, "fps": 25, "jpeg_quality": null });
    assert_eq!(info["wish"], wish);
    let delivered = json!({ "quality": "source", "fps": 25, "reason": null });
    assert_eq!(info["delivered"], delivered);
    assert_eq!(viewer.expect("frame")["frame"], "b25l");
}

#[test]
fn the_info_has_all_that_the_api_tells() {
    let mut server = start();
    server.publish("one", 0);
    let mut viewer = Client::open(server.port, "/ws/viewer/front");
    let mut info = viewer.expect("stream_info");
    let members = info.as_object_mut().unwrap();
    members.remove("wish").unwrap();
    members.remove("delivered").unwrap();
    assert_eq!(info, server.json("/api/streams/front"));
}

#[test]
fn each_format_is_made_to_the_byte() {
    let mut server = start();
    let mut json = Client::open(server.port, "/ws/viewer/front");
    let mut jpeg = Client::open(server.port, "/ws/viewer/front?format=jpeg");
    let mut binary = Client::open(server.port, "/ws/viewer/front?format=binary");
    for viewer in [&mut json, &mut jpeg, &mut binary] {
        viewer.expect("stream_info");
    }
    for n in 0..4_u64 {
        // Lengths that take each kind of header.
        let data = vec![n as u8; [5, 200, 70_000, 0][n as usize]];
        let captured = server.publish(data.clone(), 40 * n);
        let expected = payload(&picture::json(meta(n, captured), &data));
        let text = String::from_utf8(expected.to_vec()).unwrap();
        assert_eq!(json.message(), Some(Message::Text(text)));
        assert_eq!(jpeg.binary(), data);
        assert_eq!(
            binary.binary(),
            payload(&picture::binary(meta(n, captured), &data))
        );
    }
}

#[test]
fn a_viewer_is_on_the_list_with_what_it_took() {
    let mut server = start();
    let mut viewer = Client::open(server.port, "/ws/viewer/front");
    viewer.expect("stream_info");
    server.publish("one", 0);
    viewer.expect("frame");
    let feedback = json!({ "stream_id": "front", "age_ms": 80.5, "fps": 24.9, "dropped": 2 });
    viewer.say("feedback", feedback.clone());
    viewer.say("feedback", feedback);
    viewer.say("clock", json!({ "sent": 1 }));
    viewer.expect("clock");
    let access = Access::by_configuration();
    let stream = server.hub.watch(&access.view(&"front".parse().unwrap()));
    let account = stream.unwrap().viewers().remove(0);
    assert_eq!((account.info.transport, account.frames), ("websocket", 1));
    assert_eq!(account.feedback.age_ms, Some(80.5));
    assert_eq!(account.feedback.fps, Some(24.9));
    assert_eq!(account.feedback.dropped, 4);
    drop(viewer);
    server.wait_viewers(0);
}

#[test]
fn several_streams_come_on_one_socket() {
    let mut server = start();
    let mut back = publish(&server.hub, "back");
    let mut viewer = Client::open(server.port, "/ws/viewer");
    viewer.say("join_stream", json!({ "stream_id": "front" }));
    assert_eq!(viewer.expect("stream_info")["stream_id"], "front");
    // Beside the type, and with a wish.
    viewer.text(r#"{"type":"join_stream","stream_id":"back","fps":10}"#);
    let info = viewer.expect("stream_info");
    assert_eq!(
        (&info["stream_id"], &info["wish"]["fps"]),
        (&json!("back"), &json!(10))
    );
    for n in 0..5 {
        server.publish(format!("front {n}"), 200 * n);
        let frame = viewer.expect("frame");
        assert_eq!(
            (&frame["stream_id"], &frame["frame_number"]),
            (&json!("front"), &json!(n))
        );
        let captured = Timestamp::from_micros(1_700_000_000_000_000 + 200_000 * n);
        back.publish(packet(format!("back {n}"), captured));
        let frame = viewer.expect("frame");
        assert_eq!(
            (&frame["stream_id"], &frame["frame_number"]),
            (&json!("back"), &json!(n))
        );
    }
    viewer.say("leave_stream", json!({ "stream_id": "front" }));
    let left = viewer.expect("stream_left");
    assert_eq!(
        left,
        json!({ "stream_id": "front", "reason": "the viewer left" })
    );
    server.wait_viewers(0);
    server.publish("unseen", 2_000);
    back.publish(packet(
        "seen",
        Timestamp::from_micros(1_700_000_002_000_000),
    ));
    assert_eq!(viewer.expect("frame")["stream_id"], "back");
}

#[test]
fn bare_pictures_are_of_one_stream_at_a_time() {
    let mut server = start();
    let mut back = publish(&server.hub, "back");
    let mut viewer = Client::open(server.port, "/ws/viewer/front?format=jpeg");
    viewer.expect("stream_info");
    viewer.say("join_stream", json!({ "stream_id": "none" }));
    assert_eq!(viewer.expect("error")["code"], "unknown_stream");
    server.publish("still front", 0);
    assert_eq!(viewer.binary(), "still front");
    viewer.say("join_stream", json!({ "stream_id": "back" }));
    let left = json!({ "stream_id": "front", "reason": "another stream was joined" });
    assert_eq!(viewer.expect("stream_left"), left);
    assert_eq!(viewer.expect("stream_info")["stream_id"], "back");
    server.publish("unseen", 40);
    back.publish(packet(
        "seen",
        Timestamp::from_micros(1_700_000_000_000_000),
    ));
    assert_eq!(viewer.binary(), "seen");
}

/// Fewer frames come from now on: those of these numbers out of ten, 100 ms apart.
fn check_frames(server: &mut Harness, viewer: &mut Client, start: u64, expected: &[u64]) {
    for n in start..start + 10 {
        server.publish(n.to_string(), 100 * n);
    }
    for number in expected {
        assert_eq!(viewer.expect("frame")["frame_number"], *number);
    }
}

#[test]
fn a_wish_is_replaced_while_frames_flow() {
    let mut server = start();
    let mut viewer = Client::open(server.port, "/ws/viewer/front");
    viewer.expect("stream_info");
    let all: Vec<u64> = (0..10).collect();
    check_frames(&mut server, &mut viewer, 0, &all);
    viewer.say("set_quality", json!({ "fps": 5 }));
    let info = viewer.expect("stream_info");
    assert_eq!(
        (&info["wish"]["fps"], &info["delivered"]["fps"]),
        (&json!(5), &json!(5))
    );
    // The newest picture there is comes first, again.
    assert_eq!(viewer.expect("frame")["frame_number"], 9);
    check_frames(&mut server, &mut viewer, 10, &[11, 13, 15, 17, 19]);
    // Joining again says it as well; what is not said is left to the server.
    viewer.say("join_stream", json!({ "stream_id": "front" }));
    assert_eq!(viewer.expect("stream_info")["wish"]["fps"], Value::Null);
    assert_eq!(viewer.expect("frame")["frame_number"], 19);
    viewer.say(
        "set_quality",
        json!({ "stream_id": "front", "quality": "source" }),
    );
    assert_eq!(viewer.expect("stream_info")["wish"]["quality"], "source");
}

#[test]
fn what_changes_is_told_without_asking() {
    let mut server = start();
    let mut viewer = Client::open(server.port, "/ws/viewer/front");
    viewer.expect("stream_info");
    let front = server.front.as_mut().unwrap();
    let since = Timestamp::from_micros(1_700_000_000_000_000);
    front.set_state(State::Away {
        reason: "the cable is out".to_owned(),
        since,
    });
    let info = viewer.expect("stream_info");
    assert_eq!(
        (&info["state"], &info["reason"]),
        (&json!("away"), &json!("the cable is out"))
    );
    let defaults = Wish {
        fps: Fps::new(7).ok(),
        ..Wish::default()
    };
    front.set_profile(Profile {
        name: Some("The front door".to_owned()),
        defaults,
        ..front.profile()
    });
    let info = viewer.expect("stream_info");
    assert_eq!(info["delivered"]["fps"], 7);
    assert_eq!(info["wish"]["fps"], Value::Null);
    // Nothing new is nothing to tell.
    let state = front.state();
    front.set_state(state);
    front.set_state(State::Live { since });
    assert_eq!(viewer.expect("stream_info")["state"], "live");
}

#[test]
fn the_end_of_a_stream_leaves_the_socket_open() {
    let mut server = start();
    let mut viewer = Client::open(server.port, "/ws/viewer/front");
    viewer.expect("stream_info");
    server.front = None;
    let left = json!({ "stream_id": "front", "reason": "the stream has ended" });
    assert_eq!(viewer.wait_for("stream_left"), left);
    viewer.say("join_stream", json!({ "stream_id": "front" }));
    let error = viewer.expect("error");
    assert_eq!(
        (&error["code"], &error["stream_id"]),
        (&json!("unknown_stream"), &json!("front"))
    );
    server.front = Some(publish(&server.hub, "front"));
    viewer.say("join_stream", json!({ "stream_id": "front" }));
    viewer.expect("stream_info");
    server.publish("back again", 0);
    viewer.expect("frame");
}

#[test]
fn a_quality_that_cannot_be_made_is_left_and_the_stream_can_be_joined_again() {
    let mut server = start();
    let mut viewer = Client::open(server.port, "/ws/viewer/front");
    viewer.expect("stream_info");
    // The harness makes no renditions.
    viewer.say("set_quality", json!({ "quality": "low" }));
    assert_eq!(viewer.expect("stream_info")["delivered"]["quality"], "low");
    let left = viewer.expect("stream_left");
    assert!(
        left["reason"].as_str().unwrap().contains("not made"),
        "{left}"
    );
    viewer.say("join_stream", json!({ "stream_id": "front" }));
    viewer.expect("stream_info");
    server.publish("one", 0);
    viewer.expect("frame");
}

#[test]
fn an_operator_closes_a_viewer_of_one_stream_with_a_reason() {
    let mut server = start();
    let mut viewer = Client::open(server.port, "/ws/viewer/front");
    viewer.expect("stream_info");
    let stream = server.front.as_ref().unwrap().stream().clone();
    let id = stream.viewers()[0].id;
    assert!(stream.close_viewer(id, "the show is over"));
    let left = json!({ "stream_id": "front", "reason": "the show is over" });
    assert_eq!(viewer.expect("stream_left"), left);
    assert_eq!(server.viewers(), 0);
    viewer.say("join_stream", json!({ "stream_id": "front" }));
    viewer.expect("stream_info");
    server.publish("one", 0);
    viewer.expect("frame");
}

#[test]
fn what_cannot_be_done_is_said_and_the_socket_stays_open() {
    let server = start();
    let mut viewer = Client::open(server.port, "/ws/viewer/front");
    viewer.expect("stream_info");
    let mut check = |text: &str, code: &str, stream: Option<&str>| {
        viewer.text(text);
        let error = viewer.expect("error");
        let expected = (&json!(code), stream);
        assert_eq!(
            (&error["code"], error["stream_id"].as_str()),
            expected,
            "{text}"
        );
        assert!(error["error"].as_str().unwrap().len() > 10, "{error}");
    };
    check("{", "malformed", None);
    check("[]", "malformed", None);
    check(r#"{"data":{}}"#, "malformed", None);
    check(r#"{"type":"fly"}"#, "unknown_type", None);
    check(r#"{"type":"start_stream"}"#, "unknown_type", None);
    check(r#"{"type":"join_stream"}"#, "bad_parameter", None);
    check(
        r#"{"type":"join_stream","stream_id":"a b"}"#,
        "bad_stream_id",
        None,
    );
    check(
        r#"{"type":"join_stream","stream_id":"x"}"#,
        "unknown_stream",
        Some("x"),
    );
    check(
        r#"{"type":"join_stream","stream_id":"x","quality":"ultra"}"#,
        "bad_parameter",
        Some("x"),
    );
    check(
        r#"{"type":"leave_stream","stream_id":"x"}"#,
        "unknown_stream",
        Some("x"),
    );
    check(r#"{"type":"set_quality","fps":0}"#, "bad_parameter", None);
    check(
        r#"{"type":"set_quality","stream_id":"x"}"#,
        "unknown_stream",
        Some("x"),
    );
    check(
        r#"{"type":"feedback","stream_id":"x"}"#,
        "unknown_stream",
        Some("x"),
    );
    check(
        r#"{"type":"feedback","stream_id":"front","fps":"many"}"#,
        "bad_parameter",
        Some("front"),
    );
    viewer.send(Opcode::Binary, b"\xff\xd8");
    assert_eq!(viewer.expect("error")["code"], "malformed");
    viewer.say("leave_stream", json!({ "stream_id": "front" }));
    viewer.expect("stream_left");
    viewer.say("set_quality", json!({ "fps": 5 }));
    assert_eq!(viewer.expect("error")["code"], "unknown_stream");
}
