//! HLS pulled from a server: streams and recordings as ffmpeg writes them.

#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

use std::path::Path;
use std::process::{Command, Stdio};

use eyeline_clock::RealClock;
use eyeline_media::Timestamp;
use eyeline_testkit::files::Files;
use eyeline_testkit::http::Viewer;
use eyeline_testkit::pictures;
use eyeline_testkit::server::Server;
use eyeline_testkit::tools::Program;
use eyeline_testkit::wait;
use serde_json::Value;

const EYELINE: &str = env!("CARGO_BIN_EXE_eyeline");
const MADE: &str = "-f lavfi -i testsrc2=size=320x240:rate=25 -f lavfi -i sine=sample_rate=48000 \
    -c:v libx264 -preset ultrafast -bf 2 -g 25 -pix_fmt yuv420p -c:a aac";

fn ffmpeg(folder: &Path, how: &str) -> Command {
    let mut command = Command::new("sh");
    let line = format!("exec ffmpeg -nostdin -v error {how} live.m3u8");
    command
        .args(["-c", &line])
        .current_dir(folder)
        .stdin(Stdio::null());
    command
}

/// When the first so many pictures of `cam` are decoded, in seconds.
fn times(server: &Server, pictures: u32) -> Vec<f64> {
    let url = server.url("/streams/cam/live.mp4");
    let mut ffprobe = Command::new("ffprobe");
    ffprobe
        .args([
            "-v",
            "error",
            "-of",
            "json",
            "-show_packets",
            "-select_streams",
            "v",
        ])
        .args(["-read_intervals", &format!("%+#{pictures}"), &url]);
    let told: Value = serde_json::from_slice(&Program::output(&mut ffprobe)).unwrap();
    let packets = told["packets"].as_array().unwrap();
    let secs = |packet: &Value| packet["dts_time"].as_str().unwrap().parse().unwrap();
    packets.iter().map(secs).collect()
}

fn check_plays(server: &Server, pictures: u32) {
    server.wait_live("cam");
    assert_eq!(server.json("/api/streams/cam")["codec"], "h264");
    let times = times(server, pictures);
    assert_eq!(times.len(), pictures as usize);
    assert!(times.is_sorted_by(|one, next| one < next), "{times:?}");
}

#[test]
fn streams_in_segments_of_either_kind_are_followed() {
    for kind in ["mpegts", "fmp4"] {
        let folder = tempfile::tempdir().unwrap();
        let how = format!(
            "-re {MADE} -f hls -hls_time 1 -hls_list_size 6 -hls_flags delete_segments \
             -hls_segment_type {kind}"
        );
        let writer = Program::spawn(&mut ffmpeg(folder.path(), &how));
        let playlist = folder.path().join("live.m3u8");
        wait::until("a playlist", || playlist.exists().then_some(()));
        let files = Files::serve(folder.path());
        let server = Server::start(EYELINE, [format!("cam={}", files.url("live.m3u8"))]);
        // More than there was at first.
        check_plays(&server, 200);
        drop(writer);
        server.stop();
    }
}

/// By how many milliseconds the server says that a picture was captured later than its pixels say, and how
/// old it is; `None` for slates.
fn ages(viewer: &mut Viewer) -> Option<(i64, i64)> {
    let part = viewer.next_part().unwrap();
    let made = pictures::read_time(&part.jpeg)?;
    let millis = |time: Timestamp| i64::try_from(time.as_micros() / 1000).unwrap();
    let now = i64::try_from(RealClock::shared().wall_nanos() / 1_000_000).unwrap();
    Some((millis(part.captured) - millis(made), now - millis(made)))
}

#[test]
fn the_time_of_capture_that_a_playlist_tells_is_kept() {
    let first = Server::start(EYELINE, ["cam=test:?size=320x240&fps=15"]);
    let playlist = first.url("/streams/cam/hls/index.m3u8");
    let second = Server::start(EYELINE, [format!("cam={playlist}")]);
    second.wait_live("cam");
    let mut viewer = Viewer::open(second.port(), "/streams/cam/mjpeg");
    let ages: Vec<_> = std::iter::from_fn(|| Some(ages(&mut viewer)))
        .flatten()
        .take(30)
        .collect();
    for (off, age) in &ages {
        // Some parts behind its end, a playlist is played: the arrival would be far off.
        assert!(off.abs() <= 100 && *age > 300, "{ages:?}");
    }
    second.stop();
    first.stop();
}

#[test]
fn a_recording_is_played_over_and_over_by_way_of_its_variants() {
    let folder = tempfile::tempdir().unwrap();
    let how = format!("{MADE} -t 2 -f hls -hls_time 1 -hls_list_size 0 -hls_flags single_file");
    Program::output(&mut ffmpeg(folder.path(), &how));
    let variants = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=9,CODECS=\"hvc1.2\"\nnone.m3u8\n\
                    #EXT-X-STREAM-INF:BANDWIDTH=1,CODECS=\"avc1.42c01e,mp4a.40.2\"\nlive.m3u8\n";
    std::fs::write(folder.path().join("all.m3u8"), variants).unwrap();
    let files = Files::serve(folder.path());
    let server = Server::start(EYELINE, [format!("cam={}#loop", files.url("all.m3u8"))]);
    check_plays(&server, 130);
    server.stop();
}

#[test]
fn pictures_may_change_their_size_in_the_middle() {
    let folder = tempfile::tempdir().unwrap();
    for kind in ["mpegts", "fmp4"] {
        let mut playlist = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:1\n".to_owned();
        for size in ["320x240", "160x120"] {
            let made = MADE.replace("320x240", size);
            let how = format!(
                "{made} -t 1 -f hls -hls_time 1 -hls_list_size 0 -hls_segment_type {kind} \
                 -hls_fmp4_init_filename {kind}{size}.mp4 -hls_segment_filename {kind}{size}-%d.seg"
            );
            Program::output(&mut ffmpeg(folder.path(), &how));
            if kind == "fmp4" {
                playlist.push_str(&format!("#EXT-X-MAP:URI=\"{kind}{size}.mp4\"\n"));
            }
            playlist.push_str(&format!(
                "#EXTINF:1,\n{kind}{size}-0.seg\n#EXT-X-DISCONTINUITY\n"
            ));
        }
        playlist.push_str("#EXT-X-ENDLIST\n");
        std::fs::write(folder.path().join("both.m3u8"), playlist).unwrap();
        let files = Files::serve(folder.path());
        let server = Server::start(EYELINE, [format!("cam={}#loop", files.url("both.m3u8"))]);
        server.wait_live("cam");
        let mut viewer = Viewer::open(server.port(), "/streams/cam/mjpeg");
        for size in ["320x240", "160x120", "320x240"] {
            wait::until(size, || {
                let part = viewer.next_part().expect("the viewer is kept");
                (pictures::size(&part.jpeg).to_string() == size).then_some(())
            });
        }
        server.stop();
    }
}

#[test]
fn what_cannot_be_followed_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let check = |text: &str, expected: &str| {
        std::fs::write(folder.path().join("live.m3u8"), text).unwrap();
        let files = Files::serve(folder.path());
        let server = Server::start(EYELINE, [format!("cam={}", files.url("live.m3u8"))]);
        server.wait_state("cam", "away");
        let reason = server.json("/api/streams/cam")["reason"].to_string();
        assert!(reason.contains(expected), "{reason}");
        server.stop();
    };
    check(
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXTINF:1,\na.ts\n",
        "encrypted (AES-128)",
    );
    check("<html>", "not a playlist");
    check(
        "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS=\"hvc1.2\"\na.m3u8\n",
        "no H.264",
    );
}
