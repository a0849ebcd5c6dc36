//! Streams that are pulled from RTMP servers.

use std::net::TcpListener;

use eyeline_testkit::server::Server;
use eyeline_testkit::tools::Program;
use eyeline_testkit::wait;

use crate::clip::{make, short};
use crate::players::probe;
use crate::publisher::Publisher;
use crate::stand_in::{self, Manner};
use crate::{EYELINE, LIVE, MADE_UP, check_moves, ffmpeg_publishes, serve, sh, url};

fn wait_reason(server: &Server, expected: &str) {
    wait::until(&format!("the reason {expected}\n{}", server.log()), || {
        let info = server.json("/api/streams/cam").to_string();
        info.contains(expected).then_some(())
    });
}

#[test]
fn a_stream_is_pulled_from_another_eyeline_and_comes_back_with_its_publisher() {
    let first = serve();
    let publisher = ffmpeg_publishes(&url(&first, "front"));
    first.wait_live("front");
    let second = Server::start(EYELINE, [format!("cam={}", url(&first, "front"))]);
    second.wait_live("cam");
    check_moves(&second, "cam", "320x240");
    let found = probe(&url(&second, "cam"), "-show_packets", 40);
    assert_eq!(found["packets"].as_array().unwrap().len(), 40);
    drop(publisher);
    second.wait_state("cam", "away");
    let _publisher = ffmpeg_publishes(&url(&first, "front"));
    second.wait_live("cam");
    second.stop();
    first.stop();
}

#[test]
fn a_stream_is_pulled_from_ffmpeg_that_listens() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let _ffmpeg = Program::spawn(&mut sh(&format!(
        "ffmpeg -nostdin -loglevel error -re {MADE_UP} {LIVE} -c:a aac -f flv \
         -listen 1 rtmp://127.0.0.1:{port}/live/cam"
    )));
    let server = Server::start(EYELINE, [format!("cam=rtmp://127.0.0.1:{port}/live/cam")]);
    server.wait_live("cam");
    check_moves(&server, "cam", "320x240");
    server.stop();
}

#[test]
fn what_a_server_refuses_or_has_in_another_form_is_said() {
    let first = serve();
    let server = Server::start(EYELINE, [format!("cam={}", url(&first, "nothing"))]);
    wait_reason(&server, "NetStream.Play.StreamNotFound");
    server.stop();
    let server = Server::start(
        EYELINE,
        [format!("cam={}", url(&first, "pattern?token=s3cret"))],
    );
    wait_reason(&server, "this token is not the server's");
    assert!(!server.log().contains("s3cret"), "{}", server.log());
    server.stop();
    // A server of HTTP.
    let server = Server::start(
        EYELINE,
        [format!("cam=rtmp://127.0.0.1:{}/live/cam", first.port())],
    );
    wait_reason(&server, "not RTMP");
    server.stop();
    let port = stand_in::serve(make("320x240", "-c:v flv1 -an"), Manner::Foreign, 0);
    let server = Server::start(EYELINE, [format!("cam=rtmp://127.0.0.1:{port}/live/cam")]);
    wait_reason(&server, "Sorenson H.263");
    server.stop();
    first.stop();
}

#[test]
fn a_publisher_is_told_in_a_sentence_why_not() {
    let server = serve();
    let port = server.rtmp_port();
    let check = |name: &str, code: &str, expected: &str| {
        let (said, description) = Publisher::ask(port, name).status();
        assert!(
            said == code && description.contains(expected),
            "{said}: {description}"
        );
    };
    check(
        "pattern",
        "NetStream.Publish.BadName",
        "has a source of its own",
    );
    check(
        "no/name",
        "NetStream.Publish.BadName",
        "not the name of a stream",
    );
    check(
        "cam?token=wrong",
        "NetStream.Publish.Denied",
        "token is not the server's",
    );
    let _first = Publisher::start(port, "cam").play(vec![short()], 0);
    server.wait_live("cam");
    check(
        "cam",
        "NetStream.Publish.BadName",
        "somebody else publishes to cam",
    );
    let mut other = Publisher::start(port, "hevc");
    other
        .send(eyeline_proto::rtmp::Kind::VIDEO, 0, b"\x90hvc1\x01")
        .unwrap();
    let (code, description) = other.status();
    assert_eq!(code, "NetStream.Publish.Failed");
    assert!(description.contains("H.265 (HEVC)"), "{description}");
    server.stop();
}
