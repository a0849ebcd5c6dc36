//! MP4 by every door that takes it, made by real programs, and passed on as it is: published in
//! fragments, and played from files.

#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

use std::path::Path;
use std::process::{Command, Stdio};

use eyeline_testkit::http::Viewer;
use eyeline_testkit::server::Server;
use eyeline_testkit::tools::Program;
use eyeline_testkit::{pictures, processes, wait};
use serde_json::Value;

const EYELINE: &str = env!("CARGO_BIN_EXE_eyeline");
const FRAGMENTED: &str = "-movflags frag_keyframe+empty_moov+default_base_moof -f mp4";

fn sh(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", line]).stdin(Stdio::null());
    command
}

/// A clip of a second with B-frames and sound, 25 pictures.
fn make_clip(path: &Path, options: &str) {
    let line = format!(
        "ffmpeg -nostdin -v error -y -f lavfi -i testsrc2=size=320x240:rate=25:duration=1 \
         -f lavfi -i sine=sample_rate=48000:duration=1 -c:v libx264 -preset veryfast -bf 2 -g 25 \
         -pix_fmt yuv420p -c:a aac {options} {}",
        path.display()
    );
    Program::output(&mut sh(&line));
}

/// What the slices of pictures hash to, in the order in which they are decoded.
fn hashes(from: &str, pictures: u32) -> Vec<String> {
    let line = format!(
        "ffmpeg -nostdin -v error -i {from} -map 0:v -c copy -frames:v {pictures} \
         -bsf:v filter_units=pass_types=1-5 -f framemd5 -"
    );
    let lines = String::from_utf8(Program::output(&mut sh(&line))).unwrap();
    let lines = lines.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| line.rsplit(',').next().unwrap().trim().to_owned())
        .collect()
}

/// When the first so many pictures of `cam` are decoded and shown, in microseconds.
fn times(server: &Server, pictures: u32) -> Vec<(i64, i64)> {
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
    let micros = |packet: &Value, name: &str| {
        let secs: f64 = packet[name].as_str().unwrap().parse().unwrap();
        (secs * 1e6).round() as i64
    };
    let packets = told["packets"].as_array().unwrap();
    let both = |packet| (micros(packet, "dts_time"), micros(packet, "pts_time"));
    packets.iter().map(both).collect()
}

/// Checks that a viewer gets pictures of this clip as they are in it.
fn check_as_it_is(server: &Server, clip: &Path) {
    server.wait_live("cam");
    assert_eq!(server.json("/api/streams/cam")["codec"], "h264");
    let clip = hashes(&clip.display().to_string(), 25);
    assert_eq!(clip.len(), 25);
    let seen = hashes(&server.url("/streams/cam/live.mp4"), 30);
    let first = clip.iter().position(|hash| *hash == seen[0]).unwrap();
    let expected = clip.iter().cycle().skip(first).take(seen.len());
    assert!(expected.eq(&seen), "other pictures came out than went in");
    let times = times(server, 60);
    assert!(times.is_sorted_by(|one, next| one.0 < next.0), "{times:?}");
    assert!(times.iter().all(|(decode, present)| decode <= present));
    let reordered = times.windows(2).any(|two| two[1].1 < two[0].1);
    assert!(
        reordered,
        "B-frames are shown before what they are decoded after: {times:?}"
    );
    let children = processes::descendants(server.pid());
    assert!(
        children.is_empty(),
        "nobody else takes it apart: {children:?}"
    );
}

#[test]
fn fragments_that_ffmpeg_publishes_are_passed_on_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let clip = folder.path().join("clip.mp4");
    make_clip(&clip, "");
    let server = Server::start(EYELINE, ["test:"]);
    let to = server.url("/streams/cam/ingest");
    for how in ["-method PUT -content_type video/mp4", "-method POST"] {
        let line = format!(
            "exec ffmpeg -nostdin -v error -re -stream_loop -1 -i {} -c copy {FRAGMENTED} {how} {to}",
            clip.display()
        );
        let publisher = Program::spawn(&mut sh(&line));
        wait::until("the stream to be made", || {
            (server.get("/api/streams/cam").status == 200).then_some(())
        });
        check_as_it_is(&server, &clip);
        drop(publisher);
        server.wait_state("cam", "away");
    }
    server.stop();
}

/// Pictures that grow brighter, with B-frames.
fn make_brightening_clip(path: &Path) {
    let line = format!(
        "ffmpeg -nostdin -v error -y -f lavfi -i color=gray:size=64x48:rate=25:duration=1 \
         -vf geq=lum='40+N*7':cb=128:cr=128 -c:v libx264 -preset veryfast -qp 4 -bf 2 -g 25 \
         -x264-params b-adapt=0 -pix_fmt yuv420p {}",
        path.display()
    );
    Program::output(&mut sh(&line));
}

#[test]
fn jpegs_of_b_frames_carry_the_time_of_their_own_picture() {
    let folder = tempfile::tempdir().unwrap();
    let clip = folder.path().join("clip.mp4");
    make_brightening_clip(&clip);
    let source = format!("cam=file:{}?loop", clip.display());
    let server = Server::start(EYELINE, [source]);
    server.wait_live("cam");
    // As they are, and by way of an encoder.
    for query in ["", "?jpeg_quality=90"] {
        let mut viewer = Viewer::open(server.port(), &format!("/streams/cam/mjpeg{query}"));
        let mut seen = Vec::new();
        while seen.len() < 60 {
            let part = viewer.next_part().unwrap();
            // Samples of the limited range are stretched to the full one.
            let luma = pictures::brightness(&part.jpeg) * 219.0 / 255.0 + 16.0;
            seen.push((part.captured, ((luma - 40.0) / 7.0).round() as i64));
        }
        for pair in seen.windows(2) {
            let [(before, one), (after, next)] = pair else {
                unreachable!()
            };
            let apart = after.since(*before).as_millis() as i64;
            let pictures = (next - one).rem_euclid(25);
            assert!((apart - pictures * 40).abs() <= 2, "{query}: {pair:?}");
        }
    }
    server.stop();
}

#[test]
fn a_pipe_of_fragments_into_standard_input_is_passed_on() {
    let folder = tempfile::tempdir().unwrap();
    let clip = folder.path().join("clip.mp4");
    make_clip(&clip, "");
    let line = format!(
        "exec ffmpeg -nostdin -v error -re -stream_loop -1 -i {} -c copy {FRAGMENTED} -",
        clip.display()
    );
    let mut writer = Program::spawn(sh(&line).stdout(Stdio::piped()));
    let pipe = writer.0.stdout.take().unwrap();
    let server = Server::start_with(EYELINE, ["cam=-"], pipe);
    check_as_it_is(&server, &clip);
    drop(writer);
    server.stop();
}

#[test]
fn files_are_played_round_after_round_without_a_step_back() {
    let folder = tempfile::tempdir().unwrap();
    for options in ["", "-movflags +faststart", FRAGMENTED] {
        let clip = folder.path().join("clip.mp4");
        make_clip(&clip, options);
        let source = format!("cam=file:{}?loop", clip.display());
        let server = Server::start(EYELINE, [source]);
        check_as_it_is(&server, &clip);
        // Three rounds and more.
        let times = times(&server, 90);
        assert_eq!(times.len(), 90);
        let longest = times.windows(2).map(|two| two[1].0 - two[0].0).max();
        assert!(longest < Some(1_000_000), "{options}: {times:?}");
        server.stop();
    }
}

#[test]
fn what_is_not_h264_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let clip = folder.path().join("clip.mp4");
    make_clip(&clip, "-movflags +faststart");
    let mut bytes = std::fs::read(&clip).unwrap();
    let entry = bytes
        .windows(8)
        .rposition(|w| w[..4] == *b"avc1" && w[4..] == [0; 4])
        .unwrap();
    bytes[entry..entry + 4].copy_from_slice(b"hvc1");
    std::fs::write(&clip, bytes).unwrap();
    let server = Server::start(EYELINE, [format!("cam=file:{}", clip.display())]);
    server.wait_state("cam", "away");
    let reason = &server.json("/api/streams/cam")["reason"];
    assert!(
        reason.as_str().unwrap().contains("H.265 (hvc1)"),
        "{reason}"
    );
    server.stop();
}

#[test]
fn fragments_that_gstreamer_publishes_are_shown() {
    let server = Server::start(EYELINE, ["test:"]);
    let line = format!(
        "gst-launch-1.0 -q videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=25/1 \
         ! x264enc tune=zerolatency key-int-max=25 ! h264parse ! mp4mux fragment-duration=200 \
         streamable=true ! fdsink | exec curl -s -T - -H 'Content-Type: video/mp4' {}",
        server.url("/streams/cam/ingest")
    );
    let publisher = Program::spawn(&mut sh(&line));
    wait::until("the stream to be made", || {
        (server.get("/api/streams/cam").status == 200).then_some(())
    });
    server.wait_live("cam");
    assert_eq!(server.json("/api/streams/cam")["codec"], "h264");
    let times = times(&server, 60);
    assert!(times.is_sorted_by(|one, next| one.0 < next.0), "{times:?}");
    drop(publisher);
    server.stop();
}
