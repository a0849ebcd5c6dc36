//! Streams of real programs read, and streams of our own read back.

mod damage;
mod mux;

use std::time::Duration;

use eyeline_media::AudioCodec;

use super::*;

const AAC: &[u8] = include_bytes!("../../tests/fixtures/h264-aac.ts");
const OPUS: &[u8] = include_bytes!("../../tests/fixtures/h264-opus.ts");
const GSTREAMER: &[u8] = include_bytes!("../../tests/fixtures/gstreamer.ts");
const MPEG2: &[u8] = include_bytes!("../../tests/fixtures/mpeg2.ts");

/// What comes out of a stream in pieces of this length.
fn read(stream: &[u8], piece: usize) -> (Vec<Video>, Vec<Sound>) {
    let mut demux = Demux::new(Limits::default());
    let mut units = Vec::new();
    for piece in stream.chunks(piece) {
        demux.push(piece);
        while let Some(unit) = demux.unit().unwrap() {
            units.push(unit);
        }
    }
    while let Some(unit) = demux.finish().unwrap() {
        units.push(unit);
    }
    split(units)
}

fn split(units: Vec<Unit>) -> (Vec<Video>, Vec<Sound>) {
    let (mut pictures, mut sounds) = (Vec::new(), Vec::new());
    for unit in units {
        match unit {
            Unit::Video(video) => pictures.push(video),
            Unit::Sound(sound) => sounds.push(sound),
        }
    }
    (pictures, sounds)
}

/// Ticks of 90 kHz.
fn ticks(time: eyeline_media::MediaTime) -> i64 {
    (time.as_nanos() * 9 + 50_000) / 100_000
}

#[test]
fn pictures_that_are_reordered_have_the_times_at_which_they_are_decoded_and_shown() {
    let (pictures, _) = read(AAC, 1000);
    let times: Vec<_> = pictures
        .iter()
        .map(|video| (ticks(video.decode), ticks(video.present)))
        .collect();
    // As ffprobe says.
    assert_eq!(times.len(), 25);
    assert_eq!(
        times[..3],
        [(126_000, 133_200), (129_600, 144_000), (133_200, 136_800)]
    );
    assert_eq!(times[24].0, 212_400);
    assert!(
        times.is_sorted_by(|one, next| one.0 + 3_600 == next.0),
        "{times:?}"
    );
    let keys: Vec<_> = pictures.iter().map(|video| video.unit.key).collect();
    assert_eq!(keys.iter().filter(|key| **key).count(), 3);
    assert_eq!(pictures[0].unit.resolution.to_string(), "64x48");
}

#[test]
fn frames_of_aac_follow_each_other_in_time_without_their_headers() {
    let (_, sounds) = read(AAC, 188);
    assert!((44..48).contains(&sounds.len()), "{}", sounds.len());
    let first = &sounds[0];
    assert_eq!(
        (first.format.codec, first.format.sample_rate),
        (AudioCodec::Aac, 44_100)
    );
    // AAC LC at 44.1 kHz with one channel.
    assert_eq!(
        (first.format.channels, &first.format.config[..]),
        (1, &[0x12, 0x08][..])
    );
    assert_eq!(ticks(first.at), 131_110);
    assert_eq!(first.data.len(), 160 - 7);
    let steps = sounds
        .windows(2)
        .map(|pair| ticks(pair[1].at) - ticks(pair[0].at));
    assert!(
        steps
            .into_iter()
            .all(|step| (2_088..=2_091).contains(&step))
    );
    assert!(sounds.iter().all(|sound| sound.samples == 1024));
}

#[test]
fn packets_of_opus_come_with_their_length_and_header() {
    let (pictures, sounds) = read(OPUS, 500);
    assert_eq!(pictures.len(), 10);
    let first = &sounds[0];
    assert_eq!(
        (first.format.codec, first.format.sample_rate),
        (AudioCodec::Opus, 48_000)
    );
    assert_eq!((first.format.channels, first.samples), (1, 960));
    assert!(first.format.config.starts_with(b"OpusHead"));
    assert_eq!(ticks(first.at), 132_615);
    let steps = sounds
        .windows(2)
        .map(|pair| ticks(pair[1].at) - ticks(pair[0].at));
    assert!(
        steps
            .into_iter()
            .all(|step| (1_799..=1_801).contains(&step))
    );
}

#[test]
fn pieces_of_any_length_give_the_same() {
    for stream in [AAC, OPUS, GSTREAMER] {
        let whole = read(stream, stream.len());
        for piece in [1, 7, 187, 188, 189, 1316] {
            assert_eq!(read(stream, piece), whole, "in pieces of {piece}");
        }
    }
    assert_eq!(read(GSTREAMER, 100).0.len(), 12);
}

#[test]
fn a_picture_is_given_on_when_its_last_byte_is_there_once_the_habits_of_the_sender_are_known() {
    for stream in [AAC, GSTREAMER] {
        let mut demux = Demux::new(Limits::default());
        let mut late = Vec::new();
        let mut begun = 0;
        let mut given = 0;
        for packet in stream.chunks(PACKET_BYTES) {
            let is_table = ![[0x41, 0], [0x40, 0x41]].contains(&[packet[1], packet[2]]);
            let mut windows = packet.windows(4);
            let starts_picture = !is_table && windows.any(|bytes| bytes == [0, 0, 1, 0xe0]);
            if starts_picture {
                late.push(begun - given);
                begun += 1;
            }
            demux.push(packet);
            while let Some(unit) = demux.unit().unwrap() {
                given += usize::from(matches!(unit, Unit::Video(_)));
            }
        }
        assert!(late.len() >= 12, "{late:?}");
        // Those that fill their last packet to the brim have to wait for the next.
        let waiting = late[8..].iter().filter(|late| **late > 0).count();
        assert!(waiting <= 1, "{late:?}");
    }
}

#[test]
fn other_pictures_than_h264_are_refused_by_name() {
    let mut demux = Demux::new(Limits::default());
    demux.push(MPEG2);
    let error = demux.unit().unwrap_err();
    assert_eq!(
        error,
        Error::Unsupported {
            found: "MPEG-2 video".to_owned()
        }
    );
    assert!(!error.is_passing());
}

#[test]
fn bytes_without_packets_or_without_tables_are_refused() {
    let limits = Limits {
        max_garbage_bytes: 1000,
        max_bytes_without_tables: 2000,
        ..Limits::default()
    };
    let refused = |bytes: &[u8]| {
        let mut demux = Demux::new(limits);
        demux.push(bytes);
        demux.unit().unwrap_err()
    };
    assert_eq!(refused(&[1; 1500]), Error::NoSync { limit: 1000 });
    let mut empty = [0xff; PACKET_BYTES];
    empty[..4].copy_from_slice(&[0x47, 0x1f, 0xff, 0x10]);
    assert_eq!(refused(&empty.repeat(20)), Error::NoTables { limit: 2000 });
}

#[test]
fn a_stream_is_known_by_the_beginnings_of_its_packets() {
    let check = |bytes: &[u8], expected: Option<bool>| assert_eq!(sniff(bytes), expected);
    check(&[], None);
    check(&AAC[..188], None);
    check(&AAC[..189], Some(true));
    check(AAC, Some(true));
    check(&[0x47; 100], None);
    check(&[0, 0, 0, 1, 0x67], Some(false));
    check(&[&AAC[..188], &[0; 300]].concat(), Some(false));
}

#[test]
fn datagrams_may_have_the_header_of_rtp() {
    let packets = &AAC[..7 * PACKET_BYTES];
    let check = |datagram: &[u8], expected: &[u8]| assert_eq!(rtp::payload(datagram), expected);
    check(packets, packets);
    let header = [0x80, 0xa1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2];
    check(&[&header, packets].concat(), packets);
    let mut extended = header.to_vec();
    extended[0] = 0x91;
    extended.extend_from_slice(&[9, 9, 9, 9, 0xbe, 0xde, 0, 1, 1, 2, 3, 4]);
    check(&[&extended, packets].concat(), packets);
    check(&header[..5], &header[..5]);
    check(&[], &[]);
}

#[test]
fn a_time_line_goes_on_where_timestamps_begin_again() {
    let (pictures, sounds) = read(AAC, 188);
    let mut mux = Mux::new(Some(sounds[0].format.clone()));
    let mut stream = Vec::new();
    // Two seconds before the timestamps of 33 bits end.
    let base = Duration::from_nanos(((1_u64 << 33) - 180_000) * 100_000 / 9);
    let at = |time: eyeline_media::MediaTime| base + Duration::from_nanos(time.as_nanos() as u64);
    for video in &pictures {
        mux.video(
            &video.unit.data,
            video.unit.key,
            at(video.present),
            at(video.decode),
            &mut stream,
        );
    }
    for sound in &sounds {
        mux.sound(&sound.format, &sound.data, at(sound.at), &mut stream);
    }
    let (again, heard) = read(&stream, 188);
    assert_eq!(again.len(), 25);
    let span = |pictures: &[Video]| ticks(pictures[24].decode) - ticks(pictures[0].decode);
    assert!((span(&again) - span(&pictures)).abs() <= 1);
    let apart =
        |pictures: &[Video], sounds: &[Sound]| ticks(sounds[5].at) - ticks(pictures[0].present);
    assert!((apart(&again, &heard) - apart(&pictures, &sounds)).abs() <= 1);
}
