//! Children whose parent is killed.

#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

mod support;

use std::env;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use support::{eventually, process, running_in_session, runs};

/// The program `examples/parent.rs`, which cargo builds beside the tests.
fn parent() -> Command {
    let tests = env::current_exe().unwrap();
    let build = tests.parent().and_then(Path::parent).unwrap();
    Command::new(build.join("examples/parent"))
}

/// Kills the parent of a script that has so many processes, and waits until they are gone.
#[track_caller]
fn check(script: &str, members: usize) {
    check_once(script, || true, members);
}

/// As [`check`], once the script is ready.
#[track_caller]
fn check_once(script: &str, ready: impl Fn() -> bool, members: usize) {
    let mut parent = parent().arg(script).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(parent.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let pid = line
        .trim()
        .parse()
        .expect("the parent says who its child is");
    eventually("the script runs", || {
        ready() && running_in_session(pid).len() == members
    });
    let guard = process(pid).unwrap().parent;
    assert!(runs(guard) && guard != i32::try_from(parent.id()).unwrap());

    parent.kill().unwrap();
    parent.wait().unwrap();
    eventually("the script is gone", || running_in_session(pid).is_empty());
    eventually("the guard is gone", || !runs(guard));
}

#[test]
fn a_program_dies_with_its_parent() {
    check("exec sleep 1000", 1);
}

#[test]
fn a_pipeline_dies_with_its_parent() {
    check("sleep 1000 | sleep 1000", 3);
}

#[test]
fn a_pipeline_that_ignores_polite_signals_dies_with_its_parent() {
    check("trap '' INT TERM HUP; sleep 1000 | sleep 1000", 3);
}

#[test]
fn a_program_whose_parent_dies_is_interrupted_first_and_may_write_what_it_has_to() {
    let folder = tempfile::tempdir().unwrap();
    let said = folder.path().join("said");
    // Pictures go on while a camera is being closed; a pipe that nobody reads would be its end.
    let script = format!(
        "exec 3>>{}; trap 'echo interrupted >&3; trap \"\" INT; head -c 1000000 /dev/zero; \
         echo trailer; echo closed >&3; exit' INT; trap 'echo terminated >&3' TERM; \
         echo ready >&3; while :; do echo picture;  done",
        said.display()
    );
    let read = || std::fs::read_to_string(&said).unwrap_or_default();
    check_once(&script, || read().starts_with("ready"), 1);
    assert_eq!(read(), "ready\ninterrupted\nclosed\n");
}
