//! When pictures are decoded, of senders that say only when they are shown: RTP does not tell
//! (RFC 6184, 5.1), and pictures that are shown in another order come in that of decoding.

use std::collections::BTreeSet;

use eyeline_media::MediaTime;

use super::limits::MAX_REORDERED;
use crate::h264::{AccessUnit, Sps, nal_units};

const SPS: u8 = 7;

/// Without reordering a picture is decoded when it is shown. With it the times at which pictures
/// are shown, put in order, are those at which they are decoded, later by as many pictures as may
/// come before one that is shown earlier.
#[derive(Debug, Default)]
pub struct DecodeTimes {
    /// How many pictures may come before one that is shown earlier.
    depth: usize,
    /// The latest times that were not given out.
    ahead: BTreeSet<i64>,
    latest: Option<i64>,
}

impl DecodeTimes {
    /// `depth` pictures may come before one that is shown earlier, if the stream says so; more
    /// are noticed when they come.
    #[must_use]
    pub fn new(depth: usize) -> Self {
        Self {
            depth: depth.min(MAX_REORDERED),
            ..Self::default()
        }
    }

    /// When this picture is decoded, which comes next and is shown at `present`. Key pictures say
    /// how much is reordered.
    pub fn of(&mut self, unit: &AccessUnit, present: MediaTime) -> MediaTime {
        if unit.key {
            let mut nals = nal_units(&unit.data);
            let sps = nals.find(|nal| nal.first().is_some_and(|h| h & 0x1f == SPS));
            let said = sps.and_then(|sps| Sps::parse(sps).ok()?.reordered);
            if let Some(depth) = said.and_then(|said| usize::try_from(said).ok()) {
                self.depth = self.depth.max(depth).min(MAX_REORDERED);
            }
        }
        self.next(present)
    }

    /// When the picture is decoded that comes next and is shown at `present`. Never later than
    /// that, and later than the one before.
    pub fn next(&mut self, present: MediaTime) -> MediaTime {
        let at = present.as_nanos();
        if self.latest.is_some_and(|latest| at <= latest) && self.depth < MAX_REORDERED {
            // It should have been decoded already: one more comes before those shown earlier.
            self.depth += 1;
        }
        self.ahead.insert(at);
        let decoded = if self.ahead.len() > self.depth {
            self.ahead.pop_first()
        } else {
            // As long as there are too few to tell, a moment apart.
            let first = self.ahead.first().copied();
            first.map(|first| {
                first.saturating_sub(1_000 * (self.depth - self.ahead.len() + 1) as i64)
            })
        };
        while self.ahead.len() > MAX_REORDERED {
            self.ahead.pop_first();
        }
        let least = self
            .latest
            .map_or(i64::MIN, |latest| latest.saturating_add(1));
        let decoded = decoded.unwrap_or(at).max(least).min(at);
        self.latest = Some(self.latest.map_or(decoded, |latest| latest.max(decoded)));
        MediaTime::from_nanos(decoded)
    }
}
