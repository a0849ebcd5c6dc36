//! Streams as they are published over RTSP, by the programs that people publish them with, and
//! over networks as they are.

#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

use std::process::{Command, Stdio};

use eyeline_testkit::http::Viewer;
use eyeline_testkit::rtsp::{Fate, Publisher, pictures};
use eyeline_testkit::server::Server;
use eyeline_testkit::tools::Program;
use eyeline_testkit::{pictures as jpegs, wait};
use serde_json::Value;

const EYELINE: &str = env!("CARGO_BIN_EXE_eyeline");

fn serve(sources: &[&str]) -> Server {
    let listen = ("EYELINE_RTSP_LISTEN", "127.0.0.1:0");
    Server::start_in(EYELINE, sources.iter().copied(), [listen])
}

fn url(server: &Server, path: &str) -> String {
    format!("rtsp://{}/{path}", server.listens("rtsp"))
}

/// A pattern with a tone, published by ffmpeg.
fn ffmpeg(url: &str, transport: &str) -> Program {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg
        .args(["-nostdin", "-v", "error", "-re"])
        .args(["-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25"])
        .args(["-f", "lavfi", "-i", "sine=sample_rate=48000"])
        .args([
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-bf",
            "2",
            "-g",
            "25",
        ])
        .args(["-pix_fmt", "yuv420p", "-c:a", "aac", "-f", "rtsp"])
        .args(["-rtsp_transport", transport, url])
        .stdin(Stdio::null());
    Program::spawn(&mut ffmpeg)
}

/// The tracks as ffprobe sees them.
fn tracks(url: &str) -> Value {
    let mut ffprobe = Command::new("timeout");
    ffprobe
        .args([
            "60",
            "ffprobe",
            "-v",
            "error",
            "-of",
            "json",
            "-show_streams",
        ])
        .args(["-rtsp_transport", "tcp", url]);
    serde_json::from_slice(&Program::output(&mut ffprobe)).unwrap()
}

fn check_published(server: &Server, stream: &str, sound: &str) {
    server.wait_live(stream);
    let told = tracks(&url(server, stream));
    let codecs: Vec<_> = told["streams"]
        .as_array()
        .unwrap()
        .iter()
        .map(|track| track["codec_name"].as_str().unwrap())
        .collect();
    assert_eq!(codecs, ["h264", sound], "{told}");
    let snapshot = server.get(&format!("/streams/{stream}/snapshot.jpg"));
    assert_eq!(snapshot.status, 200);
    assert_eq!(jpegs::size(&snapshot.body).to_string(), "320x240");
}

#[test]
fn ffmpeg_publishes_with_sound_over_the_connection_and_over_datagrams() {
    let server = serve(&["one=push:"]);
    for (stream, transport) in [("one", "tcp"), ("new", "udp")] {
        let publisher = ffmpeg(&url(&server, stream), transport);
        check_published(&server, stream, "aac");
        drop(publisher);
    }
    server.wait_state("one", "away");
    server.stop();
}

#[test]
fn gstreamer_publishes_with_sound_over_the_connection_and_over_datagrams() {
    let server = serve(&["one=push:", "two=push:"]);
    for (stream, protocol) in [("one", "tcp"), ("two", "udp")] {
        let location = url(&server, stream);
        let pipeline = format!(
            "rtspclientsink name=s location={location} protocols={protocol} \
             videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=25/1 \
             ! x264enc tune=zerolatency key-int-max=25 ! h264parse ! s. \
             audiotestsrc is-live=true ! audioconvert ! audioresample ! opusenc ! s."
        );
        let mut gst = Command::new("gst-launch-1.0");
        gst.arg("-q")
            .args(pipeline.split_whitespace())
            .stdin(Stdio::null());
        let publisher = Program::spawn(&mut gst);
        check_published(&server, stream, "opus");
        drop(publisher);
    }
    server.stop();
}

#[test]
fn a_stream_with_a_source_of_its_own_is_not_published_to() {
    let server = serve(&["cam=test:"]);
    let mut publisher = ffmpeg(&url(&server, "cam"), "tcp");
    let ended = wait::until("the publisher to give up", || {
        publisher.0.try_wait().unwrap()
    });
    assert!(!ended.success());
    server.stop();
}

/// Publishes with losses, and plays at the same time: pictures go on, and none is broken.
fn check_lossy(fate: fn(u64) -> Fate, size: &str, distance: usize, least: u64) {
    let server = serve(&["cam=push:"]);
    let at = server.listens("rtsp");
    let clip = pictures(size, 300, distance);
    // Numbers and times go past their ends on the way.
    let mut publisher = Publisher::start(at, "cam", 65_400, u32::MAX - 200_000);
    let (begin, rest) = clip.split_at(10);
    publisher.send(begin, |_| Fate::Arrives);
    server.wait_live("cam");
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg
        .args(["-nostdin", "-v", "error", "-rtsp_transport", "tcp", "-i"])
        .args([&url(&server, "cam"), "-f", "null", "-"])
        .stdin(Stdio::null())
        .stderr(Stdio::piped());
    let player = ffmpeg.spawn().unwrap();
    wait::until("the player", || {
        let viewers = server.json("/api/streams/cam")["viewer_count"].as_u64()?;
        (viewers > 0).then_some(())
    });
    publisher.send(rest, fate);
    let info = server.json("/api/streams/cam");
    assert!(info["frame_count"].as_u64().unwrap() > least, "{info}");
    let metrics = server.get("/metrics").text();
    let lost = metrics
        .lines()
        .find_map(|line| line.strip_prefix("eyeline_stream_packets_lost_total{stream=\"cam\"} "))
        .and_then(|count| count.parse::<u64>().ok());
    let expected = (1..400).filter(|n| fate(*n) == Fate::Lost).count() > 0;
    assert_eq!(lost.is_some_and(|lost| lost > 0), expected, "{metrics}");
    drop(publisher);
    server.stop();
    let output = player.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    for complaint in [
        "concealing",
        "error while decoding",
        "missing",
        "Invalid NAL",
    ] {
        assert!(!said.contains(complaint), "{said}");
    }
}

#[test]
fn packets_in_another_order_lose_nothing() {
    let fate = |n: u64| {
        if n.is_multiple_of(7) {
            Fate::Late
        } else {
            Fate::Arrives
        }
    };
    check_lossy(fate, "320x240", 10, 280);
}

#[test]
fn with_one_packet_of_a_hundred_lost_pictures_go_on_and_none_is_broken() {
    let fate = |n: u64| {
        if n.is_multiple_of(100) {
            Fate::Lost
        } else {
            Fate::Arrives
        }
    };
    check_lossy(fate, "320x240", 10, 200);
}

#[test]
fn with_five_packets_of_a_hundred_lost_pictures_go_on_and_none_is_broken() {
    let fate = |n: u64| match n % 20 {
        0 => Fate::Lost,
        5 | 11 => Fate::Late,
        _ => Fate::Arrives,
    };
    check_lossy(fate, "160x120", 5, 100);
}

#[test]
fn pictures_may_change_their_size_while_the_stream_runs() {
    let server = serve(&["cam=push:"]);
    let mut publisher = Publisher::start(server.listens("rtsp"), "cam", 0, 0);
    let (small, large) = (pictures("320x240", 20, 10), pictures("640x360", 20, 10));
    publisher.send(&small, |_| Fate::Arrives);
    server.wait_live("cam");
    let mut viewer = Viewer::open(server.port(), "/streams/cam/mjpeg");
    let mut until = |publisher: &mut Publisher, clip, size: &str| {
        wait::until(&format!("pictures of {size}"), || {
            publisher.send(clip, |_| Fate::Arrives);
            let part = viewer.next_part().expect("the viewer is kept");
            (jpegs::size(&part.jpeg).to_string() == size).then_some(())
        });
    };
    until(&mut publisher, &small, "320x240");
    until(&mut publisher, &large, "640x360");
    until(&mut publisher, &small, "320x240");
    server.stop();
}
