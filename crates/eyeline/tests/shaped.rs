//! Viewers on thin links: their pictures stay young, and whoever looks beside them on a
//! better one notices nothing.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may; clippy sees the helpers as production code"
)]

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread;
use std::time::Duration;

use eyeline_clock::RealClock;
use eyeline_testkit::http::{Part, Viewer};
use eyeline_testkit::pictures;
use eyeline_testkit::server::Server;
use eyeline_testkit::thin::ThinLink;
use eyeline_testkit::websocket::Client;

const EYELINE: &str = env!("CARGO_BIN_EXE_eyeline");
const MJPEG: &str = "/streams/test/mjpeg";
const WEBSOCKET: &str = "/ws/viewer/test?format=binary";

/// What a link delivers, as a share of what the stream needs.
const DIVISORS: [u64; 3] = [2, 4, 10];
/// In this time a viewer on a thin link is brought down to what the link carries.
const SETTLING: Duration = Duration::from_secs(4);
const WATCHED: Duration = Duration::from_secs(14);
/// The age of pictures on arrival that is promised.
const YOUNG_MS: u64 = 300;

/// A picture as it arrived.
struct Arrival {
    /// Since the viewer came.
    at: Duration,
    age_ms: u64,
    bytes: usize,
}

/// What gives the next picture.
type Watching = fn(SocketAddr) -> Box<dyn FnMut() -> Part>;

fn over_mjpeg(server: SocketAddr) -> Box<dyn FnMut() -> Part> {
    let mut viewer = Viewer::open_at(server, MJPEG);
    Box::new(move || viewer.next_part().expect("the stream goes on"))
}

fn over_websocket(server: SocketAddr) -> Box<dyn FnMut() -> Part> {
    let mut viewer = Client::open_at(server, WEBSOCKET);
    Box::new(move || viewer.next_picture().expect("the stream goes on"))
}

/// Watches for some time; the viewer's clock is the server's.
fn watch(server: SocketAddr, open: Watching) -> Vec<Arrival> {
    let clock = RealClock::shared();
    let mut next = open(server);
    let mut arrivals = Vec::new();
    let mut latest = None;
    while clock.now() < WATCHED {
        let part = next();
        let age_ns = clock.wall_nanos().saturating_sub(part.captured.as_nanos());
        arrivals.push(Arrival {
            at: clock.now(),
            age_ms: age_ns / 1_000_000,
            bytes: part.jpeg.len(),
        });
        latest = Some(part);
    }
    check_time(&latest.unwrap());
    arrivals
}

/// The time beside the picture is that in its pixels.
fn check_time(part: &Part) {
    let painted = pictures::read_time(&part.jpeg).expect("a time code");
    assert_eq!(painted.as_micros(), part.captured.as_micros());
}

/// Bits a second that the stream needs, by what a healthy viewer gets.
fn needed_bps(server: &Server) -> u64 {
    let mut viewer = Viewer::open(server.port(), MJPEG);
    let mut first = viewer.next_part().unwrap();
    let (start, mut bytes) = (first.captured, 0);
    for _ in 0..30 {
        first = viewer.next_part().unwrap();
        bytes += first.jpeg.len() as u64;
    }
    let nanos = first.captured.as_nanos() - start.as_nanos();
    bytes * 8 * 1_000_000_000 / nanos
}

/// Prints what a viewer got, and gives the age that 99 of 100 pictures stay under after the
/// first seconds.
fn tell(name: &str, arrivals: &[Arrival]) -> u64 {
    let settled: Vec<_> = arrivals.iter().filter(|a| a.at >= SETTLING).collect();
    let mut ages: Vec<_> = settled.iter().map(|a| a.age_ms).collect();
    ages.sort_unstable();
    let bytes: usize = settled.iter().map(|a| a.bytes).sum();
    let seconds = (WATCHED - SETTLING).as_secs_f64();
    let first = arrivals.iter().filter(|a| a.at < SETTLING);
    println!(
        "{name}: {:.1} pictures/s, {:.0} kbit/s, age median {} ms, 99 % {} ms, most {} ms; in the first {} s most {} ms",
        ages.len() as f64 / seconds,
        bytes as f64 * 8.0 / 1e3 / seconds,
        ages[ages.len() / 2],
        ages[ages.len() * 99 / 100],
        ages[ages.len() - 1],
        SETTLING.as_secs(),
        first.map(|a| a.age_ms).max().unwrap_or_default(),
    );
    for old in settled.iter().filter(|a| a.age_ms >= YOUNG_MS) {
        let (at, kb) = (old.at.as_secs_f64(), old.bytes / 1_000);
        println!("  {kb} kB after {at:.1} s: {} ms", old.age_ms);
    }
    ages[ages.len() * 99 / 100]
}

#[test]
fn mjpeg_stays_young_on_thin_links_and_nobody_beside_them_notices() {
    check(over_mjpeg);
}

#[test]
fn pictures_over_websocket_stay_young_on_thin_links_and_nobody_beside_them_notices() {
    check(over_websocket);
}

fn check(open: Watching) {
    let links = DIVISORS.map(|divisor| (divisor, ThinLink::new()));
    // Only we are at these addresses, so that a free port stays free.
    let doors = links.each_ref().map(|(_, link)| {
        let free = TcpListener::bind((link.address(), 0)).unwrap();
        free.local_addr().unwrap()
    });
    let mut args = vec!["--open".to_owned(), "test:?size=1280x720&fps=30".to_owned()];
    args.extend(doors.iter().map(|door| format!("--listen={door}")));
    let server = Server::start(EYELINE, args);
    let needed_bps = needed_bps(&server);
    for (divisor, link) in &links {
        link.limit_kbps(needed_bps / divisor / 1_000);
    }
    let beside = SocketAddr::from((Ipv4Addr::LOCALHOST, server.port()));
    let (thin, healthy, viewers) = thread::scope(|scope| {
        let healthy = scope.spawn(move || watch(beside, open));
        let thin = [0, 1, 2].map(|n| links[n].1.spawn(scope, move || watch(doors[n], open)));
        thread::sleep(WATCHED - Duration::from_secs(1));
        let viewers = server.json("/api/streams/test/viewers");
        let thin = thin.map(|viewer| viewer.join().unwrap());
        (thin, healthy.join().unwrap(), viewers)
    });
    println!("needed: {} kbit/s", needed_bps / 1_000);
    tell("healthy", &healthy);
    for (arrivals, divisor) in thin.iter().zip(DIVISORS) {
        let age_ms = tell(&format!("1/{divisor}"), arrivals);
        assert!(age_ms < YOUNG_MS, "1/{divisor}: {age_ms} ms");
    }
    let viewers = viewers["viewers"].as_array().unwrap();
    let local = viewers
        .iter()
        .find(|viewer| viewer["remote"] == "127.0.0.1");
    assert_eq!(
        local.expect("the healthy viewer")["skipped"],
        0,
        "{viewers:?}"
    );
    server.stop();
}
