//! What the tests share: reading on to certain pictures, setting controls, and another
//! program that uses the camera.

use std::io::pipe;
use std::os::fd::AsFd as _;
use std::path::Path;
use std::time::Duration;

use eyeline_sys_v4l2::{Capture, Device, FourCc, Ready};
use eyeline_testkit::http::{self, Answer, Part, Viewer};
use eyeline_testkit::pictures;
use eyeline_testkit::server::Server;

/// Looks at a stream as it is, however slow this machine.
pub(crate) fn watch(server: &Server, stream: &str) -> Viewer {
    let path = format!("/streams/{stream}/mjpeg?quality=source");
    Viewer::open(server.port(), &path)
}

/// The next picture of a camera: slates are of this size or another, and tell the time.
pub(crate) fn next_picture(viewer: &mut Viewer) -> Part {
    loop {
        let part = viewer.next_part().expect("the viewer is kept");
        if pictures::read_time(&part.jpeg).is_none() {
            return part;
        }
    }
}

/// Reads on until the camera gives pictures of this size. A viewer whose link is slow, as one in
/// this machine may be, gets smaller ones.
pub(crate) fn until_size(server: &Server, stream: &str, viewer: &mut Viewer, size: &str) {
    loop {
        next_picture(viewer);
        let info = server.json(&format!("/api/streams/{stream}"));
        let settings = &info["settings"];
        let given = format!("{}x{}", settings["width"], settings["height"]);
        if given == size && info["state"] == "live" {
            break;
        }
    }
    next_picture(viewer);
}

/// Sends JSON to be merged into what is at a path.
pub(crate) fn try_patch(server: &Server, path: &str, json: &str) -> Answer {
    let headers = [("Content-Type", "application/json")];
    http::send(server.port(), "PATCH", path, &headers, json.as_bytes())
}

/// As [`try_patch`], which has to succeed.
pub(crate) fn patch(server: &Server, path: &str, json: &str) {
    let answer = try_patch(server, path, json);
    assert_eq!(answer.status, 200, "{json}: {answer:?}");
}

/// Sets a control of the camera of `one`.
pub(crate) fn set(server: &Server, control: &str, value: i64) {
    let json = format!(r#"{{"{control}":{value}}}"#);
    patch(server, "/api/streams/one/controls", &json);
}

/// Another program that captures from a camera: it can be opened, and gives a picture.
pub(crate) fn capture(path: &str) -> Capture {
    let device = Device::open(Path::new(path)).unwrap();
    device.set_format(FourCc(*b"YUYV"), 320, 180).unwrap();
    let mut capture = Capture::start(device, 3).unwrap();
    let (never, _writer) = pipe().unwrap();
    let ready = capture.wait(never.as_fd(), Duration::from_secs(30));
    assert_eq!(ready.unwrap(), Ready::Picture);
    assert!(capture.frame().unwrap().is_some());
    capture
}
