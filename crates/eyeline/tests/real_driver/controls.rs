//! Controls: every one is set while the camera is watched, and seen in the picture.

use std::path::Path;

use bytes::Bytes;
use eyeline_sys_v4l2::Device;
use eyeline_testkit::server::Server;
use eyeline_testkit::{http, pictures, wait};
use serde_json::Value;

use super::camera::{next_picture, patch, set, try_patch, watch};
use super::{EYELINE, ONE};

const CONTROLS: &str = "/api/streams/one/controls";

fn controls(server: &Server) -> Vec<Value> {
    let listed = server.json(CONTROLS);
    listed["controls"].as_array().unwrap().clone()
}

fn control(server: &Server, id: &str) -> Value {
    let mut all = controls(server).into_iter();
    all.find(|control| control["id"] == id).unwrap()
}

/// What changes the picture or its form in ways that these tests do not want.
fn is_left_alone(id: &str) -> bool {
    id.starts_with("inject_")
        || id.starts_with("wrap_")
        || [
            "disconnect",
            "percentage_of_dropped_buffers",
            "standard_signal_mode",
            "reduced_framerate",
        ]
        .contains(&id)
}

#[test]
fn every_control_is_set_to_its_bounds_and_back_while_somebody_looks() {
    let server = Server::start(EYELINE, [ONE]);
    let mut viewer = watch(&server, "one");
    let mut set_ones = 0;
    for control in controls(&server) {
        let id = control["id"].as_str().unwrap();
        let is = |flag: &str| control[flag] == true;
        if is("read_only") || is("inactive") || is_left_alone(id) {
            continue;
        }
        if control["kind"] == "button" {
            patch(&server, CONTROLS, &format!(r#"{{"{id}":true}}"#));
            continue;
        }
        let bounds = match control["choices"].as_array().map(Vec::as_slice) {
            Some([first, .., last]) => [first["value"].clone(), last["value"].clone()],
            _ => [control["minimum"].clone(), control["maximum"].clone()],
        };
        for value in bounds.iter().chain([&control["default"]]) {
            let answer = try_patch(&server, CONTROLS, &format!(r#"{{"{id}":{value}}}"#));
            if answer.status == 422 && answer.text().contains("while the camera runs") {
                continue;
            }
            assert_eq!(answer.status, 200, "{id} = {value}: {answer:?}");
            let now: Value = serde_json::from_slice(&answer.body).unwrap();
            let mut all = now["controls"].as_array().unwrap().iter();
            let set = all.find(|control| control["id"] == id).unwrap();
            assert_eq!(set["value"], *value, "{id}");
        }
        set_ones += 1;
        next_picture(&mut viewer);
    }
    assert!(set_ones >= 40, "only {set_ones} could be set");
    server.stop();
}

/// A picture that is captured from now on. Viewers whose link is slow, as those of this test may
/// be, get smaller ones.
fn picture(server: &Server) -> Bytes {
    let picture = server.get("/streams/one/snapshot.jpg?max_age_ms=0");
    assert_eq!(picture.status, 200, "{picture:?}");
    picture.body
}

/// A picture that is like the one before.
fn settled(server: &Server) -> Bytes {
    let mut last = picture(server);
    let mut same = 0;
    while same < 3 {
        let next = picture(server);
        let alike = pictures::difference(&last, &next) < 0.5;
        same = if alike { same + 1 } else { 0 };
        last = next;
    }
    last
}

#[test]
fn the_picture_shows_what_was_set() {
    let server = Server::start(EYELINE, [ONE]);
    let mut viewer = watch(&server, "one");
    next_picture(&mut viewer);
    // Counters are in the way of comparing.
    set(&server, "osd_text_mode", 2);
    for (id, low, high) in [
        ("brightness", 0, 255),
        ("contrast", 0, 255),
        ("saturation", 0, 255),
        ("hue", -128, 60),
        ("horizontal_flip", 0, 1),
        ("test_pattern", 5, 6),
    ] {
        set(&server, id, low);
        let before = settled(&server);
        set(&server, id, high);
        wait::until(id, || {
            let after = picture(&server);
            (pictures::difference(&before, &after) > 5.0).then_some(())
        });
        patch(&server, CONTROLS, &format!(r#"{{"{id}":null}}"#));
        // It is the same viewer all the while.
        next_picture(&mut viewer);
    }
    wait::until("the one viewer", || {
        (server.json("/api/streams/one")["viewer_count"] == 1).then_some(())
    });
    assert_eq!(server.log().matches("camera opened").count(), 1);
    server.stop();
}

#[test]
fn black_is_black_and_white_is_white_whatever_range_the_driver_uses() {
    let server = Server::start(EYELINE, [ONE]);
    set(&server, "osd_text_mode", 2);
    // The driver's default, which is limited for YUV; full; limited.
    for (range, size) in [(0, "640x360"), (1, "320x180"), (2, "640x360")] {
        set(&server, "quantization", range);
        // It takes a new start to be told.
        for size in ["1280x720", size] {
            patch(
                &server,
                "/api/streams/one",
                &format!(r#"{{"size":"{size}"}}"#),
            );
            wait::until(size, || {
                (pictures::size(&picture(&server)).to_string() == size).then_some(())
            });
        }
        server.wait_live("one");
        for (pattern, is_right) in [
            (5, (|luma| luma < 2.0) as fn(f64) -> bool),
            (6, |luma| luma > 252.0),
        ] {
            set(&server, "test_pattern", pattern);
            wait::until("the pattern", || {
                is_right(pictures::brightness(&picture(&server))).then_some(())
            });
            let settled = pictures::brightness(&settled(&server));
            assert!(
                is_right(settled),
                "range {range}, pattern {pattern}: {settled}"
            );
        }
    }
    for control in ["quantization", "test_pattern", "osd_text_mode"] {
        patch(&server, CONTROLS, &format!(r#"{{"{control}":null}}"#));
    }
    server.stop();
}

#[test]
fn what_depends_on_an_automatic_is_inactive_until_that_is_off() {
    let server = Server::start(EYELINE, [ONE]);
    set(&server, "gain_automatic", 1);
    assert_eq!(control(&server, "gain")["inactive"], true);
    // Both at once: the automatic goes first.
    patch(&server, CONTROLS, r#"{"gain":77,"gain_automatic":false}"#);
    assert_eq!(control(&server, "gain")["inactive"], false);
    assert_eq!(control(&server, "gain")["value"], 77);
    patch(&server, CONTROLS, r#"{"gain_automatic":null}"#);
    server.stop();
}

#[test]
fn wrong_values_are_refused_in_a_sentence_and_set_nothing() {
    let server = Server::start(EYELINE, [ONE]);
    let check = |json: &str, said: &str| {
        let answer = try_patch(&server, CONTROLS, json);
        assert_eq!(answer.status, 422, "{json}: {answer:?}");
        assert!(answer.text().contains(said), "{json}: {answer:?}");
    };
    check(r#"{"brightness":256}"#, "256 is out of range; use 0 to 255");
    check(
        r#"{"contrast":10,"brighness":1}"#,
        "did you mean brightness?",
    );
    check(r#"{"test_pattern":"Nothing"}"#, "there is no choice");
    check(r#"{"brightness":[1]}"#, "use a whole number");
    check(r#"{"read_only_integer_32_bits":1}"#, "only be read");
    assert_eq!(control(&server, "contrast")["value"], 128);
    patch(&server, CONTROLS, r#"{"test_pattern":"100% black"}"#);
    assert_eq!(control(&server, "test_pattern")["value"], 5);
    patch(&server, CONTROLS, r#"{"test_pattern":null}"#);
    server.stop();
}

#[test]
fn what_is_kept_is_set_again_after_a_restart_until_it_is_forgotten() {
    let brightness = || {
        let device = Device::open(Path::new("/dev/video0")).unwrap();
        let controls = device.controls().unwrap();
        let control = controls
            .into_iter()
            .find(|control| control.name == "Brightness");
        (device, control.unwrap())
    };
    let mut server = Server::start(EYELINE, [ONE]);
    let keep = format!("{CONTROLS}?keep=true");
    patch(&server, &keep, r#"{"brightness":200}"#);
    patch(&server, CONTROLS, r#"{"contrast":100}"#);
    assert_eq!(
        server.json(CONTROLS)["kept"],
        serde_json::json!({"brightness": 200})
    );
    // Somebody else changes it, and the camera is opened anew.
    let (device, control) = brightness();
    server.restart();
    server.wait_live("one");
    device.set(&control, 50).unwrap();
    patch(&server, "/api/streams/one", r#"{"size":"320x180"}"#);
    wait::until("the kept brightness", || {
        (device.get(&control).unwrap() == 200).then_some(())
    });
    let forgotten = http::send(server.port(), "DELETE", CONTROLS, &[], b"");
    assert_eq!(forgotten.status, 200, "{forgotten:?}");
    assert_eq!(device.get(&control).unwrap(), 128);
    assert_eq!(server.json(CONTROLS)["kept"], serde_json::json!({}));
    server.stop();
}

#[test]
fn a_stream_of_something_else_has_no_controls() {
    let server = Server::start(EYELINE, ["one=test:"]);
    let listed = server.json(CONTROLS);
    assert_eq!(listed["camera"], Value::Null);
    assert_eq!(listed["controls"], serde_json::json!([]));
    assert_eq!(try_patch(&server, CONTROLS, r#"{"gain":1}"#).status, 422);
    server.stop();
}
