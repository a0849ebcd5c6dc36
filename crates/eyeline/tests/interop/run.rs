//! A program as a child of its own group: started by a shell, its pictures read from a pipe, ended
//! with everything that it has started.

use std::io::Read as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use eyeline_clock::RealClock;
use eyeline_media::Timestamp;
use eyeline_testkit::wait;

use crate::frames;

/// Without a picture for so long it does not play.
const PATIENCE: Duration = Duration::from_secs(40);
/// So long after the first picture it is looked how far behind it is, and so long is looked.
const LATER: Duration = Duration::from_secs(2);
const LOOKED: Duration = Duration::from_secs(1);
/// What is kept of what a program says.
const SAID_MOST_BYTES: usize = 1 << 20;

/// What a player writes to its standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Luma, picture after picture.
    Gray,
    /// Uncompressed YUV4MPEG2.
    Y4m,
    /// A line a picture: when it was shown and what its time code says, in microseconds.
    Lines,
}

/// A picture that came out of a player.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shot {
    pub(crate) at: Timestamp,
    /// By its pixels.
    pub(crate) made: Option<Timestamp>,
}

/// What a player showed.
pub(crate) struct Watched {
    pub(crate) first: Duration,
    pub(crate) behind: Option<Duration>,
    pub(crate) said: String,
}

pub(crate) struct Running {
    child: Child,
    said: Option<JoinHandle<Vec<u8>>>,
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_nanos(RealClock::shared().wall_nanos())
}

/// The end of what a program said, for people.
pub(crate) fn tail(said: &str) -> String {
    let lines: Vec<_> = said
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let last = &lines[lines.len().saturating_sub(3)..];
    last.join(" | ").chars().take(400).collect()
}

/// Starts a line of shell; its standard output is a pipe.
pub(crate) fn start(line: &str) -> Running {
    let mut command = Command::new("sh");
    command.args(["-c", line]).process_group(0);
    command.current_dir(eyeline_testkit::tools::root());
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut errors = child.stderr.take().unwrap();
    let said = thread::spawn(move || {
        let mut said = Vec::new();
        let mut piece = [0; 4096];
        while let Ok(count @ 1..) = errors.read(&mut piece) {
            if said.len() < SAID_MOST_BYTES {
                said.extend_from_slice(&piece[..count]);
            }
        }
        said
    });
    Running {
        child,
        said: Some(said),
    }
}

/// Starts a player and looks at its pictures for some seconds.
pub(crate) fn watch(line: &str, form: Form) -> Result<Watched, String> {
    let began = now();
    let mut program = start(line);
    let pictures = program.child.stdout.take().unwrap();
    let shots = look(pictures, form);
    let said = program.end();
    let joined = said.lines().find_map(joined).unwrap_or(began);
    let Some(first) = shots.first() else {
        return Err(format!("no picture: {}", tail(&said)));
    };
    let from = first.at.after(LATER);
    let mut behind: Vec<_> = shots
        .iter()
        .filter(|shot| shot.at >= from)
        .filter_map(|shot| Some(shot.at.since(shot.made?)))
        .collect();
    behind.sort();
    Ok(Watched {
        first: first.at.since(joined),
        behind: behind.get(behind.len() / 2).copied(),
        said,
    })
}

/// Programs that take long to load say themselves when they join: `join MICROSECONDS`.
fn joined(line: &str) -> Option<Timestamp> {
    let micros = line.strip_prefix("join ")?.trim().parse().ok()?;
    Some(Timestamp::from_micros(micros))
}

/// Takes pictures until it can be told how far behind they are, or none come.
fn look(pictures: ChildStdout, form: Form) -> Vec<Shot> {
    let (to, shots) = mpsc::channel();
    thread::spawn(move || frames::read(pictures, form, &mut |shot| to.send(shot).is_ok()));
    let mut seen: Vec<Shot> = Vec::new();
    loop {
        match shots.recv_timeout(PATIENCE) {
            Ok(shot) => seen.push(shot),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return seen,
        }
        let span = |first: &Shot, last: &Shot| last.at.since(first.at);
        if let (Some(first), Some(last)) = (seen.first(), seen.last())
            && span(first, last) > LATER + LOOKED
        {
            return seen;
        }
    }
}

impl Running {
    /// Ends all of it, and gives what was said.
    pub(crate) fn end(&mut self) -> String {
        drop(self.child.stdout.take());
        self.signal("TERM");
        // Some want to say goodbye to the server; who takes longer has got stuck.
        let mut looks = 0;
        wait::until("a program to end", || {
            looks += 1;
            if looks == 300 {
                self.signal("KILL");
            }
            self.child.try_wait().ok().flatten()
        });
        self.signal("KILL");
        let said = self.said.take().map(JoinHandle::join);
        let said = said.and_then(Result::ok).unwrap_or_default();
        String::from_utf8_lossy(&said).into_owned()
    }

    fn signal(&self, name: &str) {
        let group = format!("-{}", self.child.id());
        let mut kill = Command::new("kill");
        kill.args(["-s", name, "--", &group]).stderr(Stdio::null());
        let _ = kill.status();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.said.is_some() {
            self.end();
        }
    }
}
