//! What to ask of a camera, given what it can do and what is wished for.

use eyeline_media::Resolution;
use eyeline_sys_v4l2::{FourCc, Interval, Intervals, Sizes};

use super::format::Format;

/// What is wished for of a camera.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Wish {
    pub(crate) size: Option<Resolution>,
    /// Frames a second.
    pub(crate) fps: Option<f64>,
    pub(crate) format: Option<Format>,
}

/// What a camera can give in one format.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Offer {
    pub(super) fourcc: FourCc,
    /// Empty when the driver does not say: then any may do.
    pub(super) sizes: Vec<Sizes>,
}

/// What to ask for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Choice {
    pub(super) fourcc: FourCc,
    pub(super) format: Format,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) interval: Interval,
}

const USUAL_SIZE: (u32, u32) = (1280, 720);
const USUAL_FPS: f64 = 30.0;
/// Rates that differ by less are the same: 29.97 is 30.
const SAME_FPS: f64 = 0.5;

/// The best of what there is: of the size that comes nearest to the wish, then as fast as
/// wished, then in the format that costs least. `None` when no format can be shown, or not
/// the one that is wished for.
pub(super) fn choose(
    wish: &Wish,
    offers: &[Offer],
    intervals: impl Fn(FourCc, u32, u32) -> Vec<Intervals>,
) -> Option<Choice> {
    let fps = wish.fps.unwrap_or(USUAL_FPS);
    let options = offers.iter().filter_map(|offer| {
        let (rank, format) = Format::of(offer.fourcc)?;
        if wish.format.is_some_and(|wished| wished != format) {
            return None;
        }
        let (width, height) = best_size(wish.size, &offer.sizes);
        let interval = best_interval(fps, &intervals(offer.fourcc, width, height));
        let missing = missing_fps(fps, interval);
        let choice = Choice {
            fourcc: offer.fourcc,
            format,
            width,
            height,
            interval,
        };
        Some((distance(wish.size, (width, height)), missing, rank, choice))
    });
    let best = options.min_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
    best.map(|(_, _, _, choice)| choice)
}

/// How far a size is from the wish: one that is too large is only second best, as its pixels
/// cost time all along the way.
fn distance(wish: Option<Resolution>, (width, height): (u32, u32)) -> (bool, u64) {
    let (want_width, want_height) = target(wish);
    let too_large = width > want_width || height > want_height;
    let apart = u64::from(width.abs_diff(want_width)) + u64::from(height.abs_diff(want_height));
    (too_large, apart)
}

fn target(wish: Option<Resolution>) -> (u32, u32) {
    wish.map_or(USUAL_SIZE, |size| (size.width(), size.height()))
}

fn best_size(wish: Option<Resolution>, sizes: &[Sizes]) -> (u32, u32) {
    let target = target(wish);
    let nearest = sizes.iter().map(|size| match *size {
        Sizes::One { width, height } => (width, height),
        Sizes::Range { width, height } => (within(target.0, width), within(target.1, height)),
    });
    nearest
        .min_by_key(|&size| distance(wish, size))
        .unwrap_or(target)
}

/// The greatest of a range that is not above the value, if there is one.
fn within(value: u32, [first, last, step]: [u32; 3]) -> u32 {
    let value = value.clamp(first, last.max(first));
    first + (value - first) / step.max(1) * step.max(1)
}

/// The slowest that is fast enough, else the fastest. A driver that does not say what it can
/// keep is asked for what is wished for.
fn best_interval(fps: f64, intervals: &[Intervals]) -> Interval {
    let nearest = intervals.iter().map(|intervals| match *intervals {
        Intervals::One(interval) => interval,
        Intervals::Range { shortest, .. } if fps >= shortest.fps() => shortest,
        Intervals::Range { longest, .. } if fps <= longest.fps() => longest,
        Intervals::Range { .. } => fraction(fps),
    });
    let known = nearest.filter(|interval| interval.fps() > 0.0);
    let least = known.min_by(|a, b| {
        let costs = |interval: Interval| (missing_fps(fps, interval), interval.fps());
        let ((missing_a, fps_a), (missing_b, fps_b)) = (costs(*a), costs(*b));
        missing_a
            .total_cmp(&missing_b)
            .then(fps_a.total_cmp(&fps_b))
    });
    least.unwrap_or_else(|| fraction(fps))
}

fn missing_fps(fps: f64, interval: Interval) -> f64 {
    let missing = fps - interval.fps();
    if missing < SAME_FPS { 0.0 } else { missing }
}

fn fraction(fps: f64) -> Interval {
    Interval {
        numerator: 1_000,
        denominator: (fps * 1_000.0).round() as u32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MJPG: FourCc = FourCc(*b"MJPG");
    const YUYV: FourCc = FourCc(*b"YUYV");
    const H264: FourCc = FourCc(*b"H264");
    const HEVC: FourCc = FourCc(*b"HEVC");

    fn sizes(list: &[(u32, u32)]) -> Vec<Sizes> {
        let one = |&(width, height): &(u32, u32)| Sizes::One { width, height };
        list.iter().map(one).collect()
    }

    /// A webcam: all sizes as JPEG at 30, small ones raw at 30 and large ones at 10.
    fn webcam() -> Vec<Offer> {
        let all = [(1920, 1080), (1280, 720), (640, 480), (320, 240)];
        [H264, YUYV, MJPG]
            .map(|fourcc| Offer {
                fourcc,
                sizes: sizes(&all),
            })
            .to_vec()
    }

    fn rates(fourcc: FourCc, width: u32, _: u32) -> Vec<Intervals> {
        let fps: &[u32] = if fourcc == YUYV && width > 640 {
            &[10, 5]
        } else {
            &[30, 15, 5]
        };
        fps.iter().map(|&fps| Intervals::One(every(fps))).collect()
    }

    /// The interval of so many frames a second.
    fn every(fps: u32) -> Interval {
        Interval {
            numerator: 1,
            denominator: fps,
        }
    }

    fn check(size: Option<&str>, fps: Option<f64>, format: Option<&str>, expected: &str) {
        let wish = Wish {
            size: size.map(|size| size.parse().unwrap()),
            fps,
            format: format.map(|format| format.parse().unwrap()),
        };
        let found = choose(&wish, &webcam(), rates).map_or("nothing".to_owned(), |choice| {
            let Choice {
                fourcc,
                width,
                height,
                ..
            } = choice;
            format!("{fourcc} {width}x{height} {:.0}", choice.interval.fps())
        });
        assert_eq!(found, expected, "{wish:?}");
    }

    #[test]
    fn what_needs_no_encoding_is_first() {
        check(None, None, None, "MJPG 1280x720 30");
        check(Some("1920x1080"), None, None, "MJPG 1920x1080 30");
    }

    #[test]
    fn what_is_wished_for_is_given_or_the_next_below() {
        check(Some("640x480"), Some(15.0), None, "MJPG 640x480 15");
        check(Some("1000x700"), None, None, "MJPG 640x480 30");
        check(Some("100x100"), None, None, "MJPG 320x240 30");
        check(None, Some(60.0), None, "MJPG 1280x720 30");
        check(None, Some(29.97), None, "MJPG 1280x720 30");
    }

    #[test]
    fn a_format_that_is_wished_for_is_given_whatever_it_costs() {
        check(None, None, Some("yuyv422"), "YUYV 1280x720 10");
        check(None, None, Some("nv12"), "nothing");
        check(None, None, Some("h264"), "H264 1280x720 30");
    }

    #[test]
    fn a_range_gives_the_nearest_of_its_steps() {
        let offer = Offer {
            fourcc: YUYV,
            sizes: vec![Sizes::Range {
                width: [16, 640, 16],
                height: [16, 480, 2],
            }],
        };
        let any = |_, _, _| vec![];
        let wish = Wish {
            size: Some("331x201".parse().unwrap()),
            ..Wish::default()
        };
        let choice = choose(&wish, &[offer], any).unwrap();
        assert_eq!((choice.width, choice.height), (320, 200));
        assert!((choice.interval.fps() - 30.0).abs() < 0.01);
    }

    #[test]
    fn of_a_range_of_rates_any_can_be_had_and_of_two_rates_only_those() {
        let check = |intervals: &[Intervals], fps: f64, expected: f64| {
            let found = best_interval(fps, intervals).fps();
            assert!(
                (found - expected).abs() < 0.01,
                "{found} for {fps} of {intervals:?}"
            );
        };
        let range = Intervals::Range {
            shortest: every(60),
            longest: every(5),
        };
        check(&[range], 25.0, 25.0);
        check(&[range], 100.0, 60.0);
        check(&[range], 1.0, 5.0);
        check(&[range, Intervals::One(every(90))], 100.0, 90.0);
        let two = [Intervals::One(every(60)), Intervals::One(every(5))];
        check(&two, 25.0, 60.0);
        check(&two, 5.0, 5.0);
        check(&two, 100.0, 60.0);
        check(&[], 25.0, 25.0);
        check(&[Intervals::One(every(0))], 25.0, 25.0);
    }

    #[test]
    fn a_camera_with_nothing_that_can_be_shown_is_none() {
        let only = [Offer {
            fourcc: HEVC,
            sizes: sizes(&[(640, 480)]),
        }];
        assert_eq!(choose(&Wish::default(), &only, rates), None);
    }
}
