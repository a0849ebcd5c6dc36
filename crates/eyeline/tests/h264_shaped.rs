//! Viewers of H.264 on a link that carries half of the stream: no picture that they get builds on
//! one that they did not get, none is old, and whoever looks beside them notices nothing.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may; clippy sees the helpers as production code"
)]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Duration;

use eyeline_clock::RealClock;
use eyeline_testkit::http;
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
/// From 1900, from which NTP counts, to 1970 (RFC 5905, 6).
const SECONDS_TO_1970: u64 = 2_208_988_800;

/// What a viewer got.
#[derive(Default)]
struct Seen {
    bytes: Vec<u8>,
    /// Of each picture, when it came and how old it was then, in milliseconds.
    ages: Vec<(Duration, u64)>,
}

/// Watches `live.mp4` for some time; the viewer's clock is the server's.
fn watch(server: SocketAddr) -> Seen {
    let clock = RealClock::shared();
    let mut stream = http::connect_to(server);
    let request = format!("GET /streams/cam/live.mp4 HTTP/1.0\r\nHost: {server}\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.extend(read(&mut stream, 1));
    }
    let head = String::from_utf8(head).unwrap();
    assert!(head.contains(" 200 "), "{head}");
    let (mut seen, mut captured) = (Seen::default(), 0);
    while clock.now() < WATCHED {
        let header = read(&mut stream, 8);
        let length = u32::from_be_bytes(header[..4].try_into().unwrap()) as usize;
        let content = read(&mut stream, length - 8);
        match &header[4..] {
            b"prft" => captured = wall_nanos(&content),
            b"mdat" => {
                let age = clock.wall_nanos().saturating_sub(captured);
                seen.ages.push((clock.now(), age / 1_000_000));
            }
            _ => {}
        }
        seen.bytes.extend([header, content].concat());
    }
    seen
}

fn read(stream: &mut TcpStream, bytes: usize) -> Vec<u8> {
    let mut all = vec![0; bytes];
    stream.read_exact(&mut all).expect("the stream goes on");
    all
}

/// The time of capture (ISO/IEC 14496-12, 8.16.5), in nanoseconds since 1970.
fn wall_nanos(prft: &[u8]) -> u64 {
    let ntp = u64::from_be_bytes(prft[8..16].try_into().unwrap());
    let (seconds, fraction) = ((ntp >> 32) - SECONDS_TO_1970, ntp & 0xffff_ffff);
    seconds * 1_000_000_000 + ((fraction * 1_000_000_000) >> 32)
}

impl Seen {
    /// Every picture is decoded, and nothing is missing that it builds on.
    fn check_decoded(&self, name: &str) {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("seen.mp4");
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
        young
    }
}

#[test]
fn on_half_the_rate_every_picture_is_whole_and_young_and_nobody_beside_notices() {
    let link = ThinLink::new();
    // Only we are at this address, so that a free port stays free.
    let free = TcpListener::bind((link.address(), 0)).unwrap();
    let door = free.local_addr().unwrap();
    drop(free);
    let server = Server::start(
        EYELINE,
        [
            "--open".to_owned(),
            CAMERA.to_owned(),
            format!("--listen={door}"),
        ],
    );
    let beside = thread::spawn({
        let here = SocketAddr::from(([127, 0, 0, 1], server.port()));
        move || watch(here)
    });
    let kbps = wait::until("how much the stream needs", || {
        let info = server.json("/api/streams/cam");
        let enough = info["frame_count"].as_u64()? > 60;
        enough.then(|| info["bitrate_bps"].as_u64().unwrap() / 1000)
    });
    link.limit_kbps(kbps / 2);
    let thin = thread::scope(|scope| link.spawn(scope, || watch(door)).join().unwrap());
    let beside = beside.join().unwrap();
    println!("a stream of {kbps} kbit/s");
    let (ours, theirs) = (thin.tell("on half of it"), beside.tell("beside"));
    thin.check_decoded("on half of it");
    beside.check_decoded("beside");
    let shown = thin.ages.iter().filter(|(at, _)| *at >= SETTLING).count();
    assert!(shown > 20, "{shown} pictures in 10 s");
    assert!(ours <= YOUNG_MS, "{ours} ms old");
    assert!(theirs <= YOUNG_MS, "{theirs} ms old beside it");
    server.stop();
}
