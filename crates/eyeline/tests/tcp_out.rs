//! A stream's own TCP port, for `nc HOST PORT | mplayer -`. The programs are real.

#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};

use eyeline_testkit::server::Server;
use eyeline_testkit::tools::Program;
use eyeline_testkit::wait;
use serde_json::Value;

const EYELINE: &str = env!("CARGO_BIN_EXE_eyeline");
/// Some 4 Mbit/s, with a key picture every second.
const CAMERA: &str = "exec:ffmpeg -nostdin -loglevel error -re -f lavfi \
    -i testsrc2=size=640x360:rate=30,noise=alls=20:allf=t -c:v libx264 -preset ultrafast \
    -tune zerolatency -pix_fmt yuv420p -g 30 -sc_threshold 0 -b:v 4M -f h264 -flush_packets 1 -";
const PICTURES: usize = 60;
/// Behind each access unit: the delimiter of the next.
const DELIMITER: [u8; 6] = [0, 0, 0, 1, 0x09, 0xf0];

fn serve(source: &str) -> Server {
    let none: [&str; 0] = [];
    let configured = [
        ("EYELINE_STREAMS_CAM_SOURCE", source),
        ("EYELINE_STREAMS_CAM_TCP", "0"),
    ];
    Server::start_in(EYELINE, none, configured)
}

/// What a program says that reads the stream by `nc`.
fn piped(server: &Server, player: &str) -> String {
    let port = server.listens("tcp").port();
    let line = format!("nc 127.0.0.1 {port} </dev/null | {player}");
    let output = Command::new("sh").args(["-c", &line]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line}: {said}");
    assert!(said.is_empty(), "{line}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

fn check_played(source: &str) {
    let server = serve(source);
    let ffprobe = format!(
        "ffprobe -v error -f h264 -of json -show_frames -show_streams -read_intervals %+#{PICTURES} -"
    );
    let told: Value = serde_json::from_str(&piped(&server, &ffprobe)).unwrap();
    let frames = told["frames"].as_array().unwrap();
    assert_eq!(told["streams"][0]["codec_name"], "h264");
    assert_eq!(
        (frames.len(), &frames[0]["key_frame"]),
        (PICTURES, &1.into())
    );
    server.stop();
}

#[test]
fn h264_is_read_by_other_programs_from_a_key_picture_on() {
    check_played(CAMERA);
}

#[test]
fn h264_is_made_of_jpegs_for_who_connects() {
    check_played("test:?size=320x240&fps=30");
}

#[test]
fn mplayer_shows_what_nc_brings_it() {
    let server = serve(CAMERA);
    let mplayer = format!(
        "mplayer -really-quiet -nosound -nolirc -noconsolecontrols -benchmark -frames {PICTURES} \
         -vo yuv4mpeg:file=/dev/stdout -demuxer h264es - 2>/dev/null | grep -a -o FRAME | wc -l"
    );
    let shown: usize = piped(&server, &mplayer).trim().parse().unwrap();
    assert!(shown >= PICTURES, "{shown}");
    server.stop();
}

/// A connection that has got its first bytes.
fn connect(server: &Server) -> (TcpStream, Vec<u8>) {
    let mut tcp = TcpStream::connect(server.listens("tcp")).unwrap();
    tcp.set_read_timeout(Some(wait::PATIENCE)).unwrap();
    let mut first = vec![0; DELIMITER.len()];
    tcp.read_exact(&mut first).unwrap();
    (tcp, first)
}

fn viewer(server: &Server) -> Value {
    server.json("/api/streams/cam/viewers")["viewers"][0].clone()
}

#[test]
fn who_does_not_read_for_a_while_goes_on_with_a_key_picture_and_misses_those_between() {
    let server = serve(CAMERA);
    let (mut tcp, mut read) = connect(&server);
    let frames = || server.json("/api/streams/cam")["frame_count"].as_u64();
    let before = frames().unwrap();
    wait::until("more pictures than the connection holds", || {
        (frames()? > before + 90).then_some(())
    });
    let mut room = vec![0; 64 * 1024];
    let mut pictures = 0;
    while pictures < 2 * PICTURES {
        let count = tcp.read(&mut room).unwrap();
        assert!(count > 0, "the stream goes on");
        read.extend_from_slice(&room[..count]);
        let ends = read.windows(DELIMITER.len());
        pictures = ends.filter(|bytes| *bytes == DELIMITER).count();
    }
    let viewer = viewer(&server);
    assert_eq!(viewer["transport"], "tcp", "{viewer}");
    assert!(viewer["skipped"].as_u64() > Some(0), "{viewer}");
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-v", "error", "-f", "h264", "-i", "-"]);
    ffmpeg.args(["-f", "null", "-"]);
    ffmpeg.stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut ffmpeg = Program::spawn(&mut ffmpeg);
    // To the end of the last whole picture.
    let end = read
        .windows(DELIMITER.len())
        .rposition(|bytes| bytes == DELIMITER);
    let mut stdin = ffmpeg.0.stdin.take().unwrap();
    stdin.write_all(&read[..end.unwrap()]).unwrap();
    drop(stdin);
    let mut said = String::new();
    ffmpeg
        .0
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert!(said.is_empty(), "{said}");
    server.stop();
}

#[test]
fn who_says_something_is_not_answered_and_who_leaves_is_no_viewer_any_more() {
    let server = serve(CAMERA);
    let (mut tcp, first) = connect(&server);
    assert_eq!(first[..4], [0, 0, 0, 1]);
    tcp.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    tcp.read_exact(&mut [0; 100_000]).unwrap();
    drop(tcp);
    wait::until("nobody to look", || {
        let info = server.json("/api/streams/cam");
        (info["viewer_count"] == 0).then_some(())
    });
    server.stop();
}

#[test]
fn the_server_stops_in_time_and_closes_those_who_look() {
    let server = serve(CAMERA);
    let (mut tcp, _) = connect(&server);
    server.stop();
    let mut rest = Vec::new();
    match tcp.read_to_end(&mut rest) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
}

fn check_refused(tcp: &str, says: &[&str]) {
    let state = tempfile::tempdir().unwrap();
    let output = Command::new(EYELINE)
        .args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--rtmp",
            "off",
            "--rtsp",
            "off",
        ])
        .current_dir(state.path())
        .env("XDG_STATE_HOME", state.path())
        .env("EYELINE_STREAMS_CAM_SOURCE", "test:")
        .env("EYELINE_STREAMS_CAM_TCP", tcp)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    for part in says {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn a_port_that_is_taken_is_named_with_the_key_that_asks_for_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    check_refused(
        &address,
        &["streams.cam.tcp", &address, "in use", "another port"],
    );
}

#[test]
fn a_port_that_others_can_reach_has_to_be_open_to_everybody_on_purpose() {
    check_refused(
        "0.0.0.0:0",
        &["streams.cam.tcp", "token", "tcp_open = true"],
    );
}
