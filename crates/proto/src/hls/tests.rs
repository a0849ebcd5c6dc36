//! Playlists as they go out, and what may be asked of them.

use std::time::Duration;

use eyeline_media::Timestamp;

use super::*;

const MS: Duration = Duration::from_millis(1);
const SERVER: Server = Server {
    target_duration_s: 2,
    part_target: Duration::from_millis(200),
};

fn part(ms: u32, independent: bool) -> Part {
    Part {
        duration: MS * ms,
        independent,
    }
}

fn segment(number: u64, parts: &[Part], duration: Option<Duration>) -> Segment<'_> {
    Segment {
        duration,
        parts,
        captured: Timestamp::from_micros(1_700_000_000_000_000 + number * 2_000_000),
        init: 7,
        discontinuity: false,
        gap: false,
    }
}

fn media<'a>(segments: &'a [Segment<'a>]) -> Media<'a> {
    Media {
        server: SERVER,
        media_sequence: 7,
        discontinuity_sequence: 0,
        segments,
        next: Some(Name::Part(8, 1)),
        reports: &[],
        names: Names {
            folder: "video",
            query: "?token=x",
        },
        independent_segments: true,
    }
}

#[test]
fn a_playlist_lists_segments_and_the_parts_of_the_newest() {
    let (old, new) = ([part(200, true), part(180, false)], [part(200, true)]);
    let segments = [
        segment(0, &old, Some(MS * 1900)),
        Segment {
            discontinuity: true,
            init: 8,
            ..segment(1, &new, None)
        },
    ];
    let report = Report {
        uri: "audio.m3u8?token=x",
        segment: 8,
        part: 0,
    };
    let media = Media {
        reports: &[report],
        ..media(&segments)
    };
    let expected = "#EXTM3U
#EXT-X-VERSION:9
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12.00000,HOLD-BACK=6.00000,PART-HOLD-BACK=0.50000
#EXT-X-PART-INF:PART-TARGET=0.20000
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-MAP:URI=\"video/init-7.mp4?token=x\"
#EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:20.000Z
#EXT-X-PART:DURATION=0.20000,URI=\"video/7.0.m4s?token=x\",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.18000,URI=\"video/7.1.m4s?token=x\"
#EXTINF:1.90000,
video/7.m4s?token=x
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI=\"video/init-8.mp4?token=x\"
#EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:22.000Z
#EXT-X-PART:DURATION=0.20000,URI=\"video/8.0.m4s?token=x\",INDEPENDENT=YES
#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"video/8.1.m4s?token=x\"
#EXT-X-RENDITION-REPORT:URI=\"audio.m3u8?token=x\",LAST-MSN=8,LAST-PART=0
";
    assert_eq!(media.text(false), expected);
    // Nothing is old enough to be left out.
    assert_eq!(media.text(true), expected);
}

#[test]
fn a_playlist_that_ended_says_so() {
    let segments = [segment(0, &[], Some(MS * 2000))];
    let ended = Media {
        next: None,
        ..media(&segments)
    };
    let text = ended.text(false);
    assert!(
        text.ends_with("video/7.m4s?token=x\n#EXT-X-ENDLIST\n"),
        "{text}"
    );
}

#[test]
fn a_segment_without_anything_in_it_is_a_gap() {
    let parts = [part(200, true)];
    let segments = [Segment {
        gap: true,
        ..segment(0, &parts, Some(MS * 2000))
    }];
    let text = media(&segments).text(false);
    assert!(text.contains("#EXT-X-GAP\n#EXTINF:2.00000,\n"), "{text}");
    assert!(text.contains(",INDEPENDENT=YES,GAP=YES\n"), "{text}");
}

#[test]
fn what_lies_beyond_the_skip_boundary_is_left_out_when_asked() {
    let segments: Vec<_> = (0..10)
        .map(|number| segment(number, &[], Some(MS * 2000)))
        .collect();
    let text = media(&segments).text(true);
    // Twelve seconds stay.
    assert!(text.contains("#EXT-X-SKIP:SKIPPED-SEGMENTS=4\n"), "{text}");
    assert!(
        !text.contains("video/10.m4s") && text.contains("video/11.m4s"),
        "{text}"
    );
    assert!(!text.contains("EXT-X-MAP"), "{text}");
    assert!(text.contains("#EXT-X-MEDIA-SEQUENCE:7\n"), "{text}");
}

#[test]
fn the_playlists_of_a_stream_are_told_apart_by_what_they_need() {
    let playlists = Multivariant {
        variants: vec![Variant {
            uri: "video.m3u8".to_owned(),
            peak_bps: 3_000_000,
            average_bps: 2_000_000,
            codecs: "avc1.64001f,mp4a.40.2".to_owned(),
            resolution: (1280, 720),
            fps: 30.0,
        }],
        audio: Some(Rendition {
            uri: "audio.m3u8".to_owned(),
            channels: 2,
        }),
    };
    let expected = "#EXTM3U
#EXT-X-VERSION:9
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"sound\",DEFAULT=YES,AUTOSELECT=YES,CHANNELS=\"2\",URI=\"audio.m3u8\"
#EXT-X-STREAM-INF:BANDWIDTH=3000000,AVERAGE-BANDWIDTH=2000000,CODECS=\"avc1.64001f,mp4a.40.2\",RESOLUTION=1280x720,FRAME-RATE=30.000,AUDIO=\"audio\"
video.m3u8
";
    assert_eq!(playlists.text(), expected);
}

#[test]
fn names_are_read_as_they_are_written() {
    for name in [
        Name::Init(0),
        Name::Segment(1_700_000_000),
        Name::Part(7, 12),
    ] {
        assert_eq!(Name::parse(&name.to_string()), Some(name));
    }
    for text in [
        "",
        "init-.mp4",
        "7",
        "07.m4s",
        "7.00.m4s",
        "7.1.2.m4s",
        "+7.m4s",
        "../7.m4s",
        "99999999999999999999.m4s",
    ] {
        assert_eq!(Name::parse(text), None, "{text}");
    }
}

#[test]
fn directives_are_read_and_mistakes_named() {
    let check = |pairs: &[(&str, &str)], expected: Result<Reload, &str>| {
        let read = Reload::parse(pairs.iter().copied());
        assert_eq!(
            read.map_err(|error| error.to_string()),
            expected.map_err(str::to_owned)
        );
    };
    let until = |until, skip| Ok(Reload { until, skip });
    check(&[("token", "x")], until(None, false));
    check(&[("_HLS_msn", "7")], until(Some((7, None)), false));
    let all = [("_HLS_msn", "7"), ("_HLS_part", "2"), ("_HLS_skip", "v2")];
    check(&all, until(Some((7, Some(2))), true));
    check(&[("_HLS_skip", "YES")], until(None, true));
    check(
        &[("_HLS_part", "2")],
        Err("_HLS_part needs _HLS_msn beside it"),
    );
    check(
        &[("_HLS_msn", "x")],
        Err("_HLS_msn=\"x\" is not understood; use a whole number"),
    );
    check(
        &[("_HLS_skip", "no")],
        Err("_HLS_skip=\"no\" is not understood; use YES or v2"),
    );
}

#[test]
fn a_playlist_is_waited_for_but_not_for_ever() {
    let check = |until, expected| {
        let reload = Reload {
            until: Some(until),
            skip: false,
        };
        let edge = Edge {
            open: 10,
            parts: 3,
            parts_before: 5,
        };
        assert_eq!(
            reload.standing(edge, SERVER.part_target),
            expected,
            "{until:?}"
        );
    };
    check((9, None), Standing::Met);
    check((10, None), Standing::Wait);
    check((10, Some(2)), Standing::Met);
    check((10, Some(3)), Standing::Wait);
    check((10, Some(18)), Standing::Wait);
    check((10, Some(19)), Standing::TooFar);
    // No part of the segment before is missing: the first of the next is meant.
    check((9, Some(5)), Standing::Met);
    check((12, Some(0)), Standing::Wait);
    check((13, None), Standing::TooFar);
    check((u64::MAX, Some(u64::MAX)), Standing::TooFar);
    let plain = Reload::default();
    let empty = Edge {
        open: 0,
        parts: 0,
        parts_before: 0,
    };
    assert_eq!(plain.standing(empty, SERVER.part_target), Standing::Met);
}
