//! That the rules find what breaks them.

use super::*;

const GOOD: &str = "#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12.0,HOLD-BACK=6.0,PART-HOLD-BACK=0.6
#EXT-X-PART-INF:PART-TARGET=0.2
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-MAP:URI=\"init.mp4\"
#EXT-X-PROGRAM-DATE-TIME:2026-01-31T12:00:00.250Z
#EXT-X-PART:DURATION=0.2,URI=\"7.0.m4s\",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.1,URI=\"7.1.m4s\"
#EXTINF:0.3,
7.m4s
#EXT-X-DISCONTINUITY
#EXT-X-PROGRAM-DATE-TIME:2026-01-31T12:00:00.550Z
#EXT-X-PART:DURATION=0.2,URI=\"8.0.m4s\",INDEPENDENT=YES
#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"8.1.m4s\"
#EXT-X-RENDITION-REPORT:URI=\"audio.m3u8\",LAST-MSN=8,LAST-PART=0
";

fn parse(text: &str) -> Playlist {
    Playlist::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn a_playlist_that_keeps_the_rules_is_let_pass() {
    let good = parse(GOOD);
    assert_eq!(check(&good), []);
    assert_eq!(check_next(&good, &good), []);
    assert_eq!(good.next_query(), "_HLS_msn=8&_HLS_part=1");
    assert_eq!(good.segments[1].number, 8);
}

#[test]
fn each_broken_rule_is_found() {
    let check = |from: &str, to: &str, section: &str| {
        assert!(GOOD.contains(from), "{from}");
        let found = check(&parse(&GOOD.replacen(from, to, 1)));
        assert!(
            found.iter().any(|broken| broken.section == section),
            "{to}: {found:?}"
        );
    };
    check("VERSION:9", "VERSION:3", "8");
    check("#EXT-X-TARGETDURATION:2\n", "", "4.4.3.1");
    check("#EXTINF:0.3", "#EXTINF:2.6", "4.4.3.1");
    check("#EXT-X-PART-INF:PART-TARGET=0.2\n", "", "4.4.3.7");
    check("CAN-BLOCK-RELOAD=YES", "CAN-BLOCK-RELOAD=NO", "4.4.3.8");
    check("CAN-SKIP-UNTIL=12.0", "CAN-SKIP-UNTIL=11.9", "4.4.3.8");
    check(",HOLD-BACK=6.0", ",HOLD-BACK=5.9", "4.4.3.8");
    check("PART-HOLD-BACK=0.6", "PART-HOLD-BACK=0.39", "4.4.3.8");
    check(
        "DURATION=0.2,URI=\"8.0",
        "DURATION=0.21,URI=\"8.0",
        "4.4.4.9",
    );
    check(
        "DURATION=0.2,URI=\"8.0.m4s\",INDEPENDENT=YES\n",
        "DURATION=0.2,URI=\"8.0.m4s\",INDEPENDENT=YES\n#EXT-X-PART:DURATION=0.1,URI=\"8.x.m4s\"\n",
        "4.4.4.9",
    );
    check("#EXTINF:0.3", "#EXTINF:0.2", "4.4.4.9");
    check("12:00:00.250Z", "12:00", "4.4.4.6");
    check("#EXT-X-MAP:URI=\"init.mp4\"\n", "", "3.1.2");
    check(
        "URI=\"8.0.m4s\",INDEPENDENT=YES",
        "URI=\"8.0.m4s\"",
        "4.4.2.1",
    );
    check("PART,URI=\"8.1.m4s\"", "PART,URI=\"8.0.m4s\"", "4.4.5.3");
    check(
        "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"8.1.m4s\"\n",
        "",
        "6.2.2",
    );
    check(",LAST-PART=0", "", "4.4.5.4");
    let long = "#EXTINF:2.0,\n8.m4s\n".repeat(4);
    check("#EXT-X-DISCONTINUITY\n", &long, "6.2.2");
}

#[test]
fn what_must_not_change_from_one_time_to_the_next_is_found() {
    let before = parse(GOOD);
    let check = |from: &str, to: &str, section: &str| {
        assert!(GOOD.contains(from), "{from}");
        let found = check_next(&before, &parse(&GOOD.replacen(from, to, 1)));
        assert!(
            found.iter().any(|broken| broken.section == section),
            "{to}: {found:?}"
        );
    };
    check("TARGETDURATION:2", "TARGETDURATION:3", "6.2.1");
    check("PART-TARGET=0.2", "PART-TARGET=0.21", "6.2.1");
    check("MEDIA-SEQUENCE:7", "MEDIA-SEQUENCE:6", "6.2.2");
    check("#EXTINF:0.3", "#EXTINF:0.31", "6.2.1");
    check("\n7.m4s", "\n70.m4s", "6.2.1");
    check("URI=\"7.1.m4s\"", "URI=\"7.2.m4s\"", "6.2.1");
    check("#EXT-X-DISCONTINUITY\n", "", "6.2.1");
    check("12:00:00.550Z", "12:00:00.551Z", "6.2.1");
    check(
        "#EXT-X-MAP",
        "#EXT-X-DISCONTINUITY-SEQUENCE:1\n#EXT-X-MAP",
        "6.2.2",
    );
    // A discontinuity that is gone counts.
    let gone = "#EXT-X-MEDIA-SEQUENCE:9";
    check("#EXT-X-MEDIA-SEQUENCE:7", gone, "6.2.2");
}

#[test]
fn what_is_left_out_is_put_back() {
    let before = parse(GOOD);
    let at = GOOD.find("#EXT-X-MAP").unwrap();
    let to = GOOD.find("#EXT-X-DISCONTINUITY\n").unwrap();
    let delta = format!(
        "{}#EXT-X-SKIP:SKIPPED-SEGMENTS=1\n{}",
        &GOOD[..at],
        &GOOD[to..]
    );
    let delta = parse(&delta);
    assert_eq!(check(&delta), []);
    assert_eq!(delta.over(&before), before);
}

#[test]
fn what_is_no_playlist_is_refused() {
    let check = |text: &str| assert!(Playlist::parse(text).is_err(), "{text}");
    check("");
    check("#EXT-X-VERSION:9\n#EXTM3U\n");
    check("#EXTM3U\n#EXT-X-TARGETDURATION:x\n");
    check("#EXTM3U\n#EXT-X-PART:URI=\"a\"\n");
    check("#EXTM3U\n#EXT-X-PART:DURATION=1,DURATION=1,URI=\"a\"\n");
    check("#EXTM3U\n#EXT-X-PART:DURATION=1,URI=\"a\n");
    check("#EXTM3U\na.m4s\n");
    check("#EXTM3U\n#EXT-X-UNHEARD-OF\n");
}

#[test]
fn variants_must_say_what_they_need() {
    const GOOD: &str = "#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"sound\",URI=\"audio.m3u8\"
#EXT-X-STREAM-INF:BANDWIDTH=2,AVERAGE-BANDWIDTH=1,CODECS=\"avc1.64001f\",RESOLUTION=1x1,FRAME-RATE=30.000,AUDIO=\"a\"
video.m3u8
";
    let check = |from: &str, to: &str, section: Option<&str>| {
        assert!(GOOD.contains(from), "{from}");
        let found = check_variants(&Variants::parse(&GOOD.replacen(from, to, 1)).unwrap());
        assert_eq!(
            found.first().map(|broken| broken.section),
            section,
            "{found:?}"
        );
    };
    check("video", "video", None);
    check("BANDWIDTH=2", "BANDWIDTH=0", Some("4.4.6.2"));
    check("CODECS=\"avc1.64001f\",", "", Some("4.4.6.2"));
    check("AUDIO=\"a\"", "AUDIO=\"b\"", Some("4.4.6.2.1"));
    check("NAME=\"sound\",", "", Some("4.4.6.1"));
}
