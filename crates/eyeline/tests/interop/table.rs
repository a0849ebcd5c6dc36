//! The table as people read it, and as it is read back to know what has to work.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use eyeline_testkit::tools;

use crate::bounds;
use crate::cell::{Cell, Outcome, Place, Protocol, Role};

const FAILS: &str = "no";
const NOT_THERE: &str = "–";

const HEAD: &str = "# Which program works with which protocol

Made by `cargo xtask interop`, which runs every program named here against the server; do not edit.
`cargo xtask interop --check`, a test among the others, fails when something that works here no longer does.

The stream is H.264 of 640 × 360 at 25 pictures a second with a key frame every ten seconds, and AAC; the time is in its pixels.
A dash is what a program does not speak or has no way to be asked for; `no` is what was tried and does not work. Chromium
publishes JPEGs over WebSocket, and OpenCV pictures by pipe; neither is H.264. Debian's VLC is built without the library
with which it plays RTSP.

Who joins between key frames gets all pictures since the last one, with their times pressed together right before the first
live picture, so that a player which keeps the pace of the times is live at once.

The first picture comes within a second, and is within 500 ms of the camera two seconds later; the check lets pass a second and
250 ms more, as three programs run at once and machines do other things beside it. A number in brackets marks what does not keep to
that, and is [explained below](#exceptions). What is marked and took 15 s or more is not checked again.

";

const PLAYERS: &str = "## As players

From joining, between key frames, to the first picture; how far behind the camera the pictures are two seconds later (encoding
included); and the sound, where it can be seen that it is there. MJPEG is made of the H.264 by the server.

";

const PUBLISHERS: &str = "
## As publishers

From the start of the program to the first picture of it in a viewer of the server; how old that viewer's pictures are
two seconds later, encoding and decoding included; and the sound.

";

const EXCEPTIONS_HEAD: &str = "
## Exceptions

";

/// The document as it is now.
pub(crate) struct Table(String);

impl Table {
    pub(crate) fn read() -> Self {
        Self(fs::read_to_string(path()).unwrap_or_default())
    }

    pub(crate) fn write(&self) {
        fs::write(path(), &self.0).unwrap();
        eprintln!("{}", self.0);
    }

    pub(crate) fn of(results: &[(Cell, Result<Outcome, String>)]) -> Self {
        let mut text = HEAD.to_owned();
        for (role, head) in [(Role::Player, PLAYERS), (Role::Publisher, PUBLISHERS)] {
            text.push_str(head);
            put(&mut text, role, results);
        }
        text.push_str(EXCEPTIONS_HEAD);
        for (at, exception) in bounds::EXCEPTIONS.iter().enumerate() {
            let _ = writeln!(text, "{}. {}.", at + 1, exception.why);
        }
        text.push_str("\n## Versions\n\n");
        for (name, version) in versions() {
            let _ = writeln!(text, "- {name}: {version}");
        }
        Self(text)
    }

    /// What the table says of a cell that works; `None` of one that does not.
    pub(crate) fn cell(&self, place: &Place) -> Option<&str> {
        let title = match place.role {
            Role::Player => "## As players",
            Role::Publisher => "## As publishers",
        };
        let (_, after) = self.0.split_once(title)?;
        let mut rows = after
            .lines()
            .skip_while(|line| !line.starts_with('|'))
            .take_while(|line| line.starts_with('|'))
            .map(|line| line.trim_matches('|').split('|').map(str::trim));
        let column = rows
            .next()?
            .position(|name| name == place.protocol.name())?;
        let mut row =
            rows.find_map(|mut cells| (cells.next()? == place.program).then_some(cells))?;
        row.nth(column - 1)
            .filter(|cell| *cell != NOT_THERE && cell.split(' ').next() != Some(FAILS))
    }
}

/// Whether what works does so within a time on which one can count: some players wait for whole segments,
/// which are as long as the time between key frames.
pub(crate) fn is_sure(cell: &str) -> bool {
    let seconds = cell.split(' ').next().and_then(|word| word.parse().ok());
    seconds.is_some_and(|seconds: f64| seconds < 15.0)
}

fn path() -> PathBuf {
    tools::root().join("docs/interop.md")
}

/// A row a program, a column a protocol that any of them speaks.
fn put(text: &mut String, role: Role, results: &[(Cell, Result<Outcome, String>)]) {
    let here: Vec<_> = results
        .iter()
        .map(|(cell, result)| (cell.place(), result))
        .filter(|(place, _)| place.role == role)
        .collect();
    let protocols: Vec<_> = Protocol::ALL
        .into_iter()
        .filter(|protocol| here.iter().any(|(place, _)| place.protocol == *protocol))
        .collect();
    let mut programs: Vec<&str> = Vec::new();
    for (place, _) in &here {
        if !programs.contains(&place.program) {
            programs.push(place.program);
        }
    }
    let names: Vec<_> = protocols.iter().map(|protocol| protocol.name()).collect();
    let _ = writeln!(text, "| program | {} |", names.join(" | "));
    let _ = writeln!(text, "|---|{}", "---|".repeat(protocols.len()));
    for program in programs {
        let cells: Vec<_> = protocols
            .iter()
            .map(|protocol| {
                let found = here
                    .iter()
                    .find(|(place, _)| place.program == program && place.protocol == *protocol);
                let Some((place, result)) = found else {
                    return NOT_THERE.to_owned();
                };
                let told = match result {
                    Ok(outcome) => outcome.to_string(),
                    Err(_) => FAILS.to_owned(),
                };
                match bounds::exception(place) {
                    Some(number) => format!("{told} [{number}]"),
                    None => told,
                }
            })
            .collect();
        let _ = writeln!(text, "| {program} | {} |", cells.join(" | "));
    }
}

/// The programs' own words about their versions, cut to the number.
fn versions() -> Vec<(&'static str, String)> {
    let of = |line: &str| {
        let output = Command::new("sh")
            .args(["-c", line])
            .current_dir(tools::root())
            .output();
        let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
        let text = text.unwrap_or_default();
        let number = text
            .split_whitespace()
            .find(|word| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.'));
        number.unwrap_or("?").to_owned()
    };
    let python = "target/test-venv/bin/python -c";
    let package = |name: &str| {
        format!(
            "sed -n 's/.*\"version\": \"\\(.*\\)\".*/\\1/p' tests/browser/node_modules/{name}/package.json"
        )
    };
    vec![
        ("FFmpeg", of("ffmpeg -version")),
        ("GStreamer", of("gst-launch-1.0 --version")),
        (
            "VLC",
            of(
                "vlc --version 2>/dev/null || cvlc --version 2>/dev/null || dpkg-query -W -f '${Version}' vlc-bin",
            ),
        ),
        ("MPlayer", of("dpkg-query -W -f '${Version}' mplayer")),
        (
            "OpenCV",
            of(&format!("{python} 'import cv2; print(cv2.__version__)'")),
        ),
        (
            "aiortsp",
            of(&format!(
                "{python} 'import importlib.metadata as m; print(m.version(\"aiortsp\"))'"
            )),
        ),
        (
            "Chromium",
            of("\"${CHROMIUM:-chromium}\" --version 2>/dev/null"),
        ),
        ("hls.js", of(&package("hls.js"))),
        ("Shaka Player", of(&package("shaka-player"))),
    ]
}
