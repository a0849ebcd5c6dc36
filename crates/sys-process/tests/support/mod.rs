//! What the tests of this crate share: looking at processes from outside. Knows nothing of the crate.

#![allow(dead_code, reason = "no test uses all of it")]

use std::fs;
use std::time::Duration;

/// Long enough for a busy machine; no test waits so long when it succeeds.
const PATIENCE: Duration = Duration::from_secs(20);

/// A process as proc_pid_stat(5) shows it.
#[derive(Clone, Debug)]
pub(crate) struct Process {
    pub(crate) pid: i32,
    pub(crate) state: String,
    pub(crate) parent: i32,
    pub(crate) session: i32,
}

/// One process; `None` if it does not exist.
pub(crate) fn process(pid: i32) -> Option<Process> {
    let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let stat = String::from_utf8_lossy(&stat);
    let mut fields = stat[stat.rfind(')')? + 1..].split_ascii_whitespace();
    let state = fields.next()?.to_owned();
    let mut number = || fields.next()?.parse().ok();
    let (parent, _group, session) = (number()?, number()?, number()?);
    Some(Process {
        pid,
        state,
        parent,
        session,
    })
}

/// Every process there is, zombies too.
pub(crate) fn processes() -> Vec<Process> {
    fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| process(entry.file_name().to_str()?.parse().ok()?))
        .collect()
}

/// The processes of a session that run.
pub(crate) fn running_in_session(session: i32) -> Vec<i32> {
    processes()
        .into_iter()
        .filter(|process| process.session == session && process.state != "Z")
        .map(|process| process.pid)
        .collect()
}

/// Whether a process exists and is no zombie.
pub(crate) fn runs(pid: i32) -> bool {
    process(pid).is_some_and(|process| process.state != "Z")
}

/// Waits for a condition; fails the test, naming it, if it never holds.
#[track_caller]
pub(crate) fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let mut waited = Duration::ZERO;
    let step = Duration::from_millis(10);
    while !condition() {
        assert!(waited < PATIENCE, "never happened: {what}");
        std::thread::sleep(step);
        waited += step;
    }
}
