//! The doors for remote cameras and the pages that show them, with the test in both parts.

use bytes::Bytes;
use eyeline_media::{Resolution, Timestamp};
use eyeline_proto::websocket::frame::Opcode;
use eyeline_proto::websocket::{CloseCode, Message};
use eyeline_testkit::{pictures, wait};
use serde_json::json;

use crate::harness::{Harness, publish, start};
use eyeline_testkit::websocket::Client;

const CAMERA: &str = "/video_remote_source/cam_100500";
const SITE: &str = "/websocket_handler_site/cam_100500";

fn jpeg(width: u32) -> Bytes {
    let time = Timestamp::from_micros(1_700_000_000_000_000);
    pictures::jpeg(Resolution::new(width, 48).unwrap(), time, 50)
}

/// Pictures as they come, until this one; slates in between are pictures, too.
fn see(page: &mut Client, expected: &Bytes) {
    while page.binary() != expected {}
}

/// What a camera is told, until it is this.
fn hear(camera: &mut Client, word: &[u8]) {
    while camera.binary() != word {}
}

fn code(server: &Harness, path: &str, headers: &[(&str, &str)]) -> (u16, String) {
    let answer = server.send("GET", path, headers);
    let said: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    (answer.status, said["code"].as_str().unwrap().to_owned())
}

#[test]
fn what_a_camera_sends_is_what_the_page_gets_and_nothing_else() {
    let server = start();
    let mut camera = Client::open(server.port, CAMERA);
    let mut page = Client::open(server.port, SITE);
    hear(&mut camera, b"1");
    for width in [64, 80, 96] {
        camera.send(Opcode::Binary, &jpeg(width));
        see(&mut page, &jpeg(width));
    }
    let viewers = server.json("/api/streams/cam_100500/viewers");
    assert_eq!(viewers["viewers"][0]["transport"], "websocket");
}

#[test]
fn a_camera_is_told_again_and_again_whether_somebody_looks() {
    let server = start();
    let mut camera = Client::open(server.port, CAMERA);
    // At once, and then at a beat.
    for _ in 0..2 {
        assert_eq!(camera.binary(), &b"0"[..]);
    }
    let page = Client::open(server.port, SITE);
    hear(&mut camera, b"1");
    assert_eq!(camera.binary(), &b"1"[..]);
    drop(page);
    hear(&mut camera, b"0");
}

#[test]
fn a_page_may_be_there_before_its_camera_and_stays_when_the_camera_restarts() {
    let server = start();
    let mut page = Client::open(server.port, SITE);
    for width in [64, 80] {
        let mut camera = Client::open(server.port, CAMERA);
        hear(&mut camera, b"1");
        camera.send(Opcode::Binary, &jpeg(width));
        see(&mut page, &jpeg(width));
    }
}

#[test]
fn the_list_names_every_stream() {
    let server = start();
    assert_eq!(
        server.json("/cameras_list"),
        json!({ "cameras": ["front"] })
    );
    let _camera = Client::open(server.port, CAMERA);
    let cameras = json!({ "cameras": ["cam_100500", "front"] });
    assert_eq!(server.json("/cameras_list"), cameras);
}

#[test]
fn a_page_of_one_camera_gets_the_first() {
    let mut server = start();
    let mut page = Client::open(server.port, "/websocket_handler_site");
    server.publish("picture", 0);
    assert_eq!(page.binary(), "picture");
}

#[test]
fn what_is_no_picture_is_passed_over_and_counted() {
    let server = start();
    let mut camera = Client::open(server.port, CAMERA);
    let mut page = Client::open(server.port, SITE);
    hear(&mut camera, b"1");
    camera.text("hello");
    camera.send(Opcode::Binary, b"no picture");
    camera.send(Opcode::Binary, &jpeg(64));
    see(&mut page, &jpeg(64));
    assert!(server.metric("eyeline_ingest_errors_total") >= 1.0);
    page.text("hello");
    page.send(Opcode::Binary, b"hello");
    camera.send(Opcode::Binary, &jpeg(80));
    see(&mut page, &jpeg(80));
}

#[test]
fn a_door_is_refused_as_any_other() {
    let server = start();
    let _camera = Client::open(server.port, CAMERA);
    let upgrade = [
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="),
    ];
    let check = |path: &str, status: u16, expected: &str| {
        let said = code(&server, path, &upgrade);
        assert_eq!(said, (status, expected.to_owned()), "{path}");
    };
    check(CAMERA, 409, "busy");
    check("/video_remote_source/front", 409, "not_push");
    check("/video_remote_source/a%20b", 400, "bad_stream_id");
    check("/websocket_handler_site/a%20b", 400, "bad_stream_id");
    check("/websocket_handler_site/x?fps=0", 400, "bad_parameter");
    for path in [CAMERA, SITE] {
        assert_eq!(code(&server, path, &[]).1, "not_websocket", "{path}");
        let elsewhere = [&upgrade[..], &[("X-Forwarded-For", "192.0.2.7")]].concat();
        assert_eq!(code(&server, path, &elsewhere).0, 401, "{path}");
        let foreign = [&upgrade[..], &[("Origin", "http://evil.example")]].concat();
        assert_eq!(code(&server, path, &foreign).0, 403, "{path}");
    }
}

#[test]
fn a_camera_that_goes_frees_its_name_at_once() {
    let server = start();
    drop(Client::open(server.port, CAMERA));
    let mut camera = Client::open(server.port, CAMERA);
    let mut page = Client::open(server.port, SITE);
    hear(&mut camera, b"1");
    camera.send(Opcode::Binary, &jpeg(64));
    see(&mut page, &jpeg(64));
}

#[test]
fn a_page_that_is_closed_by_the_operator_is_told_and_does_not_wait_for_more() {
    let mut server = start();
    let mut page = Client::open(server.port, "/websocket_handler_site/front");
    server.publish("picture", 0);
    assert_eq!(page.binary(), "picture");
    let viewers = server.json("/api/streams/front/viewers");
    let id = &viewers["viewers"][0]["id"];
    let path = format!("/api/streams/front/viewers/{id}");
    assert_eq!(server.send("DELETE", &path, &[]).status, 200);
    let Some(Message::Close { code, reason }) = page.message() else {
        panic!("no Close");
    };
    assert_eq!(code, Some(CloseCode::POLICY_VIOLATION));
    assert!(reason.contains("operator"), "{reason}");
}

#[test]
fn both_say_goodbye_when_the_server_stops() {
    let mut server = start();
    let mut camera = Client::open(server.port, CAMERA);
    let mut page = Client::open(server.port, "/websocket_handler_site/never");
    server.stop();
    for client in [&mut camera, &mut page] {
        let code = loop {
            match client.message() {
                Some(Message::Close { code, .. }) => break code,
                Some(_) => {}
                None => panic!("no Close"),
            }
        };
        assert_eq!(code, Some(CloseCode::GOING_AWAY));
    }
}

#[test]
fn a_stream_that_ends_and_comes_back_is_gone_on_with() {
    let mut server = start();
    let mut page = Client::open(server.port, "/websocket_handler_site/front");
    server.publish("before", 0);
    assert_eq!(page.binary(), "before");
    server.front = None;
    server.wait_viewers(0);
    server.front = Some(publish(&server.hub, "front"));
    wait::until("the page to look again", || {
        (server.viewers() == 1).then_some(())
    });
    server.publish("after", 40);
    assert_eq!(page.binary(), "after");
}
