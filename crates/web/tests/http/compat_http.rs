//! The doors for other servers' programs, with the test in the part of such a program.

use std::io::Read as _;

use eyeline_hub::State;
use eyeline_media::Timestamp;
use eyeline_testkit::http::Viewer;
use serde_json::json;

use crate::harness::{Harness, TOKEN, packet, publish, start};

/// What one gets who is let in from elsewhere only.
fn from_elsewhere(server: &Harness, path: &str, more: &[(&str, &str)]) -> (u16, String, String) {
    let headers = [&[("X-Forwarded-For", "192.0.2.7")], more].concat();
    let answer = server.send("GET", path, &headers);
    let header = |name| answer.header(name).unwrap_or_default().to_owned();
    let challenge = header("www-authenticate");
    (answer.status, challenge, header("content-type"))
}

#[test]
fn every_server_s_stream_shows_the_first_of_ours() {
    for path in [
        "/?action=stream",
        "/?action=stream_0",
        "/?action=stream?dummy=param.mjpg",
        "/?action=stream&1700000000",
        "/stream",
        "/stream?extra_headers=1&dual_final_frames=1&zero_data=1&key=a",
        "/video_feed",
        "/video_feed/",
        "/video_feed/0",
        "/video_feed/front/",
    ] {
        let mut server = start();
        let mut second = publish(&server.hub, "second");
        second.publish(packet("not this one", Timestamp::from_micros(1)));
        let mut viewer = Viewer::open(server.port, path);
        let captured = server.publish("picture", 40);
        let part = viewer.next_part().unwrap();
        assert_eq!(
            (&part.jpeg[..], part.captured),
            (&b"picture"[..], captured),
            "{path}"
        );
        let viewers = server.json("/api/streams/front/viewers");
        assert_eq!(viewers["viewers"][0]["transport"], "mjpeg", "{path}");
        drop(viewer);
        server.wait_viewers(0);
    }
}

#[test]
fn every_server_s_snapshot_is_the_newest_picture() {
    let mut server = start();
    server.publish("old", 0);
    server.publish("new", 40);
    for path in [
        "/?action=snapshot",
        "/?action=snapshot_0&t=1",
        "/snapshot",
        "/snapshot?download=1",
    ] {
        let answer = server.get(path);
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (200, "new"),
            "{path}"
        );
        assert_eq!(answer.header("content-type"), Some("image/jpeg"), "{path}");
    }
}

#[test]
fn other_streams_are_named_or_numbered() {
    let server = start();
    let mut yard = publish(&server.hub, "yard");
    yard.publish(packet("yard", Timestamp::from_micros(1)));
    let mut lane = publish(&server.hub, "7");
    lane.publish(packet("lane", Timestamp::from_micros(1)));
    // In the order of names: 7, front, yard.
    let check =
        |path: &str, expected: &str| assert_eq!(server.get(path).text(), expected, "{path}");
    check("/?action=snapshot_2", "yard");
    check("/?action=snapshot&stream=yard", "yard");
    check("/?action=snapshot&stream=2", "yard");
    check("/snapshot?stream=yard", "yard");
    // A name comes before a number.
    check("/snapshot?stream=7", "lane");
    check("/?action=snapshot", "lane");
    let mut feed = Viewer::open(server.port, "/video_feed/yard");
    assert_eq!(feed.next_part().unwrap().jpeg, "yard");
}

#[test]
fn what_a_door_cannot_do_is_said() {
    let server = start();
    let check = |path: &str, status: u16, code: &str| {
        let answer = server.get(path);
        let said: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(
            (answer.status, &said["code"]),
            (status, &json!(code)),
            "{path}: {said}"
        );
    };
    check("/?action=stream_1", 404, "unknown_stream");
    check("/?action=snapshot&stream=none", 404, "unknown_stream");
    check("/video_feed/9", 404, "unknown_stream");
    check("/stream?stream=a%20b", 400, "bad_stream_id");
    check("/?action=stream&quality=ultra", 400, "bad_parameter");
    check("/?action=take&filename=x", 400, "bad_parameter");
    check(
        "/?action=command&dest=0&plugin=0&id=1&group=1&value=2",
        422,
        "not_available",
    );
}

#[test]
fn without_streams_a_door_says_so() {
    let mut server = start();
    server.front = None;
    for path in ["/?action=stream", "/snapshot", "/state", "/video_feed"] {
        assert_eq!(server.get(path).status, 404, "{path}");
    }
}

#[test]
fn the_wall_is_still_there() {
    let server = start();
    for path in ["/", "/?actions=stream"] {
        let kind = server.get(path).header("content-type").unwrap().to_owned();
        assert!(kind.starts_with("text/html"), "{path}: {kind}");
    }
}

#[test]
fn a_door_is_as_shut_as_any_address_and_asks_programs_for_a_password() {
    let server = start();
    for path in [
        "/?action=stream",
        "/stream",
        "/snapshot",
        "/state",
        "/video_feed",
    ] {
        let (status, challenge, kind) = from_elsewhere(&server, path, &[]);
        assert_eq!((status, kind.as_str()), (401, "application/json"), "{path}");
        assert!(challenge.starts_with("Basic "), "{path}: {challenge}");
    }
    // A person gets a page.
    let (_, challenge, kind) = from_elsewhere(&server, "/", &[]);
    assert!(challenge.starts_with("Bearer ") && kind.starts_with("text/html"));
}

#[test]
fn a_token_in_the_address_of_a_door_leads_nowhere_else() {
    let mut server = start();
    server.publish("picture", 0);
    let path = format!("/?action=snapshot&token={TOKEN}");
    let (status, _, kind) = from_elsewhere(&server, &path, &[]);
    assert_eq!((status, kind.as_str()), (200, "image/jpeg"));
    let password = ("Authorization", "Basic YW55OjAxMjM0NTY3ODlhYmNkZWY=");
    let (status, ..) = from_elsewhere(&server, "/?action=snapshot", &[password]);
    assert_eq!(status, 200);
}

#[test]
fn ustreamer_s_headers_ahead_come_with_the_picture_before() {
    let mut server = start();
    let ask = b"GET /stream?advance_headers=1 HTTP/1.0\r\nHost: localhost\r\n\r\n";
    let mut tcp = server.raw(ask);
    server.wait_viewers(1);
    server.publish("picture", 0);
    let mut all = Vec::new();
    // Nothing more comes, so the headers of the next part are here already.
    let expected = "Content-Type: image/jpeg\r\n\r\n";
    while !(contains(&all, "picture") && all.ends_with(expected.as_bytes())) {
        let mut piece = [0; 1024];
        let count = tcp.read(&mut piece).unwrap();
        assert_ne!(count, 0, "{}", all.escape_ascii());
        all.extend(&piece[..count]);
    }
    let text = String::from_utf8(all).unwrap();
    assert!(!text.contains("Content-Length"), "{text}");
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

#[test]
fn ustreamer_s_state_has_what_its_clients_read() {
    let mut server = start();
    server.publish("picture", 0);
    let path = "/stream?extra_headers=1&advance_headers=1&key=me";
    let mut tcp = server.raw(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes());
    let mut head = [0; 1024];
    let count = tcp.read(&mut head).unwrap();
    let head = String::from_utf8_lossy(&head[..count]).to_lowercase();
    let id = head.split_once("stream_client=me/").unwrap().1;
    let id = id.split_once(';').unwrap().0;

    let state = server.json("/state");
    assert_eq!(state["ok"], true);
    let result = &state["result"];
    assert_eq!(result["encoder"], json!({ "type": "CPU", "quality": 0 }));
    assert_eq!(
        result["source"]["resolution"],
        json!({ "width": 1280, "height": 720 })
    );
    assert_eq!(result["source"]["online"], true);
    assert!(result["source"]["desired_fps"].is_u64() && result["source"]["captured_fps"].is_u64());
    assert_eq!(result["stream"]["clients"], 1);
    assert!(result["stream"]["queued_fps"].is_u64());
    let client = &result["stream"]["clients_stat"][id];
    assert!(client["fps"].is_u64(), "{state}");
    let wants = json!({
        "fps": client["fps"], "extra_headers": true, "advance_headers": true,
        "dual_final_frames": false, "zero_data": false, "key": "me",
    });
    assert_eq!(*client, wants);

    drop(tcp);
    server.wait_viewers(0);
    let stream = &server.json("/state")["result"]["stream"];
    assert_eq!(
        (&stream["clients"], &stream["clients_stat"]),
        (&json!(0), &json!({}))
    );
}

#[test]
fn ustreamer_s_snapshot_and_state_say_whether_the_source_is_there() {
    let mut server = start();
    server.publish("picture", 0);
    let check = |server: &Harness, online: bool| {
        let snapshot = server.get("/snapshot");
        let said = snapshot.header("x-ustreamer-online");
        assert_eq!(said, Some(online.to_string().as_str()));
        assert_eq!(snapshot.header("x-ustreamer-width"), Some("1280"));
        assert_eq!(snapshot.header("x-ustreamer-height"), Some("720"));
        assert_eq!(server.json("/state")["result"]["source"]["online"], online);
    };
    check(&server, true);
    let front = server.front.as_mut().unwrap();
    front.set_state(State::Away {
        reason: "unplugged".to_owned(),
        since: Timestamp::from_micros(2),
    });
    let mut slate = packet("slate", Timestamp::from_micros(3));
    slate.slate = true;
    front.publish(slate);
    check(&server, false);
}

#[test]
fn asking_for_the_head_starts_nothing() {
    let server = start();
    for path in ["/?action=stream", "/stream", "/video_feed"] {
        let head = server.send("HEAD", path, &[]);
        let kind = head.header("content-type").unwrap();
        assert!(kind.starts_with("multipart/x-mixed-replace"), "{path}");
        assert_eq!((head.status, server.viewers()), (200, 0), "{path}");
    }
}
