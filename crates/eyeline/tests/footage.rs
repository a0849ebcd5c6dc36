//! Real footage by the ways ffmpeg knows: multipart MJPEG into standard input, and
//! pushed over HTTP.

#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

use std::process::{Command, Stdio};

use eyeline_testkit::http::Viewer;
use eyeline_testkit::server::Server;
use eyeline_testkit::tools::{self, Program};
use eyeline_testkit::wait;

const EYELINE: &str = env!("CARGO_BIN_EXE_eyeline");

fn play(arguments: &[&str]) -> Command {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg
        .args(["-loglevel", "error", "-re", "-stream_loop", "-1", "-i"])
        .arg(tools::clip());
    ffmpeg
        .args(["-vf", "scale=640:360", "-q:v", "5", "-f", "mpjpeg"])
        .args(arguments);
    ffmpeg.stdin(Stdio::null());
    ffmpeg
}

/// Watches the stream for a while: whole pictures that differ, in the order of their time.
fn check_moves(server: &Server, stream: &str) {
    let mut viewer = Viewer::open(server.port(), &format!("/streams/{stream}/mjpeg"));
    let parts: Vec<_> = (0..30)
        .map(|_| viewer.next_part().expect("the stream goes on"))
        .collect();
    assert!(
        parts
            .windows(2)
            .all(|pair| pair[0].captured < pair[1].captured)
    );
    assert!(
        parts
            .windows(2)
            .filter(|pair| pair[0].jpeg != pair[1].jpeg)
            .count()
            > 20
    );
    let first = eyeline_media::jpeg::parse_header(&parts[0].jpeg).unwrap();
    assert_eq!(first.resolution.to_string(), "640x360");
}

#[test]
fn ffmpeg_plays_a_clip_into_standard_input() {
    let mut ffmpeg = Program::spawn(play(&["-"]).stdout(Stdio::piped()));
    let pipe = ffmpeg.0.stdout.take().unwrap();
    let server = Server::start_with(EYELINE, ["clip=-"], pipe);
    server.wait_live("clip");
    check_moves(&server, "clip");
    drop(ffmpeg);
    server.wait_state("clip", "away");
    server.stop();
}

#[test]
fn ffmpeg_pushes_a_clip_to_a_stream_that_is_made_for_it() {
    let server = Server::start(EYELINE, ["test:"]);
    let ffmpeg = Program::spawn(&mut play(&[&server.url("/streams/pushed/ingest")]));
    server_has(&server, "pushed");
    server.wait_live("pushed");
    check_moves(&server, "pushed");
    drop(ffmpeg);
    server.wait_state("pushed", "away");
    server.stop();
}

#[test]
fn eyeline_pushes_to_another_eyeline_with_the_capture_time() {
    let server = Server::start(EYELINE, ["test:"]);
    let push = Command::new(EYELINE)
        .args([
            "push",
            "test:?size=320x240&fps=20",
            &server.url("/streams/far"),
        ])
        .stderr(Stdio::null())
        .spawn();
    let push = Program(push.unwrap());
    server_has(&server, "far");
    server.wait_live("far");
    let mut viewer = Viewer::open(server.port(), "/streams/far/mjpeg");
    for _ in 0..20 {
        let part = viewer.next_part().unwrap();
        let time = eyeline_testkit::pictures::read_time(&part.jpeg).expect("the time is readable");
        let apart = part.captured.since(time).max(time.since(part.captured));
        assert!(
            apart.as_millis() <= 1,
            "the capture time came through: {apart:?}"
        );
    }
    drop(push);
    server.stop();
}

fn server_has(server: &Server, stream: &str) {
    let path = format!("/api/streams/{stream}");
    wait::until("the stream to be made", || {
        (server.get(&path).status == 200).then_some(())
    });
}
