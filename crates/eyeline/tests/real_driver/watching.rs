//! Watching: every format and size, two at once, another size meanwhile; listing.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use eyeline_testkit::http;
use eyeline_testkit::server::Server;
use eyeline_testkit::wait;

use super::camera::{patch, until_size, watch};
use super::{EYELINE, ONE, TWO};

#[test]
fn every_format_is_shown_at_every_size() {
    let server = Server::start(EYELINE, ["one=test:"]);
    let mut viewer = watch(&server, "one");
    for (camera, format) in [
        (0, "yuyv422"),
        (0, "nv12"),
        (0, "yuv420p"),
        (1, "yuyv422"),
        (1, "nv12"),
    ] {
        for size in ["320x180", "640x360", "1280x720"] {
            let source = format!("v4l2:{camera}?size={size}&format={format}");
            patch(
                &server,
                "/api/streams/one",
                &format!(r#"{{"source":"{source}"}}"#),
            );
            until_size(&server, "one", &mut viewer, size);
            assert_eq!(server.json("/api/streams/one")["source"], source);
        }
    }
    server.stop();
}

#[test]
fn two_cameras_are_watched_at_once_and_one_gets_another_size_meanwhile() {
    let server = Server::start(EYELINE, [ONE, TWO]);
    let mut one = watch(&server, "one");
    let mut two = watch(&server, "two");
    until_size(&server, "one", &mut one, "640x360");
    until_size(&server, "two", &mut two, "320x180");
    for size in ["320x180", "1280x720", "640x360"] {
        patch(
            &server,
            "/api/streams/one",
            &format!(r#"{{"size":"{size}"}}"#),
        );
        until_size(&server, "one", &mut one, size);
        until_size(&server, "two", &mut two, "320x180");
    }
    assert_eq!(server.json("/api/streams/one")["viewer_count"], 1);
    server.stop();
}

#[test]
fn a_camera_that_somebody_else_has_says_who_and_comes_by_itself_when_it_is_free() {
    let first = Server::start(EYELINE, [ONE]);
    first.wait_live("one");
    let second = Server::start(EYELINE, [ONE]);
    let holder = format!("eyeline ({})", first.pid());
    wait::until("the reason", || {
        let info = second.json("/api/streams/one");
        info["reason"].as_str()?.contains(&holder).then_some(())
    });
    first.stop();
    second.wait_live("one");
    second.stop();
}

#[test]
fn the_cameras_of_the_machine_are_listed_and_offered() {
    let server = Server::start(EYELINE, ["test:"]);
    let listed = server.json("/api/cameras");
    let cameras = listed["cameras"].as_array().unwrap();
    assert_eq!(cameras.len(), 2);
    assert_eq!(cameras[0]["source"], "v4l2:/dev/video0");
    let controls = cameras[0]["controls"].as_array().unwrap();
    assert!(
        controls
            .iter()
            .any(|control| control["name"] == "Brightness")
    );
    let headers = [("Content-Type", "application/json")];
    let body = br#"{"camera_index":1,"id":"second"}"#;
    let made = http::send(server.port(), "POST", "/api/streams", &headers, body);
    assert_eq!(made.status, 201, "{made:?}");
    server.wait_live("second");
    assert_eq!(
        server.json("/api/streams/second")["source"],
        "v4l2:/dev/video1"
    );
    server.stop();
}

#[test]
fn a_camera_that_this_user_may_not_open_says_which_group_may() {
    const VIDEO: u32 = 44;
    const NOBODY: u32 = 65_534;
    let device = Path::new("/dev/video0");
    fs::write("/etc/group", format!("video:x:{VIDEO}:\n")).unwrap();
    let owned_by = |group| std::os::unix::fs::chown(device, None, Some(group)).unwrap();
    owned_by(VIDEO);
    let refused = Command::new(EYELINE)
        .args(["snapshot", "v4l2:0", "-o", "-"])
        .uid(NOBODY)
        .gid(NOBODY)
        .output();
    owned_by(0);
    let said = String::from_utf8(refused.unwrap().stderr).unwrap();
    let expected = "/dev/video0 may not be opened; add this user to the group video";
    assert!(said.contains(expected), "{said}");
}
