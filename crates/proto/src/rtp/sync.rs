//! Puts the tracks of one sender on one time line: each counts from a moment of its own, and
//! only reports of the sender say which of them are the same (RFC 3550, 6.4.1).

use std::num::NonZeroU32;
use std::time::Duration;

use eyeline_media::{MediaTime, Timestamp};

use super::rtcp::SenderReport;

/// What is apart by less is not worth a jump.
const IN_STEP_NANOS: i64 = 5_000_000;
/// A report that says more than this is wrong.
const MOST_APART_NANOS: i64 = 10_000_000_000;

/// The clocks of a sender's tracks. Until reports have come, the first packets of all tracks count as
/// of the moment when they came.
#[derive(Debug, Default)]
pub struct Sync {
    tracks: Vec<Track>,
}

#[derive(Clone, Copy, Debug)]
struct Track {
    hz: NonZeroU32,
    /// The ticks of the first packet, and when it came.
    first: Option<(i64, i64)>,
    /// What a report says: the wall clock's time at these ticks, counted without end.
    report: Option<(i64, i64)>,
    /// What the reports have moved it by.
    shift: i64,
}

impl Sync {
    /// Clocks of so many ticks a second each. The first is that which others are brought in step with.
    #[must_use]
    pub fn new(rates: impl IntoIterator<Item = NonZeroU32>) -> Self {
        let track = |hz| Track {
            hz,
            first: None,
            report: None,
            shift: 0,
        };
        Self {
            tracks: rates.into_iter().map(track).collect(),
        }
    }

    /// The time of what carries these ticks, which do not wrap, and came now.
    pub fn time(&mut self, track: usize, ticks: i64, now: Duration) -> MediaTime {
        let Some(track) = self.tracks.get_mut(track) else {
            return MediaTime::default();
        };
        let now = i64::try_from(now.as_nanos()).unwrap_or(i64::MAX);
        track.first.get_or_insert((ticks, now));
        MediaTime::from_nanos(track.line(ticks).saturating_add(track.shift))
    }

    /// Takes in what the sender says. `latest` are the ticks of the latest packet, which do not wrap.
    pub fn report(&mut self, track: usize, latest: i64, report: &SenderReport) {
        let Some(time) = report.time().map(Timestamp::as_nanos) else {
            return;
        };
        let Some(found) = self.tracks.get_mut(track) else {
            return;
        };
        let step = report.timestamp.wrapping_sub(latest as u32).cast_signed();
        let wall = i64::try_from(time).unwrap_or(i64::MAX);
        found.report = Some((wall, latest.saturating_add(step.into())));
        self.bring_in_step();
    }

    fn bring_in_step(&mut self) {
        let Some((leader, others)) = self.tracks.split_first_mut() else {
            return;
        };
        let Some(zero) = leader.zero() else { return };
        for track in others {
            let Some(own) = track.zero() else { continue };
            let shift = own.saturating_sub(zero);
            let off = shift.saturating_sub(track.shift).saturating_abs();
            if off > IN_STEP_NANOS && shift.saturating_abs() < MOST_APART_NANOS {
                track.shift = shift;
            }
        }
    }
}

impl Track {
    /// The time of these ticks as if no report had come.
    fn line(&self, ticks: i64) -> i64 {
        let (first, came) = self.first.unwrap_or_default();
        let since = MediaTime::of_ticks(ticks.saturating_sub(first), self.hz);
        since.as_nanos().saturating_add(came)
    }

    /// What the wall clock says where the line is at zero.
    fn zero(&self) -> Option<i64> {
        let (wall, ticks) = self.report?;
        self.first?;
        Some(wall.saturating_sub(self.line(ticks)))
    }
}
