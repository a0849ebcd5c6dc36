//! Sixteen streams in Chromium: on the wall, behind a proxy, in a page of another site, and
//! after the server was killed. What must hold is written in the script.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;

use eyeline_testkit::server::Server;
use eyeline_testkit::tools::{self, Program};

const TOKEN: &str = "0123456789abcdef0123";

#[test]
fn every_page_goes_on_by_itself_when_the_server_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    let configuration = folder.path().join("eyeline.toml");
    std::fs::write(&configuration, format!("[auth]\ntoken = \"{TOKEN}\"\n")).unwrap();
    let streams = (1..=16).map(|n| format!("s{n}=test:?size=320x240&fps=5"));
    let args = ["--config".to_owned(), configuration.display().to_string()];
    let args: Vec<_> = args.into_iter().chain(streams).collect();
    let mut server = Server::start(env!("CARGO_BIN_EXE_eyeline"), args);
    let mut command = tools::node("lasting.mjs");
    command.args([&server.url("/"), TOKEN]);
    let mut script = Program::spawn(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
    let mut said = String::new();
    for line in BufReader::new(script.0.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        if line == "RESTART" {
            server.restart();
        }
        said.push_str(&line);
        said.push('\n');
    }
    let mut complaints = String::new();
    let mut errors = script.0.stderr.take().unwrap();
    errors.read_to_string(&mut complaints).unwrap();
    let status = script.0.wait().unwrap();
    assert!(status.success(), "{said}{complaints}");
    assert!(said.contains("RESTART"), "{said}");
    server.stop();
}
