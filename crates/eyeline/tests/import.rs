//! `eyeline import`: what is made of configurations of ffserver, and that it works.

#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use eyeline_testkit::server::Server;
use eyeline_testkit::tools::{self, Program};

const EYELINE: &str = env!("CARGO_BIN_EXE_eyeline");

fn file(name: &str) -> PathBuf {
    tools::there("crates/eyeline/tests/ffserver").join(name)
}

fn eyeline(arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(EYELINE);
    command.args(arguments).current_dir(folder.path());
    command.stdin(Stdio::null()).output().unwrap()
}

fn import(conf: &str) -> (String, String) {
    let conf = file(conf);
    let output = eyeline(&["import", conf.to_str().unwrap()]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    let folder = format!("{}/", conf.parent().unwrap().display());
    (
        String::from_utf8(output.stdout).unwrap(),
        said.replace(&folder, ""),
    )
}

#[test]
fn what_is_made_is_as_it_should_be_and_sound() {
    for name in ["workshop", "webcam", "archive"] {
        let (made, warnings) = import(&format!("{name}.conf"));
        let golden = file(&format!("{name}.toml"));
        assert_eq!(made, fs::read_to_string(&golden).unwrap(), "{name}");
        let expected = fs::read_to_string(file(&format!("{name}.warnings"))).unwrap();
        assert_eq!(warnings, expected, "{name}");
        let checked = eyeline(&["check", "--config", golden.to_str().unwrap()]);
        assert!(checked.status.success(), "{checked:?}");
    }
}

#[test]
fn a_mistake_is_told_with_file_and_line_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let [conf, made] = ["wrong.conf", "eyeline.toml"].map(|name| folder.path().join(name));
    fs::write(&conf, "HTTPPort 8090\nMaxClients many\n").unwrap();
    let output = eyeline(&[
        "import",
        conf.to_str().unwrap(),
        "-o",
        made.to_str().unwrap(),
    ]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && !made.exists());
    assert!(
        said.contains("wrong.conf:2: MaxClients many: use a number"),
        "{said}"
    );
}

#[test]
fn a_file_that_is_there_is_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let made = folder.path().join("eyeline.toml");
    let import = || {
        let conf = file("webcam.conf");
        eyeline(&[
            "import",
            conf.to_str().unwrap(),
            "-o",
            made.to_str().unwrap(),
        ])
    };
    assert!(import().status.success());
    assert!(
        fs::read_to_string(&made)
            .unwrap()
            .contains("[streams.webcam]")
    );
    fs::write(&made, "mine").unwrap();
    let again = import();
    assert!(!again.status.success());
    assert!(
        String::from_utf8(again.stderr)
            .unwrap()
            .contains("eyeline.toml")
    );
    assert_eq!(fs::read_to_string(&made).unwrap(), "mine");
}

#[test]
fn the_command_in_the_comment_fills_every_stream_of_the_feed() {
    let (made, _) = import("workshop.conf");
    let config = file("workshop.toml");
    let server = Server::start(EYELINE, ["--config", config.to_str().unwrap()]);
    let command = made
        .lines()
        .find_map(|line| line.strip_prefix("#   ffmpeg INPUT "));
    let command = command
        .unwrap()
        .replace("HOST:8090", &format!("127.0.0.1:{}", server.port()));
    let input = "-v error -re -f lavfi -i testsrc2=size=800x600:rate=30";
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(input.split(' ')).args(command.split(' '));
    let ffmpeg = Program::spawn(ffmpeg.stdin(Stdio::null()));
    for (stream, width) in [("lathe", 640), ("lathe.asf", 352)] {
        server.wait_live(stream);
        let info = server.json(&format!("/api/streams/{stream}"));
        assert_eq!(info["settings"]["width"], width, "{info}");
    }
    drop(ffmpeg);
    server.stop();
}

#[test]
fn a_camera_that_ffserver_opened_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let [conf, made] = ["ffserver.conf", "eyeline.toml"].map(|name| folder.path().join(name));
    let text = "<Feed f.ffm>\nLaunch ffmpeg -re -f lavfi -i 'testsrc2=size=640x480:rate=10'\n</Feed>\n\
        <Stream f.mjpg>\nFeed f.ffm\nFormat mpjpeg\nVideoSize qvga\nVideoFrameRate 10\n</Stream>\n";
    fs::write(&conf, text).unwrap();
    let [conf, made] = [&conf, &made].map(|path| path.to_str().unwrap());
    assert!(eyeline(&["import", conf, "-o", made]).status.success());
    let server = Server::start(EYELINE, ["--config", made]);
    server.wait_live("f");
    assert_eq!(server.json("/api/streams/f")["settings"]["width"], 320);
    server.stop();
}
