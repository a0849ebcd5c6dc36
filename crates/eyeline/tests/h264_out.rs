//! H.264 as the source gives it, as fragmented MP4: for programs that read a file, and for
//! players in browsers. The encoder, the reader and the browser are real.

#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

use std::process::{Command, Stdio};

use eyeline_testkit::server::Server;
use eyeline_testkit::tools::{self, Program};
use serde_json::Value;

const EYELINE: &str = env!("CARGO_BIN_EXE_eyeline");
/// A test pattern whose key pictures are ten seconds apart.
const CAMERA: &str = "cam=exec:ffmpeg -nostdin -loglevel error -re -f lavfi \
    -i testsrc2=size=640x360:rate=30 -c:v libx264 -preset ultrafast -tune zerolatency \
    -pix_fmt yuv420p -g 300 -sc_threshold 0 -f h264 -flush_packets 1 -";

/// The same with a tone beside it.
const SOUND: &str = "cam=exec:ffmpeg -nostdin -loglevel error -re -f lavfi \
    -i testsrc2=size=640x360:rate=30 -re -f lavfi -i sine=sample_rate=48000 -c:v libx264 \
    -preset ultrafast -tune zerolatency -pix_fmt yuv420p -g 300 -sc_threshold 0 \
    -c:a aac -ac 2 -f mpegts -flush_packets 1 -";

fn serve() -> Server {
    Server::start(EYELINE, [CAMERA])
}

/// The first so many pictures of `live.mp4` as ffprobe sees them, each decoded.
fn probe(server: &Server, pictures: u32) -> Value {
    let url = server.url("/streams/cam/live.mp4");
    let mut ffprobe = Command::new("ffprobe");
    ffprobe
        .args([
            "-v",
            "warning",
            "-of",
            "json",
            "-show_streams",
            "-show_frames",
        ])
        .args(["-read_intervals", &format!("%+#{pictures}"), &url]);
    serde_json::from_slice(&Program::output(&mut ffprobe)).unwrap()
}

#[test]
fn live_mp4_is_read_by_other_programs_from_its_first_picture_on() {
    let server = serve();
    let told = probe(&server, 60);
    let stream = &told["streams"][0];
    assert_eq!(stream["codec_name"], "h264");
    assert_eq!(
        (&stream["width"], &stream["height"]),
        (&640.into(), &360.into())
    );
    let frames = told["frames"].as_array().unwrap();
    assert_eq!(frames.len(), 60);
    let times: Vec<f64> = frames
        .iter()
        .map(|frame| frame["pts_time"].as_str().unwrap().parse().unwrap())
        .collect();
    assert!(times.is_sorted_by(|one, next| one < next), "{times:?}");
    // As they were captured: 30 a second, give or take how evenly this machine runs.
    let lasted = times[59] - times[0];
    assert!((1.0..4.0).contains(&lasted), "{times:?}");
    server.stop();
}

/// Pictures that one who comes between key pictures has missed, at least.
const MISSED: u64 = 60;

#[test]
fn who_comes_between_key_pictures_gets_what_they_missed_right_before_what_is_live() {
    let rtsp = ("EYELINE_RTSP_LISTEN", "127.0.0.1:0");
    let server = Server::start_in(EYELINE, [CAMERA], [rtsp]);
    // Somebody who looks holds the camera open, well into the time between key pictures.
    let mut first = Program::spawn(
        Command::new("ffmpeg")
            .args([
                "-nostdin",
                "-v",
                "error",
                "-i",
                &server.url("/streams/cam/live.mp4"),
            ])
            .args(["-f", "null", "-"])
            .stdin(Stdio::null()),
    );
    eyeline_testkit::wait::until("pictures behind the key picture", || {
        let count = server.json("/api/streams/cam")["frame_count"].as_u64()?;
        (count > MISSED).then_some(())
    });
    let rtmp = format!("rtmp://127.0.0.1:{}/live/cam", server.rtmp_port());
    check_joins(&rtmp);
    check_joins(&format!("rtsp://{}/cam", server.listens("rtsp")));
    check_joins(&server.url("/streams/cam/live.ts"));
    check_joins(&server.url("/streams/cam/live.mp4"));
    assert!(first.0.try_wait().unwrap().is_none(), "the first goes on");
    drop(first);
    server.stop();
}

/// Reads some more pictures than were missed: it begins with a key picture, what was missed takes next to
/// no time, and none comes before the one before.
fn check_joins(url: &str) {
    let mut ffprobe = Command::new("ffprobe");
    if url.starts_with("rtsp") {
        ffprobe.args(["-rtsp_transport", "tcp"]);
    }
    ffprobe
        .args(["-v", "error", "-of", "json", "-show_packets", url])
        .args(["-read_intervals", &format!("%+#{}", MISSED + 20)]);
    let told: Value = serde_json::from_slice(&Program::output(&mut ffprobe)).unwrap();
    let packets = told["packets"].as_array().unwrap();
    let flags = packets[0]["flags"].as_str().unwrap();
    assert!(flags.starts_with('K'), "{url}: {packets:?}");
    let times = packets
        .iter()
        .filter_map(|packet| packet["dts_time"].as_str());
    let times: Vec<f64> = times.map(|time| time.parse().unwrap()).collect();
    assert!(times.len() as u64 > MISSED, "{url}: {times:?}");
    assert!(times.is_sorted(), "{url}: {times:?}");
    // The last of them keep their times, for the sake of the sound between them.
    let missed = times[MISSED as usize * 3 / 4] - times[0];
    assert!(missed < 0.1, "{url}: {times:?}");
}

#[test]
fn a_browser_plays_it_by_media_source_and_as_a_file() {
    in_browser("h264.mjs", CAMERA);
}

#[test]
fn a_player_that_is_not_looked_at_for_a_while_holds_little_and_is_live_soon_after() {
    in_browser("h264-lasting.mjs", CAMERA);
}

#[test]
fn a_browser_plays_the_sound_when_somebody_wants_it() {
    in_browser("h264-sound.mjs", SOUND);
}

fn in_browser(script: &str, camera: &str) {
    let server = Server::start(EYELINE, [camera]);
    let output = tools::node(script).arg(server.url("/")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{failed}");
    server.stop();
}
