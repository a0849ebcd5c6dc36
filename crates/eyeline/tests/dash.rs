//! DASH as clients see it: what the description says by the clock is there, when and as it says.

#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

use std::process::Command;

use eyeline_testkit::server::Server;
use eyeline_testkit::tools::{self, Program};
use eyeline_testkit::wait;

const EYELINE: &str = env!("CARGO_BIN_EXE_eyeline");
const DASH: &str = "/streams/cam/dash";
/// A test pattern with a key picture a second.
const CAMERA: &str = "cam=exec:ffmpeg -nostdin -loglevel error -re -f lavfi \
    -i testsrc2=size=640x360:rate=30 -c:v libx264 -preset ultrafast -tune zerolatency \
    -pix_fmt yuv420p -g 30 -sc_threshold 0 -f h264 -flush_packets 1 -";

fn serve() -> Server {
    Server::start(EYELINE, [CAMERA])
}

fn manifest(server: &Server) -> String {
    let answer = server.get(&format!("{DASH}/manifest.mpd"));
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/dash+xml"));
    answer.text()
}

/// What xmllint finds at a path of the description; names are without their namespace.
fn find(folder: &tempfile::TempDir, mpd: &str, xpath: &str) -> String {
    let file = folder.path().join("manifest.mpd");
    // XPath 1.0 would want a prefix for each name.
    std::fs::write(&file, mpd.replace(" xmlns=", " was=")).unwrap();
    let found = Program::output(Command::new("xmllint").args(["--xpath", xpath]).arg(file));
    String::from_utf8(found).unwrap().trim().to_owned()
}

fn number(folder: &tempfile::TempDir, mpd: &str, xpath: &str) -> f64 {
    let text = find(folder, mpd, &format!("string({xpath})"));
    text.parse()
        .unwrap_or_else(|_| panic!("{xpath}: {text:?} in {mpd}"))
}

/// Seconds since 1970, as `date` reads them.
fn seconds(date: &str) -> f64 {
    let read = Program::output(Command::new("date").args(["-u", "+%s.%N", "-d", date]));
    String::from_utf8(read).unwrap().trim().parse().unwrap()
}

/// The decode time of the first fragment in a segment.
fn decode_time(segment: &[u8]) -> u64 {
    let at = segment.windows(4).position(|four| four == b"tfdt").unwrap();
    u64::from_be_bytes(segment[at + 8..][..8].try_into().unwrap())
}

#[test]
fn the_description_is_well_formed_and_says_what_players_need() {
    let server = serve();
    let folder = tempfile::tempdir().unwrap();
    let mpd = manifest(&server);
    let check = |xpath: &str, expected: &str| {
        assert_eq!(
            find(&folder, &mpd, &format!("string({xpath})")),
            expected,
            "{xpath} in {mpd}"
        );
    };
    check("/MPD/@type", "dynamic");
    check("/MPD/@was", "urn:mpeg:dash:schema:mpd:2011");
    check("count(/MPD/ServiceDescription/Latency/@target)", "1");
    check("count(/MPD/Period)", "1");
    check("/MPD/Period/AdaptationSet/@contentType", "video");
    check(
        "/MPD/Period/AdaptationSet/SegmentTemplate/@availabilityTimeComplete",
        "false",
    );
    check(
        "/MPD/Period/AdaptationSet/ProducerReferenceTime/@type",
        "captured",
    );
    check(
        "/MPD/UTCTiming/@schemeIdUri",
        "urn:mpeg:dash:utc:http-iso:2014",
    );
    check("/MPD/Period/AdaptationSet/Representation/@width", "640");
    // The order of elements is the schema's.
    let order = |inside: &str| {
        let names = find(&folder, &mpd, &format!("{inside}/*"));
        let names = names.lines().filter(|line| !line.starts_with([' ', '/']));
        let names = names.filter_map(|line| line.strip_prefix('<')?.split([' ', '>', '/']).next());
        names
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(order("/MPD"), ["ServiceDescription", "Period", "UTCTiming"]);
    let inside = ["ProducerReferenceTime", "SegmentTemplate", "Representation"];
    assert_eq!(order("/MPD/Period/AdaptationSet"), inside);
    let time = server.get("/time");
    assert_eq!(time.header("access-control-allow-origin"), Some("*"));
    assert!(seconds(&time.text()) > 1.7e9, "{time:?}");
    server.stop();
}

#[test]
fn every_segment_that_the_clock_announces_is_there_with_the_time_it_should_have() {
    let server = serve();
    let folder = tempfile::tempdir().unwrap();
    const TEMPLATE: &str = "/MPD/Period/AdaptationSet[1]/SegmentTemplate";
    let mut checked = 0;
    while checked < 12 {
        let mpd = manifest(&server);
        let get = |xpath: &str| number(&folder, &mpd, &format!("{TEMPLATE}/{xpath}"));
        let began = seconds(&find(&folder, &mpd, "string(/MPD/@availabilityStartTime)"));
        let (first, timescale) = (get("@startNumber") as u64, get("@timescale"));
        let early = get("@availabilityTimeOffset");
        let count = number(
            &folder,
            &mpd,
            &format!("count({TEMPLATE}/SegmentTimeline/S)"),
        ) as u64;
        let mut end = 0.0;
        for index in 0..count {
            let at = |name: &str| get(&format!("SegmentTimeline/S[{}]/@{name}", index + 1));
            let (time, duration) = (at("t"), at("d"));
            assert!(time >= end, "{mpd}");
            end = time + duration;
            // What is not yet due is asked for when it is.
            wait::until("the clock", || {
                let now = seconds(&server.get("/time").text());
                (now >= began + end / timescale - early).then_some(())
            });
            let answer = server.get(&format!("{DASH}/video/{}.m4s", first + index));
            assert_eq!(answer.status, 200, "{index} of {mpd}");
            assert_eq!(decode_time(&answer.body), time as u64, "{index} of {mpd}");
            checked += 1;
        }
    }
    server.stop();
}

#[test]
fn the_segment_that_is_being_made_comes_piece_by_piece() {
    let server = serve();
    let folder = tempfile::tempdir().unwrap();
    let mpd = manifest(&server);
    const TEMPLATE: &str = "/MPD/Period/AdaptationSet[1]/SegmentTemplate";
    let first = number(&folder, &mpd, &format!("{TEMPLATE}/@startNumber")) as u64;
    let count = number(
        &folder,
        &mpd,
        &format!("count({TEMPLATE}/SegmentTimeline/S)"),
    ) as u64;
    let path = format!("{DASH}/video/{}.m4s", first + count - 1);
    let growing = server.get(&path);
    assert_eq!(growing.header("transfer-encoding"), Some("chunked"));
    // It ended when the segment did, and is all of it.
    let whole = server.get(&path);
    assert_eq!(whole.header("transfer-encoding"), None);
    assert!(whole.body == growing.body);
    let fragments = whole
        .body
        .windows(4)
        .filter(|four| *four == b"moof")
        .count();
    assert!(fragments > 3, "{fragments}");
    server.stop();
}

#[test]
fn other_programs_play_it() {
    let server = serve();
    let url = server.url(&format!("{DASH}/manifest.mpd"));
    let told = Program::output(
        Command::new("ffprobe")
            .args([
                "-v",
                "error",
                "-of",
                "csv=p=0",
                "-show_entries",
                "frame=pict_type",
            ])
            .args(["-read_intervals", "%+#60", &url]),
    );
    let told = String::from_utf8_lossy(&told);
    assert_eq!(told.matches(['I', 'P']).count(), 60, "{told}");
    server.stop();
}

#[test]
fn a_browser_plays_it_with_shaka_player() {
    let server = Server::start(EYELINE, ["cam=push:", "pattern=test:?size=640x360&fps=30"]);
    let _encoder = tools::encode_pattern(&server, "pattern", "cam");
    server.wait_live("cam");
    let output = tools::node("dash.mjs")
        .args([&server.url("/")[..], "sound"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{failed}{}", server.log());
    server.stop();
}
