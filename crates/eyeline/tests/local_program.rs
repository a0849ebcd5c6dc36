//! A program on the same machine takes frames of a camera that people watch, too, without
//! opening it once more: `examples/local_program.py` as it is.

#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{ChildStdout, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use eyeline_testkit::http::Viewer;
use eyeline_testkit::pictures;
use eyeline_testkit::server::Server;
use eyeline_testkit::tools::{self, Program};

const EYELINE: &str = env!("CARGO_BIN_EXE_eyeline");
const SIZE: &str = "320x240";

/// A camera over TCP that counts how often it is opened.
struct Camera {
    port: u16,
    opened: Arc<AtomicUsize>,
}

impl Camera {
    fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let opened = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&opened);
        let jpeg = pictures::jpeg(
            SIZE.parse().unwrap(),
            eyeline_media::Timestamp::default(),
            80,
        );
        let head = format!(
            "--camera\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n",
            jpeg.len()
        );
        let part = [head.as_bytes(), &jpeg, b"\r\n"].concat();
        // Ends with the process; each connection with whoever reads it.
        thread::spawn(move || {
            for stream in listener.incoming() {
                count.fetch_add(1, Ordering::SeqCst);
                let (mut stream, part) = (stream.unwrap(), part.clone());
                thread::spawn(move || {
                    while stream.write_all(&part).is_ok() {
                        thread::sleep(Duration::from_millis(30));
                    }
                });
            }
        });
        Self { port, opened }
    }

    fn opened(&self) -> usize {
        self.opened.load(Ordering::SeqCst)
    }
}

/// The example, while it runs.
struct Autopilot {
    _process: Program,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Autopilot {
    fn start(url: &str) -> Self {
        let mut python = tools::python();
        python.arg(tools::there("examples/local_program.py"));
        python.arg(url).stdout(Stdio::piped());
        let mut process = Program::spawn(&mut python);
        let lines = BufReader::new(process.0.stdout.take().unwrap()).lines();
        Self {
            _process: process,
            lines,
        }
    }

    /// When the next frame it has was captured, in microseconds since 1970, and its size.
    fn frame(&mut self) -> (u64, String) {
        let line = self.lines.next().expect("the example goes on").unwrap();
        let mut words = line.split(' ');
        let (seconds, micros) = words.next().unwrap().split_once('.').unwrap();
        let captured = format!("{seconds}{micros}").parse().unwrap();
        (captured, words.next().unwrap().to_owned())
    }

    /// Takes frames, each captured later than the one before.
    fn takes(&mut self, count: usize, mut before: u64) -> u64 {
        for _ in 0..count {
            let (captured, size) = self.frame();
            assert!(captured > before, "{captured} after {before}");
            assert_eq!(size, "320x240");
            before = captured;
        }
        before
    }
}

#[test]
fn a_local_program_and_a_viewer_share_a_camera_that_is_open_once() {
    let camera = Camera::start();
    let mut server = Server::start(EYELINE, [format!("cam=tcp://127.0.0.1:{}", camera.port)]);
    let mut viewer = Viewer::open(server.port(), "/streams/cam/mjpeg");
    let mut autopilot = Autopilot::start(&server.url("/streams/cam/mjpeg"));
    let newest = autopilot.takes(20, 0);
    for _ in 0..20 {
        viewer.next_part().unwrap();
    }
    let newest = autopilot.takes(5, newest);
    let viewers = server.json("/api/streams/cam/viewers");
    assert_eq!(viewers["viewers"].as_array().unwrap().len(), 2, "{viewers}");
    assert_eq!(camera.opened(), 1);

    server.restart();
    autopilot.takes(5, newest);
    assert_eq!(camera.opened(), 2, "once by each run of the server");
    server.stop();
}

#[test]
fn a_notice_that_the_camera_is_away_is_no_frame() {
    let camera = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = camera.local_addr().unwrap().port();
    let server = Server::start(EYELINE, [format!("cam=tcp://127.0.0.1:{port}")]);
    let mut autopilot = Autopilot::start(&server.url("/streams/cam/mjpeg"));
    let mut viewer = Viewer::open(server.port(), "/streams/cam/mjpeg");
    let notice = viewer.next_part().unwrap();
    assert_ne!(pictures::size(&notice.jpeg), SIZE.parse().unwrap());
    let (mut stream, _) = camera.accept().unwrap();
    let jpeg = pictures::jpeg(
        SIZE.parse().unwrap(),
        eyeline_media::Timestamp::default(),
        80,
    );
    let part = [b"\r\n--camera\r\n\r\n", &jpeg[..]].concat();
    stream.write_all(&part.repeat(3)).unwrap();
    // As it is of another size than the notice, this shows that the notice was left out.
    autopilot.takes(1, 0);
    server.stop();
}
