//! What a track is cut into.

use std::time::Duration;

use bytes::Bytes;
use eyeline_media::Timestamp;

/// A part of a segment, as it goes out.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// In ticks.
    pub(crate) duration: u64,
    /// Whether decoding can start in it.
    pub(crate) independent: bool,
    /// Pictures or pieces of sound in it.
    pub(crate) samples: usize,
    pub(crate) data: Bytes,
}

/// A segment, whole or being made.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) number: u64,
    /// When it begins, in ticks.
    pub(crate) time: u64,
    /// When it ends, in ticks, once it is whole.
    pub(crate) end: Option<u64>,
    /// When its first sample was captured.
    pub(crate) captured: Timestamp,
    /// Number of the initialisation segment.
    pub(crate) init: u64,
    pub(crate) discontinuity: bool,
    pub(crate) parts: Vec<Part>,
}

impl Segment {
    pub(crate) fn bytes(&self) -> usize {
        self.parts.iter().map(|part| part.data.len()).sum()
    }

    /// Whether it is whole and there is nothing in it.
    pub(crate) fn is_gap(&self) -> bool {
        self.end.is_some() && self.parts.is_empty()
    }

    /// How long it is so far, in ticks.
    pub(crate) fn duration(&self) -> u64 {
        let parts = || self.parts.iter().map(|part| part.duration).sum();
        self.end.map_or_else(parts, |end| end - self.time)
    }
}

/// What a segment begins with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    pub(crate) number: u64,
    /// In ticks.
    pub(crate) time: u64,
    pub(crate) captured: Timestamp,
    pub(crate) discontinuity: bool,
}

impl Start {
    /// What this one began with.
    pub(crate) const fn of(segment: &Segment) -> Self {
        Self {
            number: segment.number,
            time: segment.time,
            captured: segment.captured,
            discontinuity: segment.discontinuity,
        }
    }

    /// Moved to that time: what is listed as its time of capture goes along, so that all tracks
    /// tell the same of the same moment. Players lay tracks beside each other by it.
    pub(crate) fn at(self, time: u64, timescale: u32) -> Self {
        Self {
            captured: moved(self.captured, self.time, time, timescale),
            time,
            ..self
        }
    }
}

/// What was captured at `time` if `captured` was at `from`.
pub(crate) fn moved(captured: Timestamp, from: u64, time: u64, timescale: u32) -> Timestamp {
    let by = |ticks: u64| {
        let nanos = u128::from(ticks) * 1_000_000_000 / u128::from(timescale);
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    };
    captured
        .after(by(time.saturating_sub(from)))
        .before(by(from.saturating_sub(time)))
}

/// What players must know before the segments from that number on.
#[derive(Clone, Debug)]
pub(crate) struct Init {
    pub(crate) number: u64,
    pub(crate) data: Bytes,
    pub(crate) codecs: String,
}
