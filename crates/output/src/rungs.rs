//! The rungs of a viewer's ladder, as wishes: what was granted on top, then the named
//! qualities that are smaller, then fewer pictures.

use eyeline_hub::{Fps, Quality, RenditionKey, Wish};
use eyeline_media::Codec;

use crate::ladder::Rung;

/// What a source is taken for whose pictures were not seen yet.
const UNSEEN: Rung = Rung {
    height: 720,
    fps: 30,
};

/// Height, rate and quality of the rungs below the wish, largest first.
const BELOW: [(Quality, u32, u32); 4] = [
    (Quality::High, 720, 30),
    (Quality::Medium, 480, 24),
    (Quality::Low, 320, 15),
    (Quality::Low, 320, 8),
];

/// The wish that was granted, and those that are smaller. `source` is what the source
/// gives, if that is known; `codecs` are those of the viewer and of the source.
pub(crate) fn below(
    granted: &Wish,
    source: Option<Rung>,
    codecs: (Codec, Option<Codec>),
) -> Vec<(Wish, Rung)> {
    let top = top(granted, source.unwrap_or(UNSEEN), codecs);
    let mut rungs = vec![(*granted, top)];
    for (quality, height, fps) in BELOW {
        let fps = fps.min(top.fps);
        let rung = Rung {
            height: height.min(top.height),
            fps,
        };
        let larger = rungs.last().map_or(top, |(_, rung)| *rung);
        if height > top.height || rung == larger {
            continue;
        }
        let wish = Wish {
            quality: Some(quality),
            fps: Fps::new(fps).ok(),
            codec: granted.codec,
            ..Wish::default()
        };
        rungs.push((wish, rung));
    }
    rungs
}

fn top(granted: &Wish, source: Rung, (codec, of): (Codec, Option<Codec>)) -> Rung {
    let key = granted.rendition(codec, of);
    let height = key.and_then(|key| key.height);
    let fps = match (key, codec) {
        (Some(key), _) if key != RenditionKey::BRIDGE => key.fps,
        (_, Codec::Jpeg) => granted.fps,
        // What is passed on is not thinned out.
        (_, Codec::H264) => None,
    };
    Rung {
        height: height.map_or(source.height, |height| height.min(source.height)),
        fps: fps.map_or(source.fps, |fps| u32::from(fps.get()).min(source.fps)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pairs: &[(&str, &str)], source: Option<(u32, u32)>, expected: &[(u32, u32)]) {
        let wish = Wish::from_pairs(pairs.iter().copied()).unwrap();
        let source = source.map(|(height, fps)| Rung { height, fps });
        let rungs: Vec<_> = below(&wish, source, (Codec::Jpeg, None))
            .iter()
            .map(|(_, rung)| (rung.height, rung.fps))
            .collect();
        assert_eq!(rungs, expected, "{pairs:?}");
    }

    #[test]
    fn every_rung_is_smaller_than_the_one_above() {
        let all = [(1080, 30), (720, 30), (480, 24), (320, 15), (320, 8)];
        check(&[], Some((1080, 30)), &all);
        check(
            &[],
            Some((720, 30)),
            &[(720, 30), (480, 24), (320, 15), (320, 8)],
        );
        check(&[], None, &[(720, 30), (480, 24), (320, 15), (320, 8)]);
        check(
            &[("quality", "medium")],
            Some((1080, 30)),
            &[(480, 24), (320, 15), (320, 8)],
        );
    }

    #[test]
    fn h264_has_the_same_rungs_and_is_passed_on_at_its_own_rate() {
        let check = |pairs: &[(&str, &str)], of, expected: &[(u32, u32)]| {
            let wish = Wish::from_pairs(pairs.iter().copied()).unwrap();
            let source = Rung {
                height: 720,
                fps: 30,
            };
            let rungs = below(&wish, Some(source), (Codec::H264, Some(of)));
            let rungs: Vec<_> = rungs
                .iter()
                .map(|(_, rung)| (rung.height, rung.fps))
                .collect();
            assert_eq!(rungs, expected, "{pairs:?}");
        };
        let all = [(720, 30), (480, 24), (320, 15), (320, 8)];
        check(&[], Codec::H264, &all);
        check(&[("fps", "5")], Codec::H264, &all);
        check(&[], Codec::Jpeg, &all);
        let low = [(320, 15), (320, 8)];
        check(&[("quality", "low")], Codec::H264, &low);
    }

    #[test]
    fn a_small_source_can_only_be_sent_less_often() {
        check(&[], Some((240, 10)), &[(240, 10)]);
        check(
            &[("fps", "5")],
            Some((720, 30)),
            &[(720, 5), (480, 5), (320, 5)],
        );
    }
}
