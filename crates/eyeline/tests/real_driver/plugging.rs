//! Cameras come and go: unplugged as the bus does it, with the program looking.

use std::fs;

use eyeline_testkit::server::Server;
use eyeline_testkit::wait;

use super::camera::{capture, next_picture, watch};
use super::{EYELINE, ONE};

const DRIVER: &str = "/sys/bus/platform/drivers/vivid";
const DEVICE: &str = "vivid.0";

/// All cameras of the machine are unplugged until this is dropped.
struct Unplugged;

impl Unplugged {
    fn all() -> Self {
        fs::write(format!("{DRIVER}/unbind"), DEVICE).unwrap();
        Self
    }
}

impl Drop for Unplugged {
    fn drop(&mut self) {
        fs::write(format!("{DRIVER}/bind"), DEVICE).unwrap();
    }
}

fn reason(server: &Server, stream: &str, part: &str) {
    wait::until(part, || {
        let info = server.json(&format!("/api/streams/{stream}"));
        info["reason"].as_str()?.contains(part).then_some(())
    });
}

#[test]
fn a_camera_that_is_unplugged_is_missed_and_comes_back_by_itself() {
    let server = Server::start(EYELINE, [ONE]);
    let mut viewer = watch(&server, "one");
    for _ in 0..3 {
        next_picture(&mut viewer);
        let unplugged = Unplugged::all();
        reason(&server, "one", "is the camera plugged in?");
        drop(unplugged);
        server.wait_live("one");
    }
    next_picture(&mut viewer);
    server.stop();
    drop(capture("/dev/video0"));
}

#[test]
fn every_camera_is_a_stream_also_one_that_is_plugged_in_later() {
    let unplugged = Unplugged::all();
    let nothing = [""; 0];
    let server = Server::start(EYELINE, nothing);
    assert_eq!(server.json("/api/streams")["total"], 1, "the test pattern");
    drop(unplugged);
    wait::until("both cameras", || {
        (server.json("/api/streams")["total"] == 3).then_some(())
    });
    for stream in ["vivid", "vivid-2"] {
        // Nobody looks.
        server.wait_state(stream, "idle");
        let mut viewer = watch(&server, stream);
        next_picture(&mut viewer);
    }
    // Nobody looks any more, so others may have it.
    server.wait_state("vivid", "idle");
    drop(capture("/dev/video0"));
    // They may come back in another order, on other devices.
    let mut viewer = watch(&server, "vivid-2");
    next_picture(&mut viewer);
    let unplugged = Unplugged::all();
    server.wait_state("vivid-2", "away");
    drop(unplugged);
    server.wait_live("vivid-2");
    next_picture(&mut viewer);
    assert_eq!(server.json("/api/streams")["total"], 3);
    server.stop();
}

#[test]
fn the_next_camera_stands_in_while_the_first_is_taken() {
    let holder = capture("/dev/video0");
    let fallback = "one=v4l2:/dev/video0?size=320x180,v4l2:/dev/video1?size=640x360";
    let server = Server::start(EYELINE, [fallback]);
    let mut viewer = watch(&server, "one");
    super::camera::until_size(&server, "one", &mut viewer, "640x360");
    let controls = server.json("/api/streams/one/controls");
    assert_eq!(controls["camera"], "/dev/video1");
    drop(holder);
    super::camera::until_size(&server, "one", &mut viewer, "320x180");
    // The one that stood in is free again.
    wait::until("the second camera to be free", || {
        let log = server.log();
        let device = eyeline_sys_v4l2::Device::open(std::path::Path::new("/dev/video1")).ok()?;
        device
            .set_format(eyeline_sys_v4l2::FourCc(*b"YUYV"), 320, 180)
            .ok()
            .map(|_| log)
    });
    server.stop();
}
