//! H.264 byte streams by every door that takes byte streams, made by a real encoder, and seen by
//! viewers who can be shown nothing but JPEGs. What is encoded are pictures of another server's
//! test pattern, whose pixels tell when they were made.

#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

use std::net::{Ipv4Addr, TcpListener};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use eyeline_media::Timestamp;
use eyeline_testkit::http::{self, Part, Viewer};
use eyeline_testkit::server::Server;
use eyeline_testkit::tools::Program;
use eyeline_testkit::websocket::Client;
use eyeline_testkit::{pictures, wait};

const EYELINE: &str = env!("CARGO_BIN_EXE_eyeline");
const SIZE: &str = "640x360";
/// The encoder as live senders set it.
const LIVE: &str = "-preset ultrafast -tune zerolatency -g 20";
/// As cameras set it that save every bit.
const KEY_EVERY_15_S: &str = "-preset veryfast -tune zerolatency -g 300 -sc_threshold 0";

/// A server whose stream `clock` shows the time in its pixels, 20 times a second.
fn clock() -> Server {
    Server::start(EYELINE, [format!("clock=test:?size={SIZE}&fps=20")])
}

/// The command line that encodes the clock, without its output.
fn encoder(clock: &Server, options: &str) -> String {
    let from = clock.url("/streams/clock/mjpeg");
    format!(
        "ffmpeg -nostdin -loglevel error -probesize 32 -analyzeduration 0 -f mpjpeg -i {from} \
         -c:v libx264 -pix_fmt yuv420p {options} -flush_packets 1"
    )
}

fn exec(clock: &Server, options: &str) -> String {
    format!("cam=exec:{} -f h264 -", encoder(clock, options))
}

fn sh(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("exec {line}")]);
    command.stdin(Stdio::null());
    command
}

/// A clip of two seconds, 40 pictures.
fn make_clip(path: &Path, options: &str) {
    let line = format!(
        "ffmpeg -nostdin -loglevel error -y -f lavfi -i testsrc=size={SIZE}:rate=20:duration=2 \
         -c:v libx264 -pix_fmt yuv420p {options} -f h264 {}",
        path.display()
    );
    Program::output(&mut sh(&line));
}

fn size(part: &Part) -> String {
    pictures::size(&part.jpeg).to_string()
}

fn open(server: &Server, wish: &str) -> Viewer {
    Viewer::open(server.port(), &format!("/streams/cam/mjpeg{wish}"))
}

/// When the picture was made, by its pixels.
fn made(part: &Part) -> Timestamp {
    pictures::read_time(&part.jpeg).expect("the time can be read in the pixels")
}

fn age(part: &Part) -> Duration {
    part.captured.since(made(part))
}

/// Whether it shows the very time it was made at. Encoding takes longer than that.
fn is_slate(part: &Part) -> bool {
    age(part) < Duration::from_millis(5)
}

/// Takes pictures of the encoded clock that are whole and go on in time.
fn check_pictures(mut next: impl FnMut() -> Option<Part>, expected_size: &str) {
    let mut before = Timestamp::default();
    let mut seen = 0;
    while seen < 30 {
        let part = next().expect("the stream goes on");
        if size(&part) != expected_size || is_slate(&part) {
            continue;
        }
        let now = made(&part);
        assert!(before < now, "{before} is followed by {now}");
        (before, seen) = (now, seen + 1);
    }
}

/// Watches the stream `cam`, which is of the clock, in two ways.
fn check_shown(server: &Server) {
    let mut viewer = open(server, "");
    server.wait_live("cam");
    assert_eq!(server.json("/api/streams/cam")["codec"], "h264");
    check_pictures(|| viewer.next_part(), SIZE);
    let mut socket = Client::open(server.port(), "/ws/viewer/cam?format=binary");
    check_pictures(|| socket.next_picture(), SIZE);
}

#[test]
fn a_pipe_into_standard_input_is_shown() {
    let clock = clock();
    let mut ffmpeg =
        Program::spawn(sh(&format!("{} -f h264 -", encoder(&clock, LIVE))).stdout(Stdio::piped()));
    let pipe = ffmpeg.0.stdout.take().unwrap();
    let server = Server::start_with(EYELINE, ["cam=-"], pipe);
    check_shown(&server);
    drop(ffmpeg);
    server.wait_state("cam", "away");
    server.stop();
    clock.stop();
}

#[test]
fn a_command_is_shown_at_a_lower_quality_and_rate_and_as_a_snapshot() {
    let clock = clock();
    let server = Server::start(EYELINE, [exec(&clock, LIVE)]);
    check_shown(&server);
    let mut low = open(&server, "?quality=low");
    check_pictures(|| low.next_part(), "568x320");
    drop(low);
    let mut slow = open(&server, "?fps=5");
    let parts: Vec<_> = (0..12).map(|_| slow.next_part().unwrap()).collect();
    let span = parts[11].captured.since(parts[1].captured).as_secs_f64();
    let rate = 10.0 / span;
    assert!((rate - 5.0).abs() < 1.0, "{rate} pictures a second");
    let snapshot = server.get("/streams/cam/snapshot.jpg");
    assert_eq!(snapshot.status, 200);
    assert_eq!(pictures::size(&snapshot.body).to_string(), SIZE);
    assert!(pictures::read_time(&snapshot.body).is_some());
    server.stop();
    clock.stop();
}

#[test]
fn a_connection_is_shown() {
    let clock = clock();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let source = format!("cam=tcp://{}", listener.local_addr().unwrap());
    let line = format!("{} -f h264 -", encoder(&clock, LIVE));
    let server = Server::start(EYELINE, [source]);
    let mut viewer = open(&server, "");
    let (socket, _) = listener.accept().unwrap();
    let ffmpeg = Program::spawn(sh(&line).stdout(OwnedFd::from(socket)));
    check_pictures(|| viewer.next_part(), SIZE);
    drop(ffmpeg);
    server.stop();
    clock.stop();
}

#[test]
fn a_file_is_played_over_and_over_at_its_rate() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clip.h264");
    // Parameter sets stand at the start only.
    make_clip(&path, "-g 300 -bf 0");
    let server = Server::start(
        EYELINE,
        [format!("cam=file:{}?loop&fps=50", path.display())],
    );
    let mut viewer = open(&server, "");
    server.wait_live("cam");
    let parts: Vec<_> = (0..150).map(|_| viewer.next_part().unwrap()).collect();
    assert!(parts.iter().all(|part| size(part) == SIZE));
    let span = parts[149].captured.since(parts[0].captured).as_secs_f64();
    assert!(span > 149.0 / 50.0 * 0.8, "150 pictures in {span} s");
    let frames = || {
        server.json("/api/streams/cam")["frame_count"]
            .as_u64()
            .unwrap()
    };
    wait::until("more pictures than are in the clip", || {
        (frames() > 160).then_some(())
    });
    server.stop();
}

#[test]
fn publishers_are_taken_with_a_content_type_and_without() {
    let clock = clock();
    let server = Server::start(EYELINE, ["test:"]);
    let to = server.url("/streams/cam/ingest");
    for how in ["-method PUT -content_type video/h264", "-method POST"] {
        let line = format!("{} -f h264 {how} {to}", encoder(&clock, LIVE));
        let ffmpeg = Program::spawn(&mut sh(&line));
        wait::until("the stream to be made", || {
            (server.get("/api/streams/cam").status == 200).then_some(())
        });
        check_shown(&server);
        drop(ffmpeg);
        server.wait_state("cam", "away");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clip.h264");
    make_clip(&path, "-bf 0");
    let clip = std::fs::read(&path).unwrap();
    for kind in ["video/h264", "video/avc", "application/octet-stream"] {
        let headers = [("Content-Type", kind)];
        let answer = http::send(
            server.port(),
            "POST",
            "/streams/cam/ingest",
            &headers,
            &clip,
        );
        assert_eq!(answer.status, 200, "{kind}: {answer:?}");
        assert!(
            answer.text().contains("40"),
            "all pictures count: {}",
            answer.text()
        );
    }
    server.stop();
    clock.stop();
}

#[test]
fn who_joins_long_after_the_key_frame_sees_a_picture_of_now() {
    let clock = clock();
    let server = Server::start(EYELINE, [exec(&clock, KEY_EVERY_15_S)]);
    // Keeps the source running.
    let mut first = open(&server, "");
    server.wait_live("cam");
    let mut part = first.next_part().unwrap();
    let key = part.captured;
    while part.captured.since(key) < Duration::from_secs(4) {
        part = first.next_part().unwrap();
    }
    assert!(age(&part) < Duration::from_secs(1), "{:?}", age(&part));
    // A rendition that is started anew, in the middle of the group of pictures.
    let mut joined = open(&server, "?quality=low");
    let part = joined.next_part().unwrap();
    assert_eq!(size(&part), "568x320");
    assert!(age(&part) < Duration::from_secs(2), "{:?}", age(&part));
    let after = part.captured.since(key);
    assert!(
        after > Duration::from_secs(3),
        "{after:?} after the key frame"
    );
    check_pictures(|| joined.next_part(), "568x320");
    server.stop();
    clock.stop();
}

#[test]
fn b_frames_are_shown_in_their_order() {
    let clock = clock();
    let server = Server::start(EYELINE, [exec(&clock, "-preset veryfast -g 40 -bf 3")]);
    check_shown(&server);
    server.stop();
    clock.stop();
}

#[test]
fn a_size_that_changes_in_the_middle_of_the_stream_reaches_viewers() {
    let folder = tempfile::tempdir().unwrap();
    let (large, small) = (folder.path().join("large"), folder.path().join("small"));
    make_clip(&large, "-bf 0");
    make_clip(&small, "-bf 0 -vf scale=320:180");
    let both = folder.path().join("both.h264");
    let bytes = [std::fs::read(large).unwrap(), std::fs::read(small).unwrap()];
    std::fs::write(&both, bytes.concat()).unwrap();
    let server = Server::start(EYELINE, [format!("cam=file:{}?loop", both.display())]);
    let mut viewer = open(&server, "");
    for expected in [SIZE, "320x180", SIZE, "320x180"] {
        while size(&viewer.next_part().unwrap()) != expected {}
    }
    server.stop();
}

#[test]
fn viewers_stay_while_the_source_changes_between_h264_and_jpegs() {
    let clock = clock();
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken");
    let ffmpeg = format!("{} -f h264 -", encoder(&clock, LIVE));
    // The command runs as long as the file is not there.
    let script = format!(
        "[ -e {0} ] && exit 1; {ffmpeg} & pid=$!; \
         while kill -0 $pid && ! [ -e {0} ]; do sleep 0.05; done; kill $pid; exit 1",
        broken.display()
    );
    let path = folder.path().join("camera.sh");
    std::fs::write(&path, script).unwrap();
    let configuration = folder.path().join("eyeline.toml");
    let text = format!(
        "[streams.cam]
source = [\"exec:sh {}\", \"test:?size=320x240&fps=20\"]
",
        path.display()
    );
    std::fs::write(&configuration, text).unwrap();
    let configuration = configuration.display().to_string();
    let server = Server::start(EYELINE, ["--config", &configuration]);
    const SIZES: [&str; 4] = [SIZE, "320x240", SIZE, "320x240"];
    let seen = [AtomicUsize::new(0), AtomicUsize::new(0)];
    let watch = |seen: &AtomicUsize, next: &mut dyn FnMut() -> Option<Part>| {
        for expected in SIZES {
            loop {
                let part = next().expect("the viewer is kept");
                // The test pattern of the fallback tells the time at once, as slates do.
                if size(&part) == expected && (expected != SIZE || !is_slate(&part)) {
                    break;
                }
            }
            seen.fetch_add(1, Ordering::Relaxed);
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut viewer = open(&server, "");
            watch(&seen[0], &mut || viewer.next_part());
        });
        scope.spawn(|| {
            let mut socket = Client::open(server.port(), "/ws/viewer/cam?format=binary");
            watch(&seen[1], &mut || socket.next_picture());
        });
        for (step, expected) in SIZES.into_iter().enumerate() {
            let both = || seen.iter().all(|seen| seen.load(Ordering::Relaxed) > step);
            let what = format!("both viewers to see {expected} at step {step}");
            wait::until(&what, || both().then_some(()));
            let codec = if expected == SIZE { "h264" } else { "mjpeg" };
            assert_eq!(server.json("/api/streams/cam")["codec"], codec);
            if expected == SIZE {
                std::fs::write(&broken, "").unwrap();
            } else {
                std::fs::remove_file(&broken).unwrap();
            }
        }
    });
    server.stop();
    clock.stop();
}

#[test]
fn a_slate_is_shown_to_who_watched_h264() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clip.h264");
    make_clip(&path, "-bf 0");
    let server = Server::start(EYELINE, [format!("cam=file:{}", path.display())]);
    let mut viewer = open(&server, "");
    while pictures::read_time(&viewer.next_part().unwrap().jpeg).is_some() {}
    server.wait_state("cam", "away");
    // Slates tell the time in their pixels, the clip does not.
    while pictures::read_time(&viewer.next_part().unwrap().jpeg).is_none() {}
    let info = server.json("/api/streams/cam");
    assert_eq!(info["reason"], "the file has ended", "{info}");
    server.stop();
}

#[test]
fn a_snapshot_of_a_file_is_a_jpeg() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clip.h264");
    for options in ["", "-bf 0"] {
        make_clip(&path, options);
        let source = format!("file:{}", path.display());
        let mut command = Command::new(EYELINE);
        let jpeg = Program::output(command.args(["snapshot", &source, "-o", "-"]));
        assert_eq!(pictures::size(&jpeg).to_string(), SIZE, "{options:?}");
    }
}

#[test]
fn what_is_pushed_to_another_server_are_jpegs() {
    let clock = clock();
    let server = Server::start(EYELINE, ["test:"]);
    let mut command = Command::new(EYELINE);
    let source = exec(&clock, LIVE);
    let source = source.trim_start_matches("cam=");
    command.args(["push", source, &server.url("/streams/cam")]);
    let push = Program::spawn(command.stderr(Stdio::null()));
    wait::until("the stream to be made", || {
        (server.get("/api/streams/cam").status == 200).then_some(())
    });
    server.wait_live("cam");
    assert_eq!(server.json("/api/streams/cam")["codec"], "mjpeg");
    let mut viewer = open(&server, "");
    check_pictures(|| viewer.next_part(), SIZE);
    drop(push);
    server.stop();
    clock.stop();
}
