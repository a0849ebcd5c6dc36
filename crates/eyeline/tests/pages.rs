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

#[test]
fn the_wall_shows_arranges_starts_and_stops_streams() {
    check(
        "wall.mjs",
        &[
            "front=test:?size=640x360&fps=10",
            "lab=test:?size=480x360&fps=10",
            "tall=test:?size=360x480&fps=5",
        ],
    );
}

#[test]
fn a_browser_publishes_its_camera_as_long_as_it_is_wanted() {
    check("publish.mjs", &["front=test:?size=320x240&fps=5"]);
}

#[test]
fn on_a_screen_and_a_phone_streams_are_started_adjusted_shared_stopped_and_published() {
    check("flow.mjs", &["front=test:?size=640x360&fps=10"]);
}

#[test]
fn the_page_of_the_api_shows_all_of_it_and_does_what_it_says() {
    check("docs.mjs", &["front=test:?size=320x240&fps=5"]);
}
