//! Sources die and come back; viewers stay, and see a slate between.

#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

use std::path::Path;
use std::process::{Command, Stdio};

use eyeline_testkit::http::Viewer;
use eyeline_testkit::server::Server;
use eyeline_testkit::{pictures, wait};

const EYELINE: &str = env!("CARGO_BIN_EXE_eyeline");

/// A source that says its process id and then gives pictures until it is killed.
fn source(folder: &Path) -> String {
    let pid_file = folder.join("pid");
    format!(
        "cam=exec:echo $$ > {} && exec ffmpeg -loglevel error -re -f lavfi \
         -i testsrc2=size=320x240:rate=25 -f mpjpeg -",
        pid_file.display()
    )
}

fn pid(folder: &Path) -> Option<u32> {
    std::fs::read_to_string(folder.join("pid"))
        .ok()?
        .trim()
        .parse()
        .ok()
}

/// A slate carries the time code; ffmpeg's pictures do not.
fn is_slate(jpeg: &[u8]) -> bool {
    pictures::read_time(jpeg).is_some()
}

#[test]
fn a_source_killed_twenty_times_keeps_its_viewers_who_see_the_slate_between() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(EYELINE, [source(folder.path())]);
    server.wait_live("cam");
    let viewers: Vec<_> = (0..3)
        .map(|_| Viewer::open(server.port(), "/streams/cam/mjpeg"))
        .collect();
    let watching: Vec<_> = viewers
        .into_iter()
        .map(|mut viewer| {
            std::thread::spawn(move || {
                let (mut slates, mut returns, mut on_slate) = (0, 0, false);
                while returns < 20 {
                    let part = viewer.next_part().expect("the viewer is kept");
                    let slate = is_slate(&part.jpeg);
                    slates += u32::from(slate && !on_slate);
                    returns += u32::from(!slate && on_slate);
                    on_slate = slate;
                }
                slates
            })
        })
        .collect();
    let mut last = 0;
    for _ in 0..20 {
        let pid = wait::until("the source to run anew", || {
            pid(folder.path()).filter(|&p| p != last)
        });
        server.wait_live("cam");
        last = pid;
        let killed = Command::new("kill")
            .args(["-s", "KILL", &pid.to_string()])
            .status();
        assert!(killed.unwrap().success());
        wait::until("the stream to notice", || {
            (server.json("/api/streams/cam")["state"] != "live").then_some(())
        });
    }
    for viewer in watching {
        assert_eq!(viewer.join().unwrap(), 20, "one slate for each death");
    }
    server.stop();
}

/// Processes whose command line holds this text.
fn running(text: &str) -> Vec<u32> {
    let found = Command::new("pgrep")
        .args(["-f", text])
        .stderr(Stdio::null())
        .output()
        .unwrap();
    let own = std::process::id();
    let text = String::from_utf8(found.stdout).unwrap();
    text.lines()
        .filter_map(|line| line.parse().ok())
        .filter(|&pid| pid != own)
        .collect()
}

#[test]
fn a_server_told_to_stop_ends_its_streams_and_children_and_exits_with_0() {
    for signal in ["TERM", "INT"] {
        let mark = format!("eyeline-stop-{signal}-{}", std::process::id());
        let source = format!(
            "cam=exec:ffmpeg -loglevel error -re -f lavfi -i testsrc2=size=320x240:rate=25 \
             -metadata title={mark} -f mpjpeg - | cat"
        );
        let mut server = Server::start(EYELINE, [source.as_str()]);
        server.wait_live("cam");
        let mut viewer = Viewer::open(server.port(), "/streams/cam/mjpeg");
        assert!(viewer.next_part().is_some());
        server.signal(signal);
        while viewer.next_part().is_some() {}
        assert_eq!(server.wait().code(), Some(0), "{}", server.log());
        assert_eq!(
            running(&mark),
            [0_u32; 0],
            "children are gone with the server"
        );
    }
}

#[test]
fn children_do_not_outlive_a_server_that_is_killed() {
    let mark = format!("eyeline-kill-{}", std::process::id());
    // A shell, a pipeline, and a program that ignores polite requests.
    let source = format!("cam=exec:(trap '' INT TERM HUP; sleep 1000; : {mark}) | cat -");
    let mut server = Server::start(EYELINE, [source.as_str()]);
    wait::until("the children to run", || {
        (running(&mark).len() > 1).then_some(())
    });
    server.signal("KILL");
    server.wait();
    wait::until("the children to be gone", || {
        running(&mark).is_empty().then_some(())
    });
}

#[test]
fn the_next_source_of_the_list_takes_over_when_the_first_fails() {
    let server = Server::start(EYELINE, ["cam=tcp://127.0.0.1:1,test:?size=320x240"]);
    let mut viewer = Viewer::open(server.port(), "/streams/cam/mjpeg");
    wait::until("a picture of the test pattern", || {
        viewer.next_part().expect("the viewer is kept");
        (server.json("/api/streams/cam")["state"] == "live").then_some(())
    });
    server.stop();
}

#[test]
fn a_second_signal_ends_a_server_at_once() {
    let mark = format!("eyeline-twice-{}", std::process::id());
    let source = format!("cam=exec:trap '' INT TERM; sleep 1000; : {mark}");
    let mut server = Server::start(EYELINE, [source.as_str()]);
    wait::until("the source to run", || {
        (running(&mark).len() > 1).then_some(())
    });
    server.signal("INT");
    wait::until("the first signal to be heard", || {
        server.log().contains("SIGINT").then_some(())
    });
    server.signal("INT");
    assert_eq!(server.wait().code(), Some(130), "{}", server.log());
}
