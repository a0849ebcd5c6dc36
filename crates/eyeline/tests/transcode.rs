//! JPEG becomes H.264 for whoever asks for that, once for all of them, and H.264 smaller H.264.
//! What comes of it is read by ffmpeg and by a browser.

#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

use std::fs;
use std::process::{Command, Stdio};

use eyeline_testkit::http::Viewer;
use eyeline_testkit::server::Server;
use eyeline_testkit::tools::{self, Program};
use eyeline_testkit::wait;
use serde_json::Value;

const EYELINE: &str = env!("CARGO_BIN_EXE_eyeline");
/// A camera that gives JPEGs.
const WEBCAM: &str = "cam=test:?size=640x360&fps=15";
/// One that gives H.264, with key pictures ten seconds apart.
const CAMERA: &str = "cam=exec:ffmpeg -nostdin -loglevel error -re -f lavfi \
    -i testsrc2=size=640x360:rate=15 -c:v libx264 -preset ultrafast -tune zerolatency \
    -pix_fmt yuv420p -g 150 -sc_threshold 0 -f h264 -flush_packets 1 -";
/// Stands for hardware.
const ENCODER: &str = "ffmpeg -loglevel error -probesize 32 -f rawvideo -pix_fmt yuv420p \
    -s {width}x{height} -r {fps} -i - -c:v libx264 -preset ultrafast -tune zerolatency -bf 0 \
    -b:v {bitrate} -g {gop} -f h264 -flush_packets 1 -";

/// The first so many pictures, as ffprobe sees them, each decoded.
fn probe(server: &Server, query: &str, pictures: u32) -> Value {
    let url = server.url(&format!("/streams/cam/live.mp4{query}"));
    let mut ffprobe = Command::new("ffprobe");
    ffprobe
        .args(["-v", "warning", "-of", "json"])
        .args(["-show_streams", "-show_frames"])
        .args(["-read_intervals", &format!("%+#{pictures}"), &url]);
    serde_json::from_slice(&Program::output(&mut ffprobe)).unwrap()
}

fn size(told: &Value) -> String {
    let stream = &told["streams"][0];
    assert_eq!(stream["codec_name"], "h264");
    format!("{}x{}", stream["width"], stream["height"])
}

fn times(told: &Value) -> Vec<f64> {
    let frames = told["frames"].as_array().unwrap();
    let time = |frame: &Value| frame["pts_time"].as_str().unwrap().parse().unwrap();
    frames.iter().map(time).collect()
}

/// Watches until it is dropped.
fn watch(server: &Server, path: &str) -> Program {
    Program::spawn(
        Command::new("ffmpeg")
            .args(["-nostdin", "-v", "error", "-i", &server.url(path)])
            .args(["-f", "null", "-"])
            .stdin(Stdio::null()),
    )
}

/// The mean colour of the first picture at an address.
fn mean(url: &str) -> [u8; 3] {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg
        .args(["-nostdin", "-v", "error", "-i", url, "-frames:v", "1"])
        .args(["-vf", "scale=1:1:flags=area", "-pix_fmt", "rgb24"])
        .args(["-f", "rawvideo", "-"]);
    Program::output(&mut ffmpeg).try_into().unwrap()
}

/// The renditions of H.264 that are being made.
fn made(server: &Server) -> Vec<Value> {
    let info = server.json("/api/streams/cam");
    let all = info["rendition_details"].as_array().unwrap();
    let h264 = all.iter().filter(|made| made["codec"] == "h264");
    h264.cloned().collect()
}

/// Threads of the server that make renditions of the stream.
fn threads(server: &Server) -> usize {
    let tasks = fs::read_dir(format!("/proc/{}/task", server.pid())).unwrap();
    let names = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|name| name.starts_with("cam ")).count()
}

#[test]
fn a_webcam_is_h264_of_the_baseline_profile_and_of_the_right_colours_from_the_first_picture_on() {
    let server = Server::start(EYELINE, [WEBCAM]);
    let told = probe(&server, "", 40);
    assert_eq!(size(&told), "640x360");
    let stream = &told["streams"][0];
    assert_eq!(stream["profile"], "Constrained Baseline");
    assert_eq!(stream["has_b_frames"], 0);
    assert_eq!(stream["color_range"], "tv");
    assert_eq!(stream["color_space"], "smpte170m");
    let frames = told["frames"].as_array().unwrap();
    assert_eq!(frames.len(), 40);
    assert_eq!(frames[0]["key_frame"], 1);
    assert!(times(&told).is_sorted_by(|one, next| one < next));
    let jpeg = mean(&server.url("/streams/cam/snapshot.jpg"));
    let h264 = mean(&server.url("/streams/cam/live.mp4"));
    let near = jpeg
        .iter()
        .zip(h264)
        .all(|(one, other)| one.abs_diff(other) <= 8);
    assert!(near, "{jpeg:?} as JPEG and {h264:?} as H.264");
    server.stop();
}

#[test]
fn all_viewers_share_one_encoder_which_ends_after_the_last() {
    let server = Server::start(EYELINE, [WEBCAM]);
    let viewers = [0; 3].map(|_| watch(&server, "/streams/cam/live.mp4"));
    let mut beside = Viewer::open(server.port(), "/streams/cam/mjpeg");
    wait::until("all to watch", || {
        beside.next_part().unwrap();
        let info = server.json("/api/streams/cam");
        (info["viewer_count"] == 4).then_some(())
    });
    for _ in 0..20 {
        beside.next_part().unwrap();
    }
    let made = made(&server);
    assert_eq!(made.len(), 1, "{made:?}");
    assert_eq!(made[0]["encoder"], "openh264");
    assert_eq!(threads(&server), 1);
    drop((viewers, beside));
    wait::until("the encoder to end after its last viewer", || {
        let info = server.json("/api/streams/cam");
        (info["renditions"] == 0 && threads(&server) == 0).then_some(())
    });
    server.stop();
}

#[test]
fn named_qualities_have_their_sizes_and_rates() {
    let server = Server::start(EYELINE, ["cam=test:?size=1280x720&fps=30"]);
    let check = |quality: &str, expected: &str, most_fps: f64| {
        let told = probe(&server, &format!("?quality={quality}"), 30);
        assert_eq!(size(&told), expected);
        let times = times(&told);
        let fps = 29.0 / (times[29] - times[0]);
        assert!(fps < most_fps * 1.1, "{quality}: {fps} pictures a second");
    };
    check("low", "568x320", 15.0);
    check("medium", "852x480", 24.0);
    check("low&fps=5", "568x320", 5.0);
    check("low&bitrate_bps=100000", "568x320", 15.0);
    server.stop();
}

#[test]
fn an_h264_camera_is_passed_on_untouched_unless_less_is_asked_for() {
    let server = Server::start(EYELINE, [CAMERA]);
    // How large its pictures are must be known before it is known that they are small enough.
    assert_eq!(size(&probe(&server, "", 20)), "640x360");
    let first = watch(&server, "/streams/cam/live.mp4?quality=high");
    assert_eq!(size(&probe(&server, "?quality=high", 20)), "640x360");
    assert!(made(&server).is_empty());
    let told = probe(&server, "?quality=low", 20);
    assert_eq!(size(&told), "568x320");
    assert_eq!(told["streams"][0]["profile"], "Constrained Baseline");
    assert_eq!(made(&server)[0]["height"], 320);
    drop(first);
    server.stop();
}

#[test]
fn another_size_in_the_middle_goes_on() {
    let clip = |size: &str, seconds: u32| {
        format!(
            "ffmpeg -nostdin -loglevel error -re -f lavfi -i testsrc2=size={size}:rate=15 -t {seconds} \
             -c:v mjpeg -f mjpeg -"
        )
    };
    let source = format!("cam=exec:{}; {}", clip("320x240", 6), clip("480x360", 60));
    let server = Server::start(EYELINE, [source]);
    let told = probe(&server, "", 150);
    let frames = told["frames"].as_array().unwrap();
    let mut heights: Vec<_> = frames.iter().map(|frame| frame["height"].clone()).collect();
    heights.dedup();
    assert_eq!(heights, [240, 360]);
    assert!(times(&told).is_sorted_by(|one, next| one < next));
    server.stop();
}

#[test]
fn a_configured_encoder_is_used_and_replaced_when_it_fails() {
    let check = |command: &str, expected: &str| {
        let env = [("EYELINE_ENCODER_COMMAND", command)];
        let server = Server::start_in(EYELINE, [WEBCAM], env);
        let held = watch(&server, "/streams/cam/live.mp4");
        assert_eq!(size(&probe(&server, "", 40)), "640x360");
        let made = made(&server);
        assert_eq!(made[0]["encoder"], expected, "{command}: {}", server.log());
        let said = server.log().contains("openh264 goes on in its place");
        assert_eq!(said, expected == "openh264", "{}", server.log());
        drop(held);
        wait::until("it to end", || made_none(&server));
        server.stop();
    };
    check(ENCODER, "command");
    check("echo the device is busy >&2; exit 1", "openh264");
}

fn made_none(server: &Server) -> Option<()> {
    made(server).is_empty().then_some(())
}

#[test]
fn a_browser_plays_a_webcam_by_media_source_when_it_is_told_to() {
    let server = Server::start(EYELINE, [WEBCAM]);
    let output = tools::node("transcode.mjs")
        .arg(server.url("/"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{failed}");
    server.stop();
}
