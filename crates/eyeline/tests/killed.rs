//! Whatever ends the server: the program that has the camera has let go of it well within 5 s, and
//! nothing of it runs any more.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::process::Command;

use eyeline_testkit::death::Death;
use eyeline_testkit::http::Viewer;
use eyeline_testkit::processes::descendants;
use eyeline_testkit::server::Server;
use eyeline_testkit::stand_ins::{StandIns, program};
use eyeline_testkit::{pictures, wait};

const EYELINE: &str = env!("CARGO_BIN_EXE_eyeline");

/// How often each death is died.
const TIMES: usize = 20;

const O_NONBLOCK: i32 = 0o4000;

const CSI: &str = "cam=csi:?size=320x240";

fn command() -> String {
    format!(
        "cam=exec:{} -n -t 0 --codec mjpeg --width 320 --height 240 -o -",
        program("rpicam-vid").display()
    )
}

/// Dies so again and again, each time while somebody watches pictures of the source.
fn check(death: Death, source: &str, cameras: &StandIns) {
    check_times(death, source, cameras, TIMES);
}

fn check_times(death: Death, source: &str, cameras: &StandIns, times: usize) {
    let mut env = cameras.env();
    // A panic is to be quick, not explained.
    env.push(("RUST_BACKTRACE".into(), "0".into()));
    let env = env
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()));
    let mut server = Server::start_in(EYELINE, [source.into()], env);
    for round in 0..times {
        if round > 0 {
            server.start_again();
        }
        let mut viewer = Viewer::open(server.port(), "/streams/cam/mjpeg");
        // A slate carries the time code.
        while pictures::read_time(&viewer.next_part().expect("it is kept").jpeg).is_some() {}
        let children = descendants(server.pid());
        assert!(children.len() >= 2, "a guard and the tool: {children:?}");
        assert!(!cameras.is_free(0) && cameras.is_dirty(0));
        drop(viewer);
        let aftermath = server.die(death);
        aftermath.until("the children to be gone", || {
            (!children.iter().any(|child| child.runs())).then_some(())
        });
        assert!(cameras.is_free(0), "{death:?} {round}: it is still taken");
        assert!(!cameras.is_dirty(0), "{death:?} {round}: it was not closed");
    }
}

#[test]
fn a_command_lets_go_of_its_camera_when_the_server_is_terminated() {
    check(Death::Term, &command(), &StandIns::raspberry_pi());
}

#[test]
fn a_command_lets_go_of_its_camera_when_the_server_is_interrupted() {
    check(Death::Int, &command(), &StandIns::raspberry_pi());
}

#[test]
fn a_command_lets_go_of_its_camera_when_the_server_is_killed() {
    check(Death::Kill, &command(), &StandIns::raspberry_pi());
}

#[test]
fn a_command_lets_go_of_its_camera_when_the_server_panics() {
    check(Death::Panic, &command(), &StandIns::raspberry_pi());
}

#[test]
fn a_command_lets_go_of_its_camera_when_the_server_runs_out_of_memory() {
    check(Death::OutOfMemory, &command(), &StandIns::raspberry_pi());
}

#[test]
fn a_raspberry_pis_tool_lets_go_of_its_camera_when_the_server_is_terminated() {
    check(Death::Term, CSI, &StandIns::raspberry_pi());
}

#[test]
fn a_raspberry_pis_tool_lets_go_of_its_camera_when_the_server_is_interrupted() {
    check(Death::Int, CSI, &StandIns::raspberry_pi());
}

#[test]
fn a_raspberry_pis_tool_lets_go_of_its_camera_when_the_server_is_killed() {
    check(Death::Kill, CSI, &StandIns::raspberry_pi());
}

#[test]
fn a_raspberry_pis_tool_lets_go_of_its_camera_when_the_server_panics() {
    check(Death::Panic, CSI, &StandIns::raspberry_pi());
}

#[test]
fn a_raspberry_pis_tool_lets_go_of_its_camera_when_the_server_runs_out_of_memory() {
    check(Death::OutOfMemory, CSI, &StandIns::raspberry_pi());
}

/// Its closing takes longer, and it goes on writing meanwhile.
#[test]
fn a_jetsons_tool_lets_go_of_its_camera_however_the_server_dies() {
    let tools = StandIns::jetson();
    for death in Death::ALL {
        check_times(death, "cam=csi:?size=1280x720", &tools, 2);
    }
}

/// It leaves its driver in disorder, which nobody can help, but nobody has to wait for it either.
#[test]
fn a_tool_that_ignores_every_polite_signal_is_gone_within_5_s_however_the_server_dies() {
    let check = |death| {
        let cameras = StandIns::jetson();
        let mut env = cameras.env();
        env.push(("STAND_IN_MANNER".into(), "stubborn".into()));
        let mut server = Server::start_in(EYELINE, [CSI.into()], env);
        server.wait_live("cam");
        let children = descendants(server.pid());
        assert!(!cameras.is_free(0));
        let aftermath = server.die(death);
        aftermath.until("the camera to be free", || cameras.is_free(0).then_some(()));
        aftermath.until("the children to be gone", || {
            (!children.iter().any(|child| child.runs())).then_some(())
        });
    };
    // Each waits for seconds.
    std::thread::scope(|all| {
        for death in Death::ALL {
            all.spawn(move || check(death));
        }
    });
}

#[test]
fn a_call_that_blocks_for_ever_does_not_keep_a_server_that_panics() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("nobody-writes");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let mut server = Server::start(EYELINE, [format!("cam=file:{}", pipe.display())]);
    // It can be opened so when somebody reads, or waits to; and to keep it open is to keep them waiting.
    let _silent = wait::until("a thread to read", || {
        let open = OpenOptions::new()
            .write(true)
            .custom_flags(O_NONBLOCK)
            .open(&pipe);
        open.ok()
    });
    server.die(Death::Panic);
}
