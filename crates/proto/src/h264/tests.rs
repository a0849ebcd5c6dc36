//! Access units out of real and of made-up streams, in pieces of every length.

mod early;

use proptest::prelude::*;

use super::*;

/// 640x360, Constrained Baseline, as x264 writes it.
const SPS: &[u8] = &[
    0x67, 0x42, 0xc0, 0x1e, 0xd9, 0x00, 0xa0, 0x2f, 0xf9, 0x61, 0x00, 0x00, 0x03, 0x00, 0x01, 0x00,
    0x00, 0x03, 0x00, 0x32, 0x0f, 0x16, 0x2e, 0x48,
];
const PPS: &[u8] = &[0x68, 0xcb, 0x83, 0xcb, 0x20];
const AUD: &[u8] = &[0x09, 0xf0];
const SEI: &[u8] = &[0x06, 0x05, 0x01, 0xaa, 0x80];
/// The first and second slice of an IDR picture, and a picture after it.
const IDR: &[u8] = &[0x65, 0x88, 0x84, 0x11];
const IDR_SECOND: &[u8] = &[0x65, 0x40, 0x84, 0x22];
const NEXT: &[u8] = &[0x41, 0x9a, 0x33, 0x44];

fn stream(units: &[&[u8]]) -> Vec<u8> {
    let long = |unit: &&[u8]| [&[0, 0, 0, 1], *unit].concat();
    units.iter().flat_map(long).collect()
}

fn framed(units: &[&[u8]]) -> Vec<u8> {
    let one = |unit: &&[u8]| {
        let len = u32::try_from(unit.len()).unwrap().to_be_bytes();
        [&len, *unit].concat()
    };
    units.iter().flat_map(one).collect()
}

/// What comes out of a stream that comes in pieces of this length.
fn cut(stream: &[u8], piece: usize) -> Vec<(Vec<u8>, bool)> {
    let mut demux = Demux::new(Limits::default());
    let mut units = Vec::new();
    for piece in stream.chunks(piece) {
        demux.push(piece);
        while let Some(unit) = demux.access_unit().unwrap() {
            units.push(unit);
        }
    }
    while let Some(unit) = demux.finish().unwrap() {
        units.push(unit);
    }
    let plain = |unit: AccessUnit| (unit.data.to_vec(), unit.key);
    units.into_iter().map(plain).collect()
}

fn check(units: &[&[u8]], expected: &[(&[&[u8]], bool)]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|(units, key)| (framed(units), *key))
        .collect();
    let stream = stream(units);
    for piece in 1..=stream.len() {
        assert_eq!(cut(&stream, piece), expected, "in pieces of {piece}");
    }
}

#[test]
fn slices_of_a_picture_stay_together_and_pictures_apart() {
    check(
        &[SPS, PPS, IDR, IDR_SECOND, NEXT, NEXT],
        &[
            (&[SPS, PPS, IDR, IDR_SECOND], true),
            (&[NEXT], false),
            (&[NEXT], false),
        ],
    );
}

#[test]
fn delimiters_are_left_out_and_supplements_belong_to_the_picture_they_precede() {
    check(
        &[AUD, SPS, PPS, SEI, IDR, AUD, SEI, NEXT, AUD],
        &[(&[SPS, PPS, SEI, IDR], true), (&[SEI, NEXT], false)],
    );
}

#[test]
fn parameter_sets_stand_before_every_key_picture_and_nowhere_else() {
    const OTHER_PPS: &[u8] = &[0x68, 0xcb, 0x83, 0xff];
    check(
        &[SPS, PPS, IDR, IDR, OTHER_PPS, NEXT, IDR],
        &[
            (&[SPS, PPS, IDR], true),
            (&[SPS, PPS, IDR], true),
            (&[NEXT], false),
            (&[SPS, OTHER_PPS, IDR], true),
        ],
    );
}

#[test]
fn pictures_without_parameter_sets_are_left_out() {
    check(&[NEXT, IDR, SPS, PPS, IDR], &[(&[SPS, PPS, IDR], true)]);
}

#[test]
fn what_stands_before_the_first_start_code_is_skipped_up_to_a_limit() {
    let stream = [&[7, 0, 0, 7][..], &stream(&[SPS, PPS, IDR])].concat();
    assert_eq!(cut(&stream, 3).len(), 1);
    let limits = Limits {
        max_garbage_bytes: 8,
        ..Limits::default()
    };
    let mut demux = Demux::new(limits);
    demux.push(&[7; 20]);
    let refused = demux.access_unit();
    assert_eq!(refused, Err(Error::NoStartCode { limit: 8 }));
}

#[test]
fn h265_is_told_by_its_first_parameter_set() {
    const VPS: &[u8] = &[0x40, 0x01, 0x0c, 0x01, 0xff];
    let check = |units: &[&[u8]], expected: bool| {
        let mut demux = Demux::new(Limits::default());
        demux.push(&stream(units));
        let mut found = false;
        loop {
            match demux.access_unit() {
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(error) => found |= error == Error::H265,
            }
        }
        assert_eq!(found, expected, "{units:?}");
    };
    check(&[VPS, &[0x42, 0x01, 0x01], &[0x26, 0x01, 0x80]], true);
    // In H.264 that type of NAL unit is nobody's.
    check(&[SPS, PPS, VPS, IDR, NEXT], false);
}

#[test]
fn a_picture_that_is_too_long_is_refused_and_reading_goes_on() {
    let limits = Limits {
        max_access_unit_bytes: 64,
        ..Limits::default()
    };
    let mut demux = Demux::new(limits);
    demux.push(&stream(&[SPS, PPS, &[0x65, 0x88].repeat(50)]));
    assert_eq!(demux.access_unit(), Err(Error::TooLong { limit: 64 }));
    demux.push(&stream(&[IDR, NEXT]));
    let unit = demux.access_unit().unwrap().unwrap();
    assert_eq!(unit.data, framed(&[SPS, PPS, IDR]));
}

#[test]
fn a_sequence_parameter_set_tells_size_range_and_profile() {
    let sps = Sps::parse(SPS).unwrap();
    assert_eq!(sps.resolution.to_string(), "640x360");
    assert_eq!(sps.range, eyeline_media::SampleRange::Limited);
    assert_eq!(sps.profile, [0x42, 0xc0, 0x1e]);
    assert!(Sps::parse(&SPS[..3]).is_err());
    assert!(Sps::parse(&SPS[..6]).is_err());
}

#[test]
fn a_frame_of_a_camera_is_an_access_unit_at_once() {
    let mut demux = Demux::new(Limits::default());
    let mut check = |units: &[&[u8]], expected: Option<(&[&[u8]], bool)>| {
        let unit = demux.frame(&stream(units)).unwrap();
        let found = unit.map(|unit| (unit.data.to_vec(), unit.key));
        assert_eq!(found, expected.map(|(units, key)| (framed(units), key)));
    };
    check(&[NEXT], None);
    check(&[SPS, PPS, IDR], Some((&[SPS, PPS, IDR], true)));
    check(&[AUD, NEXT], Some((&[NEXT], false)));
    check(
        &[IDR, IDR_SECOND],
        Some((&[SPS, PPS, IDR, IDR_SECOND], true)),
    );
}

#[test]
fn lengths_become_start_codes() {
    let mut bytes = Vec::new();
    to_annexb(&framed(&[SPS, PPS, IDR]), &mut bytes);
    assert_eq!(bytes, stream(&[SPS, PPS, IDR]));
    to_annexb(&[0, 0, 0, 9, 1], &mut bytes);
    assert!(bytes.is_empty());
}

proptest! {
    #[test]
    fn any_bytes_in_any_pieces_are_read_without_panic(
        bytes in prop::collection::vec(prop_oneof![Just(0), Just(1), any::<u8>()], 0..400),
        piece in 1_usize..50,
    ) {
        let mut demux = Demux::new(Limits { max_access_unit_bytes: 100, max_garbage_bytes: 50 });
        for piece in bytes.chunks(piece) {
            demux.push(piece);
            while let Ok(Some(_)) = demux.access_unit() {}
        }
        while let Ok(Some(_)) = demux.finish() {}
    }
}
