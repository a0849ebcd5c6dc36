//! HTTP Live Streaming as clients see it: playlists that keep the rules however they are asked for,
//! segments and parts that hold what they list, and programs and a browser that play them.

#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use eyeline_testkit::hls::{Playlist, Variants, check, check_next, check_variants};
use eyeline_testkit::http::{self, Answer};
use eyeline_testkit::server::Server;
use eyeline_testkit::tools::{self, Program};
use eyeline_testkit::wait;
use serde_json::Value;

const EYELINE: &str = env!("CARGO_BIN_EXE_eyeline");
const HLS: &str = "/streams/cam/hls";

/// A test pattern with key pictures so far apart.
fn camera(gop: u32) -> String {
    format!(
        "cam=exec:ffmpeg -nostdin -loglevel error -re -f lavfi -i testsrc2=size=640x360:rate=30 \
         -c:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p -g {gop} \
         -sc_threshold 0 -f h264 -flush_packets 1 -"
    )
}

fn serve(gop: u32) -> Server {
    Server::start(
        EYELINE,
        [&camera(gop)[..], "pattern=test:?size=320x240&fps=5"],
    )
}

fn get(server: &Server, path: &str) -> Answer {
    let answer = server.get(&format!("{HLS}/{path}"));
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    answer
}

fn playlist(server: &Server, query: &str) -> Playlist {
    let answer = get(server, &format!("video.m3u8{query}"));
    assert_eq!(
        answer.header("content-type"),
        Some("application/vnd.apple.mpegurl")
    );
    let playlist = Playlist::parse(&answer.text());
    playlist.unwrap_or_else(|error| panic!("{error}: {}", answer.text()))
}

fn code(answer: &Answer) -> String {
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    body["code"].as_str().unwrap().to_owned()
}

#[test]
fn playlists_keep_the_rules_while_they_are_followed() {
    let server = serve(30);
    let variants = Variants::parse(&get(&server, "index.m3u8").text()).unwrap();
    assert_eq!(check_variants(&variants), []);
    assert_eq!(variants.variants[0].1, "video.m3u8");
    let mut known = playlist(&server, "");
    assert_eq!(check(&known), []);
    let (mut rounds, mut deltas) = (0, 0);
    // Long enough that something may be left out, and that what is old is gone.
    while rounds < 60 || deltas < 40 {
        rounds += 1;
        assert!(rounds < 400, "nothing is ever left out");
        let query = known.next_query();
        let next = playlist(&server, &format!("?{query}&_HLS_skip=YES"));
        assert_eq!(check(&next), [], "{next:?}");
        deltas += u32::from(next.skipped.is_some());
        let whole = next.over(&known);
        assert_eq!(check_next(&known, &whole), []);
        // It blocked until there was more.
        assert_ne!(whole.next_query(), query);
        known = whole;
    }
    let whole = playlist(&server, "");
    assert_eq!(check(&whole), []);
    assert_eq!(check_next(&known, &whole), []);
    server.stop();
}

#[test]
fn what_is_listed_is_there_and_may_be_kept_for_good() {
    let server = serve(30);
    let mut known = playlist(&server, "");
    while known.segments.len() < 4 {
        known = playlist(&server, &format!("?{}", known.next_query()));
    }
    let init = known.segments[0].map.clone().unwrap();
    let mut file = get(&server, &init.uri).body.to_vec();
    let real = known.segments.iter().filter(|segment| !segment.gap);
    for segment in real.take(2) {
        let whole = get(&server, segment.uri.as_ref().unwrap());
        assert_eq!(whole.header("content-type"), Some("video/mp4"));
        assert_eq!(
            whole.header("cache-control"),
            Some("public, max-age=86400, immutable")
        );
        let parts: Vec<_> = segment
            .parts
            .iter()
            .map(|part| get(&server, &part.uri).body)
            .collect();
        assert!(parts.concat() == whole.body, "the parts are the segment");
        file.extend_from_slice(&whole.body);
    }
    // Two groups of pictures, whole; or more, where some come faster than once a second.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("two.mp4");
    std::fs::write(&path, file).unwrap();
    let told = Program::output(
        Command::new("ffprobe")
            .args([
                "-v",
                "error",
                "-of",
                "json",
                "-show_frames",
                "-show_entries",
                "frame=pict_type",
            ])
            .arg(path),
    );
    let told: Value = serde_json::from_slice(&told).unwrap();
    let kinds = told["frames"].as_array().unwrap();
    let kinds: String = kinds
        .iter()
        .filter_map(|frame| frame["pict_type"].as_str())
        .collect();
    let groups = kinds.matches('I').count();
    assert!(groups >= 2 && kinds.len() == 30 * groups, "{kinds}");
    server.stop();
}

#[test]
fn the_part_that_is_hinted_at_is_waited_for() {
    let server = serve(60);
    let known = playlist(&server, "");
    let hint = known.hint.clone().unwrap();
    // Either it comes, or its segment ended before it.
    let answer = server.get(&format!("{HLS}/{hint}"));
    let after = playlist(&server, &format!("?{}", known.next_query()));
    let listed = after.segments.iter().flat_map(|segment| &segment.parts);
    assert_eq!(
        answer.status == 200,
        listed.clone().any(|part| part.uri == hint),
        "{hint} {after:?}"
    );
    server.stop();
}

#[test]
fn who_joins_between_rare_key_pictures_gets_one_at_once_and_all_since() {
    let server = serve(300);
    // Somebody holds the camera open, well into the time between key pictures.
    let mut first = playlist(&server, "");
    wait::until("pictures behind the key picture", || {
        first = playlist(&server, &format!("?{}", first.next_query()));
        (first.segments.last()?.parts.len() > 12).then_some(())
    });
    let joined = playlist(&server, "");
    let [gap, open] = &joined.segments[..] else {
        panic!("one group of pictures: {joined:?}");
    };
    assert!(gap.gap && open.uri.is_none() && open.parts[0].independent && open.parts.len() > 12);
    let mut file = get(&server, &gap.map.clone().unwrap().uri).body.to_vec();
    for part in &open.parts {
        file.extend_from_slice(&get(&server, &part.uri).body);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("joined.mp4");
    std::fs::write(&path, file).unwrap();
    let decoded = Program::output(
        Command::new("ffprobe")
            .args(["-v", "error", "-count_frames", "-of", "csv=p=0"])
            .args(["-show_entries", "stream=nb_read_frames", "-i"])
            .arg(path),
    );
    let decoded: usize = String::from_utf8_lossy(&decoded).trim().parse().unwrap();
    assert!(
        decoded >= open.parts.len() * 4,
        "{decoded} of {} parts",
        open.parts.len()
    );
    server.stop();
}

#[test]
fn mistakes_are_named() {
    let server = serve(30);
    let known = playlist(&server, "");
    let far = known.media_sequence + 1_000;
    let check = |path: &str, status: u16, said: &str| {
        let answer = server.get(path);
        assert_eq!(
            (answer.status, &code(&answer)[..]),
            (status, said),
            "{path}"
        );
    };
    check(
        &format!("{HLS}/video.m3u8?_HLS_msn={far}"),
        400,
        "too_far_ahead",
    );
    check(
        &format!("{HLS}/video.m3u8?_HLS_msn=x"),
        400,
        "bad_parameter",
    );
    check(
        &format!("{HLS}/video.m3u8?_HLS_part=1"),
        400,
        "bad_parameter",
    );
    check(&format!("{HLS}/video/{far}.m4s"), 404, "not_listed");
    check(&format!("{HLS}/video/1.1.m4s"), 404, "not_listed");
    check(&format!("{HLS}/audio/1.m4s"), 404, "not_listed");
    check(&format!("{HLS}/other.m3u8"), 404, "not_listed");
    check("/streams/nobody/hls/index.m3u8", 404, "unknown_stream");
    server.stop();
}

#[test]
fn a_token_in_the_address_goes_along_and_lets_caches_keep_what_it_opens() {
    const TOKEN: &str = "0123456789abcdef0123";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("eyeline.toml");
    std::fs::write(&path, format!("[auth]\ntoken = \"{TOKEN}\"\n")).unwrap();
    let server = Server::start(EYELINE, ["--config", path.to_str().unwrap(), &camera(30)]);
    // Who comes through a proxy needs the token.
    let ask = |path: &str| {
        let headers = [("X-Forwarded-For", "192.0.2.1")];
        http::send(server.port(), "GET", path, &headers, b"")
    };
    assert_eq!(ask(&format!("{HLS}/index.m3u8")).status, 401);
    let index = ask(&format!("{HLS}/index.m3u8?token={TOKEN}"));
    let variants = Variants::parse(&index.text()).unwrap();
    let media = ask(&format!("{HLS}/{}", variants.variants[0].1));
    let known = Playlist::parse(&media.text()).unwrap();
    let part = ask(&format!("{HLS}/{}", known.segments[1].parts[0].uri));
    for answer in [&index, &media, &part] {
        assert_eq!((answer.status, answer.header("set-cookie")), (200, None));
        assert!(
            answer
                .header("cache-control")
                .unwrap()
                .starts_with("public, ")
        );
    }
    // Let in by a header, an answer is for that visitor alone.
    let bearer = format!("Bearer {TOKEN}");
    let headers = [("Authorization", &bearer[..])];
    let own = http::send(
        server.port(),
        "GET",
        &format!("{HLS}/video.m3u8"),
        &headers,
        b"",
    );
    assert!(
        own.header("cache-control")
            .unwrap()
            .starts_with("private, ")
    );
    assert!(!own.text().contains("token"));
    server.stop();
}

#[test]
fn a_viewer_who_asks_again_and_again_is_one() {
    let server = serve(30);
    let mut known = playlist(&server, "");
    for _ in 0..10 {
        known = playlist(&server, &format!("?{}", known.next_query()));
        let part = known.segments.last().unwrap().parts.last();
        if let Some(part) = part {
            get(&server, &part.uri);
        }
    }
    let info = server.json("/api/streams/cam");
    assert_eq!(info["viewer_count"], 1, "{info}");
    let viewers = server.json("/api/streams/cam/viewers");
    assert_eq!(viewers["viewers"][0]["transport"], "hls", "{viewers}");
    wait::until("the viewer to be gone", || {
        (server.json("/api/streams/cam")["viewer_count"] == 0).then_some(())
    });
    server.stop();
}

#[test]
fn other_programs_play_it() {
    let server = serve(30);
    let url = server.url(&format!("{HLS}/index.m3u8"));
    let told = Program::output(
        Command::new("ffprobe")
            .args([
                "-v",
                "error",
                "-of",
                "json",
                "-show_streams",
                "-show_frames",
            ])
            .args(["-read_intervals", "%+#60", &url]),
    );
    let told: Value = serde_json::from_slice(&told).unwrap();
    assert_eq!(told["streams"][0]["codec_name"], "h264");
    assert_eq!(told["frames"].as_array().unwrap().len(), 60);
    let mut player = Command::new("gst-launch-1.0");
    player
        .args([
            "-q",
            "souphttpsrc",
            &format!("location={url}"),
            "!",
            "hlsdemux",
            "!",
        ])
        .args([
            "qtdemux",
            "!",
            "h264parse",
            "!",
            "avdec_h264",
            "!",
            "jpegenc",
            "!",
        ])
        .args(["fdsink", "fd=1"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let mut player = Program::spawn(&mut player);
    let mut played = BufReader::new(player.0.stdout.take().unwrap());
    // Each ends with its marker.
    for _ in 0..60 {
        let mut picture = Vec::new();
        while !picture.ends_with(&[0xff, 0xd9]) {
            assert!(
                played.read_until(0xd9, &mut picture).unwrap() > 0,
                "it plays on"
            );
        }
    }
    drop(player);
    server.stop();
}

#[test]
fn a_browser_plays_it_with_hls_js() {
    let server = Server::start(EYELINE, ["cam=push:", "pattern=test:?size=640x360&fps=30"]);
    let _encoder = tools::encode_pattern(&server, "pattern", "cam");
    server.wait_live("cam");
    let output = tools::node("hls.mjs")
        .args([&server.url("/")[..], "sound"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{failed}{}", server.log());
    server.stop();
}
