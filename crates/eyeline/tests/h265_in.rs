//! H.265 by every door that takes H.264: it is not taken yet, which is said by its name and with what
//! to do. What is said of it by RTSP and RTMP stands with their tests.

#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

use std::path::Path;
use std::process::{Command, Stdio};

use eyeline_testkit::files::Files;
use eyeline_testkit::server::Server;
use eyeline_testkit::tools::Program;

const EYELINE: &str = env!("CARGO_BIN_EXE_eyeline");

/// Two seconds of H.265, in this form.
fn make(folder: &Path, how: &str) {
    let line = format!(
        "exec ffmpeg -nostdin -v error -y -f lavfi -i testsrc2=size=320x240:rate=10:duration=2 \
         -c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=10 -pix_fmt yuv420p {how}"
    );
    let mut ffmpeg = Command::new("sh");
    ffmpeg.args(["-c", &line]).current_dir(folder);
    Program::output(ffmpeg.stdin(Stdio::null()));
}

fn check(source: &str) {
    let server = Server::start(EYELINE, [format!("cam={source}")]);
    server.wait_state("cam", "away");
    let reason = server.json("/api/streams/cam")["reason"].to_string();
    for part in ["H.265", "H.264"] {
        assert!(reason.contains(part), "{source}: {reason}");
    }
    server.stop();
}

#[test]
fn h265_is_named_with_what_to_do_by_every_door() {
    let folder = tempfile::tempdir().unwrap();
    for how in [
        "clip.mp4",
        "-f mpegts clip.ts",
        "-f hevc clip.h265",
        "-movflags frag_keyframe+empty_moov -f mp4 live.mp4",
        "-f hls -hls_time 1 -hls_list_size 0 ts.m3u8",
        "-f hls -hls_time 1 -hls_list_size 0 -hls_segment_type fmp4 mp4.m3u8",
    ] {
        make(folder.path(), how);
    }
    let path = folder.path().display();
    let files = Files::serve(folder.path());
    check(&format!("file:{path}/clip.mp4"));
    check(&format!("file:{path}/clip.ts"));
    check(&format!("exec:cat {path}/clip.ts; sleep 9"));
    check(&format!("exec:cat {path}/clip.h265; sleep 9"));
    check(&format!("exec:cat {path}/live.mp4; sleep 9"));
    check(&files.url("ts.m3u8"));
    check(&files.url("mp4.m3u8"));
}
