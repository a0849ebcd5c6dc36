//! A network camera over RTSP: GStreamer's server, which is in many of them.

#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

use std::io::{BufRead as _, BufReader, Lines};
use std::process::{ChildStdout, Command, Stdio};

use eyeline_testkit::http::Viewer;
use eyeline_testkit::server::Server;
use eyeline_testkit::tools::{self, Program};
use eyeline_testkit::{pictures, wait};

const EYELINE: &str = env!("CARGO_BIN_EXE_eyeline");
const SIZE: &str = "320x240";

/// A camera, and what it prints.
struct Camera {
    _program: Program,
    port: String,
    said: Lines<BufReader<ChildStdout>>,
}

impl Camera {
    fn start(arguments: &[&str]) -> Self {
        let script = "crates/eyeline/tests/programs/rtsp_server.py";
        // The distribution's, for GStreamer's bindings are made for it.
        let mut python = Command::new("/usr/bin/python3");
        python.arg(tools::there(script)).args(arguments);
        python.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut program = Program::spawn(&mut python);
        let mut said = BufReader::new(program.0.stdout.take().unwrap()).lines();
        let port = said.next().expect("the server starts").unwrap();
        Self {
            _program: program,
            port,
            said,
        }
    }

    /// The source `cam` of its stream.
    fn source(&self, user: &str, fragment: &str) -> String {
        format!("cam=rtsp://{user}127.0.0.1:{}/live{fragment}", self.port)
    }
}

/// Waits until the stream's source does not work, and why.
fn wait_reason(server: &Server, expected: &str) {
    wait::until(&format!("the reason {expected}\n{}", server.log()), || {
        let info = server.json("/api/streams/cam").to_string();
        info.contains(expected).then_some(())
    });
}

/// A slate carries the time code; the camera's pictures do not.
fn is_slate(jpeg: &[u8]) -> bool {
    pictures::read_time(jpeg).is_some()
}

/// Watches for a while: pictures of the camera's size that move, in the order of their time.
fn check_moves(server: &Server) {
    let mut viewer = Viewer::open(server.port(), "/streams/cam/mjpeg");
    let parts: Vec<_> = (0..20)
        .map(|_| viewer.next_part().expect("the stream goes on"))
        .collect();
    for pair in parts.windows(2) {
        assert!(pair[0].captured < pair[1].captured);
        assert_eq!(pictures::size(&pair[1].jpeg).to_string(), SIZE);
    }
    let moved = parts.windows(2).filter(|pair| pair[0].jpeg != pair[1].jpeg);
    assert!(moved.count() > 15);
    assert!(parts.iter().all(|part| !is_slate(&part.jpeg)));
}

fn check_plays(camera: &[&str], user: &str, fragment: &str) {
    let mut camera = Camera::start(camera);
    let server = Server::start(EYELINE, [camera.source(user, fragment)]);
    server.wait_live("cam");
    check_moves(&server);
    let snapshot = server.get("/streams/cam/snapshot.jpg");
    assert_eq!(snapshot.status, 200);
    assert_eq!(pictures::size(&snapshot.body).to_string(), SIZE);
    assert!(!server.log().contains("s3cret"), "{}", server.log());
    server.stop();
    let goodbye = camera.said.next().expect("it goes on").unwrap();
    assert_eq!(goodbye, "teardown", "the camera hears that nobody looks");
}

#[test]
fn a_camera_is_shown_and_told_when_nobody_looks_any_more() {
    check_plays(&[], "", "");
}

#[test]
fn a_camera_is_shown_over_udp() {
    check_plays(&[], "", "#transport=udp");
}

#[test]
fn a_camera_that_asks_for_a_password_is_shown() {
    check_plays(
        &["--user", "anna", "--password", "s3cret:@"],
        "anna:s3cret%3A%40@",
        "",
    );
}

#[test]
fn a_camera_that_is_killed_comes_back_and_the_viewer_is_kept() {
    let camera = Camera::start(&[]);
    let server = Server::start(EYELINE, [camera.source("", "")]);
    server.wait_live("cam");
    let mut viewer = Viewer::open(server.port(), "/streams/cam/mjpeg");
    let mut until = |slate: bool| {
        wait::until("a slate, or none", || {
            let part = viewer.next_part().expect("the viewer is kept");
            (is_slate(&part.jpeg) == slate).then_some(())
        });
    };
    until(false);
    let port = camera.port.clone();
    drop(camera);
    until(true);
    let _camera = Camera::start(&["--port", &port]);
    until(false);
    server.wait_live("cam");
    server.stop();
}

#[test]
fn what_is_wrong_is_said_with_what_to_do() {
    let check = |camera: &[&str], user: &str, fragment: &str, expected: &str| {
        let camera = Camera::start(camera);
        let server = Server::start(EYELINE, [camera.source(user, fragment)]);
        wait_reason(&server, expected);
        assert!(!server.log().contains("wr0ng"), "{}", server.log());
        server.stop();
    };
    let locked: &[&str] = &["--user", "anna", "--password", "s3cret"];
    check(
        locked,
        "anna:wr0ng@",
        "",
        "does not accept this user and password",
    );
    check(locked, "", "", "write rtsp://user:password@host");
    check(&[], "", "er", "look up the camera's RTSP path");
    check(
        &["--codec", "vp8"],
        "",
        "",
        "sends VP8, which is not shown yet",
    );
    check(&["--codec", "audio"], "", "", "sends no video");
}
