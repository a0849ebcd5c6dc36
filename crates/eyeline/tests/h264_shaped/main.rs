//! Viewers of H.264 on a link that carries half of the stream: no picture that they get builds on
//! one that they did not get, none is old, and whoever looks beside them notices nothing.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may; clippy sees the helpers as production code"
)]

mod mp4;
mod rtmp;
mod rtsp;

use std::fs;
use std::io::Read as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Duration;

use eyeline_testkit::server::Server;
use eyeline_testkit::thin::ThinLink;
use eyeline_testkit::wait;

const EYELINE: &str = env!("CARGO_BIN_EXE_eyeline");
/// About 2 Mbit/s, with a key picture every second.
const CAMERA: &str = "cam=exec:ffmpeg -nostdin -loglevel error -re -f lavfi \
    -i testsrc2=size=640x360:rate=30,noise=alls=20:allf=t -c:v libx264 -preset ultrafast \
    -tune zerolatency -pix_fmt yuv420p -g 30 -sc_threshold 0 -b:v 2M -maxrate 2M -bufsize 400k \
    -f h264 -flush_packets 1 -";
/// In this time a viewer on a thin link is brought down to what the link carries.
const SETTLING: Duration = Duration::from_secs(4);
const WATCHED: Duration = Duration::from_secs(14);
/// The age of pictures on arrival that is promised.
const YOUNG_MS: u64 = 500;

/// What a viewer got.
struct Seen {
    /// As a file with this ending.
    bytes: Vec<u8>,
    ending: &'static str,
    /// Of each picture, when it came and how old it was then, in milliseconds.
    ages: Vec<(Duration, u64)>,
}

fn read(stream: &mut TcpStream, bytes: usize) -> Vec<u8> {
    let mut all = vec![0; bytes];
    stream.read_exact(&mut all).expect("the stream goes on");
    all
}

/// What is there, at least one byte.
fn read_some(stream: &mut TcpStream) -> Vec<u8> {
    let mut some = vec![0; 16 * 1024];
    let count = stream.read(&mut some).expect("the stream goes on");
    assert!(count > 0, "the stream goes on");
    some.truncate(count);
    some
}

/// Pictures that say when they are shown, but not by which clock: the one that was fastest on its way
/// is taken to be of the moment in which it came.
#[derive(Default)]
struct Arrivals(Vec<(Duration, i64)>);

impl Arrivals {
    /// A picture came that is shown then, in microseconds.
    fn come(&mut self, now: Duration, shown: i64) {
        self.0.push((now, shown));
    }

    fn ages(self) -> Vec<(Duration, u64)> {
        let late = |(now, shown): &(Duration, i64)| now.as_micros() as i64 - shown;
        let least = self.0.iter().map(late).min().unwrap_or_default();
        let age = |came| u64::try_from(late(came) - least).unwrap_or_default() / 1000;
        self.0.iter().map(|came| (came.0, age(came))).collect()
    }
}

impl Seen {
    fn new(ending: &'static str) -> Self {
        Self {
            bytes: Vec::new(),
            ending,
            ages: Vec::new(),
        }
    }

    /// Adds a picture whose NAL units stand behind their lengths.
    fn annex_b(&mut self, mut units: &[u8]) {
        while let Some((length, rest)) = units.split_first_chunk() {
            let (unit, rest) = rest.split_at(u32::from_be_bytes(*length) as usize);
            self.bytes.extend([0, 0, 0, 1]);
            self.bytes.extend(unit);
            units = rest;
        }
    }

    /// Every picture is decoded, and nothing is missing that it builds on.
    fn check_decoded(&self, name: &str) {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(format!("seen.{}", self.ending));
        fs::write(&file, &self.bytes).unwrap();
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg.args(["-nostdin", "-v", "error", "-i"]).arg(&file);
        ffmpeg.args(["-fps_mode", "passthrough", "-enc_time_base", "1:90000"]);
        let output = ffmpeg.args(["-f", "null", "-"]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{name}: {said}");
    }

    /// Prints what came, and gives the age that 99 of 100 pictures stay under after the first
    /// seconds.
    fn tell(&self, name: &str) -> u64 {
        let settled = self.ages.iter().filter(|(at, _)| *at >= SETTLING);
        let mut ages: Vec<_> = settled.map(|(_, age)| *age).collect();
        ages.sort_unstable();
        let (median, most) = (ages[ages.len() / 2], ages[ages.len() - 1]);
        let young = ages[ages.len() * 99 / 100];
        let rate = ages.len() as f64 / (WATCHED - SETTLING).as_secs_f64();
        println!(
            "{name}: {rate:.1} pictures/s, age median {median} ms, 99 % {young} ms, most {most} ms"
        );
        for (at, age) in self.ages.iter().filter(|(_, age)| *age > YOUNG_MS / 2) {
            println!("  after {:.1} s: {age} ms", at.as_secs_f64());
        }
        young
    }
}

/// A server whose stream is known, and a link that carries half of it.
struct Stage {
    link: ThinLink,
    server: Server,
    /// Where a viewer behind the link finds a protocol.
    door: SocketAddr,
}

impl Stage {
    /// Of a protocol that this option says where to serve.
    fn set(option: &str) -> Self {
        let link = ThinLink::new();
        // Only we are at this address, so that a free port stays free.
        let free = TcpListener::bind((link.address(), 0)).unwrap();
        let door = free.local_addr().unwrap();
        drop(free);
        let served = format!("{option}={door}");
        let server = Server::start(EYELINE, ["--open", CAMERA, &served]);
        let kbps = wait::until("how much the stream needs", || {
            let info = server.json("/api/streams/cam");
            let enough = info["frame_count"].as_u64()? > 60;
            enough.then(|| info["bitrate_bps"].as_u64().unwrap() / 1000)
        });
        println!("a stream of {kbps} kbit/s");
        link.limit_kbps(kbps / 2);
        Self { link, server, door }
    }
}

/// A viewer behind the link, and another of the same kind beside it.
fn check(option: &str, watch: fn(SocketAddr) -> Seen) {
    let Stage { link, server, door } = Stage::set(option);
    let here = SocketAddr::from(([127, 0, 0, 1], server.port()));
    let (thin, beside) = thread::scope(|scope| {
        let thin = link.spawn(scope, || watch(door));
        let beside = thread::spawn(move || mp4::watch(here));
        (thin.join().unwrap(), beside.join().unwrap())
    });
    let (ours, theirs) = (thin.tell("on half of it"), beside.tell("beside"));
    thin.check_decoded("on half of it");
    beside.check_decoded("beside");
    let shown = thin.ages.iter().filter(|(at, _)| *at >= SETTLING).count();
    assert!(shown > 20, "{shown} pictures in 10 s");
    assert!(ours <= YOUNG_MS, "{ours} ms old");
    assert!(theirs <= YOUNG_MS, "{theirs} ms old beside it");
    server.stop();
}

#[test]
fn on_half_the_rate_every_picture_by_http_is_whole_and_young_and_nobody_beside_notices() {
    check("--listen", mp4::watch);
}

#[test]
fn on_half_the_rate_every_picture_by_rtsp_is_whole_and_young_and_nobody_beside_notices() {
    check("--rtsp", rtsp::watch);
}

#[test]
fn on_half_the_rate_every_picture_by_rtmp_is_whole_and_young_and_nobody_beside_notices() {
    check("--rtmp", rtmp::watch);
}
