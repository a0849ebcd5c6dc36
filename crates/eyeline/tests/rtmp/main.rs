//! RTMP with the programs that speak it: ffmpeg, GStreamer and OpenCV publish and play, and publishers and
//! servers of our own say what those do not say.

#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

mod clip;
mod hostile;
mod players;
mod publisher;
mod pull;
mod stand_in;
mod times;

use std::process::{Command, Stdio};

use eyeline_testkit::http::Viewer;
use eyeline_testkit::pictures;
use eyeline_testkit::server::Server;
use eyeline_testkit::tools::Program;

const EYELINE: &str = env!("CARGO_BIN_EXE_eyeline");
const NO_STREAMS: [&str; 1] = ["pattern=test:?size=320x240&fps=5"];

fn serve() -> Server {
    Server::start(EYELINE, NO_STREAMS)
}

fn url(server: &Server, name: &str) -> String {
    format!("rtmp://127.0.0.1:{}/live/{name}", server.rtmp_port())
}

fn sh(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("exec {line}")]);
    command.stdin(Stdio::null());
    command
}

/// What ffmpeg makes up: moving pictures, 30 a second, and a tone.
const MADE_UP: &str =
    "-f lavfi -i testsrc2=size=320x240:rate=30 -f lavfi -i sine=sample_rate=44100";
const LIVE: &str = "-c:v libx264 -pix_fmt yuv420p -preset ultrafast -tune zerolatency -g 30";

/// ffmpeg that publishes H.264 and AAC as it happens, to this address.
fn ffmpeg_publishes(to: &str) -> Program {
    Program::spawn(&mut sh(&format!(
        "ffmpeg -nostdin -loglevel error -re {MADE_UP} {LIVE} -c:a aac -f flv '{to}'"
    )))
}

/// Pictures that move, in the order of their time, of one size.
fn check_moves(server: &Server, stream: &str, size: &str) {
    let mut viewer = Viewer::open(server.port(), &format!("/streams/{stream}/mjpeg"));
    let mut next = || viewer.next_part().expect("the stream goes on");
    // The first may be a slate.
    let mut before = std::iter::repeat_with(&mut next)
        .find(|part| {
            pictures::size(&part.jpeg).to_string() == size
                && pictures::read_time(&part.jpeg).is_none()
        })
        .unwrap();
    for _ in 0..15 {
        let part = next();
        assert!(before.captured < part.captured);
        assert_eq!(pictures::size(&part.jpeg).to_string(), size);
        before = part;
    }
}
