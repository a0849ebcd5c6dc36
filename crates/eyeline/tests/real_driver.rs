//! Cameras of the kernel's own virtual driver, watched through the program, in the machine
//! that `cargo xtask vm` makes. Its first camera has one plane, its second several.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use eyeline_testkit::http::{self, Viewer};
use eyeline_testkit::server::Server;
use eyeline_testkit::{pictures, wait};

const EYELINE: &str = env!("CARGO_BIN_EXE_eyeline");
const ONE: &str = "one=v4l2:/dev/video0?size=640x360&format=yuyv422";
const TWO: &str = "two=v4l2:/dev/video1?size=320x180&format=nv12";

/// Reads on until a picture of this size comes that is none of the program's own.
fn until_size(viewer: &mut Viewer, size: &str) {
    loop {
        let part = viewer.next_part().expect("the viewer is kept");
        let is_slate = pictures::read_time(&part.jpeg).is_some();
        if pictures::size(&part.jpeg).to_string() == size && !is_slate {
            return;
        }
    }
}

fn patch(server: &Server, stream: &str, json: &str) {
    let headers = [("Content-Type", "application/json")];
    let path = format!("/api/streams/{stream}");
    let answer = http::send(server.port(), "PATCH", &path, &headers, json.as_bytes());
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[test]
fn two_cameras_are_watched_at_once_and_one_gets_another_size_meanwhile() {
    let server = Server::start(EYELINE, [ONE, TWO]);
    let mut one = Viewer::open(server.port(), "/streams/one/mjpeg");
    let mut two = Viewer::open(server.port(), "/streams/two/mjpeg");
    until_size(&mut one, "640x360");
    until_size(&mut two, "320x180");
    for size in ["320x180", "1280x720", "640x360"] {
        patch(&server, "one", &format!(r#"{{"size":"{size}"}}"#));
        until_size(&mut one, size);
        until_size(&mut two, "320x180");
    }
    assert_eq!(server.json("/api/streams/one")["viewer_count"], 1);
    server.stop();
}

#[test]
fn a_camera_is_free_when_the_program_was_killed() {
    let mut server = Server::start(EYELINE, [ONE]);
    for _ in 0..5 {
        server.wait_live("one");
        server.restart();
    }
    server.wait_live("one");
    server.stop();
}

#[test]
fn a_camera_that_somebody_else_has_says_who_and_comes_by_itself_when_it_is_free() {
    let first = Server::start(EYELINE, [ONE]);
    first.wait_live("one");
    let second = Server::start(EYELINE, [ONE]);
    let holder = format!("eyeline ({})", first.pid());
    wait::until("the reason", || {
        let info = second.json("/api/streams/one");
        info["reason"].as_str()?.contains(&holder).then_some(())
    });
    first.stop();
    second.wait_live("one");
    second.stop();
}

#[test]
fn the_cameras_of_the_machine_are_listed_and_offered() {
    let server = Server::start(EYELINE, ["test:"]);
    let listed = server.json("/api/cameras");
    let cameras = listed["cameras"].as_array().unwrap();
    assert_eq!(cameras.len(), 2);
    assert_eq!(cameras[0]["source"], "v4l2:/dev/video0");
    let controls = cameras[0]["controls"].as_array().unwrap();
    assert!(
        controls
            .iter()
            .any(|control| control["name"] == "Brightness")
    );
    let headers = [("Content-Type", "application/json")];
    let body = br#"{"camera_index":1,"id":"second"}"#;
    let made = http::send(server.port(), "POST", "/api/streams", &headers, body);
    assert_eq!(made.status, 201, "{made:?}");
    server.wait_live("second");
    assert_eq!(
        server.json("/api/streams/second")["source"],
        "v4l2:/dev/video1"
    );
    server.stop();
}
