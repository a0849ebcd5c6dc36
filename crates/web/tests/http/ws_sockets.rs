//! WebSockets as such: who may open one, how they end, and clients that misbehave.

use std::io::Read as _;

use eyeline_proto::websocket::{Message, Opcode, frame};
use eyeline_testkit::wait;
use eyeline_web::Limits;
use serde_json::{Value, json};

use crate::harness::{Harness, TOKEN, publish, short, start, start_with};
use eyeline_testkit::websocket::Client;

const HANDSHAKE: [(&str, &str); 4] = [
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="),
];

/// What is answered to a handshake in which a header was replaced.
fn refusal(server: &Harness, path: &str, replaced: (&str, &str)) -> (u16, String) {
    let mut headers = HANDSHAKE.to_vec();
    headers.retain(|(name, _)| *name != replaced.0);
    headers.push(replaced);
    let answer = server.send("GET", path, &headers);
    let json: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert!(json["error"].as_str().unwrap().len() > 10, "{json}");
    if answer.status == 426 {
        assert_eq!(answer.header("sec-websocket-version"), Some("13"));
    }
    (answer.status, json["code"].as_str().unwrap().to_owned())
}

#[test]
fn what_cannot_be_opened_is_refused_in_http() {
    let server = start();
    let check = |path: &str, replaced: (&str, &str), status: u16, code: &str| {
        let got = refusal(&server, path, replaced);
        assert_eq!(got, (status, code.to_owned()), "{path} {replaced:?}");
    };
    let nothing = ("X-Nothing", "");
    check("/ws/viewer/none", nothing, 404, "unknown_stream");
    check("/ws/viewer/a%20b", nothing, 400, "bad_stream_id");
    check("/ws/viewer/front?format=gif", nothing, 400, "bad_parameter");
    check(
        "/ws/viewer/front?quality=ultra",
        nothing,
        400,
        "bad_parameter",
    );
    check("/ws/viewer?fps=0", nothing, 400, "bad_parameter");
    for path in ["/ws/viewer", "/ws/viewer/front"] {
        check(path, ("Connection", "close"), 400, "not_websocket");
        check(path, ("Upgrade", "h2c"), 400, "not_websocket");
        check(path, ("Sec-WebSocket-Key", "AAAA"), 400, "not_websocket");
        check(path, ("Sec-WebSocket-Version", "8"), 426, "not_websocket");
        check(path, ("X-Forwarded-For", "192.0.2.7"), 401, "token_needed");
    }
    let answer = server.send("POST", "/ws/viewer/front", &HANDSHAKE);
    assert_eq!(answer.status, 405);
    assert_eq!(server.viewers(), 0);
}

#[test]
fn a_page_of_another_origin_opens_none() {
    let server = start();
    for path in ["/ws/viewer", "/ws/viewer/front"] {
        let got = refusal(&server, path, ("Origin", "http://evil.example"));
        assert_eq!(got, (403, "foreign_origin".to_owned()));
    }
}

#[test]
fn a_close_is_answered_with_the_same_code() {
    let server = start();
    let check = |payload: &[u8], expected: u16| {
        let mut viewer = Client::open(server.port, "/ws/viewer/front");
        viewer.expect("stream_info");
        viewer.send(Opcode::Close, payload);
        assert_eq!(viewer.closed(), (expected, String::new()));
        server.wait_viewers(0);
    };
    check(b"", 1000);
    check(b"\x03\xe8bye", 1000);
    check(b"\x03\xe9", 1001);
    check(b"\x0f\xa1mine", 4001);
}

#[test]
fn a_client_that_is_gone_without_a_word_is_forgotten() {
    let server = start();
    let mut viewer = Client::open(server.port, "/ws/viewer/front");
    viewer.expect("stream_info");
    drop(viewer);
    server.wait_viewers(0);
}

#[test]
fn a_ping_is_answered_with_its_payload() {
    let server = start();
    let mut viewer = Client::open(server.port, "/ws/viewer");
    viewer.send(Opcode::Ping, b"are you there");
    let pong = Message::Pong("are you there".into());
    assert_eq!(viewer.message(), Some(pong));
    viewer.send(Opcode::Pong, b"unasked for");
    viewer.say("clock", json!({}));
    viewer.expect("clock");
}

#[test]
fn what_is_against_the_protocol_is_closed_with_the_code_for_it() {
    let server = start();
    let check = |bytes: &[u8], code: u16, says: &str| {
        let mut viewer = Client::open(server.port, "/ws/viewer/front");
        viewer.expect("stream_info");
        viewer.raw(bytes);
        let (got, reason) = viewer.closed();
        assert!(got == code && reason.contains(says), "{got} {reason}");
        server.wait_viewers(0);
    };
    check(&frame::text("not masked"), 1002, "not masked");
    check(&[0x83, 0x80, 0, 0, 0, 0], 1002, "unknown opcode");
    check(&[0xc1, 0x80, 0, 0, 0, 0], 1002, "extension");
    check(
        &frame::masked(Opcode::Text, &[b"\xff"], [1; 4]),
        1007,
        "UTF-8",
    );
    let long = vec![b' '; 64 * 1024 + 1];
    check(
        &frame::masked(Opcode::Text, &[&long], [1; 4])[..20],
        1009,
        "65536",
    );
    check(
        &frame::masked(Opcode::Binary, &[&long], [1; 4])[..20],
        1009,
        "65536",
    );
}

#[test]
fn a_message_of_64_kib_is_still_read() {
    let server = start();
    let mut viewer = Client::open(server.port, "/ws/viewer");
    let mut text = r#"{"type":"fly"}"#.to_owned();
    text.push_str(&" ".repeat(64 * 1024 - text.len()));
    viewer.text(&text);
    assert_eq!(viewer.expect("error")["code"], "unknown_type");
}

#[test]
fn one_that_talks_without_end_is_closed() {
    let server = start();
    let mut viewer = Client::open(server.port, "/ws/viewer");
    // Whatever the seconds, as many within one are too many.
    let many = frame::masked(Opcode::Text, &[br#"{"type":"clock"}"#], [7; 4]).repeat(500);
    viewer.raw(&many);
    loop {
        match viewer.message().expect("a Close") {
            Message::Close { code, reason } => {
                assert_eq!(code.unwrap().as_u16(), 1008);
                assert!(reason.contains("200"), "{reason}");
                break;
            }
            Message::Text(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn viewers_are_told_that_the_server_stops() {
    let mut server = start();
    let mut viewer = Client::open(server.port, "/ws/viewer/front");
    viewer.expect("stream_info");
    let mut later = Client::open(server.port, "/ws/viewer");
    later.say("clock", json!({}));
    later.expect("clock");
    server.stop();
    for viewer in [&mut viewer, &mut later] {
        assert_eq!(viewer.closed(), (1001, "the server is stopping".to_owned()));
    }
    drop((viewer, later));
    server.stopped();
    assert_eq!(server.viewers(), 0);
}

#[test]
fn a_slow_viewer_gets_the_newest_picture_and_no_queue() {
    let mut server = start();
    let mut viewer = Client::open(server.port, "/ws/viewer/front?format=binary");
    viewer.expect("stream_info");
    let mut published = 0;
    // Until pictures are left out, and then some that nobody can hold any more.
    let mut behind = 0;
    wait::until("the viewer to be far behind", || {
        server.publish(vec![7; 100 * 1024], 40 * published);
        published += 1;
        let stream = server.front.as_ref().unwrap().stream().clone();
        behind += usize::from(stream.viewers()[0].frames + 20 < published);
        (behind > 100).then_some(())
    });
    let stream = server.front.as_ref().unwrap().stream().clone();
    let before = stream.viewers()[0].frames;
    viewer.send(Opcode::Ping, b"now");
    let mut numbers = Vec::new();
    let newest = format!("\"frame_number\":{},", published - 1);
    loop {
        match viewer.message().unwrap() {
            Message::Binary(frame) => {
                numbers.push(frame.len());
                let header = &frame[4..100];
                if header.windows(newest.len()).any(|w| w == newest.as_bytes()) {
                    break;
                }
            }
            // Once pictures come, it is told how they are coded.
            Message::Pong(_) | Message::Text(_) => {}
            other => panic!("{other:?}"),
        }
    }
    // What it had waiting was in the kernel's buffers; behind it the newest come.
    assert!(
        (numbers.len() as u64) < published / 2,
        "{} of {published}",
        numbers.len()
    );
    assert!(
        numbers.len() as u64 <= before + 20,
        "{} {before}",
        numbers.len()
    );
    let account = stream.viewers().remove(0);
    assert!(account.skipped > 50, "{account:?}");
}

#[test]
fn a_viewer_that_takes_no_data_is_closed_and_counted() {
    let mut server = start_with(Some(TOKEN), short(Limits::default()));
    let mut viewer = Client::open(server.port, "/ws/viewer/front");
    viewer.expect("stream_info");
    let mut millis = 0;
    wait::until("the stalled viewer to be closed", || {
        millis += 40;
        server.publish(vec![7; 100 * 1024], millis);
        (server.viewers() == 0).then_some(())
    });
    wait::until("the stall to be counted", || {
        (server.metric("eyeline_viewers_stalled_total") >= 1.0).then_some(())
    });
    let mut unread = Vec::new();
    let _ = viewer.tcp.read_to_end(&mut unread);
    assert!(unread.len() < 12 * 1024 * 1024, "{}", unread.len());
}

#[test]
fn a_socket_takes_64_streams() {
    let server = start();
    let streams: Vec<_> = (0..65)
        .map(|n| publish(&server.hub, &format!("s{n}")))
        .collect();
    let mut viewer = Client::open(server.port, "/ws/viewer");
    for stream in &streams[..64] {
        viewer.say("join_stream", json!({ "stream_id": stream.id().as_str() }));
        viewer.expect("stream_info");
    }
    viewer.say("join_stream", json!({ "stream_id": "s64" }));
    assert_eq!(viewer.expect("error")["code"], "too_many_streams");
    viewer.say("set_quality", json!({ "fps": 5 }));
    for _ in &streams[..64] {
        viewer.expect("stream_info");
    }
    viewer.say("leave_stream", json!({ "stream_id": "s0" }));
    viewer.expect("stream_left");
    viewer.say("join_stream", json!({ "stream_id": "s64" }));
    viewer.expect("stream_info");
}

#[test]
fn the_clock_is_answered_with_what_was_sent() {
    let server = start();
    let behind = frame::masked(
        Opcode::Text,
        &[br#"{"type":"clock","data":{"sent":{"a":[1]}}}"#],
        [5; 4],
    );
    // Behind the handshake, without waiting.
    let mut viewer = Client::open_saying(server.port, "/ws/viewer", &behind);
    let before = server.hub.clock().wall_nanos() as f64 / 1e9;
    viewer.expect("clock");
    viewer.say("clock", json!({ "sent": 12.5 }));
    let clock = viewer.expect("clock");
    assert_eq!(clock["sent"], 12.5);
    let apart = clock["server"].as_f64().unwrap() - before;
    assert!((0.0..60.0).contains(&apart), "{apart}");
    viewer.text(r#"{"type":"clock"}"#);
    assert_eq!(viewer.expect("clock")["sent"], Value::Null);
}
