//! What playlists must keep.

use super::playlist::{Playlist, Segment, Variants};

/// A rule that is broken: its section, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Section of the document.
    pub section: &'static str,
    /// What is wrong.
    pub what: String,
}

/// Durations are written with a limited number of digits.
const ROUNDED: f64 = 0.000_05;

struct Findings(Vec<Broken>);

impl Findings {
    fn must(&mut self, section: &'static str, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.0.push(Broken {
                section,
                what: what(),
            });
        }
    }
}

/// What is wrong with a media playlist by itself.
#[must_use]
pub fn check(playlist: &Playlist) -> Vec<Broken> {
    let mut found = Findings(Vec::new());
    check_header(playlist, &mut found);
    for segment in &playlist.segments {
        check_segment(playlist, segment, &mut found);
    }
    check_parts(playlist, &mut found);
    let mapped = playlist.skipped.is_some()
        || playlist
            .segments
            .first()
            .is_none_or(|first| first.map.is_some());
    found.must("3.1.2", mapped, || {
        "the first segment of fMP4 has no EXT-X-MAP".to_owned()
    });
    let hinted = playlist.ended || playlist.hint.is_some();
    found.must("6.2.2", hinted, || {
        "a live playlist with parts does not hint at the next".to_owned()
    });
    let parts = playlist.segments.iter().flat_map(|segment| &segment.parts);
    let again = parts
        .clone()
        .any(|part| Some(&part.uri) == playlist.hint.as_ref());
    found.must("4.4.5.3", !again, || {
        "a part that is hinted at is there already".to_owned()
    });
    for report in &playlist.reports {
        let whole = ["URI", "LAST-MSN", "LAST-PART"]
            .iter()
            .all(|name| report.contains_key(*name));
        found.must("4.4.5.4", whole, || {
            format!("a report lacks something: {report:?}")
        });
    }
    found.0
}

fn check_header(playlist: &Playlist, found: &mut Findings) {
    let version = playlist.version.unwrap_or(1);
    let needed = if playlist.skipped.is_some() { 9 } else { 6 };
    found.must("8", version >= needed, || {
        format!("version {version} where {needed} is needed")
    });
    let target = playlist.target_duration.unwrap_or_default() as f64;
    found.must("4.4.3.1", target > 0.0, || {
        "no EXT-X-TARGETDURATION".to_owned()
    });
    let part_target = playlist.part_target.unwrap_or_default();
    found.must("4.4.3.7", part_target > 0.0, || {
        "no EXT-X-PART-INF".to_owned()
    });
    let control = |name| playlist.control(name).unwrap_or_default();
    let blocks = playlist
        .control
        .as_ref()
        .and_then(|control| control.get("CAN-BLOCK-RELOAD"));
    found.must(
        "4.4.3.8",
        blocks.is_some_and(|value| value == "YES"),
        || "it cannot block".to_owned(),
    );
    let at_least = [
        ("CAN-SKIP-UNTIL", 6.0 * target),
        ("HOLD-BACK", 3.0 * target),
        ("PART-HOLD-BACK", 2.0 * part_target),
    ];
    for (name, least) in at_least {
        let is = control(name);
        found.must("4.4.3.8", is + ROUNDED >= least, || {
            format!("{name} is {is}, less than {least}")
        });
    }
}

fn check_segment(playlist: &Playlist, segment: &Segment, found: &mut Findings) {
    let number = segment.number;
    if let (Some(duration), Some(target)) = (segment.duration, playlist.target_duration) {
        found.must("4.4.3.1", duration.round() <= target as f64, || {
            format!("segment {number} of {duration} s is longer than {target} s")
        });
        let parts: f64 = segment.parts.iter().map(|part| part.duration).sum();
        let slack = 0.001 * (segment.parts.len() + 1) as f64;
        found.must("4.4.4.9", parts <= duration + slack, || {
            format!("the parts of segment {number} are {parts} s, the segment {duration} s")
        });
    }
    let dated = segment.captured.as_deref().is_none_or(is_date_time);
    found.must("4.4.4.6", dated, || {
        format!("segment {number} has no date: {segment:?}")
    });
}

fn check_parts(playlist: &Playlist, found: &mut Findings) {
    let target = playlist.part_target.unwrap_or_default();
    for segment in &playlist.segments {
        let number = segment.number;
        for (index, part) in segment.parts.iter().enumerate() {
            let last = segment.uri.is_some() && index + 1 == segment.parts.len();
            found.must("4.4.4.9", part.duration <= target + ROUNDED, || {
                format!(
                    "part {index} of {number} is {} s, more than {target}",
                    part.duration
                )
            });
            let enough = part.duration + ROUNDED >= target * 0.85;
            found.must("4.4.4.9", enough || last || part.independent, || {
                format!(
                    "part {index} of {number} is {} s, less than 85 % of {target}",
                    part.duration
                )
            });
        }
        let none_late = segment.parts.first().is_none_or(|first| first.independent);
        found.must("4.4.2.1", none_late, || {
            format!("segment {number} does not begin independently")
        });
    }
    // Parts are for those at the end.
    let mut from_end = 0.0;
    for segment in playlist.segments.iter().rev() {
        let old = from_end > 3.0 * playlist.target_duration.unwrap_or_default() as f64 + 0.001;
        found.must("6.2.2", !old || segment.parts.is_empty(), || {
            format!(
                "segment {} still has parts, {from_end} s from the end",
                segment.number
            )
        });
        let parts = || segment.parts.iter().map(|part| part.duration).sum();
        from_end += segment.duration.unwrap_or_else(parts);
    }
}

/// What is wrong with a playlist that follows another of the same address; both whole.
#[must_use]
pub fn check_next(before: &Playlist, after: &Playlist) -> Vec<Broken> {
    let mut found = Findings(Vec::new());
    let promised = |playlist: &Playlist| {
        (
            playlist.target_duration,
            playlist.part_target,
            playlist.control.clone(),
        )
    };
    found.must("6.2.1", promised(before) == promised(after), || {
        format!(
            "promises changed: {:?} {:?}",
            promised(before),
            promised(after)
        )
    });
    let onward = before.media_sequence <= after.media_sequence;
    found.must("6.2.2", onward, || {
        "the media sequence went back".to_owned()
    });
    let gone = before
        .segments
        .iter()
        .filter(|segment| segment.number < after.media_sequence);
    let discontinuities = gone.filter(|segment| segment.discontinuity).count() as u64;
    let expected = before.discontinuity_sequence + discontinuities;
    found.must("6.2.2", after.discontinuity_sequence == expected, || {
        format!(
            "the discontinuity sequence is {}, not {expected}",
            after.discontinuity_sequence
        )
    });
    for old in &before.segments {
        let new = after
            .segments
            .iter()
            .find(|segment| segment.number == old.number);
        let Some(new) = new else {
            let left = old.number < after.media_sequence;
            found.must("6.2.1", left, || format!("segment {} vanished", old.number));
            continue;
        };
        let whole = old.uri.is_some();
        let same = !whole || (&old.uri, old.duration) == (&new.uri, new.duration);
        found.must("6.2.1", same, || {
            format!("segment {} changed: {old:?} {new:?}", old.number)
        });
        let said = |segment: &Segment| (segment.captured.clone(), segment.discontinuity);
        found.must("6.2.1", said(old) == said(new), || {
            format!("segment {} is told otherwise", old.number)
        });
        let grown =
            new.parts.starts_with(&old.parts) || (new.parts.is_empty() && new.uri.is_some());
        found.must("6.2.1", grown, || {
            format!("parts of {} changed: {old:?} {new:?}", old.number)
        });
    }
    found.0
}

/// What is wrong with a multivariant playlist.
#[must_use]
pub fn check_variants(variants: &Variants) -> Vec<Broken> {
    let mut found = Findings(Vec::new());
    found.must("4.4.6.2", !variants.variants.is_empty(), || {
        "no variant".to_owned()
    });
    for (variant, uri) in &variants.variants {
        for name in ["BANDWIDTH", "CODECS", "RESOLUTION", "FRAME-RATE"] {
            let there = variant.contains_key(name);
            found.must("4.4.6.2", there, || format!("{uri} says no {name}"));
        }
        let bandwidth = |name| variant.get(name).and_then(|text| text.parse::<u64>().ok());
        let peak = bandwidth("BANDWIDTH").unwrap_or_default();
        let average = bandwidth("AVERAGE-BANDWIDTH").unwrap_or(peak);
        found.must("4.4.6.2", 0 < average && average <= peak, || {
            format!("{uri}: {variant:?}")
        });
        if let Some(group) = variant.get("AUDIO") {
            let known = variants
                .media
                .iter()
                .any(|media| media.get("GROUP-ID") == Some(group));
            found.must("4.4.6.2.1", known, || {
                format!("{uri} names no group: {group}")
            });
        }
    }
    for media in &variants.media {
        let whole = ["TYPE", "GROUP-ID", "NAME"]
            .iter()
            .all(|name| media.contains_key(*name));
        found.must("4.4.6.1", whole, || format!("{media:?}"));
    }
    found.0
}

/// `2026-01-31T12:00:00.250Z`.
fn is_date_time(text: &str) -> bool {
    let shape = text
        .bytes()
        .map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
    shape.eq(*b"0000-00-00T00:00:00.000Z")
}
