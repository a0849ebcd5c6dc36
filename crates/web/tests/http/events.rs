//! `GET /api/events`: what happens is told as it happens.

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;

use eyeline_testkit::http::Viewer;

use crate::harness::{Harness, start};

/// Reads events off a chunked answer, whose chunks are whole events.
struct Follower(BufReader<TcpStream>);

impl Follower {
    fn start(server: &Harness) -> Self {
        let request = b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n";
        let mut follower = Self(BufReader::new(server.raw(request)));
        assert_eq!(follower.next().0, "hello");
        follower
    }

    /// The next event's name and data.
    fn next(&mut self) -> (String, serde_json::Value) {
        let (mut name, mut line) = (String::new(), String::new());
        loop {
            line.clear();
            assert_ne!(self.0.read_line(&mut line).unwrap(), 0, "the events ended");
            if let Some(said) = line.strip_prefix("event: ") {
                said.trim().clone_into(&mut name);
            } else if let Some(data) = line.strip_prefix("data: ") {
                return (name, serde_json::from_str(data).unwrap());
            }
        }
    }

    /// The next event of that name.
    fn wait(&mut self, name: &str) -> serde_json::Value {
        loop {
            let (found, data) = self.next();
            if found == name {
                return data;
            }
        }
    }
}

#[test]
fn streams_that_come_change_and_go_are_told() {
    let server = start();
    let mut events = Follower::start(&server);
    server.call("PUT", "/api/streams/lab", r#"{"source":"push:"}"#);
    let added = events.wait("stream_added");
    assert_eq!(
        (&added["stream_id"], &added["info"]["source"]),
        (&"lab".into(), &"push:".into())
    );
    server.call("PATCH", "/api/streams/lab", r#"{"name":"The lab"}"#);
    while events.wait("stream_changed")["info"]["name"] != "The lab" {}
    server.call("DELETE", "/api/streams/lab", "");
    assert_eq!(events.wait("stream_removed")["stream_id"], "lab");
}

#[test]
fn viewers_who_come_and_go_are_told() {
    let server = start();
    let mut events = Follower::start(&server);
    let viewer = Viewer::open(server.port, "/streams/front/mjpeg");
    let joined = events.wait("viewer_joined");
    assert_eq!(
        (&joined["stream_id"], &joined["viewer"]["transport"]),
        (&"front".into(), &"mjpeg".into())
    );
    drop(viewer);
    assert_eq!(
        events.wait("viewer_left")["viewer"]["id"],
        joined["viewer"]["id"]
    );
}

#[test]
fn a_server_that_stops_ends_the_events() {
    let mut server = start();
    let mut events = Follower::start(&server);
    server.stop();
    server.stopped();
    let mut rest = String::new();
    assert!(events.0.read_line(&mut rest).is_ok());
}
