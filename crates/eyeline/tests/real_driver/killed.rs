//! However the program ends, the camera is free for another one straight afterwards.

use std::path::Path;

use eyeline_sys_v4l2::{Capture, Device, FourCc};
use eyeline_testkit::death::Death;
use eyeline_testkit::server::Server;

use super::camera::{capture, next_picture, watch};
use super::{EYELINE, ONE};

/// How often the server dies in each way.
const TIMES: usize = 20;

fn check(death: Death) {
    let mut server = Server::start(EYELINE, [ONE]);
    for _ in 0..TIMES {
        let mut viewer = watch(&server, "one");
        next_picture(&mut viewer);
        // One that does not read on is waited for.
        drop(viewer);
        let aftermath = server.die(death);
        aftermath.until("another program to have the camera", || {
            let device = Device::open(Path::new("/dev/video0")).ok()?;
            device.set_format(FourCc(*b"YUYV"), 320, 180).ok()?;
            Capture::start(device, 3).ok()
        });
        server.start_again();
    }
    server.wait_live("one");
    server.stop();
    drop(capture("/dev/video0"));
}

#[test]
fn a_camera_is_free_after_sigterm() {
    check(Death::Term);
}

#[test]
fn a_camera_is_free_after_sigint() {
    check(Death::Int);
}

#[test]
fn a_camera_is_free_after_sigkill() {
    check(Death::Kill);
}

#[test]
fn a_camera_is_free_after_a_panic() {
    check(Death::Panic);
}

#[test]
fn a_camera_is_free_when_memory_has_run_out() {
    check(Death::OutOfMemory);
}
