//! Real pictures through the real codec, and what is said of those that are none.

use bytes::Bytes;
use eyeline_media::{PixelFormat, Resolution, Timestamp, timecode};

use crate::{Component, Decoder, Encoder, Error, Planes, Subsampling, Transcoder};

const NOW: Timestamp = Timestamp::from_micros(1_764_000_123_456_789);
const SUBSAMPLINGS: [Subsampling; 7] = [
    Subsampling::Gray,
    Subsampling::Yuv444,
    Subsampling::Yuv422,
    Subsampling::Yuv420,
    Subsampling::Yuv440,
    Subsampling::Yuv411,
    Subsampling::Yuv441,
];

fn size(width: u32, height: u32) -> Resolution {
    Resolution::new(width, height).unwrap()
}

/// Luma of the test picture at a place given in fractions of the picture.
fn shade(x: f64, y: f64) -> u8 {
    (40.0 + 120.0 * x + 60.0 * y) as u8
}

fn place(index: usize, width: usize, height: usize) -> (f64, f64) {
    let (x, y) = (index % width, index / width);
    (
        (x as f64 + 0.5) / width as f64,
        (y as f64 + 0.5) / height as f64,
    )
}

/// A soft gradient in luma, with even chroma.
fn gradient(size: Resolution, subsampling: Subsampling) -> Planes {
    let mut planes = Planes::new(size, subsampling);
    for (component, chroma) in [(Component::Y, 0), (Component::U, 110), (Component::V, 150)] {
        let Some(plane) = planes.plane_mut(component) else {
            continue;
        };
        let (width, height) = (plane.width, plane.height);
        for (y, line) in plane.data.chunks_mut(plane.stride).enumerate() {
            for (x, sample) in line.iter_mut().enumerate() {
                let (fx, fy) = place(y.min(height - 1) * width + x.min(width - 1), width, height);
                *sample = if component == Component::Y {
                    shade(fx, fy)
                } else {
                    chroma
                };
            }
        }
    }
    planes
}

fn jpeg(size: Resolution, subsampling: Subsampling) -> Bytes {
    let planes = gradient(size, subsampling);
    Encoder::new().unwrap().encode_yuv(&planes, 90).unwrap()
}

/// Asserts that `planes` show the gradient.
fn check_gradient(planes: &Planes, what: &str) {
    for (component, chroma) in [(Component::Y, 0), (Component::U, 110), (Component::V, 150)] {
        let Some(plane) = planes.plane(component) else {
            continue;
        };
        for (y, line) in plane
            .data
            .chunks(plane.stride)
            .take(plane.height)
            .enumerate()
        {
            for (x, &sample) in line[..plane.width].iter().enumerate() {
                let (fx, fy) = place(y * plane.width + x, plane.width, plane.height);
                let expected = if component == Component::Y {
                    shade(fx, fy)
                } else {
                    chroma
                };
                // Small pictures round their sides when scaled, which moves the gradient.
                let slack = 4 + (180 / plane.width + 180 / plane.height) as u8 / 2;
                assert!(
                    sample.abs_diff(expected) <= slack,
                    "{what}: {component:?} at {x},{y} is {sample}, not {expected}"
                );
            }
        }
    }
}

/// The gradient as a raw picture.
fn raw(format: PixelFormat, size: Resolution) -> Vec<u8> {
    let planes = gradient(size, Subsampling::Yuv420);
    let packed = planes.to_packed();
    let (luma, chroma) = packed.split_at(size.pixels());
    let (u, v) = chroma.split_at(chroma.len() / 2);
    let width = size.width() as usize;
    match format {
        PixelFormat::Gray8 => luma.to_vec(),
        PixelFormat::Bgr24 | PixelFormat::Rgb24 => luma.iter().flat_map(|&l| [l; 3]).collect(),
        PixelFormat::Yuv420p => packed,
        PixelFormat::Nv12 => {
            let pairs = u.iter().zip(v).flat_map(|(&u, &v)| [u, v]);
            luma.iter().copied().chain(pairs).collect()
        }
        PixelFormat::Yuyv422 => luma
            .chunks(width)
            .flat_map(|line| line.chunks(2))
            .flat_map(|pair| [pair[0], 110, *pair.last().unwrap(), 150])
            .collect(),
    }
}

#[test]
fn every_raw_format_and_odd_size_shows_its_picture_again() {
    let mut encoder = Encoder::new().unwrap();
    let mut decoder = Decoder::new();
    let mut planes = Planes::default();
    for format in PixelFormat::ALL {
        for (width, height) in [(320, 240), (321, 241), (64, 1), (1, 64), (17, 33), (1, 1)] {
            let size = size(width, height);
            let data = raw(format, size);
            let jpeg = encoder.encode_raw(format, size, &data, 90).unwrap();
            decoder.decode(&jpeg, &mut planes).unwrap();
            assert_eq!(planes.size(), size);
            match format {
                // Its chroma is that of gray.
                PixelFormat::Bgr24 | PixelFormat::Rgb24 => {
                    let luma = decoder.luma(&jpeg, None).unwrap();
                    let mut gray = Planes::default();
                    gray.load(PixelFormat::Gray8, size, &luma.data).unwrap();
                    check_gradient(&gray, &format!("{format} {size}"));
                }
                _ => check_gradient(&planes, &format!("{format} {size}")),
            }
        }
    }
}

#[test]
fn red_and_blue_are_told_apart() {
    let size = size(16, 16);
    let check = |format, expected_red: bool| {
        let data = [200, 20, 20].repeat(size.pixels());
        let jpeg = Encoder::new().unwrap().encode_raw(format, size, &data, 90);
        let mut planes = Planes::default();
        let mut decoder = Decoder::new();
        decoder.decode(&jpeg.unwrap(), &mut planes).unwrap();
        let v = planes.plane(Component::V).unwrap().data[0];
        assert_eq!(v > 128, expected_red, "{format}: Cr {v}");
    };
    check(PixelFormat::Rgb24, true);
    check(PixelFormat::Bgr24, false);
}

#[test]
fn a_raw_picture_of_another_length_is_refused() {
    let mut encoder = Encoder::new().unwrap();
    for format in PixelFormat::ALL {
        let size = size(64, 48);
        let right = format.frame_len(size);
        for len in [0, right - 1, right + 1] {
            let error = encoder.encode_raw(format, size, &vec![0; len], 80);
            assert!(
                matches!(error, Err(Error::WrongLength { expected, actual, .. })
                    if expected == right && actual == len),
                "{format} {len}: {error:?}"
            );
        }
    }
}

#[test]
fn a_quality_outside_1_to_100_is_refused() {
    let mut encoder = Encoder::new().unwrap();
    let planes = gradient(size(64, 48), Subsampling::Yuv420);
    for (quality, valid) in [(0, false), (1, true), (100, true), (101, false)] {
        let encoded = encoder.encode_yuv(&planes, quality);
        assert_eq!(encoded.is_ok(), valid, "{quality}: {encoded:?}");
    }
}

#[test]
fn every_subsampling_is_kept_at_exactly_the_size_asked_for() {
    let mut transcoder = Transcoder::new().unwrap();
    let mut decoder = Decoder::new();
    let mut planes = Planes::default();
    for subsampling in SUBSAMPLINGS {
        for from in [(320, 180), (321, 183), (162, 101)] {
            let source = jpeg(size(from.0, from.1), subsampling);
            for to in [(320, 180), (213, 121), (80, 46), (41, 23), (400, 226)] {
                let target = size(to.0, to.1);
                let scaled = transcoder.transcode(&source, target, 90).unwrap();
                decoder.decode(&scaled, &mut planes).unwrap();
                let what = format!("{subsampling:?} {from:?} → {to:?}");
                assert_eq!(planes.size(), target, "{what}");
                assert_eq!(planes.subsampling(), subsampling, "{what}");
                check_gradient(&planes, &what);
            }
        }
    }
}

#[test]
fn progressive_pictures_are_decoded() {
    let planes = gradient(size(320, 240), Subsampling::Yuv420);
    let mut compressor = turbojpeg::Compressor::new().unwrap();
    compressor.set_progressive(true).unwrap();
    let image = planes.as_libjpeg();
    let jpeg = compressor.compress_yuv_to_vec(image).unwrap();
    assert!(turbojpeg::read_header(&jpeg).unwrap().is_progressive);

    let mut scaled = Planes::default();
    let mut decoder = Decoder::new();
    let original = decoder.decode_scaled(&jpeg, size(160, 120), &mut scaled);
    assert_eq!(original.unwrap(), size(320, 240));
    check_gradient(&scaled, "progressive");
}

#[test]
fn kinds_of_jpeg_that_are_not_yuv_are_refused_by_name() {
    let check = |format, space, lossless, expected: &str| {
        let image = turbojpeg::Image::mandelbrot(64, 48, format);
        let mut compressor = turbojpeg::Compressor::new().unwrap();
        compressor.set_colorspace(space).unwrap();
        compressor.set_lossless(lossless).unwrap();
        let jpeg = compressor.compress_to_vec(image.as_deref()).unwrap();
        let decoded = Decoder::new().decode(&jpeg, &mut Planes::default());
        assert!(
            matches!(decoded, Err(Error::Unsupported(kind)) if kind.contains(expected)),
            "{expected}: {decoded:?}"
        );
    };
    use turbojpeg::{Colorspace, PixelFormat};
    check(PixelFormat::CMYK, Colorspace::CMYK, false, "CMYK");
    check(PixelFormat::CMYK, Colorspace::YCCK, false, "CMYK");
    check(PixelFormat::RGB, Colorspace::RGB, false, "RGB");
    check(PixelFormat::GRAY, Colorspace::Gray, true, "lossless");
}

#[test]
fn a_huge_header_is_refused_before_anything_is_allocated() {
    let mut jpeg = jpeg(size(64, 48), Subsampling::Yuv420).to_vec();
    let frame = jpeg.windows(2).position(|w| w == [0xFF, 0xC0]).unwrap();
    let side = 60_000_u16.to_be_bytes();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[side[0], side[1], side[0], side[1]]);

    let mut decoder = Decoder::new();
    let mut planes = Planes::default();
    let scaled = decoder.decode_scaled(&jpeg, size(64, 48), &mut planes);
    assert!(matches!(scaled, Err(Error::Size(_))), "{scaled:?}");
    assert!(matches!(decoder.luma(&jpeg, None), Err(Error::Size(_))));
    assert!(matches!(decoder.size(&jpeg), Err(Error::Size(_))));
    assert_eq!(planes.size(), size(1, 1), "nothing was made room for");
}

#[test]
fn a_cut_picture_is_an_error_wherever_it_is_cut() {
    let whole = jpeg(size(64, 48), Subsampling::Yuv420);
    let mut decoder = Decoder::new();
    let mut planes = Planes::default();
    let start = whole.windows(2).position(|w| w == [0xFF, 0xDA]).unwrap();
    for len in 0..whole.len() {
        let decoded = decoder.decode(&whole[..len], &mut planes);
        assert!(decoded.is_err(), "cut at {len}");
        // Behind the header, it is known for what it is.
        if len > start + 16 {
            assert!(
                matches!(decoded, Err(Error::Truncated)),
                "{len}: {decoded:?}"
            );
        }
        assert!(decoder.luma(&whole[..len], None).is_err(), "cut at {len}");
    }
    decoder.decode(&whole, &mut planes).unwrap();
    check_gradient(&planes, "the decoder goes on after errors");
}

#[test]
fn padding_before_or_behind_the_end_marker_harms_nothing() {
    let whole = jpeg(size(64, 48), Subsampling::Yuv420);
    let (picture, end) = whole.split_at(whole.len() - 2);
    let mut decoder = Decoder::new();
    let mut planes = Planes::default();
    for (before, behind) in [(8, 0), (0, 8), (8, 8)] {
        let padded = [picture, &vec![0; before], end, &vec![0; behind]].concat();
        decoder.decode(&padded, &mut planes).unwrap();
        check_gradient(&planes, "padded");
    }
    let cut = [picture, &[0; 8], &end[..1]].concat();
    assert!(decoder.decode(&cut, &mut planes).is_err());
}

#[test]
fn damaged_bytes_never_do_more_than_fail() {
    let whole = jpeg(size(64, 48), Subsampling::Yuv422);
    let mut transcoder = Transcoder::new().unwrap();
    let mut failed = 0;
    for (index, &byte) in whole.iter().enumerate() {
        for damage in [byte ^ 0xFF, byte ^ 0x10, 0] {
            let mut jpeg = whole.to_vec();
            jpeg[index] = damage;
            failed += u32::from(transcoder.transcode(&jpeg, size(32, 24), 80).is_err());
        }
    }
    assert!(failed > 0);
    for garbage in [
        &b""[..],
        b"\xFF",
        b"\xFF\xD8",
        b"\xFF\xD8\xFF\xD9",
        b"GIF89a",
    ] {
        let decoded = transcoder.transcode(garbage, size(32, 24), 80);
        assert!(decoded.is_err(), "{garbage:?}");
    }
}

#[test]
fn a_picture_without_its_tables_does_not_borrow_those_of_the_one_before() {
    // Behind SOI and APP0 (2 + 18 bytes) lie the quantisation tables: cut them out.
    let whole = jpeg(size(64, 48), Subsampling::Yuv420);
    let frame = whole.windows(2).position(|w| w == [0xFF, 0xC0]).unwrap();
    let bare = [&whole[..20], &whole[frame..]].concat();
    let mut decoder = Decoder::new();
    let mut planes = Planes::default();
    decoder.decode(&whole, &mut planes).unwrap();
    let decoded = decoder.decode(&bare, &mut planes);
    assert!(matches!(decoded, Err(Error::Corrupt(_))), "{decoded:?}");
}

#[test]
fn the_allocation_is_used_again_for_the_next_picture() {
    let large = jpeg(size(640, 360), Subsampling::Yuv422);
    let small = jpeg(size(320, 180), Subsampling::Yuv420);
    let mut decoder = Decoder::new();
    let mut planes = Planes::default();
    decoder.decode(&large, &mut planes).unwrap();
    let place = planes.luma().data.as_ptr();
    for jpeg in [&small, &large, &small] {
        decoder.decode(jpeg, &mut planes).unwrap();
        assert_eq!(planes.luma().data.as_ptr(), place);
    }
}

#[test]
fn the_capture_time_survives_quality_50_and_scaling() {
    let mut encoder = Encoder::new().unwrap();
    let mut transcoder = Transcoder::new().unwrap();
    let mut decoder = Decoder::new();
    for (from, heights) in [
        ((1280, 720), [320, 480, 720]),
        ((1920, 1080), [320, 480, 720]),
        ((640, 480), [320, 400, 480]),
        ((854, 480), [180, 320, 480]),
    ] {
        let from = size(from.0, from.1);
        let mut picture = gradient(from, Subsampling::Yuv420);
        let luma = picture.plane_mut(Component::Y).unwrap();
        assert!(timecode::encode(NOW, luma.data, luma.stride, from));
        let source = encoder.encode_yuv(&picture, 50).unwrap();
        assert_eq!(decoder.luma(&source, None).unwrap().time(), Some(NOW));
        for height in heights {
            let target = from.at_height(height);
            let scaled = transcoder.transcode(&source, target, 50).unwrap();
            let luma = decoder.luma(&scaled, None).unwrap();
            assert_eq!(luma.size, target);
            assert_eq!(luma.time(), Some(NOW), "{from} → {target}");
        }
        // And once more from a picture decoded small at once.
        let luma = decoder.luma(&source, Some(from.at_height(320))).unwrap();
        assert!(luma.size.height() >= 320);
        assert_eq!(luma.time(), Some(NOW), "{from} decoded at {}", luma.size);
    }
}

#[test]
fn the_limited_range_is_stretched_to_the_full_one() {
    let sides = size(16, 16);
    let check = |format: PixelFormat, raw: &dyn Fn(u8, u8) -> Vec<u8>| {
        for (luma, chroma, stretched) in [
            (16, 128, (0, 128)),
            (235, 128, (255, 128)),
            (126, 16, (128, 0)),
            (126, 240, (128, 255)),
            (1, 128, (0, 128)),
            (255, 128, (255, 128)),
        ] {
            let mut planes = Planes::default();
            planes.load(format, sides, &raw(luma, chroma)).unwrap();
            planes.stretch();
            let found = |component| planes.plane(component).map(|plane| plane.data[0]);
            assert_eq!(found(Component::Y), Some(stretched.0), "{format} {luma}");
            if let Some(found) = found(Component::U) {
                assert_eq!(found, stretched.1, "{format} {chroma}");
            }
        }
    };
    check(PixelFormat::Gray8, &|luma, _| vec![luma; 256]);
    check(PixelFormat::Nv12, &|luma, chroma| {
        [vec![luma; 256], vec![chroma; 128]].concat()
    });
    check(PixelFormat::Yuyv422, &|luma, chroma| {
        [luma, chroma].repeat(256)
    });
}
