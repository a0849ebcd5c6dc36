//! Viewing and producing over WebSocket with a client that is not ours: Python's
//! `websockets`, in a program that was written from `docs/websocket.md` alone.

#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use eyeline_testkit::http::{Part, Viewer};
use eyeline_testkit::server::Server;
use eyeline_testkit::tools::{self, Program};
use eyeline_testkit::wait;

const EYELINE: &str = env!("CARGO_BIN_EXE_eyeline");

fn client(arguments: &[&str]) -> Command {
    let mut python = tools::python();
    python
        .arg(tools::there("crates/eyeline/tests/programs/ws_client.py"))
        .args(arguments);
    python
}

fn url(server: &Server, path: &str) -> String {
    format!("ws://127.0.0.1:{}{path}", server.port())
}

/// What the client prints of each frame: size, quality, capture time.
fn view(server: &Server, path: &str, format: &str) -> Vec<(String, String, f64)> {
    let output = Program::output(&mut client(&["view", &url(server, path), format, "20"]));
    let lines = String::from_utf8(output).unwrap();
    let mut frames = Vec::new();
    for line in lines.lines() {
        let fields: Vec<_> = line.split(' ').collect();
        frames.push((
            fields[0].to_owned(),
            fields[1].to_owned(),
            fields[2].parse().unwrap(),
        ));
    }
    assert_eq!(frames.len(), 20, "{lines}");
    frames
}

#[test]
fn frames_come_in_every_format() {
    let server = Server::start(EYELINE, ["cam=test:?size=640x480&fps=25"]);
    for format in ["json", "binary", "jpeg"] {
        let frames = view(&server, "/ws/viewer/cam?", format);
        let quality = if format == "jpeg" { "-" } else { "source" };
        for (size, of, _) in &frames {
            assert_eq!(
                (size.as_str(), of.as_str()),
                ("640x480", quality),
                "{format}"
            );
        }
        let in_order = |pair: &[(String, String, f64)]| pair[0].2 < pair[1].2;
        assert!(
            format == "jpeg" || frames.windows(2).all(in_order),
            "{frames:?}"
        );
    }
    let frames = view(&server, "/ws/viewer/cam?quality=low&fps=20&", "binary");
    for (size, quality, _) in &frames {
        assert_eq!((size.as_str(), quality.as_str()), ("426x320", "low"));
    }
    server.stop();
}

#[test]
fn a_viewer_asks_for_all_that_can_be_asked_for() {
    let server = Server::start(
        EYELINE,
        [
            "cam=test:?size=640x480&fps=25",
            "yard=test:?size=640x480&fps=25",
        ],
    );
    let url = url(&server, "/ws/viewer/cam");
    let mut talk = Program::spawn(
        client(&["talk", &url, "yard"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped()),
    );
    let mut lines = BufReader::new(talk.0.stdout.take().unwrap()).lines();
    let said = [lines.next(), lines.next()].map(|line| line.and_then(Result::ok));
    if said[1].is_none() {
        let mut wrong = String::new();
        let _ = talk.0.stderr.take().unwrap().read_to_string(&mut wrong);
        panic!("{said:?} {wrong}");
    }
    assert_eq!(said, [Some("426x320".to_owned()), Some("ready".to_owned())]);

    let viewers = server.json("/api/streams/cam/viewers");
    let viewer = &viewers["viewers"][0];
    assert_eq!(viewer["transport"], "websocket");
    assert_eq!(viewer["age_ms"], 42.5, "{viewer}");
    assert_eq!(viewer["displayed_fps"], 9.5);
    assert_eq!(viewer["dropped"], 3);
    assert_eq!(viewer["quality"], "low");
    assert_eq!(server.json("/api/streams/yard")["viewer_count"], 0);

    talk.0.stdin.take().unwrap().write_all(b"\n").unwrap();
    let ended = talk.0.wait().unwrap();
    assert!(ended.success(), "{ended}");
    wait::until("the viewer to be gone", || {
        (server.json("/api/streams/cam")["viewer_count"] == 0).then_some(())
    });
    server.stop();
}

#[test]
fn one_whose_pictures_are_old_gets_smaller_ones_and_is_told() {
    let server = Server::start(EYELINE, ["cam=test:?size=1280x720&fps=20"]);
    let url = url(&server, "/ws/viewer/cam");
    let printed = Program::output(&mut client(&["complain", &url]));
    let printed = String::from_utf8(printed).unwrap();
    // The next smaller one, or that below it.
    let smaller = ["medium 852x480\n", "low 568x320\n"];
    assert!(smaller.contains(&printed.as_str()), "{printed}");
    server.stop();
}

/// Lets the client publish, and gives what a viewer saw of it and what it printed.
fn watch(server: &Server, stream: &str, arguments: &[&str]) -> (Vec<Part>, String) {
    let mut publisher = Program::spawn(
        client(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped()),
    );
    wait::until("the stream to be made", || {
        (server.get(&format!("/api/streams/{stream}")).status == 200).then_some(())
    });
    let mut viewer = Viewer::open(server.port(), &format!("/streams/{stream}/mjpeg"));
    let mut parts = Vec::new();
    // While the producer is away a slate comes now and then.
    let ended = loop {
        parts.extend(viewer.next_part());
        if let Some(ended) = publisher.0.try_wait().unwrap() {
            break ended;
        }
    };
    let (mut printed, mut wrong) = (String::new(), String::new());
    let _ = publisher
        .0
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut printed);
    let _ = publisher
        .0
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut wrong);
    assert!(ended.success(), "{ended} {wrong}\n{}", server.log());
    (parts, printed)
}

fn of_size(parts: &[Part], size: &str) -> Vec<Part> {
    let is_so = |part: &&Part| {
        let header = eyeline_media::jpeg::parse_header(&part.jpeg).unwrap();
        header.resolution.to_string() == size
    };
    parts.iter().filter(is_so).cloned().collect()
}

#[test]
fn a_program_publishes_pictures() {
    let server = Server::start(EYELINE, ["test:"]);
    for form in ["plain", "unannounced"] {
        let url = url(&server, &format!("/ws/stream/{form}"));
        let (parts, _) = watch(&server, form, &["produce", &url, form, "20"]);
        let mut shown = of_size(&parts, "320x240");
        shown.dedup_by(|one, next| one.jpeg == next.jpeg);
        assert!(
            shown.len() >= 15,
            "{form}: {} of {}",
            shown.len(),
            parts.len()
        );
    }
    server.stop();
}

#[test]
fn the_capture_time_that_a_program_says_is_that_of_its_pictures() {
    let server = Server::start(EYELINE, ["test:"]);
    let url = url(&server, "/ws/stream/timed");
    let (parts, printed) = watch(&server, "timed", &["produce", &url, "header", "20"]);
    let said: Vec<&str> = printed.lines().collect();
    let shown = parts
        .iter()
        .filter(|part| said.contains(&part.captured.to_string().as_str()));
    assert!(shown.count() >= 15, "{said:?}");
    assert_eq!(server.json("/api/streams/timed")["name"], "From Python");
    server.stop();
}

/// A recording as a browser makes it: live, in a container that can be cut anywhere.
fn recording(folder: &Path, name: &str, coding: &[&str]) -> String {
    let path = folder.join(name).to_str().unwrap().to_owned();
    Program::output(
        Command::new("ffmpeg")
            .args(["-loglevel", "error", "-t", "4", "-i"])
            .arg(tools::clip())
            .args([
                "-an",
                "-vf",
                "scale=480:270",
                "-r",
                "25",
                "-b:v",
                "1M",
                "-g",
                "25",
            ])
            .args(coding)
            .arg(&path),
    );
    path
}

#[test]
fn a_browsers_recording_is_shown_as_pictures() {
    let server = Server::start(EYELINE, ["test:"]);
    let folder = tempfile::tempdir().unwrap();
    let vp8 = ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8"];
    let webm = recording(
        folder.path(),
        "a.webm",
        &[&vp8[..], &["-live", "1"]].concat(),
    );
    let h264 = ["-c:v", "libx264", "-preset", "ultrafast", "-movflags"];
    let flags = ["frag_keyframe+empty_moov+default_base_moof"];
    let mp4 = recording(folder.path(), "a.mp4", &[&h264[..], &flags].concat());
    for (stream, content_type, path) in [
        ("webm", "video/webm;codecs=vp8", webm),
        ("mp4", "video/mp4", mp4),
    ] {
        let url = url(&server, &format!("/ws/stream/{stream}"));
        let (parts, printed) = watch(&server, stream, &["record", &url, content_type, &path]);
        let mut shown = of_size(&parts, "480x270");
        shown.dedup_by(|one, next| one.jpeg == next.jpeg);
        assert!(shown.len() > 10, "{stream}: {} of {printed}", shown.len());
        let in_order = |pair: &[Part]| pair[0].captured <= pair[1].captured;
        assert!(shown.windows(2).all(in_order), "{stream}");
    }
    server.stop();
}
