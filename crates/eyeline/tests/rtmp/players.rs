//! Programs that publish and play.

use std::process::Command;

use eyeline_testkit::server::Server;
use eyeline_testkit::tools::{self, Program};
use eyeline_testkit::{pictures, wait};
use serde_json::Value;

use crate::{EYELINE, check_moves, ffmpeg_publishes, serve, sh, url};

/// What ffprobe finds at an address, with the first packets or frames of its video.
pub(crate) fn probe(from: &str, what: &str, count: u32) -> Value {
    let line = format!(
        "timeout 60 ffprobe -v error -of json -show_streams {what} -select_streams v \
         -read_intervals %+#{count} '{from}'"
    );
    serde_json::from_slice(&Program::output(&mut sh(&line))).unwrap()
}

fn codecs(from: &str) -> String {
    let line =
        format!("timeout 60 ffprobe -v error -show_entries stream=codec_name -of csv=p=0 '{from}'");
    let mut found: Vec<_> = String::from_utf8(Program::output(&mut sh(&line)))
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    found.sort();
    found.join(" ")
}

fn gst(pipeline: &str) {
    Program::output(&mut sh(&format!(
        "timeout 60 gst-launch-1.0 --quiet {pipeline}"
    )));
}

fn snapshot_size(server: &Server, stream: &str) -> String {
    let answer = server.get(&format!("/streams/{stream}/snapshot.jpg"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    pictures::size(&answer.body).to_string()
}

fn check_played_by_all(server: &Server, stream: &str) {
    let from = url(server, stream);
    assert_eq!(codecs(&from), "aac h264");
    let line = format!(
        "timeout 60 ffmpeg -nostdin -v error -i '{from}' -map 0:v -frames:v 40 -f framecrc -"
    );
    let frames = String::from_utf8(Program::output(&mut sh(&line))).unwrap();
    assert_eq!(
        frames.lines().filter(|line| line.starts_with('0')).count(),
        40
    );
    gst(&format!(
        "rtmp2src location={from} ! flvdemux name=d d.video ! h264parse ! avdec_h264 \
         ! identity eos-after=40 ! fakesink"
    ));
    // The other of its two elements; it takes the first of the pads, which is that of the video.
    gst(&format!(
        "rtmpsrc location={from} ! flvdemux name=d d.video ! h264parse ! avdec_h264 \
         ! identity eos-after=40 ! fakesink"
    ));
    let script = tools::there("crates/eyeline/tests/programs/opencv_viewer.py");
    let seen = Program::output(tools::python().arg(script).args([&from, "20"]));
    assert_eq!(String::from_utf8(seen).unwrap().lines().count(), 20);
}

#[test]
fn what_ffmpeg_publishes_is_seen_by_everybody_in_every_way() {
    let server = serve();
    let publisher = ffmpeg_publishes(&url(&server, "cam"));
    server.wait_live("cam");
    check_moves(&server, "cam", "320x240");
    assert_eq!(snapshot_size(&server, "cam"), "320x240");
    check_played_by_all(&server, "cam");
    drop(publisher);
    server.wait_state("cam", "away");
    server.stop();
}

#[test]
fn what_gstreamer_publishes_is_seen() {
    let server = serve();
    let to = url(&server, "cam");
    let _publisher = Program::spawn(&mut sh(&format!(
        "gst-launch-1.0 --quiet videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width=320,height=240,framerate=30/1 \
         ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=30 ! h264parse ! flvmux name=m streamable=true \
         ! rtmp2sink location={to} audiotestsrc is-live=true ! audio/x-raw,rate=44100 ! avenc_aac ! aacparse ! m."
    )));
    server.wait_live("cam");
    check_moves(&server, "cam", "320x240");
    check_played_by_all(&server, "cam");
    server.stop();
}

#[test]
fn what_is_no_h264_is_played_as_h264() {
    let server = serve();
    let found = probe(&url(&server, "pattern"), "-show_frames", 10);
    let stream = &found["streams"][0];
    assert_eq!(
        (&stream["codec_name"], &stream["width"]),
        (&"h264".into(), &320.into())
    );
    assert_eq!(found["frames"].as_array().unwrap().len(), 10);
    server.stop();
}

#[test]
fn a_viewer_has_an_account_and_leaves_with_its_end() {
    let server = serve();
    let _publisher = ffmpeg_publishes(&url(&server, "cam"));
    server.wait_live("cam");
    let player = Program::spawn(&mut sh(&format!(
        "ffmpeg -nostdin -v error -i '{}' -f null -",
        url(&server, "cam")
    )));
    let viewers = || server.json("/api/streams/cam/viewers")["viewers"].clone();
    wait::until("an account", || {
        let viewers = viewers();
        let viewer = viewers.as_array()?.first()?;
        let frames = viewer["frames"].as_u64()?;
        (viewer["transport"] == "rtmp" && frames > 10).then_some(())
    });
    drop(player);
    wait::until("its end", || viewers().as_array()?.is_empty().then_some(()));
    server.stop();
}

#[test]
fn who_publishes_and_plays_does_not_hold_up_the_end() {
    let server = serve();
    let publisher = ffmpeg_publishes(&url(&server, "cam"));
    server.wait_live("cam");
    let mut player = Program::spawn(&mut sh(&format!(
        "ffmpeg -nostdin -v error -i '{}' -f null -",
        url(&server, "cam")
    )));
    wait::until("a viewer", || {
        let info = server.json("/api/streams/cam");
        (info["viewer_count"].as_u64()? > 0).then_some(())
    });
    server.stop();
    wait::until("the player's end", || player.0.try_wait().ok().flatten());
    drop(publisher);
}

#[test]
fn rtmp_can_be_switched_off_and_the_address_is_named() {
    let off = Server::start(EYELINE, ["--rtmp", "off", "test:"]);
    assert!(!off.log().contains("RTMP is served"), "{}", off.log());
    off.stop();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut serve = Command::new(EYELINE);
    serve.args([
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--rtmp",
        &address,
        "test:",
    ]);
    let output = serve.output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(&address) && said.contains("--rtmp"), "{said}");
}
