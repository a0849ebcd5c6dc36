//! One track: its segments and parts as they are made, and those that are kept.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use eyeline_media::Timestamp;
use eyeline_proto::fmp4::{self, Captured, Fragment, Run, Sample};
use eyeline_proto::hls::Edge;

use super::segment::{Init, Part, Segment, Start};
use crate::limits::{LEAD_IN, SEGMENTS_BYTES, SEGMENTS_DEPTH, SEGMENTS_LONGEST_DEPTH};

/// A sample of the part that is being made.
struct Pending {
    duration: u64,
    /// When it is shown, in ticks.
    shown: i64,
    key: bool,
    captured: Timestamp,
    data: Bytes,
}

/// A track.
pub(crate) struct Track {
    pub(crate) kind: fmp4::Track,
    /// Ticks a second.
    pub(crate) timescale: u32,
    /// The segments that are kept, without gaps in their numbers; the last may be being made.
    pub(crate) segments: VecDeque<Segment>,
    /// Those that segments here need, the newest last.
    pub(crate) inits: VecDeque<Init>,
    /// Discontinuities in segments that are gone.
    pub(crate) discontinuities_gone: u64,
    /// When the part that is being made begins, in ticks.
    part_time: u64,
    pending: Vec<Pending>,
    /// When what is there ends, in ticks.
    pub(crate) end: u64,
    fragments: u64,
    /// Parts and ends of segments so far.
    pub(crate) made: u64,
}

impl Track {
    pub(crate) fn new(kind: fmp4::Track, timescale: u32) -> Self {
        Self {
            kind,
            timescale,
            segments: VecDeque::new(),
            inits: VecDeque::new(),
            discontinuities_gone: 0,
            part_time: 0,
            pending: Vec::new(),
            end: 0,
            fragments: 0,
            made: 0,
        }
    }

    pub(crate) fn ticks(&self, time: Duration) -> u64 {
        fmp4::ticks(time, self.timescale)
    }

    pub(crate) fn time(&self, ticks: u64) -> Duration {
        let nanos = u128::from(ticks) * 1_000_000_000 / u128::from(self.timescale);
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// The segment that is being made.
    pub(crate) fn open(&self) -> Option<&Segment> {
        self.segments.back().filter(|segment| segment.end.is_none())
    }

    /// The segment of that number.
    pub(crate) fn segment(&self, number: u64) -> Option<&Segment> {
        let first = self.segments.front()?.number;
        self.segments
            .get(usize::try_from(number.checked_sub(first)?).ok()?)
    }

    /// The initialisation segment in force.
    pub(crate) fn init(&self) -> Option<&Init> {
        self.inits.back()
    }

    /// From the segment on that begins next, this initialisation segment is in force.
    pub(crate) fn set_init(&mut self, number: u64, init: fmp4::Init) {
        self.inits.push_back(Init {
            number,
            data: init.bytes.into(),
            codecs: init.codecs,
        });
    }

    /// Begins a segment; the one before is ended.
    pub(crate) fn begin_segment(&mut self, start: Start) {
        let Some(init) = self.init().map(|init| init.number) else {
            return;
        };
        self.segments.push_back(Segment {
            number: start.number,
            time: start.time,
            end: None,
            captured: start.captured,
            init,
            discontinuity: start.discontinuity,
            parts: Vec::new(),
        });
        self.end = start.time;
    }

    /// Lists a gap before the first segment. Players that are given parts alone take that for an
    /// empty playlist (hls.js); with it, they begin with the parts.
    pub(crate) fn lead_in(&mut self, start: Start, init: fmp4::Init) {
        let number = start.number.saturating_sub(1);
        self.set_init(number, init);
        self.segments.push_back(Segment {
            number,
            time: start.time.saturating_sub(self.ticks(LEAD_IN)),
            end: Some(start.time),
            captured: start.captured.before(LEAD_IN),
            init: number,
            discontinuity: false,
            parts: Vec::new(),
        });
    }

    /// Ends the part and the segment that are being made.
    pub(crate) fn end_segment(&mut self) {
        self.end_part();
        let end = self.end;
        if let Some(open) = self.segments.back_mut() {
            // What holds nothing would be no segment.
            open.end = Some(end.max(open.time + 1));
            self.made += 1;
        }
    }

    /// How long the part that is being made is, in ticks.
    pub(crate) fn part_duration(&self) -> u64 {
        self.pending.iter().map(|sample| sample.duration).sum()
    }

    /// Whether there is something in the segment that is being made.
    pub(crate) fn is_going_on(&self) -> bool {
        self.has_pending() || self.open().is_some_and(|open| !open.parts.is_empty())
    }

    pub(crate) fn has_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Leaves a gap until then.
    pub(crate) fn skip_to(&mut self, time: u64) {
        self.end_part();
        self.end = self.end.max(time);
    }

    /// Lets the segment that is being made begin with what comes now, if nothing is in it; the gap
    /// before the first lasts until then.
    pub(crate) fn begin_late(&mut self) {
        let (time, timescale) = (self.end, self.timescale);
        let mut newest = self.segments.iter_mut().rev();
        let Some(open) = newest.next().filter(|open| open.parts.is_empty()) else {
            return;
        };
        let begun = Start::of(open).at(time, timescale);
        (open.time, open.captured) = (begun.time, begun.captured);
        // Others are listed as they are.
        if let (Some(lead_in), None) = (newest.next(), newest.next()) {
            lead_in.end = Some(time);
        }
    }

    /// Lets the newest sample last until `end`, but the part no longer than `most`; some time at
    /// least.
    pub(crate) fn stretch(&mut self, end: u64, most: u64) {
        let end = end.min(self.part_time + most);
        if let Some(last) = self.pending.last_mut() {
            let begun = self.end - last.duration;
            last.duration = end.saturating_sub(begun).max(1);
            self.end = begun + last.duration;
        }
    }

    /// Appends a sample that lasts `duration` ticks, and is shown at `shown`.
    pub(crate) fn append(
        &mut self,
        duration: u64,
        shown: i64,
        key: bool,
        captured: Timestamp,
        data: Bytes,
    ) {
        if self.pending.is_empty() {
            self.part_time = self.end;
        }
        self.end += duration;
        self.pending.push(Pending {
            duration,
            shown,
            key,
            captured,
            data,
        });
    }

    /// Makes a part of what there is.
    pub(crate) fn end_part(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        let Some(first) = pending.first() else {
            return;
        };
        let mut decoded = self.part_time;
        let samples: Vec<_> = pending
            .iter()
            .map(|sample| {
                let composition = sample.shown - decoded.cast_signed();
                decoded += sample.duration;
                Sample {
                    duration: u32::try_from(sample.duration).unwrap_or(u32::MAX),
                    composition: i32::try_from(composition).unwrap_or_default(),
                    key: sample.key,
                    data: &sample.data,
                }
            })
            .collect();
        let fragment = Fragment {
            sequence: self.fragments,
            captured: Captured {
                track: self.kind,
                time: first.shown.max(0).cast_unsigned(),
                at: first.captured,
            },
            runs: &[Run {
                track: self.kind,
                decode_time: self.part_time,
                samples: &samples,
            }],
        };
        let Some(open) = self.segments.back_mut() else {
            return;
        };
        let mut data = Vec::with_capacity(fragment.bytes() + 24);
        if open.parts.is_empty() {
            fmp4::put_segment_type(&mut data);
        }
        fragment.put(&mut data);
        open.parts.push(Part {
            duration: decoded - self.part_time,
            independent: pending.iter().any(|sample| sample.key),
            samples: pending.len(),
            data: data.into(),
        });
        self.fragments += 1;
        self.made += 1;
    }

    /// Forgets what no playlist lists any more.
    pub(crate) fn forget(&mut self, target_duration: Duration) {
        let depth = self.ticks(depth(target_duration));
        let mut bytes: usize = self.segments.iter().map(Segment::bytes).sum();
        // Players may still be at what was listed a moment ago.
        while let [oldest, next, ..] = self.segments.make_contiguous()
            && (self.end.saturating_sub(next.time) > depth * 3 / 2 || bytes > SEGMENTS_BYTES)
            && next.end.is_some()
        {
            bytes -= oldest.bytes();
            // The number of a discontinuity is that of the segment behind it.
            self.discontinuities_gone += u64::from(oldest.discontinuity);
            self.segments.pop_front();
        }
        let needed = self.segments.front().map(|segment| segment.init);
        while self.inits.len() > 1 && needed.is_some_and(|needed| self.inits[0].number < needed) {
            self.inits.pop_front();
        }
    }

    /// Index of the first segment to list.
    pub(crate) fn listed_from(&self, target_duration: Duration) -> usize {
        let depth = self.ticks(depth(target_duration));
        let gone = |segment: &Segment| {
            let end = segment.end.unwrap_or(self.end);
            self.end.saturating_sub(end) > depth
        };
        self.segments
            .iter()
            .take_while(|segment| gone(segment))
            .count()
    }

    /// Bits a second: of the fullest segment, and over all.
    pub(crate) fn bps(&self) -> (u64, u64) {
        let rate = |bytes: usize, ticks: u64| {
            bytes as u64 * 8 * u64::from(self.timescale) / ticks.max(u64::from(self.timescale) / 10)
        };
        let each = self
            .segments
            .iter()
            .map(|segment| rate(segment.bytes(), segment.duration()));
        let bytes = self.segments.iter().map(Segment::bytes).sum();
        let filled = self
            .segments
            .iter()
            .filter(|segment| !segment.parts.is_empty());
        let ticks = filled.map(Segment::duration).sum();
        let average = rate(bytes, ticks);
        (each.max().unwrap_or_default().max(average), average)
    }
}

/// How much playlists list.
pub(crate) fn depth(target_duration: Duration) -> Duration {
    (target_duration * 8).clamp(SEGMENTS_DEPTH, SEGMENTS_LONGEST_DEPTH)
}

/// How far a track has come.
pub(crate) fn edge(track: &Track) -> Edge {
    let parts = |segment: Option<&Segment>| segment.map_or(0, |segment| segment.parts.len() as u64);
    let Some(last) = track.segments.back() else {
        return Edge {
            open: 0,
            parts: 0,
            parts_before: 0,
        };
    };
    match last.end {
        None => Edge {
            open: last.number,
            parts: parts(Some(last)),
            parts_before: parts(
                last.number
                    .checked_sub(1)
                    .and_then(|number| track.segment(number)),
            ),
        },
        Some(_) => Edge {
            open: last.number + 1,
            parts: 0,
            parts_before: parts(Some(last)),
        },
    }
}
