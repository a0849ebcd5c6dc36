//! Which segment or part comes next.

use std::time::Duration;

use eyeline_media::Timestamp;
use eyeline_proto::m3u8::{Media, Part, Piece, Segment};

/// Segments that a player stays behind the end of a playlist that says nothing of it.
const SEGMENTS_BEHIND: usize = 3;
/// Parts that a player stays behind if the playlist says nothing of it.
const PARTS_BEHIND: u32 = 3;
/// Further back than this the numbers have begun anew.
const MAX_STEP_BACK: u64 = 2;

/// Stands before a segment, or a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) sequence: u64,
    pub(super) part: usize,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Next<'a> {
    /// All of a segment.
    Whole(&'a Segment, &'a Piece),
    /// Part of it.
    Part(&'a Segment, &'a Part),
    /// Nothing that is there yet.
    Later,
    /// What was to come is gone, or everything has begun anew.
    Gone,
}

impl<'a> Next<'a> {
    /// The segment, and what is to be fetched of it unless that is missing.
    pub(super) fn fetch(&self) -> Option<(&'a Segment, Option<&'a Piece>)> {
        match *self {
            Self::Whole(segment, piece) => Some((segment, Some(piece).filter(|_| !segment.gap))),
            Self::Part(segment, part) => Some((
                segment,
                Some(&part.piece).filter(|_| !part.gap && !segment.gap),
            )),
            Self::Later | Self::Gone => None,
        }
    }
}

impl Cursor {
    /// Where to begin with a playlist.
    pub(super) fn start(media: &Media) -> Self {
        let first = media.segments.first().map_or(0, |segment| segment.sequence);
        let at = match media.start_secs {
            Some(secs) if secs < 0.0 => from_end(media, Duration::from_secs_f64(-secs)),
            Some(secs) => from_beginning(media, secs),
            None if media.ended => Some(Self::segment(first)),
            None if plays_parts(media) => {
                let target = media.part_target.unwrap_or_default();
                let behind = media.part_hold_back.unwrap_or(target * PARTS_BEHIND);
                part_from_end(media, behind)
            }
            None => {
                let at = media.segments.len().saturating_sub(SEGMENTS_BEHIND);
                media.segments.get(at).map(|s| Self::segment(s.sequence))
            }
        };
        at.unwrap_or(Self::segment(first))
    }

    const fn segment(sequence: u64) -> Self {
        Self { sequence, part: 0 }
    }

    /// What stands at the cursor.
    pub(super) fn peek<'a>(&mut self, media: &'a Media) -> Next<'a> {
        loop {
            let (Some(first), Some(last)) = (media.segments.first(), media.segments.last()) else {
                return Next::Later;
            };
            if self.sequence < first.sequence {
                return Next::Gone;
            }
            let at = usize::try_from(self.sequence - first.sequence).ok();
            let Some(segment) = at.and_then(|at| media.segments.get(at)) else {
                let back = self.sequence.saturating_sub(last.sequence);
                return if back > MAX_STEP_BACK {
                    Next::Gone
                } else {
                    Next::Later
                };
            };
            match (segment.parts.get(self.part), &segment.whole) {
                (Some(part), whole) if whole.is_none() || plays_parts(media) => {
                    return Next::Part(segment, part);
                }
                (_, Some(piece)) if self.part == 0 => return Next::Whole(segment, piece),
                (_, None) => return Next::Later,
                // All of its parts, or as many as are still to be had.
                (_, Some(_)) => *self = Self::segment(self.sequence.saturating_add(1)),
            }
        }
    }

    /// Goes past what was peeked at.
    pub(super) fn pass(&mut self, next: &Next<'_>) {
        match next {
            Next::Whole(..) => *self = Self::segment(self.sequence.saturating_add(1)),
            Next::Part(..) => self.part += 1,
            Next::Later | Next::Gone => {}
        }
    }

    /// When what stands at the cursor begins by the wall clock, if the playlist says so. It is in this
    /// segment.
    pub(super) fn time(&self, segment: &Segment) -> Option<Timestamp> {
        let before = segment.parts.iter().take(self.part);
        let before = before.map(|part| part.duration).sum();
        Some(segment.time?.after(before))
    }

    /// How long what lies behind the cursor is.
    pub(super) fn left(&self, media: &Media) -> Duration {
        let behind = |segment: &&Segment| segment.sequence > self.sequence;
        media
            .segments
            .iter()
            .filter(behind)
            .map(|s| s.duration)
            .sum()
    }
}

/// Whether parts are fetched rather than segments: where the server says when they are there.
pub(super) fn plays_parts(media: &Media) -> bool {
    media.can_block && media.part_target.is_some() && !media.ended
}

fn from_beginning(media: &Media, secs: f64) -> Option<Cursor> {
    let mut begin = 0.0;
    let segment = media.segments.iter().find(|segment| {
        begin += segment.duration.as_secs_f64();
        secs < begin
    });
    segment
        .or(media.segments.last())
        .map(|s| Cursor::segment(s.sequence))
}

fn from_end(media: &Media, behind: Duration) -> Option<Cursor> {
    let mut length = Duration::ZERO;
    let segment = media.segments.iter().rev().find(|segment| {
        length += segment.duration;
        length >= behind
    });
    segment.map(|segment| Cursor::segment(segment.sequence))
}

/// The last part from which decoding can start that is so far from the end.
fn part_from_end(media: &Media, behind: Duration) -> Option<Cursor> {
    let mut length = Duration::ZERO;
    for segment in media.segments.iter().rev() {
        for (part, it) in segment.parts.iter().enumerate().rev() {
            length += it.duration;
            if it.independent && length >= behind {
                return Some(Cursor {
                    sequence: segment.sequence,
                    part,
                });
            }
        }
        if segment.parts.is_empty() {
            length += segment.duration;
            if length >= behind {
                return Some(Cursor::segment(segment.sequence));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use eyeline_proto::m3u8::Playlist;

    use super::*;

    fn media(text: &str) -> Media {
        let text = format!("#EXTM3U\n#EXT-X-TARGETDURATION:2\n{text}");
        match Playlist::parse(text.as_bytes()) {
            Ok(Playlist::Media(media)) => media,
            other => panic!("{other:?}"),
        }
    }

    fn segments(numbers: std::ops::Range<u64>) -> String {
        let lines = numbers.clone().map(|n| format!("#EXTINF:2,\n{n}.ts\n"));
        let lines: String = lines.collect();
        format!("#EXT-X-MEDIA-SEQUENCE:{}\n{lines}", numbers.start)
    }

    const PARTS: &str = "#EXT-X-PART-INF:PART-TARGET=0.5\n\
        #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.5\n\
        #EXT-X-MEDIA-SEQUENCE:4\n#EXTINF:2,\n4\n\
        #EXT-X-PART:DURATION=0.5,URI=\"5.0\",INDEPENDENT=YES\n#EXT-X-PART:DURATION=0.5,URI=\"5.1\"\n\
        #EXT-X-PART:DURATION=0.5,URI=\"5.2\",INDEPENDENT=YES\n#EXT-X-PART:DURATION=0.5,URI=\"5.3\"\n\
        #EXTINF:2,\n5\n#EXT-X-PART:DURATION=0.5,URI=\"6.0\",INDEPENDENT=YES\n";

    #[test]
    fn a_stream_begins_near_its_end_and_a_recording_at_its_beginning() {
        let check = |text: &str, sequence, part| {
            assert_eq!(
                Cursor::start(&media(text)),
                Cursor { sequence, part },
                "{text}"
            );
        };
        check(&segments(3..10), 7, 0);
        check(&segments(3..5), 3, 0);
        check(&format!("{}#EXT-X-ENDLIST\n", segments(3..10)), 3, 0);
        check(
            &format!("#EXT-X-START:TIME-OFFSET=-3.5\n{}", segments(3..10)),
            8,
            0,
        );
        check(
            &format!("#EXT-X-START:TIME-OFFSET=4\n{}", segments(3..10)),
            5,
            0,
        );
        check(
            &format!("#EXT-X-START:TIME-OFFSET=400\n{}", segments(3..10)),
            9,
            0,
        );
        check(PARTS, 5, 2);
        check("", 0, 0);
    }

    /// What follows from a cursor on.
    fn listed(text: &str, mut cursor: Cursor) -> String {
        let media = media(text);
        let mut found = Vec::new();
        loop {
            let next = cursor.peek(&media);
            let Some((_, piece)) = next.fetch() else {
                found.push(format!("{next:?}"));
                return found.join(" ");
            };
            found.push(piece.map_or("-", |piece| &piece.uri).to_owned());
            cursor.pass(&next);
        }
    }

    #[test]
    fn a_part_begins_where_those_before_it_end_by_the_wall_clock() {
        let check = |text: &str, sequence, part, expected: Option<u64>| {
            let media = media(text);
            let mut cursor = Cursor { sequence, part };
            let time = cursor
                .peek(&media)
                .fetch()
                .and_then(|(s, _)| cursor.time(s));
            let millis = time.map(|time| time.as_micros() / 1000);
            assert_eq!(millis, expected, "{text}");
        };
        let dated = format!("#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:10Z\n{PARTS}");
        check(&dated, 4, 0, Some(10_000));
        check(&dated, 5, 0, Some(12_000));
        check(&dated, 5, 3, Some(13_500));
        check(&dated, 6, 0, Some(14_000));
        check(PARTS, 5, 3, None);
    }

    #[test]
    fn what_comes_next_is_segments_or_parts_until_there_is_no_more() {
        let check = |text: &str, sequence, part, expected: &str| {
            assert_eq!(listed(text, Cursor { sequence, part }), expected, "{text}");
        };
        check(&segments(3..6), 3, 0, "3.ts 4.ts 5.ts Later");
        check(&segments(3..6), 6, 0, "Later");
        check(&segments(3..6), 2, 0, "Gone");
        check(&segments(3..6), 60, 0, "Gone");
        check("", 0, 0, "Later");
        check(PARTS, 4, 0, "4 5.0 5.1 5.2 5.3 6.0 Later");
        check(PARTS, 5, 3, "5.3 6.0 Later");
        // Its parts are not listed any more.
        check(PARTS, 4, 2, "5.0 5.1 5.2 5.3 6.0 Later");
        let gap = "#EXTINF:2,\na\n#EXT-X-GAP\n#EXTINF:2,\nb\n#EXTINF:2,\nc\n";
        check(gap, 0, 0, "a - c Later");
    }
}
