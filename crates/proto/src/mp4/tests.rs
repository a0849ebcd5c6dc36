//! MP4 as ffmpeg writes it, whole and in pieces, and damaged.

use std::fmt::Write as _;

use bytes::Bytes;
use eyeline_media::{AudioCodec, Timestamp};

use super::*;
use crate::h264::{AccessUnit, Sps, nal_units};
use crate::rtp::rtcp;

/// What ffmpeg made of the same pictures, with B-frames and sound.
const PLAIN: &[u8] = include_bytes!("../../tests/fixtures/mp4/plain.mp4");
const FASTSTART: &[u8] = include_bytes!("../../tests/fixtures/mp4/faststart.mp4");
const FRAGMENTED: &[u8] = include_bytes!("../../tests/fixtures/mp4/fragmented.mp4");
/// Its places count from the beginning of the file.
const ABSOLUTE: &[u8] = include_bytes!("../../tests/fixtures/mp4/absolute.mp4");
const OPUS: &[u8] = include_bytes!("../../tests/fixtures/mp4/opus.mp4");

/// What a stream gives that comes in pieces of this length.
fn stream(bytes: &[u8], piece: usize) -> Result<Vec<Item>, Error> {
    let mut demux = Demux::new(Limits::default());
    let mut items = Vec::new();
    for piece in bytes.chunks(piece) {
        demux.push(piece);
        while let Some(item) = demux.next_item()? {
            items.push(item);
        }
    }
    Ok(items)
}

fn scan(bytes: &[u8]) -> Result<Step, Error> {
    let mut scan = Scan::new(bytes.len() as u64, Limits::default());
    let mut read = Bytes::new();
    loop {
        match scan.step(&read)? {
            Step::Read { offset, len } => {
                let rest = &bytes[offset as usize..];
                read = Bytes::copy_from_slice(&rest[..len.min(rest.len())]);
            }
            step => return Ok(step),
        }
    }
}

/// What a file gives that is read by its index.
fn file(bytes: &[u8]) -> Result<Vec<Item>, Error> {
    let Step::Index(mut index) = scan(bytes)? else {
        panic!("it has an index");
    };
    let mut items = Vec::new();
    while let Some(sample) = index.next_sample()? {
        let from = sample.offset as usize;
        items.extend(index.unpack(&sample, &bytes[from..from + sample.bytes]));
    }
    Ok(items)
}

fn pictures(items: &[Item]) -> Vec<&AccessUnit> {
    items
        .iter()
        .filter_map(|item| match item {
            Item::Video(video) => Some(&video.unit),
            _ => None,
        })
        .collect()
}

fn sounds(items: &[Item]) -> Vec<&Audio> {
    items
        .iter()
        .filter_map(|item| match item {
            Item::Audio(audio) => Some(audio),
            _ => None,
        })
        .collect()
}

/// Times in milliseconds: of pictures when they are decoded and shown, of sound in brackets.
fn times(items: &[Item]) -> String {
    let mut line = String::new();
    let ms = |time: eyeline_media::MediaTime| (time.as_nanos() + 500_000).div_euclid(1_000_000);
    for item in items {
        match item {
            Item::Video(video) => write!(line, " {}/{}", ms(video.decode), ms(video.present)),
            Item::Audio(audio) => write!(line, " ({})", ms(audio.at)),
            Item::Captured(told) => {
                let wall = told.wall.as_micros() / 1000;
                write!(line, " {} at {wall}", ms(told.at))
            }
            Item::Damaged(why) => write!(line, " {why}"),
        }
        .unwrap();
    }
    line.trim_start().to_owned()
}

#[test]
fn the_times_of_a_file_are_what_its_edit_list_makes_of_them() {
    let expected = "-80/0 (-64) -40/120 0/40 (0) 40/80 (64) 80/240 120/160 (128) 160/200 (192) \
                    200/280 240/320 (256) 280/440 320/360 (320) 360/400 (384) (448)";
    for bytes in [PLAIN, FASTSTART] {
        assert_eq!(times(&file(bytes).unwrap()), expected);
    }
}

#[test]
fn fragments_give_each_track_in_its_order() {
    let expected = "0/80 40/200 80/120 120/160 160/320 200/240 240/280 280/360 \
                    (0) (80) (144) (208) (272) 320/400 360/520 400/440 440/480 (336) (400) (464) (528)";
    for bytes in [FRAGMENTED, ABSOLUTE] {
        assert_eq!(times(&stream(bytes, bytes.len()).unwrap()), expected);
    }
}

#[test]
fn a_time_of_capture_counts_on_the_time_line_of_its_track() {
    let moof = FRAGMENTED.windows(4).position(|kind| kind == b"moof");
    let moof = moof.unwrap() - 4;
    let (head, first) = FRAGMENTED.split_at(moof);
    let check = |prft: &[u8], expected: &str| {
        let told = [&(prft.len() as u32 + 8).to_be_bytes(), b"prft", prft].concat();
        let all = stream(&[head, &told, first].concat(), 7);
        let all = all.map_or_else(|error| error.to_string(), |items| times(&items));
        assert!(all.starts_with(expected), "{all}");
    };
    let of = |track: u8, version: u8, at: &[u8]| {
        let ntp = rtcp::ntp(Timestamp::from_micros(1_700_000_000_250_000));
        [
            &[version, 0, 0, 24, 0, 0, 0, track],
            &ntp.to_be_bytes()[..],
            at,
        ]
        .concat()
    };
    // Its first track counts 12,800 ticks a second.
    check(
        &of(1, 0, &6_400_u32.to_be_bytes()),
        "500 at 1700000000250 0/80",
    );
    check(
        &of(1, 1, &6_400_u64.to_be_bytes()),
        "500 at 1700000000250 0/80",
    );
    check(&of(9, 1, &6_400_u64.to_be_bytes()), "0/80");
    check(&of(1, 1, &[1]), "0/80");
    check(&[0; 100], "0/80");
}

#[test]
fn the_pictures_are_the_same_however_they_are_packed() {
    let by_index = file(PLAIN).unwrap();
    let expected = pictures(&by_index);
    assert_eq!(expected.len(), 12);
    let keys: Vec<_> = expected.iter().map(|unit| unit.key).collect();
    assert_eq!(keys.iter().filter(|key| **key).count(), 2);
    assert!(keys[0] && keys[8]);
    for unit in expected.iter().filter(|unit| unit.key) {
        let first = nal_units(&unit.data).next().unwrap();
        assert_eq!(Sps::parse(first).unwrap().resolution.to_string(), "64x48");
    }
    for bytes in [FRAGMENTED, ABSOLUTE, FASTSTART, OPUS] {
        assert_eq!(pictures(&stream(bytes, 1000).unwrap()), expected);
    }
}

#[test]
fn pieces_do_not_matter() {
    for bytes in [FRAGMENTED, OPUS, FASTSTART] {
        let whole = stream(bytes, bytes.len()).unwrap();
        for piece in [1, 7, 100] {
            assert_eq!(stream(bytes, piece).unwrap(), whole, "{piece}");
        }
    }
}

#[test]
fn samples_come_before_their_fragment_is_whole() {
    let all = stream(FRAGMENTED, FRAGMENTED.len()).unwrap();
    // Half of the first fragment's first picture, and some of those behind it.
    let begin = |upto| stream(&FRAGMENTED[..upto], 100).unwrap().len();
    assert_eq!(begin(2_700), 0);
    assert_eq!(begin(2_800), 4);
    assert_eq!(begin(FRAGMENTED.len()), all.len());
}

#[test]
fn sound_says_how_it_is_coded() {
    let items = stream(FRAGMENTED, 1000).unwrap();
    let aac = sounds(&items);
    assert_eq!(aac.len(), 9);
    let format = &aac[1].format;
    assert_eq!(
        (format.codec, format.sample_rate),
        (AudioCodec::Aac, 16_000)
    );
    // AAC-LC, 16 kHz, mono; what follows says that there is no more to it.
    assert_eq!(format.config[..2], [0x14, 0x08]);
    assert_eq!((format.channels, aac[1].samples), (1, 1024));
    let items = stream(OPUS, 1000).unwrap();
    let opus = sounds(&items);
    assert_eq!(opus.len(), 25);
    let format = &opus[0].format;
    assert_eq!(
        (format.codec, format.sample_rate),
        (AudioCodec::Opus, 48_000)
    );
    assert_eq!(&format.config[..10], b"OpusHead\x01\x01");
    assert_eq!(opus[3].samples, 960);
}

#[test]
fn an_index_that_comes_again_changes_nothing() {
    let moof = FRAGMENTED
        .windows(4)
        .position(|kind| kind == b"moof")
        .unwrap()
        - 4;
    let again = [&FRAGMENTED[..moof], FRAGMENTED].concat();
    assert_eq!(
        times(&stream(&again, 500).unwrap()),
        times(&stream(FRAGMENTED, 500).unwrap())
    );
    // As when a recorder begins anew.
    let twice = [FRAGMENTED, FRAGMENTED].concat();
    assert_eq!(
        stream(&twice, 500).unwrap().len(),
        2 * stream(FRAGMENTED, 500).unwrap().len()
    );
}

#[test]
fn a_segment_is_read_after_one_that_broke_off() {
    let mut demux = Demux::new(Limits::default());
    let at = |kind: &[u8]| FRAGMENTED.windows(4).rposition(|window| window == kind);
    let second = at(b"moof").unwrap() - 4;
    demux.push(&FRAGMENTED[..second - 300]);
    while demux.next_item().unwrap().is_some() {}
    demux.begin_segment();
    demux.push(&FRAGMENTED[second..]);
    let first = demux.next_item().unwrap().unwrap();
    assert_eq!(times(&[first]), "320/400");
}

/// The file with the first of these four characters in its index replaced.
fn with(bytes: &[u8], from: &[u8; 4], to: &[u8; 4]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let at = bytes.windows(4).position(|four| four == b"mvhd").unwrap();
    let at = at
        + bytes[at..]
            .windows(4)
            .position(|four| four == from)
            .unwrap();
    bytes[at..at + 4].copy_from_slice(to);
    bytes
}

#[test]
fn what_cannot_be_carried_is_named() {
    let check = |result: Result<Vec<Item>, Error>, expected: &str| {
        let said = result.map(|items| items.len()).unwrap_err().to_string();
        assert!(said.contains(expected), "{said}");
    };
    for (kind, name) in [
        (b"hvc1", "H.265 (hvc1)"),
        (b"av01", "AV1 (av01)"),
        (b"encv", "encrypted"),
    ] {
        check(stream(&with(FRAGMENTED, b"avc1", kind), 1000), name);
        check(file(&with(PLAIN, b"avc1", kind)), name);
    }
    check(
        stream(&with(FRAGMENTED, b"vide", b"hint"), 1000),
        "no video",
    );
    check(stream(PLAIN, 1000), "+faststart");
    check(stream(b"\x1a\x45\xdf\xa3 not at all", 1000), "not an MP4");
    check(stream(b"\0\0\0\x04ftyp", 1000), "not an MP4");
    check(stream(b"\0\0\0\x08ftyp\0\0\0\x03moov", 1000), "at byte 8");
    check(stream(b"\0\0\0\x08ftyp\xff\0\0\0moov", 1000), "limit");
    check(file(&PLAIN[..PLAIN.len() - 2000]), "no index");
    check(file(b""), "no index");
    let Ok(Step::Fragmented) = scan(FRAGMENTED) else {
        panic!("a fragmented file is read as a stream");
    };
}

#[test]
fn what_is_damaged_costs_a_picture() {
    // A NAL unit that is longer than the picture.
    let first = FRAGMENTED
        .windows(4)
        .position(|kind| kind == b"mdat")
        .unwrap()
        + 4;
    let mut bytes = FRAGMENTED.to_vec();
    bytes[first] = 0xFF;
    let items = stream(&bytes, 1000).unwrap();
    assert!(matches!(items[0], Item::Damaged(_)));
    assert_eq!(pictures(&items).len(), 11);
}

#[test]
fn the_first_bytes_tell() {
    for bytes in [PLAIN, FRAGMENTED] {
        assert!(begins(bytes));
    }
    assert!(!begins(b"\xff\xd8\xff"));
    assert!(!begins(b"\0\0\0\x01\x67\x64\0\x28"));
}
