//! The server is told to stop.

use std::time::Duration;

use eyeline_testkit::http;
use eyeline_web::Limits;

use crate::harness::{TOKEN, read_to_close, start, start_with};

#[test]
fn streams_end_properly_when_their_publishers_do() {
    let mut server = start();
    let mut viewer = server.raw(b"GET /streams/front/mjpeg HTTP/1.1\r\nHost: localhost\r\n\r\n");
    server.wait_viewers(1);
    let mut idle = http::connect(server.port);
    server.stop();
    assert_eq!(read_to_close(&mut idle), b"", "closed at once");
    server.publish("one", 0);
    server.front = None;
    let all = read_to_close(&mut viewer);
    assert!(
        all.ends_with(b"--\r\n\r\n0\r\n\r\n"),
        "closed by its last part and chunk"
    );
    server.stopped();
    assert!(std::net::TcpStream::connect(("127.0.0.1", server.port)).is_err());
}

#[test]
fn what_does_not_end_by_itself_is_closed_after_the_grace() {
    let limits = Limits {
        shutdown_grace: Duration::from_millis(100),
        ..Limits::default()
    };
    let mut server = start_with(Some(TOKEN), limits);
    let mut viewer = server.raw(b"GET /streams/front/mjpeg HTTP/1.1\r\nHost: localhost\r\n\r\n");
    server.wait_viewers(1);
    server.stop();
    server.stopped();
    read_to_close(&mut viewer);
    assert_eq!(server.viewers(), 0);
}
