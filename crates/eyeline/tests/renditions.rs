//! Each viewer at its own quality, the work done once.

#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

use std::collections::BTreeMap;
use std::thread;

use eyeline_testkit::http::{Part, Viewer};
use eyeline_testkit::server::Server;
use eyeline_testkit::{pictures, wait};

const EYELINE: &str = env!("CARGO_BIN_EXE_eyeline");

fn watch(server: &Server, wish: &str, parts: usize) -> Vec<Part> {
    let mut viewer = Viewer::open(server.port(), &format!("/streams/cam/mjpeg{wish}"));
    (0..parts)
        .map(|_| viewer.next_part().expect("the stream goes on"))
        .collect()
}

fn size(part: &Part) -> String {
    eyeline_media::jpeg::parse_header(&part.jpeg)
        .unwrap()
        .resolution
        .to_string()
}

#[test]
fn equal_wishes_share_the_very_same_pictures() {
    const VIEWERS: usize = 20;
    let server = Server::start(EYELINE, ["cam=test:?size=1280x720&fps=20"]);
    let seen: Vec<Vec<Part>> = thread::scope(|scope| {
        let watching: Vec<_> = (0..VIEWERS)
            .map(|_| scope.spawn(|| watch(&server, "?quality=low", 30)))
            .collect();
        wait::until("all to watch", || {
            let info = server.json("/api/streams/cam");
            assert!(info["renditions"].as_u64() <= Some(1), "{info}");
            (info["viewer_count"] == VIEWERS).then_some(())
        });
        watching
            .into_iter()
            .map(|viewer| viewer.join().unwrap())
            .collect()
    });
    // A picture of one capture time was encoded once if everybody has the same bytes.
    let mut pictures = BTreeMap::new();
    for part in seen.iter().flatten() {
        let first = pictures
            .entry(part.captured)
            .or_insert_with(|| part.jpeg.clone());
        assert_eq!(*first, part.jpeg, "two encodes of {}", part.captured);
        assert_eq!(size(part), "568x320");
    }
    assert!(
        pictures.len() < VIEWERS * 30 / 2,
        "the viewers watched together"
    );
    wait::until("the rendition to end after its last viewer", || {
        (server.json("/api/streams/cam")["renditions"] == 0).then_some(())
    });
    server.stop();
}

#[test]
fn different_wishes_are_served_at_once_and_carry_the_capture_time() {
    let server = Server::start(EYELINE, ["cam=test:?size=1280x720&fps=20"]);
    let check = |wish: &str, expected: &str| {
        for part in watch(&server, wish, 10) {
            assert_eq!(size(&part), expected, "{wish}");
            assert_eq!(
                pictures::read_time(&part.jpeg),
                Some(part.captured),
                "{wish}"
            );
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| check("", "1280x720"));
        scope.spawn(|| check("?quality=low", "568x320"));
        scope.spawn(|| check("?quality=medium&fps=5", "852x480"));
        scope.spawn(|| check("?jpeg_quality=50", "1280x720"));
        scope.spawn(|| check("?quality=high", "1280x720"));
    });
    server.stop();
}

#[test]
fn a_lower_rate_leaves_pictures_out_and_changes_none() {
    let server = Server::start(EYELINE, ["cam=test:?size=320x240&fps=20"]);
    let (all, few) = thread::scope(|scope| {
        let all = scope.spawn(|| watch(&server, "", 80));
        let few = scope.spawn(|| watch(&server, "?fps=5", 16));
        (all.join().unwrap(), few.join().unwrap())
    });
    let all: BTreeMap<_, _> = all
        .into_iter()
        .map(|part| (part.captured, part.jpeg))
        .collect();
    let common: Vec<_> = few
        .iter()
        .filter(|part| all.contains_key(&part.captured))
        .collect();
    assert!(common.len() >= 8, "they watched together");
    assert!(
        common.iter().all(|part| all[&part.captured] == part.jpeg),
        "untouched"
    );
    let span = few[15].captured.since(few[0].captured).as_secs_f64();
    assert!(
        (15.0 / span - 5.0).abs() < 0.5,
        "{} pictures a second by their own time",
        15.0 / span
    );
    assert_eq!(server.json("/api/streams/cam")["renditions"], 0);
    server.stop();
}

#[test]
fn a_wish_that_makes_no_sense_is_refused_and_the_cap_holds() {
    let server = Server::start(EYELINE, ["cam=test:?size=320x240"]);
    let answer = server.get("/streams/cam/mjpeg?quality=ultra");
    assert_eq!(answer.status, 400);
    assert!(
        answer.text().contains("low, medium, high or source"),
        "{}",
        answer.text()
    );
    let viewers: Vec<_> = (10..18)
        .map(|quality| {
            Viewer::open(
                server.port(),
                &format!("/streams/cam/mjpeg?jpeg_quality={quality}"),
            )
        })
        .collect();
    let answer = server.get("/streams/cam/mjpeg?jpeg_quality=18");
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(answer.header("retry-after").is_some());
    drop(viewers);
    server.stop();
}
