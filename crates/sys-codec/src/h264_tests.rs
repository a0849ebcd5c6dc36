//! Real H.264, made by x264, through the real decoder; whole, damaged and cut short.
//!
//! The clips in `fixtures` have 6 pictures, of which every third is a key picture: black on the
//! left and white on the right, with a little square that moves along the top.

use eyeline_media::jpeg;

use crate::{Bridge, Component, Decoder, Error, H264Decoder, Planes};

const LIMITED: &[u8] = include_bytes!("fixtures/limited.h264");
const FULL: &[u8] = include_bytes!("fixtures/full.h264");
/// White, 36x20, which is cropped from 48x32.
const SMALL: &[u8] = include_bytes!("fixtures/small.h264");
/// How far a sample may be off after coding.
const NEAR: u8 = 6;

/// The access units of a byte stream with delimiters, as packets carry them.
fn units(stream: &[u8]) -> Vec<Vec<u8>> {
    let mut units: Vec<Vec<u8>> = Vec::new();
    let starts: Vec<_> = (0..stream.len() - 3)
        .filter(|at| stream[*at..].starts_with(&[0, 0, 1]))
        .collect();
    for (index, start) in starts.iter().enumerate() {
        let end = starts.get(index + 1).copied().unwrap_or(stream.len());
        let nal = &stream[start + 3..end];
        let zeros = nal.iter().rev().take_while(|byte| **byte == 0).count();
        let nal = &nal[..nal.len() - zeros];
        if nal[0] & 0x1f == 9 {
            units.push(Vec::new());
            continue;
        }
        let unit = units.last_mut().unwrap();
        unit.extend(u32::try_from(nal.len()).unwrap().to_be_bytes());
        unit.extend(nal);
    }
    units
}

/// Luma in the middle of the left and of the right half.
fn sides(planes: &mut Planes) -> (u8, u8) {
    let size = planes.size();
    let (width, height) = (size.width() as usize, size.height() as usize);
    let plane = planes.plane_mut(Component::Y).unwrap();
    let at = |x: usize| plane.data[height / 2 * plane.stride + x];
    (at(width / 4), at(width * 3 / 4))
}

fn luma(planes: &mut Planes) -> Vec<u8> {
    planes.plane_mut(Component::Y).unwrap().data.to_vec()
}

/// Every picture of a clip, whole.
fn decode_all(stream: &[u8]) -> Vec<Vec<u8>> {
    let mut decoder = H264Decoder::new().unwrap();
    let mut planes = Planes::default();
    let decode = |unit: Vec<u8>| {
        assert!(decoder.decode(&unit, &mut planes).unwrap());
        luma(&mut planes)
    };
    units(stream).into_iter().map(decode).collect()
}

/// Decodes the clip with one unit changed, of the first three: from the next key picture on all
/// is as if nothing had been. Gives what became of the changed one.
fn check_recovers(odd: usize, change: impl FnOnce(&mut Vec<u8>)) -> Result<bool, Error> {
    let expected = decode_all(LIMITED);
    let mut units = units(LIMITED);
    change(&mut units[odd]);
    let mut decoder = H264Decoder::new().unwrap();
    let mut planes = Planes::default();
    let mut became = Ok(false);
    for (index, unit) in units.iter().enumerate() {
        let decoded = decoder.decode(unit, &mut planes);
        if index >= 3 {
            assert!(decoded.unwrap(), "picture {index}");
            assert!(luma(&mut planes) == expected[index], "picture {index}");
        } else if index == odd {
            became = decoded;
        }
    }
    became
}

#[test]
fn black_is_0_and_white_255_whichever_range_the_clip_uses() {
    for (name, clip) in [("limited", LIMITED), ("full", FULL)] {
        let mut decoder = H264Decoder::new().unwrap();
        let mut planes = Planes::default();
        for unit in units(clip) {
            assert!(decoder.decode(&unit, &mut planes).unwrap(), "{name}");
            assert_eq!(planes.size().to_string(), "64x48", "{name}");
            let (black, white) = sides(&mut planes);
            assert!(black <= NEAR, "{name}: black is {black}");
            assert!(white >= 255 - NEAR, "{name}: white is {white}");
        }
    }
}

#[test]
fn every_picture_of_a_clip_comes_out() {
    let pictures = decode_all(LIMITED);
    assert_eq!(pictures.len(), 6);
    assert!(
        pictures.windows(2).all(|pair| pair[0] != pair[1]),
        "the square moves"
    );
}

#[test]
fn a_unit_that_is_cut_short_is_an_error_and_the_next_key_picture_is_whole() {
    for odd in [0, 1] {
        let became = check_recovers(odd, |unit| unit.truncate(unit.len() - 1));
        assert!(matches!(became, Err(Error::CorruptH264(_))), "{became:?}");
    }
}

#[test]
fn damage_of_any_byte_is_survived() {
    for odd in [0, 1] {
        // Lengths are not damaged: those are of this program.
        let unit = &units(LIMITED)[odd];
        for at in 4..unit.len() {
            let _ = check_recovers(odd, |unit| unit[at] ^= 0x55);
        }
    }
}

#[test]
fn nothing_comes_of_pictures_before_the_first_key_picture() {
    let mut decoder = H264Decoder::new().unwrap();
    let mut planes = Planes::default();
    let units = units(LIMITED);
    assert!(!decoder.decode(&units[1], &mut planes).unwrap_or(false));
    assert!(!decoder.decode(&[], &mut planes).unwrap_or(false));
    assert!(decoder.decode(&units[3], &mut planes).unwrap());
}

#[test]
fn a_bridge_makes_jpegs_of_any_size_and_follows_a_change_of_size() {
    let mut bridge = Bridge::new().unwrap();
    let mut check = |clip: &[u8], size: &str| {
        for unit in units(clip) {
            let decoded = bridge.decode(&unit).unwrap().unwrap();
            assert_eq!(decoded.to_string(), size);
            let half = decoded.at_height(decoded.height() / 2);
            for target in [decoded, half] {
                let jpeg = bridge.encode(target, 90).unwrap();
                assert_eq!(jpeg::parse_header(&jpeg).unwrap().resolution, target);
                let mut planes = Planes::default();
                Decoder::new().decode(&jpeg, &mut planes).unwrap();
                let (_, white) = sides(&mut planes);
                assert!(white >= 255 - NEAR, "{white}");
            }
        }
    };
    check(LIMITED, "64x48");
    check(SMALL, "36x20");
    check(FULL, "64x48");
}
