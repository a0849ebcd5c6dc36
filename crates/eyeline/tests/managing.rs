//! Streams that are made and ended while the program runs: kept over a restart, and leaving
//! nothing behind.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use eyeline_testkit::http;
use eyeline_testkit::server::Server;

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
