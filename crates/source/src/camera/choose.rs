//! What to ask of a camera, given what it can do and what is wished for.

use eyeline_media::Resolution;
use eyeline_sys_v4l2::{FourCc, Interval, Sizes};

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
    intervals: impl Fn(FourCc, u32, u32) -> Vec<Interval>,
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

/// The slowest that is fast enough, else the fastest.
fn best_interval(fps: f64, intervals: &[Interval]) -> Interval {
    let known = intervals.iter().filter(|interval| interval.fps() > 0.0);
    let wished = fraction(fps);
    // Of a range only its ends are listed: what is between is as good as listed.
    let fastest = known
        .clone()
        .map(|interval| interval.fps())
        .fold(0.0, f64::max);
    let slowest = known
        .clone()
        .map(|interval| interval.fps())
        .fold(f64::MAX, f64::min);
    if fastest == 0.0 {
        return wished;
    }
    let enough = known
        .clone()
        .filter(|interval| interval.fps() + SAME_FPS >= fps)
        .min_by(|a, b| a.fps().total_cmp(&b.fps()));
    match enough {
        Some(_) if intervals.len() == 2 && slowest <= fps => wished,
        Some(enough) => *enough,
        None => *known
            .max_by(|a, b| a.fps().total_cmp(&b.fps()))
            .unwrap_or(&wished),
    }
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

    fn rates(fourcc: FourCc, width: u32, _: u32) -> Vec<Interval> {
        let fps: &[u32] = if fourcc == YUYV && width > 640 {
            &[10, 5]
        } else {
            &[30, 15, 5]
        };
        let interval = |&denominator| Interval {
            numerator: 1,
            denominator,
        };
        fps.iter().map(interval).collect()
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
    fn a_camera_with_nothing_that_can_be_shown_is_none() {
        let only = [Offer {
            fourcc: H264,
            sizes: sizes(&[(640, 480)]),
        }];
        assert_eq!(choose(&Wish::default(), &only, rates), None);
    }
}
