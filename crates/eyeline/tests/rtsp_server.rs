//! Streams as they are played over RTSP, by the programs that people play them with.

#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

use std::process::{Command, Stdio};

use eyeline_testkit::http;
use eyeline_testkit::rtsp::Client;
use eyeline_testkit::server::Server;
use eyeline_testkit::tools::{self, Program};
use eyeline_testkit::wait;
use serde_json::Value;

const EYELINE: &str = env!("CARGO_BIN_EXE_eyeline");
/// A test pattern whose key pictures are ten seconds apart.
const CAMERA: &str = "cam=exec:ffmpeg -nostdin -loglevel error -re -f lavfi \
    -i testsrc2=size=640x360:rate=30 -c:v libx264 -preset ultrafast -tune zerolatency \
    -pix_fmt yuv420p -g 300 -sc_threshold 0 -f h264 -flush_packets 1 -";
const PATTERN: &str = "pattern=test:?size=320x240&fps=10";
const TOKEN: &str = "0123456789abcdef";

fn serve(sources: &[&str]) -> Server {
    let listen = ("EYELINE_RTSP_LISTEN", "127.0.0.1:0");
    Server::start_in(EYELINE, sources.iter().copied(), [listen])
}

fn url(server: &Server, path: &str) -> String {
    format!("rtsp://{}/{path}", server.listens("rtsp"))
}

/// The first so many pictures as ffprobe sees them, each decoded. Nothing may be wrong with them.
fn probe(options: &[&str], url: &str, pictures: u32) -> Value {
    let mut ffprobe = Command::new("timeout");
    ffprobe
        .args(["60", "ffprobe", "-v", "error", "-of", "json"])
        .args(["-show_streams", "-show_frames", "-select_streams", "v"])
        .args(["-read_intervals", &format!("%+#{pictures}")])
        .args(options)
        .arg(url)
        .stdin(Stdio::null());
    let output = ffprobe.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{url}: {said}");
    assert_eq!(said, "", "{url} {options:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn check_plays(server: &Server, transport: &str) {
    let told = probe(&["-rtsp_transport", transport], &url(server, "cam"), 60);
    let stream = &told["streams"][0];
    assert_eq!(stream["codec_name"], "h264");
    assert_eq!(
        (&stream["width"], &stream["height"]),
        (&640.into(), &360.into())
    );
    let frames = told["frames"].as_array().unwrap();
    assert_eq!(frames.len(), 60);
    assert_eq!(frames[0]["key_frame"], 1);
    // ffmpeg gives the first picture no time.
    let times: Vec<f64> = frames[1..]
        .iter()
        .map(|frame| frame["pts_time"].as_str().unwrap().parse().unwrap())
        .collect();
    assert!(times.is_sorted_by(|one, next| one < next), "{times:?}");
}

#[test]
fn ffmpeg_plays_over_the_connection_and_over_datagrams() {
    let server = serve(&[CAMERA]);
    check_plays(&server, "tcp");
    check_plays(&server, "udp");
    server.stop();
}

/// What GStreamer writes of so many buffers that come out of this pipeline.
fn gstreamer(pipeline: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out");
    let mut gst = Command::new("timeout");
    gst.args(["60", "gst-launch-1.0", "-q"])
        .args(pipeline.split_whitespace())
        .args(["!", "filesink", &format!("location={}", file.display())]);
    Program::output(&mut gst);
    std::fs::read(&file).unwrap()
}

#[test]
fn gstreamer_plays_over_the_connection_and_over_datagrams() {
    let server = serve(&[CAMERA]);
    for protocol in ["tcp", "udp"] {
        let url = url(&server, "cam");
        let raw = gstreamer(&format!(
            "rtspsrc location={url} protocols={protocol} latency=100 ! rtph264depay ! h264parse \
             ! avdec_h264 ! videoconvert ! video/x-raw,format=GRAY8 ! identity eos-after=21"
        ));
        assert_eq!(raw.len(), 20 * 640 * 360, "{protocol}");
    }
    server.stop();
}

#[test]
fn opencv_plays() {
    let server = serve(&[CAMERA]);
    let script = "import sys, cv2\n\
        seen = cv2.VideoCapture(sys.argv[1], cv2.CAP_FFMPEG)\n\
        assert all(seen.read()[1].shape == (360, 640, 3) for _ in range(30))";
    let mut python = tools::python();
    Program::output(python.args(["-c", script, &url(&server, "cam")]));
    server.stop();
}

#[test]
fn pictures_that_are_jpegs_are_sent_as_such() {
    let server = serve(&[PATTERN]);
    let url = url(&server, "pattern");
    for transport in ["tcp", "udp"] {
        let told = probe(&["-rtsp_transport", transport], &url, 8);
        let stream = &told["streams"][0];
        assert_eq!(stream["codec_name"], "mjpeg");
        assert_eq!(
            (&stream["width"], &stream["height"]),
            (&320.into(), &240.into())
        );
    }
    let raw = gstreamer(&format!(
        "rtspsrc location={url} protocols=tcp latency=100 ! rtpjpegdepay ! jpegdec \
         ! videoconvert ! video/x-raw,format=GRAY8 ! identity eos-after=6"
    ));
    assert_eq!(raw.len(), 5 * 320 * 240);
    server.stop();
}

#[test]
fn a_viewer_has_an_account_and_can_be_shown_out() {
    let server = serve(&[CAMERA]);
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg
        .args(["-nostdin", "-v", "error", "-rtsp_transport", "tcp", "-i"])
        .args([&url(&server, "cam"), "-f", "null", "-"])
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    let mut player = Program::spawn(&mut ffmpeg);
    let id = wait::until("a viewer", || {
        let viewers = server.json("/api/streams/cam/viewers");
        let viewer = viewers["viewers"].as_array()?.first()?;
        assert_eq!(viewer["transport"], "rtsp");
        viewer["frames"].as_u64().filter(|frames| *frames > 10)?;
        viewer["id"].as_u64()
    });
    let path = format!("/api/streams/cam/viewers/{id}");
    assert_eq!(
        http::send(server.port(), "DELETE", &path, &[], b"").status,
        200
    );
    wait::until("the player to end", || player.0.try_wait().unwrap());
    server.stop();
}

#[test]
fn who_comes_from_elsewhere_needs_the_token() {
    let env = [
        ("EYELINE_RTSP_LISTEN", "127.0.0.1:0"),
        ("EYELINE_AUTH_TOKEN", TOKEN),
    ];
    let server = Server::start_in(EYELINE, [CAMERA], env);
    let port = server.listens("rtsp").port();
    // This name leads to the same machine, but is none of its own.
    let at = |user: &str, query: &str| format!("rtsp://{user}0.0.0.0:{port}/cam{query}");
    let plays = |url: &str| {
        let mut ffprobe = Command::new("timeout");
        ffprobe
            .args([
                "60",
                "ffprobe",
                "-v",
                "error",
                "-rtsp_transport",
                "tcp",
                url,
            ])
            .stdin(Stdio::null());
        let output = ffprobe.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), said)
    };
    let (played, said) = plays(&at("", ""));
    assert!(!played && said.contains("401"), "{said}");
    let (played, said) = plays(&at("anna:wrong0wrong0wrong@", ""));
    assert!(!played && said.contains("401"), "{said}");
    // ffmpeg answers by Digest with MD5.
    let (played, said) = plays(&at(&format!("anna:{TOKEN}@"), ""));
    assert!(played, "{said}");
    let (played, said) = plays(&at("", &format!("?token={TOKEN}")));
    assert!(played, "{said}");
    // Eyeline answers by Digest with SHA-256.
    let source = format!("far={}", at(&format!("anna:{TOKEN}@"), ""));
    let other = Server::start(EYELINE, [source]);
    other.wait_live("far");
    other.stop();
    assert!(!server.log().contains(TOKEN), "{}", server.log());
    server.stop();
}

#[test]
fn it_is_played_over_tls() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (certificate, key) = (file("cert.pem"), file("key.pem"));
    Program::output(
        Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
            ])
            .args(["-nodes", "-days", "2", "-subj", "/CN=localhost"])
            .args(["-keyout", &key, "-out", &certificate]),
    );
    let env = [
        ("EYELINE_RTSP_LISTEN", "off"),
        ("EYELINE_RTSP_TLS_LISTEN", "127.0.0.1:0"),
        ("EYELINE_RTSP_CERTIFICATE", &certificate),
        ("EYELINE_RTSP_KEY", &key),
    ];
    let server = Server::start_in(EYELINE, [CAMERA], env);
    let url = format!("rtsps://{}/cam", server.listens("rtsps"));
    let told = probe(&["-rtsp_transport", "tcp"], &url, 20);
    assert_eq!(told["frames"].as_array().unwrap().len(), 20);
    server.stop();
}

#[test]
fn what_is_wrong_is_answered_as_the_standard_has_it() {
    let server = serve(&[CAMERA]);
    let at = server.listens("rtsp");
    let url = url(&server, "cam");
    let mut client = Client::connect(at);
    let mut check = |method: &str, path: &str, fields: &str, status: u16| {
        let answer = client.ask(method, &format!("{url}{path}"), fields, "");
        assert_eq!(
            answer.status, status,
            "{method} {path} {fields}: {answer:?}"
        );
    };
    check("OPTIONS", "", "", 200);
    check("DESCRIBE", "-none", "", 404);
    check("DESCRIBE", "?quality=best", "", 400);
    check("PLAY", "", "", 454);
    check(
        "SETUP",
        "/trackID=0",
        "Transport: RTP/AVP;multicast\r\n",
        461,
    );
    check(
        "SETUP",
        "/trackID=7",
        "Transport: RTP/AVP/TCP;interleaved=0-1\r\n",
        404,
    );
    check("ANNOUNCE", "", "Content-Type: application/sdp\r\n", 415);
    check(
        "SETUP",
        "/trackID=0",
        "Transport: RTP/AVP/TCP;interleaved=4-5\r\n",
        200,
    );
    check("GET_PARAMETER", "", "", 200);
    check("SET_PARAMETER", "", "", 200);
    check("PAUSE", "", "", 200);
    let played = client.ask("PLAY", &url, "", "");
    assert!(
        played
            .field("RTP-Info")
            .is_some_and(|info| info.contains("seq=")),
        "{played:?}"
    );
    // Who asked for other channels gets them.
    let channels: Vec<u8> = (0..20).map(|_| client.packet().unwrap().0).collect();
    assert!(
        channels.iter().all(|channel| [4, 5].contains(channel)),
        "{channels:?}"
    );
    assert_eq!(client.ask("PAUSE", &url, "", "").status, 200);
    assert_eq!(client.ask("TEARDOWN", &url, "", "").status, 200);
    let mut page = Client::connect(at);
    page.send(
        b"POST / HTTP/1.1\r\nHost: localhost\r\n\r\nANNOUNCE rtsp://localhost/x RTSP/1.0\r\n\r\n",
    );
    assert_eq!(page.answer().map(|answer| answer.status), Some(400));
    assert!(page.answer().is_none(), "and the connection is closed");
    server.stop();
}
