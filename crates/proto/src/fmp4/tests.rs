//! What is written, box by box. That players read it is shown with the real program.

use std::time::Duration;

use eyeline_media::Timestamp;

use super::{Fragment, Init, init_bytes};

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
    let init = Init::of(&access_unit(&[SPS, PPS, SLICE])).unwrap();
    assert_eq!(init.codec, "avc1.64000d");
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
    let check = |units: &[&[u8]]| assert_eq!(Init::of(&access_unit(units)), None, "{units:?}");
    check(&[]);
    check(&[SLICE]);
    check(&[SPS, SLICE]);
    check(&[PPS, SLICE]);
    check(&[&[0x67], PPS, SLICE]);
    assert_eq!(Init::of(&[0, 0, 0, 9, 0x67]), None);
}

#[test]
fn the_initialisation_segment_is_told_from_fragments() {
    let check = |bytes: &[u8], expected| assert_eq!(init_bytes(bytes), expected, "{bytes:?}");
    let init = Init::of(&access_unit(&[SPS, PPS, SLICE])).unwrap().bytes;
    check(&init, init.len());
    check(&[&init[..], b"\0\0\0\x08mdat"].concat(), init.len());
    check(&init[..init.len() - 1], 0);
    check(b"\0\0\0\x08mdat", 0);
    check(b"\xff\xff\xff\xffftyp", 0);
    check(b"", 0);
}

#[test]
fn a_fragment_says_when_its_picture_is_shown_and_was_captured() {
    let picture = access_unit(&[SLICE]);
    let fragment = Fragment {
        sequence: 7,
        time: Duration::from_secs(100_000),
        duration: Duration::from_millis(40),
        captured: Timestamp::from_micros(1_700_000_000_500_000),
        key: false,
        data: &picture,
    };
    let mut bytes = Vec::new();
    fragment.put(&mut bytes);
    assert_eq!(bytes.len(), fragment.bytes());
    let times: [u64; 2] = [
        ((1_700_000_000 + 2_208_988_800) << 32) + (1 << 31),
        100_000 * 90_000,
    ];
    let prft = find(&bytes, &[b"prft"]).unwrap();
    assert_eq!(prft[8..16], times[0].to_be_bytes());
    assert_eq!(prft[16..], times[1].to_be_bytes());
    let tfdt = find(&bytes, &[b"moof", b"traf", b"tfdt"]).unwrap();
    assert_eq!(tfdt[4..], times[1].to_be_bytes());
    let run = find(&bytes, &[b"moof", b"traf", b"trun"]).unwrap();
    let run: Vec<u32> = run
        .chunks(4)
        .map(|four| u32::from_be_bytes(four.try_into().unwrap()))
        .collect();
    assert_eq!(run[3..], [3600, picture.len() as u32, 0x0101_0000]);
    // The data begins where the run says, counted from the fragment's beginning.
    assert_eq!(bytes[32 + run[2] as usize..], picture);
    assert_eq!(find(&bytes, &[b"mdat"]).unwrap(), picture);
}
