//! Faults, as the driver injects them: the stream recovers by itself, whoever looks stays, and
//! another program can use the camera straight afterwards.

use std::time::Duration;

use eyeline_clock::RealClock;
use eyeline_media::Timestamp;
use eyeline_testkit::http::Viewer;
use eyeline_testkit::server::Server;
use eyeline_testkit::wait;

use super::camera::{capture, next_picture, patch, set, try_patch, until_size, watch};
use super::{EYELINE, ONE};

/// How often each fault is met.
const TIMES: usize = 5;

/// Injects a fault, has it met, and watches on.
fn check(fault: &str, meet: impl Fn(&Server, &mut Viewer, usize)) {
    let server = Server::start(EYELINE, [ONE]);
    let mut viewer = watch(&server, "one");
    next_picture(&mut viewer);
    for time in 0..TIMES {
        inject(&server, fault);
        meet(&server, &mut viewer, time);
        for _ in 0..5 {
            next_picture(&mut viewer);
        }
        server.wait_live("one");
    }
    assert_eq!(server.json("/api/streams/one")["viewer_count"], 1);
    server.stop();
    drop(capture("/dev/video0"));
}

/// Presses the driver's button for a fault. One that takes the camera away takes the answer with
/// it.
fn inject(server: &Server, fault: &str) {
    let json = format!(r#"{{"{fault}":1}}"#);
    let answer = try_patch(server, "/api/streams/one/controls", &json);
    let gone = answer.status == 503 && answer.text().contains("unplugged");
    assert!(answer.status == 200 || gone, "{fault}: {answer:?}");
}

/// Has the capture started anew, at another size each time.
fn restart(server: &Server, viewer: &mut Viewer, time: usize) {
    let size = ["320x180", "640x360"][time % 2];
    patch(
        server,
        "/api/streams/one",
        &format!(r#"{{"size":"{size}"}}"#),
    );
    until_size(server, "one", viewer, size);
}

/// Waits for the log to tell of the fault so often.
fn logged(server: &Server, what: &str, times: usize) {
    wait::until(what, || {
        (server.log().matches(what).count() >= times).then_some(())
    });
}

#[test]
fn a_damaged_buffer_is_left_out() {
    check("inject_v4l2_buf_flag_error", |server, _, _| {
        logged(server, "is damaged", 1);
    });
}

#[test]
fn a_buffer_that_the_driver_does_not_take_back_is_offered_again() {
    check("inject_vidioc_qbuf_error", |server, viewer, _| {
        for _ in 0..10 {
            next_picture(viewer);
        }
        // No reason to open the camera anew.
        assert_eq!(server.log().matches("camera opened").count(), 1);
    });
}

#[test]
fn a_broken_queue_is_made_anew() {
    check("inject_fatal_streaming_error", |server, _, time| {
        logged(server, "camera opened", time + 2);
    });
}

#[test]
fn a_camera_that_does_not_start_is_tried_again() {
    check("inject_vidioc_streamon_error", restart);
}

#[test]
fn a_camera_that_gives_no_buffers_is_tried_again() {
    check("inject_vidioc_reqbufs_error", restart);
}

#[test]
fn a_disconnected_camera_is_opened_when_it_is_back() {
    check("disconnect", |server, _, time| {
        logged(server, "camera opened", time + 2);
    });
}

#[test]
fn lost_frames_are_no_reason_to_stop() {
    check("percentage_of_dropped_buffers", |server, viewer, time| {
        set(server, "percentage_of_dropped_buffers", 60);
        for _ in 0..5 {
            next_picture(viewer);
        }
        if time == 0 {
            // None for longer than the camera may be silent.
            set(server, "percentage_of_dropped_buffers", 100);
            server.wait_state("one", "away");
        }
        set(server, "percentage_of_dropped_buffers", 0);
    });
}

#[test]
fn capture_times_stay_true_when_the_drivers_counters_wrap() {
    let server = Server::start(EYELINE, [ONE]);
    let mut viewer = watch(&server, "one");
    set(&server, "wrap_sequence_number", 1);
    for wrap in [1, 2] {
        set(&server, "wrap_timestamp", wrap);
        restart(&server, &mut viewer, wrap as usize);
        for _ in 0..5 {
            let captured = next_picture(&mut viewer).captured;
            let now = Timestamp::from_nanos(RealClock::shared().wall_nanos());
            let apart = now.since(captured).max(captured.since(now));
            assert!(apart < Duration::from_secs(15), "{apart:?}");
        }
    }
    for control in ["wrap_timestamp", "wrap_sequence_number"] {
        set(&server, control, 0);
    }
    server.stop();
}
