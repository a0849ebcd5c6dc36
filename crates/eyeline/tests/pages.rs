//! The pages as people use them, in Chromium. What is done and what must hold is written in
//! the scripts; here they get a server.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use eyeline_testkit::server::Server;
use eyeline_testkit::tools;

fn check(script: &str, sources: &[&str]) {
    let server = Server::start(env!("CARGO_BIN_EXE_eyeline"), sources);
    let output = tools::node(script).arg(server.url("/")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{failed}");
    server.stop();
}

#[test]
fn a_streams_page_plays_obeys_shares_and_tells_what_it_waits_for() {
    // Nobody listens on port 1.
    check(
        "stream.mjs",
        &[
            "front=test:?size=1280x720&fps=30",
            "gate=http://127.0.0.1:1/video",
        ],
    );
}
