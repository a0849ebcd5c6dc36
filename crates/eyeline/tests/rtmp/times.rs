//! Times: counters that end, pictures in another order, sizes that change.

use eyeline_proto::rtmp::Unit;
use eyeline_testkit::http::Viewer;
use eyeline_testkit::pictures;
use eyeline_testkit::server::Server;
use eyeline_testkit::tools::Program;
use serde_json::Value;

use crate::clip::{make, short};
use crate::players::probe;
use crate::publisher::Publisher;
use crate::stand_in::{self, Manner};
use crate::{EYELINE, LIVE, check_moves, serve, sh, url};

/// Where counters of milliseconds end: of 24 bits, after 4 h 38 min, with a sign, and of 32 bits.
const ENDS: [(&str, u32); 3] = [("a", 0xff_ffff), ("b", 1 << 31), ("c", u32::MAX)];
/// So many milliseconds before an end the pictures begin.
const BEFORE: u32 = 1_500;
/// Pictures of four seconds: they end well behind it.
const PICTURES: u32 = 120;

fn numbers(packets: &Value, name: &str) -> Vec<f64> {
    let packets = packets["packets"].as_array().unwrap();
    let number = |packet: &Value| packet[name].as_str().unwrap().parse().unwrap();
    packets.iter().map(number).collect()
}

/// Times of decoding that go on evenly; what wraps goes back once. Milliseconds may be the same at the beginning, where
/// what came before one joined is told in next to no time.
fn check_even(packets: &Value, wraps: bool) {
    let times = numbers(packets, "dts_time");
    assert_eq!(times.len(), PICTURES as usize);
    let steps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let even = steps
        .iter()
        .filter(|step| (0.0..0.5).contains(*step))
        .count();
    assert!(even + usize::from(wraps) >= steps.len(), "{steps:?}");
}

fn check_goes_on(server: &Server, stream: &str) {
    let mut viewer = Viewer::open(server.port(), &format!("/streams/{stream}/mjpeg"));
    check_even(
        &probe(&url(server, stream), "-show_packets", PICTURES),
        false,
    );
    let parts: Vec<_> = (0..30).map(|_| viewer.next_part().unwrap()).collect();
    assert!(
        parts
            .windows(2)
            .all(|pair| pair[0].captured < pair[1].captured)
    );
    let info = server.json(&format!("/api/streams/{stream}"));
    assert_eq!(info["state"], "live", "{info}");
}

#[test]
fn what_is_published_goes_on_where_counters_end() {
    let server = serve();
    let clip = short();
    let _publishers = ENDS.map(|(name, end)| {
        Publisher::start(server.rtmp_port(), name).play(vec![clip.clone()], end - BEFORE)
    });
    for (name, _) in ENDS {
        server.wait_live(name);
    }
    for (name, _) in ENDS {
        check_goes_on(&server, name);
    }
    server.stop();
}

#[test]
fn what_is_pulled_goes_on_where_counters_end() {
    let clip = short();
    let sources = ENDS.map(|(name, end)| {
        let port = stand_in::serve(clip.clone(), Manner::Foreign, end - BEFORE);
        format!("{name}=rtmp://127.0.0.1:{port}/live/cam")
    });
    let server = Server::start(EYELINE, sources);
    for (name, _) in ENDS {
        server.wait_live(name);
        check_goes_on(&server, name);
    }
    server.stop();
}

#[test]
fn what_is_played_goes_on_where_counters_end() {
    for (_, end) in ENDS {
        // GStreamer ends when one of several kinds is not taken.
        let clip = make("320x240", &format!("{LIVE} -an"));
        let port = stand_in::serve(clip, Manner::Own, end - BEFORE);
        let from = format!("rtmp://127.0.0.1:{port}/live/cam");
        check_even(&probe(&from, "-show_packets", PICTURES), end == u32::MAX);
        Program::output(&mut sh(&format!(
            "timeout 60 gst-launch-1.0 --quiet rtmp2src location={from} ! flvdemux name=d d.video \
             ! h264parse ! avdec_h264 ! identity eos-after={PICTURES} ! fakesink sync=false"
        )));
    }
}

#[test]
fn pictures_that_are_shown_in_another_order_keep_their_order_and_times() {
    let clip = make(
        "320x240",
        "-c:v libx264 -g 30 -bf 3 -b_strategy 0 -sc_threshold 0 -an",
    );
    let laters: Vec<i64> = clip
        .units()
        .iter()
        .filter_map(|unit| match unit {
            Unit::Picture {
                present, decode, ..
            } => Some((present.as_nanos() - decode.as_nanos()) / 1_000_000),
            _ => None,
        })
        .collect();
    assert!(
        laters.iter().any(|later| *later > 100) && laters.contains(&0),
        "{laters:?}"
    );
    let server = serve();
    let _publisher = Publisher::start(server.rtmp_port(), "cam").play(vec![clip], 0);
    server.wait_live("cam");
    let packets = probe(&url(&server, "cam"), "-show_packets", 118);
    let (decode, present) = (numbers(&packets, "dts_time"), numbers(&packets, "pts_time"));
    assert!(decode.is_sorted(), "{decode:?}");
    // It begins with a key picture, as the clip does, and the encoder goes on in the same way. The first pictures are those
    // of before one joined, which are told in next to no time.
    for (at, later) in (90..).zip(laters.iter().take(28)) {
        let played = (present[at] - decode[at]) * 1e3;
        assert!(
            (played - *later as f64).abs() <= 2.0,
            "{at}: {played}, not {later}"
        );
    }
    let mut viewer = Viewer::open(server.port(), "/streams/cam/mjpeg");
    let parts: Vec<_> = (0..10).map(|_| viewer.next_part().unwrap().jpeg).collect();
    assert!(parts.windows(2).all(|pair| pair[0] != pair[1]));
    server.stop();
}

#[test]
fn pictures_may_change_their_size() {
    let server = serve();
    let options = "-c:v libx264 -preset ultrafast -tune zerolatency -g 30 -c:a aac";
    let clips = ["320x240", "640x360"].map(|size| make(size, options));
    let _publisher = Publisher::start(server.rtmp_port(), "cam").play(clips.into(), 0);
    server.wait_live("cam");
    let mut viewer = Viewer::open(server.port(), "/streams/cam/mjpeg");
    let found = probe(&url(&server, "cam"), "-show_frames", 180);
    let widths: Vec<u64> = found["frames"]
        .as_array()
        .unwrap()
        .iter()
        .map(|frame| frame["width"].as_u64().unwrap())
        .collect();
    assert!(widths.contains(&320) && widths.contains(&640), "{widths:?}");
    let mut sizes =
        std::iter::repeat_with(|| pictures::size(&viewer.next_part().unwrap().jpeg).to_string());
    for size in ["320x240", "640x360", "320x240"] {
        assert!(sizes.by_ref().take(600).any(|seen| seen == size), "{size}");
    }
    server.stop();
}

#[test]
fn h264_that_is_named_by_four_characters_is_taken() {
    let server = serve();
    let _publisher = Publisher::start(server.rtmp_port(), "cam").play(vec![short().enhanced()], 0);
    server.wait_live("cam");
    check_moves(&server, "cam", "320x240");
    server.stop();
}
