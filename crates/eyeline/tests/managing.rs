//! Streams that are made, changed and ended while the program runs: kept over a restart,
//! changed under their viewers, and leaving nothing behind.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that fails may panic; figures are printed"
)]

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use eyeline_clock::{MonoTime, RealClock, SharedClock};
use eyeline_testkit::http::{self, Part, Viewer};
use eyeline_testkit::server::Server;
use eyeline_testkit::websocket::Client;
use eyeline_testkit::{pictures, wait};

fn call(server: &Server, method: &str, path: &str, json: &str) -> u16 {
    let headers = [("Content-Type", "application/json")];
    http::send(server.port(), method, path, &headers, json.as_bytes()).status
}

#[test]
fn streams_made_over_the_api_outlive_a_killed_process() {
    let mut server = Server::start(env!("CARGO_BIN_EXE_eyeline"), ["front=test:"]);
    let lab = r#"{"source":"test:","name":"The lab","quality":"low","fps":5,"on_demand":false}"#;
    assert_eq!(call(&server, "PUT", "/api/streams/lab", lab), 201);
    server.wait_live("lab");
    server.restart();
    server.wait_live("lab");
    let info = server.json("/api/streams/lab");
    assert_eq!(
        (&info["name"], &info["requested"]["fps"]),
        (&"The lab".into(), &5.into())
    );
    // What the command line names is not kept beside it.
    assert_eq!(server.json("/api/streams")["total"], 2);
    server.stop();
}

#[test]
fn a_thousand_streams_made_and_ended_leave_the_memory_as_it_was() {
    let server = Server::start(env!("CARGO_BIN_EXE_eyeline"), ["front=test:"]);
    let round = |times: usize| {
        for n in 0..times {
            let path = format!("/api/streams/s{}", n % 20);
            let source = if n % 2 == 0 { "push:" } else { "test:" };
            let body = format!(r#"{{"source":"{source}","name":"{n}"}}"#);
            assert_eq!(call(&server, "PUT", &path, &body), 201);
            assert_eq!(call(&server, "DELETE", &path, ""), 200);
        }
    };
    // The allocator and SQLite take what they need once.
    round(200);
    let before = server.rss_kib();
    round(1_000);
    let after = server.rss_kib();
    assert!(after < before + 2_048, "{before} KiB grew to {after} KiB");
    assert_eq!(server.json("/api/streams")["total"], 1);
    server.stop();
}

/// A change, and what the pictures are after it.
struct Change {
    json: &'static str,
    lines: u32,
    fps: f64,
    /// Whether they have become larger or smaller, in bytes.
    bytes: Option<Ordering>,
}

const fn change(json: &'static str, lines: u32, fps: f64, bytes: Option<Ordering>) -> Change {
    Change {
        json,
        lines,
        fps,
        bytes,
    }
}

/// Each comes upon what the one before it left; the first upon the last. A source that says
/// its own size and rate is not asked for another any more.
const CHANGES: [Change; 10] = [
    change(r#"{"size":"640x360"}"#, 360, 30.0, None),
    change(r#"{"fps":10}"#, 360, 10.0, None),
    change(r#"{"jpeg_quality":95}"#, 360, 10.0, Some(Ordering::Greater)),
    change(r#"{"jpeg_quality":50}"#, 360, 10.0, Some(Ordering::Less)),
    change(r#"{"fps":15,"name":"The yard"}"#, 360, 15.0, None),
    change(r#"{"quality":"low"}"#, 320, 15.0, None),
    change(r#"{"quality":null}"#, 360, 15.0, None),
    change(r#"{"source":"test:?size=800x600&fps=30"}"#, 600, 30.0, None),
    change(
        r#"{"fps":20,"jpeg_quality":null,"name":null}"#,
        600,
        20.0,
        None,
    ),
    change(
        r#"{"source":"test:?size=1280x720&fps=30"}"#,
        720,
        30.0,
        None,
    ),
];

/// By so many pictures of one size the rate is told.
const TELLING: usize = 5;

/// What a viewer saw last.
#[derive(Clone, Default)]
struct Seen {
    lines: u32,
    bytes: usize,
    /// When the latest pictures of this size arrived and were captured.
    latest: VecDeque<(MonoTime, f64)>,
}

impl Seen {
    fn take(&mut self, now: MonoTime, part: &Part) {
        let lines = pictures::size(&part.jpeg).height();
        if lines != self.lines {
            self.latest.clear();
        }
        self.lines = lines;
        self.bytes = part.jpeg.len();
        if self.latest.len() == TELLING {
            self.latest.pop_front();
        }
        let captured = part.captured.as_micros() as f64 / 1e6;
        self.latest.push_back((now, captured));
    }

    fn fps(&self) -> Option<f64> {
        let (first, last) = (self.latest.front()?.1, self.latest.back()?.1);
        (self.latest.len() == TELLING).then(|| (TELLING - 1) as f64 / (last - first))
    }

    /// Since when the pictures are as a change wants them, if they are.
    fn in_force(&self, change: &Change, before: &Self) -> Option<MonoTime> {
        let paced = (self.fps()? / change.fps - 1.0).abs() < 0.2;
        let weighs = match change.bytes {
            Some(Ordering::Greater) => self.bytes * 5 > before.bytes * 6,
            Some(_) => self.bytes * 6 < before.bytes * 5,
            None => true,
        };
        let first = match change.bytes {
            Some(_) => self.latest.back()?,
            // The first gap may begin with a picture of before.
            None => &self.latest[1],
        };
        (self.lines == change.lines && paced && weighs).then_some(first.0)
    }
}

/// Looks on until told to stop, or until the pictures end.
fn look_on(
    mut next: impl FnMut() -> Option<Part>,
    clock: &SharedClock,
    seen: &Mutex<Seen>,
    done: &AtomicBool,
) {
    while !done.load(Relaxed) {
        let Some(part) = next() else { break };
        seen.lock().unwrap().take(clock.now(), &part);
    }
}

/// Ends the viewers however the test does.
struct Done<'a>(&'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

#[test]
fn a_hundred_changes_reach_those_who_watch_and_lose_nobody() {
    let source = "front=test:?size=1280x720&fps=30";
    let server = Server::start(env!("CARGO_BIN_EXE_eyeline"), [source]);
    let mut mjpeg = Viewer::open(server.port(), "/streams/front/mjpeg");
    let mut websocket = Client::open(server.port(), "/ws/viewer/front?format=binary");
    let (seen, done): ([Mutex<Seen>; 2], _) = (<_>::default(), AtomicBool::new(false));
    let clock = RealClock::shared();
    let mut took = Vec::new();
    thread::scope(|scope| {
        let viewers = [
            scope.spawn(|| look_on(|| mjpeg.next_part(), &clock, &seen[0], &done)),
            scope.spawn(|| look_on(|| websocket.next_picture(), &clock, &seen[1], &done)),
        ];
        let _done = Done(&done);
        for change in CHANGES.iter().cycle().take(100) {
            let before = seen.each_ref().map(|seen| seen.lock().unwrap().clone());
            let asked = clock.now();
            assert_eq!(
                call(&server, "PATCH", "/api/streams/front", change.json),
                200
            );
            for (seen, before) in seen.iter().zip(&before) {
                let since = wait::until(change.json, || {
                    assert!(
                        !viewers.iter().any(|viewer| viewer.is_finished()),
                        "a viewer is lost"
                    );
                    seen.lock().unwrap().in_force(change, before)
                });
                took.push(since.saturating_sub(asked));
            }
        }
        assert_eq!(server.json("/api/streams/front")["viewer_count"], 2);
    });
    took.sort_unstable();
    let (median, most) = (took[took.len() / 2], took[took.len() - 1]);
    println!("in force after {median:?} in the median, {most:?} at most");
    assert!(median < Duration::from_secs(1), "{median:?}");
    server.stop();
}
