//! The picture that is painted: where things stand, and that the time in it is readable.

use eyeline_media::{PixelFormat, Resolution, Timestamp};
use eyeline_sys_codec::{Decoder, Encoder, Transcoder};
use jiff::tz::TimeZone;

use super::slate::paint_slate_in_zone;
use super::{SlateText, TestPattern};

const NOW: Timestamp = Timestamp::from_micros(1_764_000_123_456_789);
const LONG: &str = "the command `python3 /home/pi/projects/robot/vision/annotate.py --device \
    /dev/video2` ended with status 1: ModuleNotFoundError — \u{1F4F7} and so on, and so on";

fn size(width: u32, height: u32) -> Resolution {
    Resolution::new(width, height).unwrap()
}

fn pattern(size: Resolution) -> TestPattern {
    TestPattern::in_zone(size, TimeZone::UTC)
}

fn slate(size: Resolution) -> Vec<u8> {
    let text = SlateText {
        title: "robot-arm-camera-left is away",
        reason: LONG,
        since: Some(Timestamp::from_micros(1_764_000_111_000_000)),
        note: "trying again in 4 s",
    };
    paint_slate_in_zone(size, NOW, &text, &TimeZone::UTC)
}

#[test]
fn pictures_of_any_size_are_whole() {
    let sides = [1, 2, 15, 16, 17, 33, 63, 143, 144, 255, 257];
    for (width, height) in sides.iter().flat_map(|&w| sides.map(|h| (w, h))) {
        let size = size(width, height);
        let len = PixelFormat::Yuv420p.frame_len(size);
        assert_eq!(pattern(size).paint(NOW, 1, 30.0).len(), len, "{size}");
        assert_eq!(slate(size).len(), len, "{size}");
    }
    for extreme in [size(4_000, 16), size(16, 4_000)] {
        let len = PixelFormat::Yuv420p.frame_len(extreme);
        assert_eq!(pattern(extreme).paint(NOW, 1, 30.0).len(), len);
        assert_eq!(slate(extreme).len(), len);
    }
}

#[test]
fn the_time_is_read_from_both_after_compression_and_scaling() {
    let mut encoder = Encoder::new().unwrap();
    let mut transcoder = Transcoder::new().unwrap();
    for from in [size(1280, 720), size(640, 480)] {
        let pictures = [pattern(from).paint(NOW, 7, 29.9).to_vec(), slate(from)];
        for picture in pictures {
            let jpeg = encoder.encode_raw(PixelFormat::Yuv420p, from, &picture, 50);
            let small = transcoder.transcode(&jpeg.unwrap(), from.at_height(320), 50);
            let luma = Decoder::new().luma(&small.unwrap(), None).unwrap();
            assert_eq!(luma.time(), Some(NOW), "{from}");
        }
    }
}

#[test]
fn nothing_of_the_frame_before_is_left() {
    for size in [size(640, 360), size(321, 241), size(360, 640)] {
        let mut used = pattern(size);
        for frame in 0..20 {
            let millis = std::time::Duration::from_millis(frame * 37);
            used.paint(NOW.after(millis), 88_888 * frame, 100.0 - frame as f64);
        }
        let fresh = pattern(size).paint(NOW, 1, f64::NAN).to_vec();
        assert!(used.paint(NOW, 1, f64::NAN) == fresh, "{size}");
    }
}

#[test]
fn every_frame_differs_from_the_one_before_even_at_the_same_time() {
    for size in [size(640, 360), size(64, 48)] {
        let mut pattern = pattern(size);
        let mut last = pattern.paint(NOW, 0, 30.0).to_vec();
        for frame in 1..40 {
            let picture = pattern.paint(NOW, frame, 30.0);
            assert!(picture != last, "frame {frame} of {size}");
            last = picture.to_vec();
        }
    }
}

#[test]
fn the_hand_moves_with_the_time_alone() {
    let size = size(160, 120);
    let mut pattern = pattern(size);
    // Below a millisecond, so that the digits stay.
    let first = pattern.paint(NOW, 0, 30.0).to_vec();
    let later = NOW.after(std::time::Duration::from_micros(200));
    assert!(pattern.paint(later, 0, 30.0) != first);
}

#[test]
fn text_keeps_to_its_margins_however_long_it_is() {
    let words = ["x".repeat(2_000), "many words ".repeat(300)];
    for size in [
        size(1280, 720),
        size(568, 320),
        size(320, 240),
        size(80, 60),
    ] {
        let (width, margin) = (size.width() as usize, size.width() as usize / 32);
        for words in &words {
            let text = SlateText {
                title: words,
                reason: words,
                since: None,
                note: words,
            };
            let picture = paint_slate_in_zone(size, NOW, &text, &TimeZone::UTC);
            let background = picture[0];
            for (row, line) in picture[..size.pixels()].chunks(width).enumerate() {
                let clear = |part: &[u8]| part.iter().all(|&sample| sample == background);
                assert!(clear(&line[..margin]), "left of line {row} of {size}");
                assert!(
                    clear(&line[width - margin..]),
                    "right of line {row} of {size}"
                );
            }
            assert!(picture[..width * 2].iter().all(|&s| s == background));
        }
    }
}

#[test]
fn a_slate_shows_its_words_where_there_is_room() {
    for size in [size(1280, 720), size(160, 120)] {
        let light = |picture: &[u8]| picture[..size.pixels()].iter().any(|&s| s > 200);
        let blank = paint_slate_in_zone(
            size,
            Timestamp::default(),
            &SlateText::default(),
            &TimeZone::UTC,
        );
        let top = size.width() as usize * (size.height() as usize * 32 / 36);
        assert!(!blank[..top].iter().any(|&s| s > 100), "{size}");
        assert!(light(&slate(size)), "{size}");
        assert!(slate(size)[..top].iter().any(|&s| s > 200), "{size}");
    }
}
