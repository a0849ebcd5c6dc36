//! Children whose parent is killed: the parent is this very test program, run once more.

#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

mod support;

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use eyeline_sys_process::shell;
use support::{eventually, process, running_in_session, runs};

/// Tells the second run what to run; without it the second run's test does nothing.
const SCRIPT: &str = "SYS_PROCESS_TEST_SCRIPT";
/// What the second run writes before the process id.
const MARK: &str = "child: ";

/// The second run: starts the script, says its process id, and waits to be killed.
#[tokio::test]
#[ignore = "run by the other tests"]
async fn parent() {
    let Ok(script) = env::var(SCRIPT) else {
        return;
    };
    let mut child = shell(script).spawn().await.unwrap();
    writeln!(io::stdout(), "\n{MARK}{}", child.pid()).unwrap();
    child.wait().await.unwrap();
}

/// Kills the parent of a script that has so many processes, and waits until they are gone.
#[track_caller]
fn check(script: &str, members: usize) {
    let mut parent = Command::new(env::current_exe().unwrap())
        .args(["parent", "--exact", "--ignored", "--nocapture"])
        .env(SCRIPT, script)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = BufReader::new(parent.stdout.take().unwrap())
        .lines()
        .find_map(|line| line.unwrap().strip_prefix(MARK)?.parse().ok())
        .expect("the parent says who its child is");
    eventually("the script runs", || {
        running_in_session(pid).len() == members
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
