//! Cameras on ribbon cables, by stand-ins for the tools that read them: `testkit` has them in `tools/`.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use eyeline_testkit::http::{self, Viewer};
use eyeline_testkit::processes::descendants;
use eyeline_testkit::server::Server;
use eyeline_testkit::stand_ins::StandIns;
use eyeline_testkit::{pictures, wait};

const EYELINE: &str = env!("CARGO_BIN_EXE_eyeline");

/// A server with one stream, and how the tools are to behave.
fn start(source: &str, tools: &StandIns, manner: &str) -> Server {
    let mut env = tools.env();
    env.push(("STAND_IN_MANNER".into(), manner.into()));
    Server::start_in(EYELINE, [format!("cam={source}").into()], env)
}

/// Reads on until a picture of this size comes that is no slate.
fn until_size(viewer: &mut Viewer, size: &str) {
    loop {
        let part = viewer.next_part().expect("the viewer is kept");
        let is_slate = pictures::read_time(&part.jpeg).is_some();
        if pictures::size(&part.jpeg).to_string() == size && !is_slate {
            return;
        }
    }
}

/// Watches pictures of this size, and sees the camera closed well at the end.
fn check_shown(source: &str, size: &str, tools: &StandIns, camera: usize) {
    let server = start(source, tools, "");
    let mut viewer = Viewer::open(server.port(), "/streams/cam/mjpeg");
    until_size(&mut viewer, size);
    assert!(!tools.is_free(camera), "{source}: somebody has the camera");
    drop(viewer);
    server.stop();
    assert!(tools.is_free(camera) && !tools.is_dirty(camera), "{source}");
}

/// Waits for the reason that the stream gives for being away.
#[track_caller]
fn check_away(server: &Server, says: &[&str]) {
    wait::until(&format!("{says:?} in the reason"), || {
        let info = server.json("/api/streams/cam");
        let reason = info["reason"].as_str()?;
        says.iter().all(|part| reason.contains(part)).then_some(())
    });
}

#[test]
fn a_raspberry_pis_camera_is_shown_with_everything_that_can_be_set() {
    let tools = StandIns::raspberry_pi();
    check_shown("csi:", "1280x720", &tools, 0);
    let all = "csi:0?size=640x480&fps=25.5&quality=70&rotation=180&hflip&vflip&brightness=-0.1&contrast=1.1\
               &saturation=1.2&sharpness=2&ev=-0.5&gain=2&shutter=5000&lens-position=1.5&exposure=sport\
               &metering=spot&awb=tungsten&denoise=fast&autofocus-mode=manual&roi=0.25,0.25,0.5,0.5";
    check_shown(all, "640x480", &tools, 0);
}

#[test]
fn an_older_raspberry_pis_tool_is_found_and_the_second_camera_opened() {
    let tools = StandIns::new(&[("libcamera-vid", "rpicam-vid")], 2);
    check_shown("csi:1?size=320x240&fps=60", "320x240", &tools, 1);
}

#[test]
fn a_jetsons_camera_is_shown_with_everything_that_can_be_set() {
    let tools = StandIns::jetson();
    check_shown("csi:", "1280x720", &tools, 0);
    let all = "csi:0?size=480x640&fps=29.97&quality=70&rotation=90&hflip&saturation=1.5&ev=1&gain=4\
               &shutter=5000&awb=daylight&denoise=hq&ae-lock&awb-lock";
    check_shown(all, "480x640", &tools, 0);
}

/// Watches JPEGs that are made of the H.264 that the camera gives.
fn check_h264(tools: &StandIns) {
    let source = "csi:?format=h264&size=640x480&fps=20&bitrate=1000000&key-interval=30";
    let server = start(source, tools, "");
    let mut viewer = Viewer::open(server.port(), "/streams/cam/mjpeg");
    until_size(&mut viewer, "640x480");
    assert_eq!(server.json("/api/streams/cam")["codec"], "h264");
    drop(viewer);
    server.stop();
    assert!(tools.is_free(0) && !tools.is_dirty(0));
}

#[test]
fn a_raspberry_pis_camera_gives_h264() {
    check_h264(&StandIns::raspberry_pi());
}

#[test]
fn a_jetsons_camera_gives_h264_though_its_library_prints_between() {
    check_h264(&StandIns::jetson());
}

#[test]
fn a_machine_without_a_tool_says_what_was_looked_for_and_takes_one_that_is_installed_meanwhile() {
    let tools = StandIns::new(&[("gst-launch-1.0", "gst-launch-1.0")], 1);
    let server = start("csi:?size=320x240", &tools, "");
    check_away(
        &server,
        &[
            "rpicam-vid",
            "libcamera-vid",
            "nvarguscamerasrc",
            "apt install",
        ],
    );
    tools.install("rpicam-vid", "rpicam-vid");
    server.wait_live("cam");
    server.stop();
}

#[test]
fn a_size_that_is_changed_restarts_the_tool_only_and_viewers_stay() {
    let tools = StandIns::raspberry_pi();
    let server = start("csi:?size=320x240", &tools, "");
    let mut viewer = Viewer::open(server.port(), "/streams/cam/mjpeg");
    until_size(&mut viewer, "320x240");
    for size in ["640x480", "160x120"] {
        let before = descendants(server.pid());
        let headers = [("Content-Type", "application/json")];
        let json = format!(r#"{{"size":"{size}","fps":10}}"#);
        let path = "/api/streams/cam";
        let answer = http::send(server.port(), "PATCH", path, &headers, json.as_bytes());
        assert_eq!(answer.status, 200, "{answer:?}");
        until_size(&mut viewer, size);
        assert!(before.iter().all(|process| !process.runs()), "{before:?}");
    }
    drop(viewer);
    server.stop();
    assert!(!tools.is_dirty(0));
}

#[test]
fn a_camera_that_another_program_has_says_so_and_comes_by_itself() {
    let tools = StandIns::raspberry_pi();
    let first = start("csi:", &tools, "");
    first.wait_live("cam");
    let second = start("csi:", &tools, "");
    check_away(&second, &["another program has the camera", "fuser"]);
    first.stop();
    second.wait_live("cam");
    second.stop();
}

#[test]
fn known_messages_come_with_what_helps() {
    let none = StandIns::new(&[("rpicam-vid", "rpicam-vid")], 0);
    let server = start("csi:", &none, "");
    check_away(
        &server,
        &[
            "rpicam-vid ended",
            "no cameras available",
            "check the cable",
        ],
    );
    server.stop();

    let stuck = StandIns::jetson();
    stuck.soil(0);
    let server = start("csi:", &stuck, "");
    check_away(
        &server,
        &["CaptureSession", "systemctl restart nvargus-daemon"],
    );
    server.stop();
}

#[test]
fn a_tool_that_dies_is_quoted_and_started_again() {
    let tools = StandIns::raspberry_pi();
    let server = start("csi:", &tools, "dies");
    check_away(
        &server,
        &["rpicam-vid ended", "the sensor has stopped answering"],
    );
    // Another program has mended the driver; here its next words are those of the driver.
    check_away(&server, &["Device timeout detected", "check the cable"]);
    tools.clean(0);
    check_away(&server, &["the sensor has stopped answering"]);
    server.stop();
}

#[test]
fn a_tool_that_writes_nothing_counts_as_silent_and_lets_go_of_the_camera() {
    let tools = StandIns::raspberry_pi();
    let server = start("csi:", &tools, "silent");
    check_away(&server, &["no picture for 5 s"]);
    wait::until("the camera to be closed", || {
        (tools.is_free(0) && !tools.is_dirty(0)).then_some(())
    });
    server.stop();
}

#[test]
fn a_tool_that_writes_garbage_is_given_up_and_lets_go_of_the_camera() {
    let tools = StandIns::raspberry_pi();
    let server = start("csi:?fps=240", &tools, "garbage");
    check_away(&server, &["byte"]);
    wait::until("the camera to be closed", || {
        (tools.is_free(0) && !tools.is_dirty(0)).then_some(())
    });
    server.stop();
}

#[test]
fn a_tool_that_ignores_all_polite_signals_is_gone_with_the_server() {
    let tools = StandIns::jetson();
    let server = start("csi:", &tools, "stubborn");
    server.wait_live("cam");
    let children = descendants(server.pid());
    server.stop();
    assert!(tools.is_free(0));
    assert!(children.iter().all(|child| !child.runs()), "{children:?}");
}

/// What is known of `gst-launch-1.0` without a Jetson: it ends its stream when it is interrupted, unless its
/// output is closed before, or it is told twice.
#[test]
fn the_true_gst_launch_ends_its_stream_when_it_is_stopped() {
    let source = "exec:exec gst-launch-1.0 -q -e videotestsrc is-live=true \
                  ! video/x-raw,width=320,height=240,framerate=29970/1000 ! jpegenc quality=80 \
                  ! fdsink fd=1 sync=false";
    let server = start(source, &StandIns::new(&[], 0), "");
    server.wait_live("cam");
    let headers = [("Content-Type", "application/json")];
    let json = br#"{"source":"test:"}"#;
    let answer = http::send(server.port(), "PATCH", "/api/streams/cam", &headers, json);
    assert_eq!(answer.status, 200, "{answer:?}");
    wait::until("the end of it", || {
        let log = server.log();
        let line = log.lines().find(|line| line.contains("stopped"))?;
        assert!(
            line.contains("step=Interrupt") && line.contains("exit status: 0"),
            "{line}"
        );
        Some(())
    });
    server.stop();
}
