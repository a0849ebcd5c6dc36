//! Programs as they were written for other servers, unchanged: OpenCV scripts, a page with
//! an image element in Chromium, a client of µStreamer, and remote cameras with their pages
//! over Python's `websockets`.

#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use eyeline_testkit::server::Server;
use eyeline_testkit::tools::{self, Program};

const EYELINE: &str = env!("CARGO_BIN_EXE_eyeline");
const SOURCE: &str = "cam=test:?size=320x240&fps=10";

fn program(arguments: &[&str]) -> Command {
    let script = "crates/eyeline/tests/programs/existing_clients.py";
    let mut python = tools::python();
    python.arg(tools::there(script)).args(arguments);
    python
}

fn lines(command: &mut Command) -> Vec<String> {
    let output = String::from_utf8(Program::output(command)).unwrap();
    output.lines().map(str::to_owned).collect()
}

#[test]
fn opencv_reads_the_addresses_of_other_servers() {
    let server = Server::start(EYELINE, [SOURCE]);
    for path in [
        "/?action=stream",
        "/stream",
        "/video_feed",
        "/video_feed/cam",
    ] {
        let sizes = lines(&mut program(&["opencv", &server.url(path), "5"]));
        assert_eq!(sizes, ["320x240"; 5], "{path}");
    }
    server.stop();
}

#[test]
fn a_page_with_an_image_shows_the_stream_in_chromium() {
    let server = Server::start(EYELINE, [SOURCE]);
    let base = server.url("");
    for path in [
        "/video_feed",
        "/?action=stream",
        "/stream?advance_headers=1&key=x",
    ] {
        let said = lines(tools::node("embed.mjs").args([&base, path]));
        assert_eq!(said, ["320x240"], "{path}");
    }
    server.stop();
}

#[test]
fn a_client_of_ustreamer_sees_the_stream_and_itself_in_the_state() {
    let server = Server::start(EYELINE, [SOURCE]);
    let sizes = lines(&mut program(&["ustreamer", &server.url("")]));
    assert_eq!(sizes, ["320x240"; 3]);
    server.stop();
}

#[test]
fn a_remote_camera_sends_while_a_page_looks_and_rests_otherwise() {
    let server = Server::start(EYELINE, [SOURCE]);
    let url = |path: &str| format!("ws://127.0.0.1:{}{path}", server.port());
    let source = url("/video_remote_source/cam_100500");
    let mut camera = Program::spawn(program(&["camera", &source]).stdout(Stdio::piped()));
    let mut told = BufReader::new(camera.0.stdout.take().unwrap()).lines();
    let mut told_to = |word: &str| while told.next().unwrap().unwrap() != word {};
    told_to("0");
    let cameras = server.json("/cameras_list")["cameras"].clone();
    assert_eq!(cameras, serde_json::json!(["cam", "cam_100500"]));
    let site = url("/websocket_handler_site/cam_100500");
    let mut site = Program::spawn(program(&["site", &site, "30"]).stdout(Stdio::piped()));
    told_to("1");
    let sizes = BufReader::new(site.0.stdout.take().unwrap()).lines();
    let of_the_camera = sizes
        .filter(|size| size.as_ref().unwrap() == "64x48")
        .count();
    assert!(of_the_camera >= 20, "{of_the_camera}");
    assert!(site.0.wait().unwrap().success());
    told_to("0");
    server.stop();
}
