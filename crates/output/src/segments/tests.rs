//! Where segments and parts are cut, whatever comes.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use eyeline_media::{AudioCodec, AudioFormat, AudioPacket, Codec, Packet, Resolution, Timestamp};

use super::packager::{Kind, Packager, Plan};
use super::playlists::Dress;
use super::segment::Segment;
use super::track::Track;

const MS: Duration = Duration::from_millis(1);
const START: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);
/// Of x264: 320x240, High profile.
const SPS: &[u8] = &[
    0x67, 0x64, 0x00, 0x0d, 0xac, 0xd9, 0x41, 0x41, 0xfb, 0x01, 0x10, 0x00, 0x00, 0x03, 0x00, 0x10,
    0x00, 0x00, 0x03, 0x03, 0xc0, 0xf1, 0x42, 0x99, 0x60,
];
const DRESS: Dress<'static> = Dress {
    query: "",
    size: (320, 240),
    now: START,
};

/// A key picture with its parameter sets, or another.
fn data(key: bool, pps: u8) -> Bytes {
    let mut bytes = Vec::new();
    let sets: [&[u8]; 3] = [
        SPS,
        &[0x68, 0xeb, 0xe3, 0xcb, 0x22, pps],
        &[0x65, 0x88, 0x84],
    ];
    let units = if key {
        &sets[..]
    } else {
        &[&[0x41_u8, 0x9a][..]]
    };
    for unit in units {
        bytes.extend_from_slice(&(unit.len() as u32).to_be_bytes());
        bytes.extend_from_slice(unit);
    }
    bytes.into()
}

fn picture(at: Duration, key: bool) -> Packet {
    Packet {
        captured: START.after(at),
        composition: Duration::ZERO,
        codec: Codec::H264,
        resolution: Resolution::new(320, 240).unwrap(),
        key,
        slate: false,
        data: data(key, 0xc0),
    }
}

fn piece(at: Duration) -> AudioPacket {
    let format = AudioFormat {
        codec: AudioCodec::Aac,
        sample_rate: 48_000,
        channels: 2,
        config: Bytes::from_static(&[0x11, 0x90]),
    };
    AudioPacket {
        captured: START.after(at),
        format: Arc::new(format),
        samples: 1024,
        data: Bytes::from_static(b"sound"),
    }
}

fn packager() -> Packager {
    Packager::new(Plan {
        first: 100,
        ..Plan::default()
    })
}

/// So many pictures at a steady rate, every `gop`th of them a key picture.
fn steady(packager: &mut Packager, fps: u32, gop: u32, count: u32) {
    for n in 0..count {
        let packet = picture(Duration::from_secs(1) * n / fps, n % gop == 0);
        packager.picture(packet.clone(), packet.captured);
    }
}

fn segments(packager: &Packager, kind: Kind) -> Vec<Segment> {
    // Behind the gap at the beginning.
    let segments = &packager.track(kind).unwrap().segments;
    let lead_in = usize::from(segments[0].is_gap());
    segments.iter().skip(lead_in).cloned().collect()
}

/// What HLS asks of parts, and that nothing is lost or put twice between them.
fn check_parts(packager: &Packager, kind: Kind) {
    let track: &Track = packager.track(kind).unwrap();
    let most = track.ticks(packager.server().part_target);
    for segment in &track.segments {
        for (index, part) in segment.parts.iter().enumerate() {
            let last = index + 1 == segment.parts.len() && segment.end.is_some();
            let full = part.duration * 100 >= most * 85;
            assert!(
                part.duration <= most,
                "{} {index}: {}",
                segment.number,
                part.duration
            );
            assert!(
                full || last || part.independent,
                "{} {index}: {}",
                segment.number,
                part.duration
            );
        }
        let parts: u64 = segment.parts.iter().map(|part| part.duration).sum();
        if let Some(end) = segment.end {
            assert!(parts <= end - segment.time, "{}", segment.number);
        }
    }
    for pair in segments(packager, kind).windows(2) {
        assert_eq!(pair[0].number + 1, pair[1].number);
        assert!(pair[0].end.unwrap() <= pair[1].time, "{}", pair[1].number);
    }
}

#[test]
fn segments_are_as_long_as_groups_of_pictures_but_a_second_at_least() {
    let check = |fps: u32, gop: u32, expected_ms: u64| {
        let mut packager = packager();
        steady(&mut packager, fps, gop, fps * 25);
        let segments = segments(&packager, Kind::Video);
        assert_eq!(segments[0].number, 101);
        for segment in segments.iter().filter(|segment| segment.end.is_some()) {
            assert!(
                segment.duration().abs_diff(expected_ms * 90) <= 90,
                "{segment:?}"
            );
            assert!(segment.parts[0].independent);
            assert_eq!(
                segment.parts.iter().filter(|part| part.independent).count() as u64,
                expected_ms * u64::from(fps) / 1000 / u64::from(gop)
            );
        }
        check_parts(&packager, Kind::Video);
        let target = packager.server().target_duration_s;
        assert!(u64::from(target) * 1000 >= expected_ms, "{target}");
    };
    check(30, 300, 10_000);
    check(30, 60, 2_000);
    check(25, 25, 1_000);
    check(30, 15, 1_000);
    check(10, 20, 2_000);
}

#[test]
fn parts_keep_to_their_length_however_pictures_come() {
    let mut seed = 1_u64;
    let mut random = |below: u64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for jitter_us in [1_000, 15_000, 33_000, 120_000] {
        let mut packager = packager();
        let mut at = Duration::ZERO;
        for n in 0..900_u64 {
            let late = if n % 97 == 96 { random(700_000) } else { 0 };
            let packet = picture(at + Duration::from_micros(random(jitter_us)), n % 40 == 0);
            packager.picture(packet.clone(), packet.captured);
            at += Duration::from_micros(33_333 + late);
        }
        check_parts(&packager, Kind::Video);
        let open = segments(&packager, Kind::Video).pop().unwrap();
        let begun = (
            Duration::from_nanos(open.time * 100_000 / 9),
            open.captured.since(START) + MS * 1000,
        );
        assert!(
            begun.0.abs_diff(begun.1) < MS * 250,
            "times run away: {begun:?}"
        );
    }
}

#[test]
fn decoding_begins_when_the_key_picture_is_shown() {
    let mut packager = packager();
    // In the order of decoding: I P b b, two pictures of delay.
    let shown = [2_u32, 5, 3, 4];
    for n in 0..80_u32 {
        let mut packet = picture(
            MS * 40 * (n / 4 * 4 + shown[(n % 4) as usize] - 2),
            n % 40 == 0,
        );
        packet.composition = MS * 40 * (2 + shown[(n % 4) as usize]) - MS * 40 * (n % 4 + 2);
        packager.picture(packet.clone(), packet.captured);
    }
    let segments = segments(&packager, Kind::Video);
    let times = (segments[0].time, segments[1].time);
    assert_eq!(times, (90_000, 90_000 + 40 * 3600));
    check_parts(&packager, Kind::Video);
}

#[test]
fn sound_is_cut_near_to_pictures_where_its_parts_end() {
    let mut packager = packager();
    for n in 0..900_u32 {
        let packet = picture(Duration::from_secs(1) * n / 30, n % 60 == 0);
        packager.picture(packet.clone(), packet.captured);
        // Sound comes a little late, and some of it from before the pictures began.
        let sound = Duration::from_secs(1) * 1024 * n * 3 / 2 / 48_000;
        packager.sound(piece(sound.saturating_sub(MS * 150)));
        if n % 2 == 0 {
            packager.sound(piece((sound + MS * 64 / 3).saturating_sub(MS * 150)));
        }
    }
    check_parts(&packager, Kind::Audio);
    let (video, audio) = (
        segments(&packager, Kind::Video),
        segments(&packager, Kind::Audio),
    );
    for (pictures, sound) in video.iter().zip(&audio).skip(1) {
        assert_eq!(pictures.number, sound.number);
        let times = (pictures.time / 90, sound.time / 48);
        assert!(
            (0..=210).contains(&(times.1 as i64 - times.0 as i64)),
            "{times:?}"
        );
        // Both tell the same of when a moment was captured.
        let told = |segment: &Segment, per_ms: f64| {
            segment.captured.since(START).as_secs_f64() * 1e3 - segment.time as f64 / per_ms
        };
        assert!((told(pictures, 90.0) - told(sound, 48.0)).abs() < 0.1);
    }
    let whole = audio.iter().filter(|segment| segment.end.is_some());
    for part in whole.flat_map(|segment| &segment.parts) {
        assert!(
            part.duration / 48 >= 170,
            "one that is all but empty: {part:?}"
        );
    }
    assert!(audio.len() + 1 >= video.len());
    let text = packager.media(Kind::Audio, false, DRESS).unwrap();
    assert!(
        text.contains("#EXT-X-RENDITION-REPORT:URI=\"video.m3u8\""),
        "{text}"
    );
    let text = packager.multivariant(DRESS).unwrap();
    assert!(text.contains("avc1.64000d,mp4a.40.2"), "{text}");
}

#[test]
fn sound_that_stays_away_leaves_gaps_and_may_come_back() {
    let mut packager = packager();
    for n in 0..600_u32 {
        let at = Duration::from_secs(1) * n / 30;
        let packet = picture(at, n % 30 == 0);
        packager.picture(packet.clone(), packet.captured);
        if at < MS * 4500 || at > MS * 14_500 {
            packager.sound(piece(at));
            packager.sound(piece(at + MS * 64 / 3));
        }
    }
    let audio = segments(&packager, Kind::Audio);
    let gaps = audio
        .iter()
        .filter(|segment| segment.end.is_some() && segment.parts.is_empty());
    assert!((8..=10).contains(&gaps.count()), "{audio:?}");
    let text = packager.media(Kind::Audio, false, DRESS).unwrap();
    assert!(text.contains("#EXT-X-GAP\n"), "{text}");
    assert!(
        audio.last().unwrap().number + 1 >= segments(&packager, Kind::Video).last().unwrap().number
    );
}

#[test]
fn small_gaps_in_the_sound_leave_no_holes_between_parts() {
    let mut packager = packager();
    for n in 0..300_u32 {
        let packet = picture(Duration::from_secs(1) * n / 30, n % 60 == 0);
        packager.picture(packet.clone(), packet.captured);
        // Pieces of 21 ms, 33 ms apart, and some further.
        let late = if n % 10 == 9 { MS * 40 } else { Duration::ZERO };
        packager.sound(piece(Duration::from_secs(1) * n / 30 + late));
    }
    check_parts(&packager, Kind::Audio);
    for segment in segments(&packager, Kind::Audio).iter().skip(1) {
        let parts: u64 = segment.parts.iter().map(|part| part.duration).sum();
        let all = segment.end.map_or(parts, |end| end - segment.time);
        assert_eq!(parts, all, "a hole in {}", segment.number);
    }
}

#[test]
fn other_parameter_sets_and_pauses_are_discontinuities() {
    let mut packager = packager();
    steady(&mut packager, 30, 30, 60);
    let mut coded_otherwise = picture(MS * 2000, true);
    coded_otherwise.data = data(true, 0xc1);
    packager.picture(coded_otherwise.clone(), coded_otherwise.captured);
    for n in 0..60_u32 {
        // After seven seconds without any.
        let mut packet = picture(MS * 9000 + Duration::from_secs(1) * n / 30, n % 30 == 0);
        packet.data = data(packet.key, 0xc1);
        packager.picture(packet.clone(), packet.captured);
    }
    let segments = segments(&packager, Kind::Video);
    let seen: Vec<_> = segments
        .iter()
        .map(|segment| (segment.init, segment.discontinuity))
        .collect();
    let expected = [
        (100, false),
        (100, false),
        (103, true),
        (103, true),
        (103, false),
    ];
    assert_eq!(seen, expected);
    assert_eq!(segments[3].time, 10 * 90_000);
    let epochs: Vec<_> = packager.epochs.iter().map(|epoch| epoch.number).collect();
    assert_eq!(epochs, [101, 103, 104]);
    let mpd = packager.mpd("time", DRESS).unwrap();
    assert!(
        mpd.contains("<Period id=\"104\" start=\"PT10.000S\">"),
        "{mpd}"
    );
}

#[test]
fn a_clock_that_is_set_back_does_not_stop_the_stream() {
    let mut packager = packager();
    steady(&mut packager, 30, 30, 60);
    for n in 0..60_u32 {
        let mut packet = picture(Duration::from_secs(1) * n / 30, n % 30 == 0);
        packet.captured = packet.captured.before(Duration::from_secs(3_600));
        packager.picture(packet.clone(), packet.captured);
    }
    let segments = segments(&packager, Kind::Video);
    let times: Vec<_> = segments
        .iter()
        .map(|segment| (segment.time / 90_000, segment.discontinuity))
        .collect();
    assert_eq!(times, [(1, false), (2, false), (3, true), (4, false)]);
}

#[test]
fn what_is_old_is_forgotten_and_its_discontinuities_counted() {
    let mut packager = packager();
    steady(&mut packager, 30, 30, 30);
    for n in 0..3_000_u32 {
        let mut packet = picture(MS * 1000 + Duration::from_secs(1) * n / 30, n % 30 == 0);
        packet.data = data(packet.key, 0xc1);
        packager.picture(packet.clone(), packet.captured);
    }
    let kept = segments(&packager, Kind::Video);
    assert!((40..=50).contains(&kept.len()), "{}", kept.len());
    let text = packager.media(Kind::Video, false, DRESS).unwrap();
    assert!(text.contains("#EXT-X-DISCONTINUITY-SEQUENCE:1\n"), "{text}");
    assert!(text.matches("#EXTINF").count() <= 32, "{text}");
    assert_eq!(packager.track(Kind::Video).unwrap().inits.len(), 1);
    let plan = packager.next_plan();
    assert_eq!((plan.target_duration_s, plan.discontinuities), (Some(1), 2));
    assert_eq!(plan.first, kept.last().unwrap().number + 1);
}
