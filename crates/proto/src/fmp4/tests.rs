//! What is written, box by box. That players read it is shown with the real program.

use bytes::Bytes;
use eyeline_media::{AudioCodec, AudioFormat, Timestamp};

use super::{
    Audio, Captured, Fragment, Init, Run, Sample, Track, Video, describes_sound, fragment_track,
    init_bytes, move_picture,
};

/// Of x264: 320x240, High profile.
const SPS: &[u8] = &[
    0x67, 0x64, 0x00, 0x0d, 0xac, 0xd9, 0x41, 0x41, 0xfb, 0x01, 0x10, 0x00, 0x00, 0x03, 0x00, 0x10,
    0x00, 0x00, 0x03, 0x03, 0xc0, 0xf1, 0x42, 0x99, 0x60,
];
const PPS: &[u8] = &[0x68, 0xeb, 0xe3, 0xcb, 0x22, 0xc0];
const SLICE: &[u8] = &[0x65, 0x88, 0x84];

fn access_unit(units: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for unit in units {
        bytes.extend_from_slice(&(unit.len() as u32).to_be_bytes());
        bytes.extend_from_slice(unit);
    }
    bytes
}

/// The content of the box at this path.
fn find<'a>(bytes: &'a [u8], path: &[&[u8; 4]]) -> Option<&'a [u8]> {
    let Some((name, deeper)) = path.split_first() else {
        return Some(bytes);
    };
    let mut rest = bytes;
    while let Some((length, _)) = rest.split_first_chunk::<4>() {
        let (this, after) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        if this[4..8] == **name {
            return find(&this[8..], deeper);
        }
        rest = after;
    }
    None
}

#[test]
fn the_initialisation_segment_holds_the_parameter_sets() {
    let init = Init::of(Video::of(&access_unit(&[SPS, PPS, SLICE])).as_ref(), None);
    assert_eq!(init.codecs, "avc1.64000d");
    let path = [b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd"];
    let entries = find(&init.bytes, &path).unwrap();
    // Behind the count of entries, the header of the first and what all of video have.
    let configuration = find(&entries[8 + 8 + 78..], &[b"avcC"]).unwrap();
    let mut expected = vec![1, 0x64, 0, 0x0d, 0xff, 0xe1, 0, SPS.len() as u8];
    expected.extend_from_slice(SPS);
    expected.extend_from_slice(&[1, 0, PPS.len() as u8]);
    expected.extend_from_slice(PPS);
    expected.extend_from_slice(&[0xfd, 0xf8, 0xf8, 0]);
    assert_eq!(configuration, expected);
    let header = find(&init.bytes, &[b"moov", b"trak", b"tkhd"]).unwrap();
    assert!(header.ends_with(&[1, 64, 0, 0, 0, 240, 0, 0]), "{header:?}");
}

#[test]
fn without_its_parameter_sets_a_picture_begins_nothing() {
    let check = |units: &[&[u8]]| assert_eq!(Video::of(&access_unit(units)), None, "{units:?}");
    check(&[]);
    check(&[SLICE]);
    check(&[SPS, SLICE]);
    check(&[PPS, SLICE]);
    check(&[&[0x67], PPS, SLICE]);
    assert_eq!(Video::of(&[0, 0, 0, 9, 0x67]), None);
}

#[test]
fn the_initialisation_segment_is_told_from_fragments() {
    let check = |bytes: &[u8], expected| assert_eq!(init_bytes(bytes), expected, "{bytes:?}");
    let picture = access_unit(&[SPS, PPS, SLICE]);
    let init = Init::of(Video::of(&picture).as_ref(), None).bytes;
    check(&init, init.len());
    check(&[&init[..], b"\0\0\0\x08mdat"].concat(), init.len());
    check(&init[..init.len() - 1], 0);
    check(b"\0\0\0\x08mdat", 0);
    check(b"\xff\xff\xff\xffftyp", 0);
    check(b"", 0);
}

fn format(codec: AudioCodec, config: &'static [u8]) -> AudioFormat {
    AudioFormat {
        codec,
        sample_rate: 44_100,
        channels: 2,
        config: Bytes::from_static(config),
    }
}

#[test]
fn sound_is_described_as_its_codec_asks() {
    let check = |codec, config, named: &str, entry: &[u8; 4], inside: &[u8; 4], said: &[u8]| {
        let audio = Audio::of(&format(codec, config)).unwrap();
        let init = Init::of(None, Some(&audio));
        assert_eq!(init.codecs, named);
        let path = [b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd"];
        let entries = find(&init.bytes, &path).unwrap();
        assert_eq!(entries[12..16], *entry);
        // Behind what all of sound have.
        assert_eq!(find(&entries[8 + 8 + 28..], &[inside]).unwrap(), said);
    };
    let esds = [
        &[0, 0, 0, 0, 3, 25, 0, 0, 0, 4, 17, 0x40, 0x15][..],
        &[0; 11],
        &[5, 2, 0x12, 0x10, 6, 1, 2],
    ];
    let aac: &[u8] = &[0x12, 0x10];
    check(
        AudioCodec::Aac,
        aac,
        "mp4a.40.2",
        b"mp4a",
        b"esds",
        &esds.concat(),
    );
    let dops: &[u8] = &[0, 2, 0, 0, 0, 0, 0xbb, 0x80, 0, 0, 0];
    check(AudioCodec::Opus, b"", "opus", b"Opus", b"dOps", dops);
    let head: &[u8] = b"OpusHead\x01\x02\x38\x01\x80\xbb\0\0\x01\x02\0";
    let dops: &[u8] = &[0, 2, 1, 0x38, 0, 0, 0xbb, 0x80, 2, 1, 0];
    check(AudioCodec::Opus, head, "opus", b"Opus", b"dOps", dops);
}

#[test]
fn sound_that_mp4_does_not_carry_is_left_out() {
    let check = |codec, config| assert_eq!(Audio::of(&format(codec, config)), None, "{config:?}");
    check(AudioCodec::Pcmu, b"");
    check(AudioCodec::Pcma, b"");
    check(AudioCodec::Aac, b"");
    check(AudioCodec::Aac, &[0; 2]);
    check(AudioCodec::Aac, &[0x12; 65]);
    check(AudioCodec::Opus, b"OpusHead");
    check(
        AudioCodec::Opus,
        b"OpusHead\x01\x02\x38\x01\x80\xbb\0\0\0\0\x01",
    );
    check(AudioCodec::Opus, b"Opus");
}

#[test]
fn both_tracks_may_be_in_one_file() {
    let picture = access_unit(&[SPS, PPS, SLICE]);
    let audio = Audio::of(&format(AudioCodec::Aac, &[0x12, 0x10]));
    let init = Init::of(Video::of(&picture).as_ref(), audio.as_ref());
    assert_eq!(init.codecs, "avc1.64000d,mp4a.40.2");
    assert!(describes_sound(&init.bytes));
    assert!(!describes_sound(
        &Init::of(Video::of(&picture).as_ref(), None).bytes
    ));
    assert!(!describes_sound(&init.bytes[1..]));
    let extends = find(&init.bytes, &[b"moov", b"mvex"]).unwrap();
    assert_eq!(extends.len(), 2 * 32);
    assert_eq!(extends[32 + 12..][..4], [0, 0, 0, 2]);
}

fn u32s(bytes: &[u8]) -> Vec<u32> {
    let four = |four: &[u8]| u32::from_be_bytes(four.try_into().unwrap());
    bytes.chunks(4).map(four).collect()
}

#[test]
fn a_fragment_says_when_its_samples_are_shown_and_were_captured() {
    let pictures = [access_unit(&[SLICE]), access_unit(&[SLICE, SLICE])];
    let picture = |index: usize, composition| Sample {
        duration: 3600,
        composition,
        key: index == 0,
        data: &pictures[index],
    };
    let (video, sound) = (
        [picture(0, 0), picture(1, -7200)],
        [Sample {
            duration: 1024,
            composition: 0,
            key: true,
            data: b"sound",
        }],
    );
    let run = |track, decode_time, samples| Run {
        track,
        decode_time,
        samples,
    };
    let fragment = Fragment {
        sequence: 7,
        captured: Captured {
            track: Track::Video,
            time: 100_000 * 90_000,
            at: Timestamp::from_micros(1_700_000_000_500_000),
        },
        runs: &[
            run(Track::Video, 100_000 * 90_000, &video),
            run(Track::Audio, 77, &sound),
        ],
    };
    let mut bytes = Vec::new();
    fragment.put(&mut bytes);
    assert_eq!(bytes.len(), fragment.bytes());
    let times: [u64; 2] = [
        ((1_700_000_000 + 2_208_988_800) << 32) + (1 << 31),
        100_000 * 90_000,
    ];
    assert_eq!(fragment_track(&bytes), Some(Track::Video));
    assert_eq!(fragment_track(&bytes[1..]), None);
    let prft = find(&bytes, &[b"prft"]).unwrap();
    assert_eq!(prft[8..16], times[0].to_be_bytes());
    assert_eq!(prft[16..], times[1].to_be_bytes());
    let moof = find(&bytes, &[b"moof"]).unwrap();
    assert_eq!(
        find(moof, &[b"traf", b"tfdt"]).unwrap()[4..],
        times[1].to_be_bytes()
    );
    let run = u32s(find(moof, &[b"traf", b"trun"]).unwrap());
    let sizes = pictures.each_ref().map(|picture| picture.len() as u32);
    assert_eq!(run[..2], [0x0100_0f01, 2]);
    assert_eq!(run[3..7], [3600, sizes[0], 0x0200_0000, 0]);
    assert_eq!(run[7..], [3600, sizes[1], 0x0101_0000, -7200_i32 as u32]);
    // The data begins where the runs say, counted from the fragment's beginning.
    let from = |offset: u32| &bytes[32 + offset as usize..];
    assert!(from(run[2]).starts_with(&pictures.concat()));
    let sound_run = moof.windows(4).rposition(|four| four == b"trun").unwrap();
    let sound_run = u32s(&moof[sound_run + 4..]);
    assert_eq!(sound_run[..2], [0x0100_0301, 1]);
    assert_eq!(sound_run[3..], [1024, 5]);
    assert_eq!(from(sound_run[2]), b"sound");
}

/// A picture's times: of its capture, when it is decoded, how long it lasts, and how much later it is shown.
fn times(fragment: &[u8]) -> (u64, u64, u32, i32) {
    let number = |bytes: &[u8]| u64::from_be_bytes(bytes[..8].try_into().unwrap());
    let prft = find(fragment, &[b"prft"]).unwrap();
    let tfdt = find(fragment, &[b"moof", b"traf", b"tfdt"]).unwrap();
    let trun = find(fragment, &[b"moof", b"traf", b"trun"]).unwrap();
    let (duration, composition) = (number(&trun[12..]) >> 32, number(&trun[20..]) as u32);
    let duration = duration as u32;
    (
        number(&prft[16..]),
        number(&tfdt[4..]),
        duration,
        composition.cast_signed(),
    )
}

/// A picture that is decoded at 1000, shown at 1200, and lasts for 100; or a piece of sound.
fn lone(track: Track) -> Vec<u8> {
    let sample = Sample {
        duration: 100,
        composition: 200,
        key: true,
        data: SLICE,
    };
    let captured = Captured {
        track,
        time: 1_200,
        at: Timestamp::default(),
    };
    let run = Run {
        track,
        decode_time: 1_000,
        samples: &[sample],
    };
    let fragment = Fragment {
        sequence: 1,
        captured,
        runs: &[run],
    };
    let mut bytes = Vec::new();
    fragment.put(&mut bytes);
    bytes
}

#[test]
fn a_picture_is_moved_with_all_of_its_times() {
    let init = Init::of(Video::of(&access_unit(&[SPS, PPS, SLICE])).as_ref(), None).bytes;
    for head in [&[][..], &init] {
        let mut bytes = [head, &lone(Track::Video)].concat();
        assert_eq!(times(&bytes), (1_200, 1_000, 100, 200));
        // As if of what comes before 2000 a tenth were left.
        move_picture(&mut bytes, |at| 2_000 - (2_000 - at) / 10);
        assert_eq!(times(&bytes), (1_920, 1_900, 10, 20));
        assert_eq!(bytes[..head.len()], *head);
        assert!(bytes.ends_with(SLICE));
    }
}

#[test]
fn what_is_no_picture_alone_stays_as_it_is() {
    let check = |bytes: &[u8]| {
        let mut moved = bytes.to_vec();
        move_picture(&mut moved, |_| 0);
        assert_eq!(moved, bytes);
    };
    check(b"");
    check(&lone(Track::Audio));
    let whole = lone(Track::Video);
    (0..whole.len() - SLICE.len() - 8).for_each(|end| check(&whole[..end]));
}
