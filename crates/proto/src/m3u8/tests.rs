//! Playlists as servers write them, and as they should not.

use std::time::Duration;

use super::*;

fn media(text: &str) -> Media {
    match Playlist::parse(text.as_bytes()) {
        Ok(Playlist::Media(media)) => media,
        other => panic!("{other:?}"),
    }
}

fn master(text: &str) -> Master {
    match Playlist::parse(text.as_bytes()) {
        Ok(Playlist::Master(master)) => master,
        other => panic!("{other:?}"),
    }
}

#[test]
fn segments_are_numbered_and_timed() {
    let media = media(
        "#EXTM3U\r\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:17\n\
         #EXT-X-PROGRAM-DATE-TIME:2026-11-21T18:12:00Z\n#EXTINF:3.5,a title\n17.ts\n\n\
         # a remark\n#EXTINF:4,\n18.ts?x=1,2\n#EXT-X-DISCONTINUITY\n#EXT-X-GAP\n#EXTINF:2\n19.ts\n\
         #EXTINF:2\n20.ts\n#EXT-X-ENDLIST\n",
    );
    assert_eq!(media.target, Duration::from_secs(4));
    assert!(media.ended && media.part_target.is_none());
    let numbers: Vec<_> = media
        .segments
        .iter()
        .map(|s| (s.sequence, s.discontinuity))
        .collect();
    assert_eq!(numbers, [(17, 0), (18, 0), (19, 1), (20, 1)]);
    let gaps: Vec<_> = media.segments.iter().map(|segment| segment.gap).collect();
    assert_eq!(gaps, [false, false, true, false]);
    let times: Vec<_> = media
        .segments
        .iter()
        .map(|s| s.time.map(|t| t.as_micros() / 1000))
        .collect();
    assert_eq!(
        times,
        [Some(1_795_284_720_000), Some(1_795_284_723_500), None, None]
    );
    let uri = |at: usize| media.segments[at].whole.as_ref().unwrap().uri.as_str();
    assert_eq!((uri(0), uri(1)), ("17.ts", "18.ts?x=1,2"));
}

#[test]
fn ranges_go_on_where_the_one_before_ended() {
    let media = media(
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MAP:URI=\"all.mp4\",BYTERANGE=\"700@0\"\n\
         #EXTINF:2,\n#EXT-X-BYTERANGE:1000@700\nall.mp4\n#EXTINF:2,\n#EXT-X-BYTERANGE:500\nall.mp4\n\
         #EXT-X-MAP:URI=\"init2.mp4\"\n#EXTINF:2,\n#EXT-X-BYTERANGE:500\nother.mp4\n",
    );
    let range = |piece: &Piece| piece.range.map(|range| (range.offset, range.len));
    let ranges: Vec<_> = media
        .segments
        .iter()
        .map(|s| range(s.whole.as_ref().unwrap()))
        .collect();
    assert_eq!(
        ranges,
        [Some((700, 1000)), Some((1700, 500)), Some((0, 500))]
    );
    let maps: Vec<_> = media
        .segments
        .iter()
        .map(|s| s.map.as_deref().unwrap())
        .collect();
    assert_eq!(
        (range(maps[0]), range(maps[1])),
        (Some((0, 700)), Some((0, 700)))
    );
    assert_eq!((maps[2].uri.as_str(), range(maps[2])), ("init2.mp4", None));
}

#[test]
fn parts_belong_to_the_segment_that_follows_or_is_not_there_yet() {
    let media = media(
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-PART-INF:PART-TARGET=0.2\n\
         #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.6,HOLD-BACK=3\n\
         #EXT-X-MEDIA-SEQUENCE:5\n#EXT-X-MAP:URI=\"init.mp4\"\n\
         #EXT-X-PART:DURATION=0.2,URI=\"5.0.m4s\",INDEPENDENT=YES\n\
         #EXT-X-PART:DURATION=0.2,URI=\"5.1.m4s\"\n#EXTINF:0.4,\n5.m4s\n\
         #EXT-X-PART:URI=\"6.0.m4s\",DURATION=0.2,GAP=YES\n\
         #EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"6.1.m4s\"\n",
    );
    assert_eq!(media.part_target, Some(Duration::from_millis(200)));
    assert_eq!(media.part_hold_back, Some(Duration::from_millis(600)));
    assert!(media.can_block && !media.ended);
    let [whole, begun] = &media.segments[..] else {
        panic!("{media:?}");
    };
    assert!(whole.whole.is_some() && whole.parts.len() == 2);
    assert!(whole.parts[0].independent && !whole.parts[1].independent);
    assert_eq!((begun.sequence, &begun.whole), (6, &None));
    assert!(begun.parts[0].gap);
    assert_eq!(begun.duration, Duration::from_millis(200));
}

#[test]
fn encryption_lasts_until_it_is_taken_back() {
    let media = media(
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-KEY:METHOD=AES-128,URI=\"k,1\",IV=0x1\n\
         #EXTINF:1,\na\n#EXTINF:1,\nb\n#EXT-X-KEY:METHOD=NONE\n#EXTINF:1,\nc\n",
    );
    let keys: Vec<_> = media
        .segments
        .iter()
        .map(|s| s.encryption.as_deref())
        .collect();
    assert_eq!(keys, [Some("AES-128"), Some("AES-128"), None]);
}

#[test]
fn the_best_variant_that_is_h264_is_taken() {
    let variants = "#EXTM3U\n\
        #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"aud\",NAME=\"a\",URI=\"a.m3u8\"\n\
        #EXT-X-STREAM-INF:BANDWIDTH=900,RESOLUTION=640x360,CODECS=\"avc1.64001e,mp4a.40.2\"\nlow.m3u8\n\
        #EXT-X-STREAM-INF:BANDWIDTH=2000,RESOLUTION=1280x720,CODECS=\"mp4a.40.2,avc1.64001f\",AUDIO=\"aud\"\napart.m3u8\n\
        #EXT-X-STREAM-INF:BANDWIDTH=1900,RESOLUTION=1280x720,CODECS=\"avc1.64001f,mp4a.40.2\"\nmid.m3u8\n\
        #EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=9,URI=\"i.m3u8\"\n\
        #EXT-X-STREAM-INF:BANDWIDTH=8000,RESOLUTION=3840x2160,CODECS=\"hvc1.2\"\nhigh.m3u8\n";
    let parsed = master(variants);
    assert_eq!(parsed.variants.len(), 4);
    assert_eq!(parsed.best().unwrap().uri, "mid.m3u8");
    let plain = master("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nx.m3u8\n");
    assert_eq!(plain.best().unwrap().uri, "x.m3u8");
    let none = master("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS=\"hvc1.2\"\nx.m3u8\n");
    let said = none.best().unwrap_err().to_string();
    assert!(said.contains("hvc1.2"), "{said}");
}

#[test]
fn the_highest_numbers_are_not_counted_beyond() {
    let media = media(
        "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:18446744073709551615\n\
         #EXT-X-DISCONTINUITY-SEQUENCE:18446744073709551615\n#EXTINF:1\na.ts\n\
         #EXT-X-DISCONTINUITY\n#EXTINF:1\nb.ts\n",
    );
    let numbers = |segment: &Segment| (segment.sequence, segment.discontinuity);
    let all: Vec<_> = media.segments.iter().map(numbers).collect();
    assert_eq!(all, [(u64::MAX, u64::MAX); 2]);
}

#[test]
fn what_is_no_playlist_is_refused() {
    let check = |text: &str, expected: &str| {
        let said = Playlist::parse(text.as_bytes()).unwrap_err().to_string();
        assert!(said.contains(expected), "{text:?}: {said}");
    };
    check("", "#EXTM3U");
    check("<html>", "#EXTM3U");
    check("#EXTM3U\n#EXTINF:x\na.ts\n", "line 2");
    check("#EXTM3U\n#EXTINF:-1\na.ts\n", "line 2");
    check("#EXTM3U\n\n#EXT-X-BYTERANGE:1@y\na.ts\n", "line 3");
    check("#EXTM3U\n#EXT-X-PART:DURATION=1\n", "no URI");
    check(
        "#EXTM3U\n#EXT-X-BYTERANGE:18446744073709551615@1\na.ts\n",
        "too long",
    );
    check(
        "#EXTM3U\n#EXTINF:1\na.ts\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1\nb.ts\n",
        "line 4",
    );
    check(
        "#EXTM3U\n#EXTINF:1\na.ts\n#EXT-X-DISCONTINUITY-SEQUENCE:3\n",
        "line 4",
    );
    let long = format!("#EXTM3U\n{}", "#\n".repeat(MAX_PLAYLIST_BYTES));
    check(&long, "limit");
}
