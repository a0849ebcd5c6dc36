//! MPEG transport streams in by every door and out by HTTP, sent and read by real programs. What goes in
//! comes out unchanged, with its times and its sound.

#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

use std::collections::HashSet;
use std::io::Write as _;
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use eyeline_testkit::server::Server;
use eyeline_testkit::tools::{self, Program};
use eyeline_testkit::wait;
use serde_json::Value;

const EYELINE: &str = env!("CARGO_BIN_EXE_eyeline");
const PACKET: usize = 188;
/// Pictures that are reordered, four seconds of them, with a key picture each second.
const REORDERED: &str = "-c:v libx264 -preset veryfast -bf 2 -g 25 -pix_fmt yuv420p";

fn sh(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("exec {line}")]);
    command.stdin(Stdio::null());
    command
}

/// A clip of four seconds, 100 pictures, with sound.
fn clip(folder: &Path, name: &str, size: &str, options: &str) -> PathBuf {
    let path = folder.join(name);
    let line = format!(
        "ffmpeg -nostdin -loglevel error -y -f lavfi -i testsrc=size={size}:rate=25:duration=4 \
         -f lavfi -i sine=duration=4 {options} -c:a aac -b:a 64k -f mpegts {}",
        path.display()
    );
    Program::output(&mut sh(&line));
    path
}

/// Sends a clip over and over, as it is.
fn send(clip: &Path, to: &str) -> Program {
    let clip = clip.display();
    Program::spawn(&mut sh(&format!(
        "ffmpeg -nostdin -loglevel error -re -stream_loop -1 -i {clip} -c copy -f mpegts {to}"
    )))
}

fn free_port() -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.local_addr().unwrap().port()
}

/// The slices of everything in a file or at a URL, as far as this many pictures.
fn slices(from: &str, pictures: u32) -> Vec<Vec<u8>> {
    let line = format!(
        "ffmpeg -nostdin -loglevel error -i {from} -map 0:v -c copy -frames:v {pictures} -f h264 -"
    );
    let stream = Program::output(&mut sh(&line));
    let mut starts: Vec<_> = (0..stream.len())
        .filter(|at| stream[*at..].starts_with(&[0, 0, 1]))
        .collect();
    starts.push(stream.len());
    let units = starts.windows(2).map(|pair| &stream[pair[0] + 3..pair[1]]);
    let trim = |unit: &[u8]| {
        let zeros = unit.iter().rev().take_while(|byte| **byte == 0).count();
        unit[..unit.len() - zeros].to_vec()
    };
    let is_slice = |unit: &&[u8]| matches!(unit.first().map(|byte| byte & 0x1f), Some(1 | 5));
    units.filter(is_slice).map(trim).collect()
}

/// What of a stream follows each other as in the clip that is sent over and over.
fn check_copied(server: &Server, stream: &str, clip: &Path) {
    let clip = slices(&clip.display().to_string(), 1000);
    let url = server.url(&format!("/streams/{stream}/live.ts"));
    let got = slices(&url, 60);
    assert!(got.len() >= 60, "{} slices", got.len());
    let place = |slice: &Vec<u8>| clip.iter().position(|other| other == slice);
    let first = place(&got[0]).expect("the first is of the clip");
    assert_eq!(got[0][0] & 0x1f, 5, "a key picture is the first");
    for (expected, slice) in (first..).zip(&got) {
        assert!(*slice == clip[expected % clip.len()], "as it was sent");
    }
}

/// The first packets of a stream, as ffprobe sees them.
fn probe(server: &Server, path: &str, packets: u32) -> Vec<Value> {
    let mut ffprobe = Command::new("ffprobe");
    ffprobe
        .args(["-v", "error", "-of", "json", "-show_packets"])
        .args(["-read_intervals", &format!("%+#{packets}")])
        .arg(server.url(path));
    let told: Value = serde_json::from_slice(&Program::output(&mut ffprobe)).unwrap();
    told["packets"].as_array().unwrap().clone()
}

fn seconds(packet: &Value, key: &str) -> f64 {
    packet[key].as_str().unwrap().parse().unwrap()
}

/// Pictures are decoded evenly and shown when they were, and sound goes with them.
fn check_times(server: &Server, stream: &str) {
    let packets = probe(server, &format!("/streams/{stream}/live.ts"), 150);
    let of = |kind: &str| -> Vec<_> {
        let all = packets.iter();
        all.filter(|packet| packet["codec_type"] == kind).collect()
    };
    let (pictures, sounds) = (of("video"), of("audio"));
    assert!(
        pictures.len() > 40 && sounds.len() > 40,
        "{}",
        packets.len()
    );
    let decoded: Vec<_> = pictures
        .iter()
        .map(|one| seconds(one, "dts_time"))
        .collect();
    assert!(decoded.is_sorted_by(|one, next| one < next), "{decoded:?}");
    // The backlog of who joins is told in next to no time; behind it pictures are live.
    let backlog = decoded.windows(2).rposition(|two| two[1] - two[0] < 0.038);
    let live = backlog.map_or(0, |at| at + 2);
    let waits: HashSet<_> = pictures[live..]
        .iter()
        .map(|one| ((seconds(one, "pts_time") - seconds(one, "dts_time")) * 1e3).round() as i64)
        .collect();
    let whole = waits
        .iter()
        .all(|wait| (0..=160).contains(wait) && wait % 40 == 0);
    assert!(whole, "{waits:?} behind {live} of {decoded:?}");
    assert!(waits.len() >= 3, "pictures are reordered: {waits:?}");
    let heard: Vec<_> = sounds.iter().map(|one| seconds(one, "pts_time")).collect();
    assert!(heard.is_sorted_by(|one, next| one < next), "{heard:?}");
    let apart = (heard[heard.len() - 1] - decoded[decoded.len() - 1]).abs();
    assert!(apart < 1.0, "{apart}");
}

fn check_info(server: &Server, stream: &str) {
    server.wait_live(stream);
    wait::until("H.264 with AAC", || {
        let info = server.json(&format!("/api/streams/{stream}"));
        (info["codec"] == "h264" && info["audio"]["codec"] == "aac").then_some(())
    });
}

#[test]
fn what_is_published_over_http_comes_out_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let clip = clip(folder.path(), "clip.ts", "320x240", REORDERED);
    let server = Server::start(EYELINE, ["cam=push:"]);
    for how in ["-method POST", "-method PUT -content_type video/mp2t"] {
        let to = format!("{how} {}", server.url("/streams/cam/ingest"));
        let ffmpeg = send(&clip, &to);
        check_info(&server, "cam");
        check_copied(&server, "cam", &clip);
        check_times(&server, "cam");
        drop(ffmpeg);
        server.wait_state("cam", "away");
    }
    server.stop();
}

#[test]
fn what_is_sent_over_udp_comes_out_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let clip = clip(folder.path(), "clip.ts", "320x240", REORDERED);
    let port = free_port();
    let server = Server::start(EYELINE, [format!("cam=udp://127.0.0.1:{port}")]);
    server.wait_state("cam", "away");
    for to in [
        format!("'udp://127.0.0.1:{port}?pkt_size=1316'"),
        format!("-f rtp_mpegts 'rtp://127.0.0.1:{port}'"),
    ] {
        let ffmpeg = send(&clip, &to);
        check_info(&server, "cam");
        check_copied(&server, "cam", &clip);
        check_times(&server, "cam");
        drop(ffmpeg);
        server.wait_state("cam", "away");
    }
    server.stop();
}

#[test]
fn gstreamer_sends_over_udp_and_reads_over_http() {
    let port = free_port();
    let server = Server::start(EYELINE, [format!("cam=udp://127.0.0.1:{port}")]);
    let sender = Program::spawn(&mut sh(&format!(
        "gst-launch-1.0 -q videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=25/1 \
         ! x264enc tune=zerolatency key-int-max=25 ! mpegtsmux alignment=7 name=mux \
         ! udpsink host=127.0.0.1 port={port} \
         audiotestsrc is-live=true ! voaacenc ! aacparse ! mux."
    )));
    check_info(&server, "cam");
    let line = format!(
        "gst-launch-1.0 -q souphttpsrc location={} ! tsdemux ! h264parse ! avdec_h264 \
         ! identity eos-after=50 ! fakesink",
        server.url("/streams/cam/live.ts")
    );
    Program::output(&mut sh(&line));
    let script = format!(
        "import cv2; c = cv2.VideoCapture('{}'); n = sum(c.read()[0] for _ in range(30)); print(n)",
        server.url("/streams/cam/live.ts")
    );
    let read = Program::output(tools::python().args(["-c", &script]));
    assert_eq!(String::from_utf8_lossy(&read).trim(), "30");
    drop(sender);
    server.stop();
}

#[test]
fn a_pipe_and_a_file_are_played_at_their_own_pace() {
    let folder = tempfile::tempdir().unwrap();
    let clip = clip(folder.path(), "clip.ts", "320x240", REORDERED);
    let pipe = Program::spawn(
        sh(&format!(
            "ffmpeg -nostdin -loglevel error -re -stream_loop -1 -i {} -c copy -f mpegts -",
            clip.display()
        ))
        .stdout(Stdio::piped()),
    );
    let mut pipe = pipe;
    let stdin = pipe.0.stdout.take().unwrap();
    let file = format!("file=file:{}?loop", clip.display());
    let server = Server::start_with(EYELINE, ["cam=-", &file], stdin);
    for stream in ["cam", "file"] {
        check_info(&server, stream);
        check_copied(&server, stream, &clip);
        check_times(&server, stream);
    }
    let fps = server.json("/api/streams/file")["fps"].as_f64().unwrap();
    assert!((15.0..35.0).contains(&fps), "{fps} pictures a second");
    drop(pipe);
    server.stop();
}

#[test]
fn a_byte_stream_begins_with_a_key_picture_for_programs_that_want_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let options = "-c:v libx264 -preset veryfast -bf 0 -g 25 -pix_fmt yuv420p";
    let clip = clip(folder.path(), "clip.ts", "320x240", options);
    let server = Server::start(EYELINE, [format!("cam=file:{}?loop", clip.display())]);
    server.wait_live("cam");
    let line = format!(
        "ffmpeg -nostdin -v error -f h264 -i {} -frames:v 50 -f null -",
        server.url("/streams/cam/live.h264")
    );
    let mut ffmpeg = sh(&line);
    let said = ffmpeg.output().unwrap();
    assert!(said.status.success() && said.stderr.is_empty(), "{said:?}");
    server.stop();
}

#[test]
fn timestamps_that_begin_again_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let clip = clip(folder.path(), "clip.ts", "320x240", REORDERED);
    let late = folder.path().join("late.ts");
    // Two seconds before 33 bits of 90 kHz end.
    Program::output(&mut sh(&format!(
        "ffmpeg -nostdin -loglevel error -i {} -c copy -output_ts_offset 95440 -f mpegts {}",
        clip.display(),
        late.display()
    )));
    let server = Server::start(EYELINE, [format!("cam=file:{}?loop", late.display())]);
    check_info(&server, "cam");
    check_copied(&server, "cam", &clip);
    check_times(&server, "cam");
    let info = server.json("/api/streams/cam");
    assert_eq!(info["times_repaired"], 0, "{info}");
    server.stop();
}

#[test]
fn a_size_that_changes_in_the_middle_of_the_stream_comes_out() {
    let folder = tempfile::tempdir().unwrap();
    let both = folder.path().join("both.ts");
    let mut file = std::fs::File::create(&both).unwrap();
    for (name, size) in [("large.ts", "320x240"), ("small.ts", "160x120")] {
        let clip = clip(folder.path(), name, size, REORDERED);
        file.write_all(&std::fs::read(clip).unwrap()).unwrap();
    }
    let server = Server::start(EYELINE, [format!("cam=file:{}?loop", both.display())]);
    let seen = |width: u64| {
        wait::until(&format!("pictures of width {width}"), || {
            let info = server.json("/api/streams/cam");
            (info["settings"]["width"] == width).then_some(())
        });
    };
    let frames = Program::output(&mut sh(&format!(
        "ffprobe -v error -show_entries frame=width -select_streams v -of csv=p=0 -read_intervals %+#150 {}",
        server.url("/streams/cam/live.ts")
    )));
    let frames = String::from_utf8_lossy(&frames);
    assert!(frames.contains("320") && frames.contains("160"), "{frames}");
    seen(160);
    seen(320);
    server.stop();
}

#[test]
fn pictures_that_packets_are_missing_of_are_not_shown_and_the_stream_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = clip(folder.path(), "clip.ts", "320x240", REORDERED);
    let known: HashSet<_> = slices(&path.display().to_string(), 1000)
        .into_iter()
        .collect();
    let clip = std::fs::read(&path).unwrap();
    for percent in [1, 5] {
        let port = free_port();
        let server = Server::start(EYELINE, [format!("cam=udp://127.0.0.1:{port}")]);
        server.wait_state("cam", "away");
        let ended = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
                let mut random = 7_u32;
                for packet in clip.chunks(PACKET).cycle() {
                    random = random.wrapping_mul(1_103_515_245).wrapping_add(12_345);
                    if (random >> 16) % 100 >= percent {
                        let _ = socket.send_to(packet, ("127.0.0.1", port));
                    }
                    // About as fast as the clip is.
                    std::thread::sleep(Duration::from_millis(4));
                    if ended.load(Ordering::Relaxed) {
                        return;
                    }
                }
            });
            let info = || server.json("/api/streams/cam");
            server.wait_live("cam");
            let url = server.url("/streams/cam/live.ts");
            let got = slices(&url, 40);
            let damaged = got.iter().filter(|slice| !known.contains(*slice)).count();
            wait::until("packets to be missing", || {
                (info()["packets_lost"].as_u64().unwrap() > 5).then_some(())
            });
            let count = info()["frame_count"].as_u64().unwrap();
            wait::until("pictures to go on", || {
                (info()["frame_count"].as_u64().unwrap() > count + 20).then_some(())
            });
            ended.store(true, Ordering::Relaxed);
            assert!(got.len() >= 40, "{}", got.len());
            assert_eq!(damaged, 0, "of {} slices at {percent} %", got.len());
        });
        server.stop();
    }
}

#[test]
fn other_pictures_than_h264_become_jpegs_when_published_and_are_refused_by_name_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let clip = clip(folder.path(), "clip.ts", "320x240", "-c:v mpeg2video");
    let file = format!("file=file:{}?loop", clip.display());
    let server = Server::start(EYELINE, ["cam=push:", &file]);
    let to = format!(
        "-content_type video/mp2t {}",
        server.url("/streams/cam/ingest")
    );
    let ffmpeg = send(&clip, &to);
    server.wait_live("cam");
    assert_eq!(server.json("/api/streams/cam")["codec"], "mjpeg");
    wait::until("the file to be refused", || {
        let reason = server.json("/api/streams/file")["reason"].to_string();
        (reason.contains("MPEG-2 video") && reason.contains("H.264")).then_some(())
    });
    // What is made of JPEGs goes the same way.
    assert!(slices(&server.url("/streams/cam/live.ts"), 5).len() >= 5);
    drop(ffmpeg);
    server.stop();
}
