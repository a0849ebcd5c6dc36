//! The command line as a newcomer meets it.

#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

use std::process::{Command, Output, Stdio};

use eyeline_testkit::server::Server;

const EYELINE: &str = env!("CARGO_BIN_EXE_eyeline");

fn run(args: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(EYELINE);
    command
        .args(args)
        .current_dir(folder.path())
        .env("XDG_STATE_HOME", folder.path());
    command.stdin(Stdio::null()).output().unwrap()
}

fn check_fails(args: &[&str], says: &[&str]) {
    let output = run(args);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success(), "{args:?} succeeded");
    for part in says {
        assert!(
            said.contains(part),
            "{args:?}: expected {part:?} in:\n{said}"
        );
    }
    assert!(
        !said.contains("panicked") && !said.contains("backtrace"),
        "{said}"
    );
}

#[test]
fn help_says_what_there_is() {
    let check = |args: &[&str], says: &[&str]| {
        let output = run(args);
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success());
        for part in says {
            assert!(
                said.contains(part),
                "{args:?}: expected {part:?} in:\n{said}"
            );
        }
    };
    check(
        &["--help"],
        &[
            "serve",
            "push",
            "snapshot",
            "check",
            "import",
            "http://localhost:8000",
        ],
    );
    check(
        &["serve", "--help"],
        &["test:", "exec:", "tcp://", "--listen", "--open"],
    );
}

#[test]
fn mistakes_are_explained() {
    check_fails(&["serve", "tset:"], &["tset", "test:"]);
    check_fails(&["serve", "test:?sise=1x1"], &["sise", "size"]);
    check_fails(
        &["serve", "a=test:", "a=test:"],
        &["two streams are named a"],
    );
    check_fails(
        &["serve", "--config", "/nonexistent.toml"],
        &["/nonexistent.toml"],
    );
    check_fails(
        &["serve", "--listen", "192.0.2.1:80", "test:"],
        &["192.0.2.1:80", "--listen"],
    );
    check_fails(
        &["snapshot", "tcp://127.0.0.1:1", "-o", "x.jpg"],
        &["127.0.0.1:1"],
    );
    check_fails(&["push", "test:", "ftp://host/x"], &["ftp"]);
}

#[test]
fn a_snapshot_of_a_source_is_a_jpeg_of_its_size() {
    let output = run(&["snapshot", "test:?size=640x480", "-o", "-"]);
    let header = eyeline_media::jpeg::parse_header(&output.stdout).unwrap();
    assert_eq!(header.resolution.to_string(), "640x480");
}

#[test]
fn check_names_the_place_of_a_mistake() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("eyeline.toml");
    let check = |text: &str| {
        std::fs::write(&file, text).unwrap();
        let output = run(&["check", "--config", file.to_str().unwrap()]);
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    };
    let (sound, said) = check("[streams.front]\nsource = [\"http://10.0.0.7/video\", \"test:\"]\n");
    assert!(
        sound && said.contains("front: http://10.0.0.7/video, then test:"),
        "{said}"
    );
    let (sound, said) = check("[streams.front]\nsorce = \"test:\"\n");
    assert!(
        !sound && said.contains("eyeline.toml:2:1") && said.contains("did you mean `source`?"),
        "{said}"
    );
}

#[test]
fn a_port_that_is_taken_is_named() {
    let server = Server::start(EYELINE, ["test:"]);
    let address = format!("127.0.0.1:{}", server.port());
    check_fails(
        &["serve", "--listen", &address, "test:"],
        &[&address, "--listen"],
    );
    server.stop();
}

#[test]
fn without_a_source_the_test_pattern_is_served_and_said_to_be() {
    let server = Server::start(EYELINE, [] as [&str; 0]);
    assert_eq!(
        server.json("/api/streams")["streams"][0]["stream_id"],
        "test"
    );
    server.stop();
}
