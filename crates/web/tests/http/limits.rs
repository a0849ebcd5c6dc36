//! Hostile and unlucky clients: none of them costs more than its share.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use eyeline_testkit::http::{self, Viewer};
use eyeline_testkit::wait;
use eyeline_web::{Limits, Patience};

use crate::harness::{Harness, TOKEN, read_to_close, short, start, start_with};

const WATCH: &[u8] = b"GET /streams/front/mjpeg HTTP/1.1\r\nHost: localhost\r\n\r\n";
const FRAME: usize = 100 * 1024;

fn start_short() -> Harness {
    start_with(Some(TOKEN), short(Limits::default()))
}

/// Publishes pictures until `done`.
fn publish_until(server: &mut Harness, what: &str, done: impl Fn(&Harness) -> bool) {
    let mut millis = 0;
    wait::until(what, || {
        millis += 40;
        server.publish(vec![7; FRAME], millis);
        done(server).then_some(())
    });
}

#[test]
fn a_connection_that_asks_for_nothing_is_closed() {
    let server = start_short();
    let mut silent = http::connect(server.port);
    assert_eq!(read_to_close(&mut silent), b"");
    let mut slow = server.raw(b"GET /health HTT");
    assert_eq!(read_to_close(&mut slow), b"");
    let mut once = server.raw(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let answer = read_to_close(&mut once);
    assert!(
        answer.starts_with(b"HTTP/1.1 200 OK"),
        "answered, then closed when idle"
    );
}

#[test]
fn a_viewer_that_takes_no_data_is_closed_and_counted() {
    let mut server = start_short();
    let mut stalled = server.raw(WATCH);
    server.wait_viewers(1);
    publish_until(&mut server, "the stalled viewer to be closed", |server| {
        server.viewers() == 0
    });
    wait::until("the stall to be counted", || {
        (server.metric("eyeline_viewers_stalled_total") >= 1.0).then_some(())
    });
    // What it had not read is little: the kernel's buffers and no queue of ours.
    let unread = read_to_close(&mut stalled).len();
    assert!(unread < 12 * 1024 * 1024, "{unread}");
}

#[test]
fn a_viewer_that_takes_a_byte_at_a_time_is_closed() {
    let limits = Limits {
        patience: Patience {
            slow_timeout: Duration::from_millis(500),
            stall_timeout: Duration::from_secs(60),
        },
        ..Limits::default()
    };
    let mut server = start_with(Some(TOKEN), limits);
    let slow = server.raw(WATCH);
    slow.set_read_timeout(Some(Duration::from_millis(1)))
        .unwrap();
    server.wait_viewers(1);
    publish_until(&mut server, "the slow viewer to be closed", |server| {
        let _ = (&slow).read(&mut [0; 1]);
        server.viewers() == 0
    });
    assert!(server.metric("eyeline_viewers_stalled_total") >= 1.0);
}

#[test]
fn slow_viewers_cost_the_healthy_ones_nothing() {
    let mut server = start();
    let stalled: Vec<TcpStream> = (0..50).map(|_| server.raw(WATCH)).collect();
    server.wait_viewers(50);
    let mut healthy = Viewer::open(server.port, "/streams/front/mjpeg");
    for n in 0..300 {
        let captured = server.publish(vec![7; FRAME], n);
        assert_eq!(healthy.next_part().unwrap().captured, captured);
    }
    assert_eq!(stalled.len(), 50);
}

#[test]
fn when_all_connections_are_in_use_a_new_one_is_told_so() {
    let limits = Limits {
        connections: 2,
        ..Limits::default()
    };
    let server = start_with(Some(TOKEN), limits);
    let _viewers = [server.raw(WATCH), server.raw(WATCH)];
    server.wait_viewers(2);
    let refused = server.get("/health");
    assert_eq!(
        (refused.status, refused.header("retry-after")),
        (503, Some("10"))
    );
    assert!(
        refused.text().contains("too_many_connections"),
        "{}",
        refused.text()
    );
}

#[test]
fn idle_connections_make_room_for_those_that_ask() {
    let limits = Limits {
        connections: 8,
        ..Limits::default()
    };
    let mut server = start_with(Some(TOKEN), limits);
    let mut viewer = Viewer::open(server.port, "/streams/front/mjpeg");
    let mut idle: Vec<_> = (0..100).map(|_| http::connect(server.port)).collect();
    assert_eq!(server.get("/health").status, 200);
    assert_eq!(read_to_close(&mut idle[0]), b"", "the oldest made room");
    let captured = server.publish("one", 0);
    assert_eq!(viewer.next_part().unwrap().captured, captured);
    assert!(server.metric("eyeline_connections_evicted_total") >= 90.0);
    assert!(server.metric("eyeline_connections") <= 8.0);
}

#[test]
fn a_header_without_end_is_refused() {
    let server = start();
    let mut endless = server.raw(b"GET / HTTP/1.1\r\nHost: localhost\r\n");
    let line = [b"x-more: ".as_slice(), &[b'y'; 1000], b"\r\n"].concat();
    while endless.write_all(&line).is_ok() {}
    let mut again = server.raw(&[b"GET / HTTP/1.1\r\nx: ", [b'y'; 70_000].as_slice()].concat());
    let answer = String::from_utf8(read_to_close(&mut again)).unwrap();
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[test]
fn what_is_no_http_is_refused() {
    let server = start();
    let mut tcp = server.raw(b"\x16\x03\x01 this is no HTTP\r\n\r\n");
    let answer = String::from_utf8(read_to_close(&mut tcp)).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}
