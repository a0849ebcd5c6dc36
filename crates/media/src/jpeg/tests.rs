//! Pictures put together marker by marker, and one real one.

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::Resolution;

/// 16x16, 4:2:0, coded by ffmpeg with `-huffman default`: the tables of T.81 K.3.
const REAL: &[u8] = include_bytes!("fixtures/standard-tables-16x16.jpg");

fn segment(code: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 2).unwrap();
    [&[0xFF, code][..], &length.to_be_bytes(), payload].concat()
}

fn frame(code: u8, width: u16, height: u16) -> Vec<u8> {
    let mut payload = vec![8];
    payload.extend(height.to_be_bytes());
    payload.extend(width.to_be_bytes());
    payload.extend([3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]);
    segment(code, &payload)
}

fn scan(data: &[u8]) -> Vec<u8> {
    let mut scan = segment(SOS, &[3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0]);
    scan.extend(data);
    scan
}

fn picture(segments: &[Vec<u8>]) -> Vec<u8> {
    let mut picture = START_OF_IMAGE.to_vec();
    picture.extend(segments.concat());
    picture.extend(END_OF_IMAGE);
    picture
}

mod header {
    use super::*;

    fn check(bytes: &[u8], expected: Result<(u32, u32, bool, bool), HeaderError>) {
        let read = parse_header(bytes).map(|header| {
            let size = header.resolution;
            assert_eq!(
                bytes[header.scan_offset..][..2],
                [0xFF, SOS],
                "{header:?} points at the scan"
            );
            (
                size.width(),
                size.height(),
                header.progressive,
                header.has_huffman_tables,
            )
        });
        assert_eq!(read, expected);
    }

    #[test]
    fn of_a_real_picture_is_read() {
        check(REAL, Ok((16, 16, false, true)));
        assert_eq!(parse_header(REAL).unwrap().components, 3);
    }

    #[test]
    fn of_a_progressive_picture_is_read() {
        let jpeg = picture(&[segment(DHT, &[]), frame(SOF2, 640, 480), scan(&[])]);
        check(&jpeg, Ok((640, 480, true, true)));
    }

    #[test]
    fn without_tables_says_so_even_if_a_later_scan_has_some() {
        let jpeg = picture(&[frame(SOF0, 8, 8), scan(&[]), segment(DHT, &[0])]);
        check(&jpeg, Ok((8, 8, false, false)));
    }

    #[test]
    fn may_have_fill_bytes_before_markers() {
        let jpeg = picture(&[vec![0xFF, 0xFF], frame(SOF0, 8, 8), vec![0xFF], scan(&[])]);
        check(&jpeg, Ok((8, 8, false, false)));
    }

    #[test]
    fn of_a_thumbnail_is_not_the_pictures() {
        let thumbnail = picture(&[frame(SOF0, 160, 120), scan(&[1, 2, 3])]);
        let jpeg = picture(&[segment(0xE1, &thumbnail), frame(SOF0, 640, 480), scan(&[])]);
        check(&jpeg, Ok((640, 480, false, false)));
    }

    #[test]
    fn cut_short_anywhere_is_truncated() {
        let full = parse_header(REAL).unwrap();
        for offset in 0..full.scan_offset + 2 {
            check(&REAL[..offset], Err(HeaderError::Truncated { offset }));
        }
        assert_eq!(parse_header(&REAL[..full.scan_offset + 2]), Ok(full));
    }

    #[test]
    fn of_something_else_is_refused() {
        check(b"GIF89a", Err(HeaderError::NotAJpeg));
        check(&[0xFF, 0xD9], Err(HeaderError::NotAJpeg));
    }

    #[test]
    fn with_a_size_out_of_range_is_refused() {
        for (width, height) in [(60_000, 60_000), (0, 8), (8, 0)] {
            let source = Resolution::new(width, height).unwrap_err();
            let (width, height) = (width.try_into().unwrap(), height.try_into().unwrap());
            let jpeg = picture(&[frame(SOF0, width, height), scan(&[])]);
            check(&jpeg, Err(HeaderError::BadSize { offset: 2, source }));
        }
    }

    #[test]
    fn of_a_kind_nobody_shows_is_refused() {
        for (code, what) in [
            (0xC3, "lossless"),
            (0xC6, "hierarchical"),
            (0xC9, "arithmetic-coded"),
            (0xCF, "arithmetic-coded"),
        ] {
            let jpeg = picture(&[frame(code, 8, 8), scan(&[])]);
            check(&jpeg, Err(HeaderError::Unsupported { offset: 2, what }));
        }
        let twice = picture(&[frame(SOF0, 8, 8), frame(SOF0, 8, 8), scan(&[])]);
        let (offset, what) = (21, "hierarchical");
        check(&twice, Err(HeaderError::Unsupported { offset, what }));
    }

    #[test]
    fn with_a_wrong_precision_or_component_count_is_refused() {
        let mut deep = picture(&[frame(SOF0, 8, 8), scan(&[])]);
        deep[6] = 12;
        let (offset, what) = (2, "12-bit");
        check(&deep, Err(HeaderError::Unsupported { offset, what }));
        let two = segment(SOF0, &[8, 0, 8, 0, 8, 2, 1, 0x11, 0, 2, 0x11, 0]);
        let what = "neither grey, colour nor CMYK";
        check(
            &picture(&[two, scan(&[])]),
            Err(HeaderError::Unsupported { offset, what }),
        );
    }

    #[test]
    fn with_a_segment_length_that_cannot_be_is_refused() {
        let mut short = picture(&[segment(0xE0, b"JFIF")]);
        short[5] = 1;
        let bad = |offset, length| Err(HeaderError::BadSegmentLength { offset, length });
        check(&short, bad(2, 1));
        check(&picture(&[segment(SOF0, &[8, 0, 8])]), bad(2, 5));
        check(
            &picture(&[segment(SOF0, &[8, 0, 8, 0, 8, 3, 1, 2, 3])]),
            bad(2, 11),
        );
    }

    #[test]
    fn with_something_else_where_a_marker_belongs_is_refused() {
        let bad = |offset, found| Err(HeaderError::BadMarker { offset, found });
        check(&picture(&[vec![0x42]]), bad(2, 0x42));
        check(&picture(&[vec![0xFF, 0x00]]), bad(3, 0x00));
        check(&picture(&[vec![0xFF, SOI]]), bad(3, SOI));
    }

    #[test]
    fn without_a_frame_or_a_scan_is_refused() {
        check(
            &picture(&[scan(&[])]),
            Err(HeaderError::NoFrameHeader { offset: 2 }),
        );
        check(&picture(&[]), Err(HeaderError::NoScan { offset: 2 }));
    }
}

mod huffman {
    use super::*;

    /// The picture without its DHT segments: what a UVC camera would have sent.
    fn stripped(jpeg: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let at = jpeg.windows(2).position(|pair| pair == [0xFF, DHT]);
        let at = at.expect("the fixture has tables");
        let length = usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        let end = at + 2 + length;
        let without = [&jpeg[..at], &jpeg[end..]].concat();
        (without, jpeg[at + 4..end].to_vec())
    }

    /// (class and destination, counts and values) of each table, in order of the first.
    fn tables(mut payload: &[u8]) -> Vec<(u8, Vec<u8>)> {
        let mut tables = Vec::new();
        while let [id, rest @ ..] = payload {
            let values: usize = rest[..16].iter().map(|count| usize::from(*count)).sum();
            tables.push((*id, rest[..16 + values].to_vec()));
            payload = &rest[16 + values..];
        }
        tables.sort();
        tables
    }

    #[test]
    fn tables_inserted_are_those_ffmpeg_calls_default() {
        let (camera, expected) = stripped(REAL);
        let camera = Bytes::from(camera);
        assert!(!parse_header(&camera).unwrap().has_huffman_tables);
        let whole = insert_standard_huffman_tables(&camera).unwrap();
        assert!(parse_header(&whole).unwrap().has_huffman_tables);
        let (back, inserted) = stripped(&whole);
        assert_eq!(back, camera, "nothing else changed");
        assert_eq!(tables(&inserted), tables(&expected));
    }

    #[test]
    fn tables_that_are_there_stay_and_nothing_is_copied() {
        let jpeg = Bytes::from_static(REAL);
        let whole = insert_standard_huffman_tables(&jpeg).unwrap();
        assert_eq!(whole.as_ptr(), jpeg.as_ptr());
        assert_eq!(whole.len(), jpeg.len());
    }

    #[test]
    fn tables_for_sequential_coding_are_not_put_into_a_progressive_picture() {
        let jpeg = Bytes::from(picture(&[frame(SOF2, 8, 8), scan(&[])]));
        assert_eq!(insert_standard_huffman_tables(&jpeg), Ok(jpeg));
    }

    #[test]
    fn a_picture_without_a_header_is_an_error() {
        let jpeg = Bytes::from_static(b"no");
        assert_eq!(
            insert_standard_huffman_tables(&jpeg),
            Err(HeaderError::NotAJpeg)
        );
    }
}

mod splitter {
    use super::*;

    /// Whole, and byte by byte: the same.
    fn check(bytes: &[u8], expected: Result<Option<usize>, Damage>) {
        assert_eq!(Splitter::new().find_end(bytes), expected, "at once");
        let mut splitter = Splitter::new();
        let pieces = (0..=bytes.len())
            .map(|len| splitter.find_end(&bytes[..len]))
            .find(|outcome| *outcome != Ok(None));
        assert_eq!(pieces.unwrap_or(Ok(None)), expected, "byte by byte");
    }

    fn check_padded(jpeg: &[u8]) {
        let padded = [jpeg, &[0, 0xFF, 0xD9, 0x42]].concat();
        check(&padded, Ok(Some(jpeg.len())));
        check(&jpeg[..jpeg.len() - 1], Ok(None));
    }

    #[test]
    fn the_end_of_a_real_picture_is_found() {
        check_padded(REAL);
    }

    #[test]
    fn stuffed_bytes_and_restart_markers_do_not_end_a_picture() {
        let data = [
            1, 0xFF, 0x00, 0xD9, 0xFF, 0xD0, 2, 0xFF, 0xD7, 0xFF, 0x00, 3,
        ];
        check_padded(&picture(&[frame(SOF0, 8, 8), scan(&data)]));
    }

    #[test]
    fn a_picture_of_several_scans_ends_after_the_last() {
        check_padded(&picture(&[
            frame(SOF2, 8, 8),
            scan(&[1, 2, 3]),
            segment(DHT, &[0xFF, EOI]),
            scan(&[4, 5, 6]),
        ]));
    }

    #[test]
    fn a_thumbnails_end_is_not_the_pictures() {
        let thumbnail = picture(&[frame(SOF0, 160, 120), scan(&[1, 2, 3])]);
        check_padded(&picture(&[
            segment(0xE1, &thumbnail),
            frame(SOF0, 8, 8),
            scan(&[9]),
        ]));
    }

    #[test]
    fn fill_bytes_before_a_marker_are_part_of_it() {
        check_padded(&picture(&[frame(SOF0, 8, 8), scan(&[9, 0xFF, 0xFF, 0xFF])]));
    }

    #[test]
    fn garbage_between_segments_is_skipped() {
        check_padded(&picture(&[vec![1, 2, 3], frame(SOF0, 8, 8), scan(&[9])]));
    }

    #[test]
    fn another_start_is_damage_and_says_where_to_go_on() {
        let cut = [&REAL[..700], REAL].concat();
        check(&cut, Err(Damage::StartsAgain { offset: 700 }));
    }

    #[test]
    fn a_segment_shorter_than_its_length_field_is_damage() {
        let damage = Damage::BadSegmentLength {
            offset: 2,
            length: 1,
        };
        check(&[0xFF, SOI, 0xFF, 0xE0, 0, 1, 0], Err(damage));
    }

    #[test]
    fn something_else_is_no_picture() {
        check(b"GIF", Err(Damage::NotAJpeg));
        check(&[0xFF, 0xFF], Err(Damage::NotAJpeg));
        check(&[0xFF], Ok(None));
        check(&[], Ok(None));
    }

    proptest! {
        #[test]
        fn pieces_of_any_size_give_the_same_end(
            data in proptest::collection::vec(prop_oneof![Just(0xFF_u8), any::<u8>()], 0..300),
            steps in proptest::collection::vec(1_usize..50, 1..50),
        ) {
            let bytes = picture(&[frame(SOF0, 8, 8), scan(&data)]);
            let whole = Splitter::new().find_end(&bytes);
            let mut splitter = Splitter::new();
            let mut len = 0;
            let mut outcome = Ok(None);
            for step in steps.iter().cycle() {
                if outcome != Ok(None) || len == bytes.len() {
                    break;
                }
                len = bytes.len().min(len + step);
                outcome = splitter.find_end(&bytes[..len]);
            }
            prop_assert_eq!(outcome, whole);
        }

        #[test]
        fn any_bytes_after_a_start_are_read_without_a_panic(
            bytes in proptest::collection::vec(prop_oneof![Just(0xFF_u8), 0xC0_u8..0xE0, any::<u8>()], 0..200),
        ) {
            let bytes = [&START_OF_IMAGE[..], &bytes].concat();
            let _ = parse_header(&bytes);
            if let Ok(Some(end)) = Splitter::new().find_end(&bytes) {
                prop_assert_eq!(&bytes[end - 2..end], &END_OF_IMAGE[..]);
            }
        }
    }
}
