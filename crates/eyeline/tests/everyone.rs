//! One pipe of raw frames, watched by everybody at once: Chromium, ffmpeg, OpenCV and
//! GStreamer. Each gets every frame.

#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::thread;

use eyeline_testkit::server::Server;
use eyeline_testkit::tools::{self, Program};
use eyeline_testkit::{http, pictures, wait};

const FRAMES: usize = 120;
const WIDTH: usize = 768;
const HEIGHT: usize = 432;
const SQUARE: usize = 24;
/// What two busy cores do for four programs that show pictures on them.
const FPS: usize = 12;
/// Chromium is busy with its own start while the first pictures come, for longer than one of
/// them may be late; those it misses.
const MISSED_AT_START: usize = FPS / 2;

/// The number that sixteen shades spell, most significant first.
fn number(shades: impl Iterator<Item = u8>) -> u32 {
    shades.fold(0, |number, shade| number << 1 | u32::from(shade > 127))
}

fn lines(output: Vec<u8>) -> Vec<u32> {
    let text = String::from_utf8(output).unwrap();
    text.lines()
        .map(|line| line.trim().parse().unwrap())
        .collect()
}

fn ffmpeg(url: &str) -> Vec<u32> {
    let bytes = Program::output(
        Command::new("ffmpeg")
            .args([
                "-loglevel",
                "error",
                "-f",
                "mpjpeg",
                "-i",
                url,
                "-fps_mode",
                "passthrough",
            ])
            .args(["-frames:v", &FRAMES.to_string()])
            .args(["-vf", "crop=384:24:0:0,scale=16:1:flags=area,format=gray"])
            .args(["-f", "rawvideo", "-"]),
    );
    bytes
        .chunks_exact(16)
        .map(|row| number(row.iter().copied()))
        .collect()
}

fn opencv(url: &str) -> Vec<u32> {
    let script = tools::there("crates/eyeline/tests/programs/opencv_viewer.py");
    lines(Program::output(
        tools::python().arg(script).args([url, &FRAMES.to_string()]),
    ))
}

fn gstreamer(url: &str) -> Vec<u32> {
    let pipeline = format!(
        "souphttpsrc location={url} is-live=true ! multipartdemux ! jpegdec ! videoconvert \
         ! video/x-raw,format=GRAY8,width={WIDTH},height={HEIGHT} ! identity eos-after={} ! fdsink fd=1 sync=false",
        FRAMES + 1
    );
    let bytes = Program::output(
        Command::new("gst-launch-1.0")
            .arg("--quiet")
            .args(pipeline.split_whitespace()),
    );
    let frames = bytes.chunks_exact(WIDTH * HEIGHT);
    frames
        .map(|frame| {
            number((0..16).map(|bit| frame[SQUARE / 2 * WIDTH + bit * SQUARE + SQUARE / 2]))
        })
        .collect()
}

fn chromium(url: &str) -> Vec<u32> {
    lines(Program::output(
        tools::node("watch.mjs").args([url, &FRAMES.to_string()]),
    ))
}

fn check_every_frame(viewer: &str, numbers: &[u32]) {
    assert!(
        numbers.len() >= FRAMES,
        "{viewer} saw {} frames",
        numbers.len()
    );
    let gaps: Vec<_> = numbers
        .windows(2)
        .filter(|pair| pair[1] != pair[0] + 1)
        .collect();
    assert!(gaps.is_empty(), "{viewer} missed frames: {gaps:?}");
}

#[test]
fn a_pipe_of_raw_frames_reaches_every_kind_of_viewer_whole() {
    let mut app = tools::python();
    app.arg(tools::there("examples/opencv_app.py"))
        .arg(tools::clip())
        .arg(FPS.to_string())
        .stdout(Stdio::piped());
    let mut app = Program::spawn(&mut app);
    let frames = app.0.stdout.take().unwrap();
    let source = format!("-?format=bgr24&size={WIDTH}x{HEIGHT}&fps={FPS}");
    let server = Server::start_with(env!("CARGO_BIN_EXE_eyeline"), [&source], frames);
    server.wait_live("stdin");

    let stream = server.url("/streams/stdin/mjpeg");
    let page = server.url("/streams/stdin");
    let (by_ffmpeg, by_opencv, by_gstreamer, by_chromium) = thread::scope(|scope| {
        let watchers = (
            scope.spawn(|| ffmpeg(&stream)),
            scope.spawn(|| opencv(&stream)),
            scope.spawn(|| gstreamer(&stream)),
            scope.spawn(|| chromium(&page)),
        );
        (
            watchers.0.join().unwrap(),
            watchers.1.join().unwrap(),
            watchers.2.join().unwrap(),
            watchers.3.join().unwrap(),
        )
    });
    check_every_frame("ffmpeg", &by_ffmpeg);
    check_every_frame("OpenCV", &by_opencv);
    check_every_frame("GStreamer", &by_gstreamer);
    // What Chromium got is counted by the server; what it painted depends on when it
    // paints, but it must move on and never go back.
    assert_eq!(by_chromium.len(), FRAMES);
    assert!(
        by_chromium.windows(2).all(|pair| pair[0] < pair[1]),
        "{by_chromium:?}"
    );
    // What a viewer lost is added up when it leaves; all four have.
    wait::until("the viewers to be gone", || {
        (server.json("/api/streams/stdin")["viewer_count"] == 0).then_some(())
    });
    let metrics = server.get("/metrics").text();
    let skipped = metrics
        .lines()
        .find_map(|line| {
            line.strip_prefix("eyeline_stream_frames_skipped_total{stream=\"stdin\"} ")
        })
        .unwrap_or_else(|| panic!("{metrics}"));
    // The others have shown that they missed none.
    let skipped: usize = skipped.parse().unwrap();
    assert!(
        skipped <= MISSED_AT_START,
        "Chromium missed {skipped} frames"
    );
    drop(app);
    server.stop();
}

#[test]
fn chromium_shows_each_picture_when_it_comes_and_not_when_the_next_one_does() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("eyeline.toml");
    // No slate may come to the rescue of a picture that is held back.
    std::fs::write(
        &config,
        "[streams.cam]\nsource = \"push:\"\nsilence_timeout_s = 3600\n",
    )
    .unwrap();
    let arguments = ["--config", config.to_str().unwrap()];
    let server = Server::start(env!("CARGO_BIN_EXE_eyeline"), arguments);
    let show = |number| {
        let jpeg = [("Content-Type", "image/jpeg")];
        let picture = pictures::numbered(number);
        let answer = http::send(server.port(), "PUT", "/streams/cam/ingest", &jpeg, &picture);
        assert_eq!(answer.status, 200, "{answer:?}");
    };
    show(1);
    let page = server.url("/streams/cam");
    let mut watch = tools::node("watch.mjs");
    let mut watch = Program::spawn(watch.args([&page, "4"]).stdout(Stdio::piped()));
    let seen = BufReader::new(watch.0.stdout.take().unwrap()).lines();
    for (line, number) in seen.zip(1..) {
        assert_eq!(line.unwrap(), number.to_string());
        show(number + 1);
    }
    assert!(watch.0.wait().unwrap().success());
    server.stop();
}
