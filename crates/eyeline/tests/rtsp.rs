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
use serde_json::Value;

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
    check(
        &["--codec", "h265"],
        "",
        "",
        "sends H265, which is not shown yet; switch the camera to H.264",
    );
    check(&["--codec", "audio"], "", "", "sends no video");
}

/// What ffprobe finds in so many packets of what a player gets by RTSP.
fn probe(server: &Server, packets: u32) -> Value {
    let url = format!("rtsp://{}/cam", server.listens("rtsp"));
    let mut ffprobe = Command::new("ffprobe");
    ffprobe
        .args(["-v", "error", "-rtsp_transport", "tcp", "-of", "json"])
        .args(["-show_streams", "-show_packets"])
        .args(["-read_intervals", &format!("%+#{packets}"), &url]);
    serde_json::from_slice(&Program::output(&mut ffprobe)).unwrap()
}

/// What the sound of a camera is to players, as ffmpeg calls it.
fn check_sound(sound: &str, name: Option<&str>) {
    let camera = Camera::start(&["--sound", sound]);
    let sources = [camera.source("", "")];
    let server = Server::start_in(
        EYELINE,
        sources.iter().map(String::as_str),
        [("EYELINE_RTSP_LISTEN", "127.0.0.1:0")],
    );
    server.wait_live("cam");
    let info = server.json("/api/streams/cam");
    assert_eq!(info["audio"]["codec"].as_str(), name, "{info}");
    let told = probe(&server, 120);
    let stream = |kind: &str| {
        let mut streams = told["streams"].as_array().unwrap().iter();
        streams.find(|stream| stream["codec_type"] == kind).cloned()
    };
    assert!(stream("video").is_some(), "{told}");
    let heard = stream("audio");
    let heard = heard
        .as_ref()
        .and_then(|stream| stream["codec_name"].as_str());
    assert_eq!(heard, name, "{told}");
    // Both go on beside each other.
    let times = |kind: &str| -> Vec<f64> {
        let packets = told["packets"].as_array().unwrap().iter();
        let packets = packets.filter(|packet| packet["codec_type"] == kind);
        let secs = packets.filter_map(|packet| packet["pts_time"].as_str()?.parse().ok());
        secs.collect()
    };
    let (seen, heard) = (times("video"), times("audio"));
    if name.is_some() {
        assert!(heard.len() > 10, "{told}");
        let apart = (seen[seen.len() - 1] - heard[heard.len() - 1]).abs();
        assert!(apart < 0.5, "{apart} s apart: {told}");
    }
    server.stop();
}

#[test]
fn the_sound_of_a_camera_is_passed_on() {
    check_sound("aac", Some("aac"));
    check_sound("pcma", Some("pcm_alaw"));
    check_sound("pcmu", Some("pcm_mulaw"));
}

#[test]
fn a_camera_whose_sound_cannot_be_taken_is_shown_without() {
    check_sound("opus", None);
}

/// Over a network that loses packets and has them overtake each other: what is shown is whole.
fn check_lossy(percent: &str, fragment: &str) {
    let camera = Camera::start(&["--loss", percent]);
    let server = Server::start(EYELINE, [camera.source("", fragment)]);
    server.wait_live("cam");
    let url = server.url("/streams/cam/live.h264");
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-v", "warning", "-f", "h264", "-i", &url]);
    ffmpeg.args(["-frames:v", "60", "-f", "null", "-"]);
    let output = ffmpeg.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.is_empty(),
        "{percent} %: {said}"
    );
    wait::until("packets that are lost to be counted", || {
        let info = server.json("/api/streams/cam");
        info["packets_lost"].as_u64().filter(|lost| *lost > 0)
    });
    assert_eq!(server.json("/api/streams/cam")["state"], "live");
    server.stop();
}

#[test]
fn on_a_network_that_loses_packets_only_whole_pictures_are_shown() {
    check_lossy("1", "#transport=udp");
    check_lossy("5", "#transport=udp");
}

#[test]
fn a_camera_may_change_the_size_of_its_pictures() {
    let camera = Camera::start(&["--resize"]);
    let server = Server::start(EYELINE, [camera.source("", "")]);
    server.wait_live("cam");
    let mut viewer = Viewer::open(server.port(), "/streams/cam/mjpeg");
    for size in [SIZE, "160x120"] {
        wait::until(size, || {
            let part = viewer.next_part().expect("the viewer is kept");
            (pictures::size(&part.jpeg).to_string() == size).then_some(())
        });
    }
    let info = server.json("/api/streams/cam");
    assert_eq!(info["settings"]["height"], 120, "{info}");
    server.stop();
}
