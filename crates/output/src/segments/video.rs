//! Where the track of pictures is cut: segments at key pictures, parts so that none is longer than
//! the target and next to none shorter than 85 % of it, whenever pictures come.
//!
//! Decode times run on without gaps as long as pictures do, and each picture is shown exactly
//! when it is to be; what lies between is its composition offset. That counts from the key
//! picture's own, so that a segment's decoding begins with the time it is shown at.

use std::time::Duration;

use bytes::Bytes;
use eyeline_media::Timestamp;
use eyeline_proto::fmp4;

use super::segment::Start;
use super::track::Track;
use crate::limits::SHORTEST_SEGMENT;

/// How much of its target a part must fill, in hundredths.
const LEAST_FILLED: u64 = 85;
/// A longer pause between two segments is a discontinuity.
const PAUSE: Duration = Duration::from_millis(500);
/// A longer pause says nothing of how often pictures come.
const LONGEST_INTERVAL: Duration = Duration::from_secs(5);

/// A picture on its way into the track.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    /// When it is shown, since the track began.
    pub(crate) shown: Duration,
    /// How long after being decoded it is shown.
    pub(crate) composition: Duration,
    pub(crate) key: bool,
    /// Whether the time before has nothing to do with that after.
    pub(crate) jump: bool,
    pub(crate) captured: Timestamp,
    pub(crate) data: Bytes,
}

/// The track of pictures.
pub(crate) struct Video {
    pub(crate) track: Track,
    /// How far pictures are apart lately, in ticks.
    interval: u64,
    /// When the latest was due to be decoded, in ticks.
    last: Option<u64>,
    /// Composition offset of the latest key picture, in ticks.
    shift: u64,
    next_number: u64,
    first: u64,
}

impl Video {
    /// A track whose first segment has this number.
    pub(crate) fn new(first: u64, interval: Duration) -> Self {
        let track = Track::new(fmp4::Track::Video, fmp4::TIMESCALE);
        Self {
            interval: track.ticks(interval).max(1),
            track,
            last: None,
            shift: 0,
            // The gap before it has the first.
            next_number: first + 1,
            first,
        }
    }

    /// How far pictures are apart lately.
    pub(crate) fn interval(&self) -> Duration {
        self.track.time(self.interval)
    }

    /// Takes a picture in; says where a segment began, if one did.
    pub(crate) fn push(&mut self, picture: Picture, part_target: Duration) -> Option<Start> {
        let most = self.track.ticks(part_target);
        let composition = self.track.ticks(picture.composition);
        if picture.key {
            self.shift = composition;
        }
        let shown = self.track.ticks(picture.shown).cast_signed();
        let due = shown
            .saturating_add_unsigned(self.shift)
            .saturating_sub_unsigned(composition);
        let due = due.max(0).cast_unsigned();
        self.take_note(due);
        let begun = if picture.key {
            self.cut(&picture, due, most)
        } else {
            None
        };
        if self.track.open().is_some() {
            self.place(picture, due, shown, most);
        }
        begun
    }

    fn take_note(&mut self, due: u64) {
        let longest = self.track.ticks(LONGEST_INTERVAL);
        if let Some(last) = self.last.replace(due)
            && (1..=longest).contains(&due.saturating_sub(last))
        {
            self.interval = (self.interval * 7 + (due - last)) / 8;
        }
    }

    /// Begins a segment with this key picture if the one before is long enough, or if another
    /// decoder is needed from here on.
    fn cut(&mut self, picture: &Picture, due: u64, most: u64) -> Option<Start> {
        let track = &mut self.track;
        let init = fmp4::Video::of(&picture.data).map(|video| fmp4::Init::of(Some(&video), None));
        let known = track.init().map(|init| &init.data);
        let init = init.filter(|init| known.is_none_or(|known| known[..] != init.bytes[..]));
        let recoded = init.is_some();
        if known.is_none() && !recoded {
            return None;
        }
        // A little less will do for sources that are not quite even, as long as there are no more
        // segments than seconds: their numbers must not overtake the clock they begin with.
        let shortest = track.ticks(SHORTEST_SEGMENT);
        let ahead = self.next_number - self.first > due / shortest;
        let enough = if ahead { shortest } else { shortest * 9 / 10 };
        let long_enough = track.open().is_none_or(|open| due >= open.time + enough);
        if !long_enough && !recoded && !picture.jump {
            return None;
        }
        let first = track.segments.is_empty();
        let pause = due.saturating_sub(track.end);
        let paused = pause > track.ticks(PAUSE).max(most) || picture.jump;
        if !first {
            track.stretch(due, most);
            if !paused && due > track.end + most {
                track.skip_to(due);
            }
            track.end_segment();
        }
        let start = Start {
            number: self.next_number,
            // What runs on runs on without a gap.
            time: if first || due > track.end + most {
                due
            } else {
                track.end
            },
            captured: picture.captured,
            discontinuity: !first && (recoded || paused),
        };
        self.next_number += 1;
        match init {
            Some(init) if first => track.lead_in(start, init),
            Some(init) => track.set_init(start.number, init),
            None => {}
        }
        track.begin_segment(start);
        Some(start)
    }

    /// Puts the picture into the part that is being made, or into the next.
    fn place(&mut self, picture: Picture, due: u64, shown: i64, most: u64) {
        let track = &mut self.track;
        if track.has_pending() {
            // It is known now how long the one before lasts.
            track.stretch(due, most);
            if track.part_duration() >= most {
                track.end_part();
            }
        }
        if due > track.end + most {
            track.skip_to(due);
        }
        let lasts = (due + self.interval)
            .saturating_sub(track.end)
            .clamp(1, most);
        let filled = track.part_duration();
        let left = most - filled;
        let lasts = if lasts <= left {
            lasts
        } else if is_filled(filled, most) {
            track.end_part();
            lasts
        } else {
            // The rest of it goes into the next part: as time, not as a picture.
            left
        };
        let Picture {
            key,
            captured,
            data,
            ..
        } = picture;
        track.append(lasts, shown, key, captured, data);
        let filled = track.part_duration();
        if is_filled(filled, most) && filled + self.interval > most {
            track.end_part();
        }
    }
}

fn is_filled(filled: u64, most: u64) -> bool {
    filled * 100 >= most * LEAST_FILLED
}
