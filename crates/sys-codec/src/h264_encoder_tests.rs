//! What the encoder makes, read by the decoder and by a parser of parameter sets.

use eyeline_media::{Resolution, SampleRange};
use h264_reader::nal::sps::SeqParameterSet;
use h264_reader::nal::{Nal as _, RefNal};

use crate::{
    Coded, Component, Decoder, Encoder, H264Decoder, H264Encoder, H264Settings, Planes, Resizer,
    Subsampling,
};

const SETTINGS: H264Settings = H264Settings {
    bitrate_bps: 400_000,
    fps: 15.0,
    hasty: false,
};

fn size(width: u32, height: u32) -> Resolution {
    Resolution::new(width, height).unwrap()
}

/// A picture with a slope of luma and a colour, that moves with `n`.
fn picture(size: Resolution, n: usize) -> Planes {
    let mut planes = Planes::new(size, Subsampling::Yuv420);
    let mut fill = |component, sample: &dyn Fn(usize, usize) -> usize| {
        let plane = planes.plane_mut(component).unwrap();
        for (y, line) in plane.data.chunks_mut(plane.stride).enumerate() {
            for (x, to) in line.iter_mut().enumerate() {
                *to = sample(x, y) as u8;
            }
        }
    };
    fill(Component::Y, &|x, y| 16 + (x + y + 4 * n) % 200);
    fill(Component::U, &|_, _| 90);
    fill(Component::V, &|_, _| 200);
    planes
}

/// NAL units of a coded picture.
fn units(coded: &Coded) -> Vec<&[u8]> {
    let (mut units, mut rest) = (Vec::new(), &coded.data[..]);
    while let Some((length, after)) = rest.split_first_chunk() {
        let (unit, after) = after.split_at(u32::from_be_bytes(*length) as usize);
        units.push(unit);
        rest = after;
    }
    units
}

fn types(coded: &Coded) -> Vec<u8> {
    units(coded).iter().map(|unit| unit[0] & 0x1f).collect()
}

/// Encodes so many pictures, of which those in `keys` are asked for as key pictures.
fn encode(encoder: &mut H264Encoder, pictures: usize, keys: &[usize]) -> Vec<Coded> {
    let encode = |n: usize| {
        let at_ms = n as u64 * 1000 / 15;
        let picture = picture(encoder.size(), n);
        encoder.encode(&picture, at_ms, keys.contains(&n)).unwrap()
    };
    (0..pictures).map(encode).collect()
}

#[test]
fn key_pictures_come_when_they_are_asked_for_and_at_no_other_time() {
    let mut encoder = H264Encoder::new(size(320, 240), SETTINGS).unwrap();
    let coded = encode(&mut encoder, 60, &[20, 21, 40]);
    let keys: Vec<_> = (0..60).filter(|n| coded[*n].key).collect();
    assert_eq!(keys, [0, 20, 21, 40]);
    for (n, coded) in coded.iter().enumerate() {
        let expected: &[u8] = if coded.key { &[7, 8, 5] } else { &[1] };
        assert_eq!(types(coded), expected, "picture {n}");
    }
}

#[test]
fn every_picture_comes_out_at_once_and_looks_like_what_went_in() {
    let mut encoder = H264Encoder::new(size(320, 240), SETTINGS).unwrap();
    let mut decoder = H264Decoder::new().unwrap();
    decoder.set_range(SampleRange::Limited);
    let mut planes = Planes::default();
    for (n, coded) in encode(&mut encoder, 30, &[]).iter().enumerate() {
        assert!(decoder.decode(&coded.data, &mut planes).unwrap());
        let expected = picture(size(320, 240), n);
        for component in [Component::Y, Component::U, Component::V] {
            let (got, expected) = (planes.plane(component), expected.plane(component));
            let pairs = got.unwrap().data.iter().zip(expected.unwrap().data);
            let off: u64 = pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
            let mean = off / (got.unwrap().data.len() as u64);
            assert!(mean < 8, "picture {n}, {component:?}: off by {mean}");
        }
    }
}

#[test]
fn the_parameter_sets_say_what_the_pictures_are() {
    let check = |width: u32, height: u32, fps: f32, bitrate_bps: u32, level: u8| {
        let settings = H264Settings {
            bitrate_bps,
            fps,
            hasty: false,
        };
        let mut encoder = H264Encoder::new(size(width, height), settings).unwrap();
        let coded = encoder
            .encode(&picture(size(width, height), 0), 0, true)
            .unwrap();
        let unit = RefNal::new(units(&coded)[0], &[], true);
        let sps = SeqParameterSet::from_bits(unit.rbsp_bits()).unwrap();
        assert_eq!(sps.pixel_dimensions().unwrap(), (width, height));
        assert_eq!(u8::from(sps.profile_idc), 66);
        assert!(sps.constraint_flags.flag1(), "Constrained Baseline");
        assert_eq!(sps.level_idc, level, "{width}x{height} at {fps}");
        let signal = sps.vui_parameters.unwrap().video_signal_type.unwrap();
        let colour = signal.colour_description.unwrap();
        assert!(!signal.video_full_range_flag);
        assert_eq!(
            (colour.colour_primaries, colour.matrix_coefficients),
            (1, 6)
        );
    };
    check(320, 240, 15.0, 400_000, 12);
    check(568, 320, 15.0, 400_000, 21);
    check(1280, 720, 30.0, 3_000_000, 31);
    check(1920, 1080, 30.0, 6_000_000, 40);
    check(642, 362, 30.0, 1_000_000, 30);
}

#[test]
fn the_bitrate_is_kept_and_can_be_changed_while_it_runs() {
    let mut encoder = H264Encoder::new(size(640, 360), SETTINGS).unwrap();
    let mut noise = 1_u32;
    let mut second = |encoder: &mut H264Encoder| {
        let mut bytes = 0;
        for n in 0..30 {
            let mut picture = picture(size(640, 360), n);
            for sample in picture.plane_mut(Component::Y).unwrap().data {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *sample = sample.wrapping_add((noise >> 28) as u8);
            }
            bytes += encoder
                .encode(&picture, n as u64 * 67, false)
                .unwrap()
                .data
                .len();
        }
        bytes * 8 / 2
    };
    second(&mut encoder);
    let slow = second(&mut encoder);
    encoder
        .set(H264Settings {
            bitrate_bps: 2_000_000,
            ..SETTINGS
        })
        .unwrap();
    second(&mut encoder);
    let fast = second(&mut encoder);
    encoder.set(SETTINGS).unwrap();
    second(&mut encoder);
    let again = second(&mut encoder);
    for (bps, expected) in [(slow, 400_000), (fast, 2_000_000), (again, 400_000)] {
        let range = expected / 2..expected * 3 / 2;
        assert!(range.contains(&bps), "{bps} in place of {expected}");
    }
}

#[test]
fn haste_and_another_rate_change_nothing_that_must_be_decoded_anew() {
    let mut encoder = H264Encoder::new(size(320, 240), SETTINGS).unwrap();
    let mut all = encode(&mut encoder, 10, &[]);
    let hasty = H264Settings {
        fps: 7.5,
        hasty: true,
        ..SETTINGS
    };
    encoder.set(hasty).unwrap();
    all.extend(encode(&mut encoder, 10, &[]));
    assert_eq!(all.iter().filter(|coded| coded.key).count(), 1);
    let (mut decoder, mut planes) = (H264Decoder::new().unwrap(), Planes::default());
    for coded in &all {
        assert!(decoder.decode(&coded.data, &mut planes).unwrap());
    }
}

#[test]
fn sizes_are_brought_within_what_can_be_encoded() {
    let check = |from: (u32, u32), expected: Option<(u32, u32)>| {
        let fits = H264Encoder::size_of(size(from.0, from.1));
        assert_eq!(fits.map(|s| (s.width(), s.height())), expected, "{from:?}");
    };
    check((1280, 720), Some((1280, 720)));
    check((641, 481), Some((640, 480)));
    check((7680, 4320), Some((3840, 2160)));
    check((4320, 7680), Some((2160, 3840)));
    check((4000, 3000), Some((2880, 2160)));
    check((15, 200), None);
    check((16, 16), Some((16, 16)));
}

#[test]
fn jpegs_of_every_subsampling_and_of_odd_sizes_can_be_encoded() {
    let subsamplings = [
        Subsampling::Gray,
        Subsampling::Yuv444,
        Subsampling::Yuv422,
        Subsampling::Yuv420,
        Subsampling::Yuv440,
        Subsampling::Yuv411,
    ];
    for (subsampling, (width, height)) in subsamplings
        .into_iter()
        .flat_map(|s| [(320, 240), (321, 241)].map(|size| (s, size)))
    {
        let name = format!("{subsampling:?} {width}x{height}");
        let own = size(width, height);
        let mut from = Planes::default();
        picture(own, 0)
            .convert(&mut Resizer::default(), (own, subsampling), &mut from)
            .unwrap();
        let jpeg = Encoder::new().unwrap().encode_yuv(&from, 90).unwrap();
        for target in [
            H264Encoder::size_of(own).unwrap(),
            H264Encoder::size_of(own.at_height(120)).unwrap(),
        ] {
            let mut planes = Planes::default();
            Decoder::new()
                .decode_yuv420(&jpeg, target, &mut planes)
                .unwrap();
            planes.squeeze();
            let mut encoder = H264Encoder::new(target, SETTINGS).unwrap();
            let coded = encoder.encode(&planes, 0, true).unwrap();
            let mut decoder = H264Decoder::new().unwrap();
            assert!(decoder.decode(&coded.data, &mut planes).unwrap(), "{name}");
            assert_eq!(planes.size(), target, "{name}");
            let middle = |component| {
                let plane = planes.plane(component).unwrap();
                plane.data[plane.height / 2 * plane.stride + plane.width / 2]
            };
            let expected = match subsampling {
                Subsampling::Gray => (128, 128),
                _ => (90, 200),
            };
            let (u, v) = (middle(Component::U), middle(Component::V));
            assert!(
                u.abs_diff(expected.0) < 6 && v.abs_diff(expected.1) < 6,
                "{name}: {u} {v}"
            );
        }
    }
}

#[test]
fn the_full_range_becomes_the_limited_one_and_comes_back() {
    let mut planes = Planes::new(size(256, 2), Subsampling::Yuv420);
    let ramp: Vec<u8> = (0..=255).collect();
    let fill = |plane: crate::PlaneMut<'_>| {
        for line in plane.data.chunks_mut(plane.stride) {
            line.copy_from_slice(&ramp[..plane.stride]);
        }
    };
    fill(planes.plane_mut(Component::Y).unwrap());
    planes.squeeze();
    let y = planes.luma().data;
    assert_eq!((y[0], y[255]), (16, 235));
    planes.stretch();
    let y = &planes.luma().data[..256];
    assert!(
        y.iter()
            .zip(0_u8..=255)
            .all(|(got, n)| got.abs_diff(n) <= 2)
    );
}
