//! Puts packets that came as datagrams in order again, and notices what is missing. What waits
//! for a missing one is bounded in number and time.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;

use super::limits::{MAX_DROPOUT, MAX_WAIT, MAX_WAITING};
use crate::unwrap::Unwrap;

/// A packet in its turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Packets before it that will not come any more.
    pub lost: u64,
    /// The packet.
    pub packet: Bytes,
}

/// Packets of one sender.
#[derive(Debug, Default)]
pub struct Reorder {
    unwrap: Unwrap<16>,
    /// The number that comes next.
    next: Option<i64>,
    waiting: BTreeMap<i64, (Duration, Bytes)>,
    /// What is to be given out though something before it is missing.
    forced: bool,
}

impl Reorder {
    /// Nothing has come yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the packet of this number, at this time; one that came twice or too late is left out.
    pub fn push(&mut self, now: Duration, sequence: u16, packet: Bytes) {
        let number = self.unwrap.unwrap(sequence.into());
        let next = *self.next.get_or_insert(number);
        if (number - next).abs() > MAX_DROPOUT {
            // The sender began anew: nothing of before will come.
            self.waiting.clear();
            self.next = Some(number);
        } else if number < next {
            return;
        }
        self.waiting.entry(number).or_insert((now, packet));
    }

    /// The next packet, if it is there, or if there is no more waiting for those before it.
    pub fn pop(&mut self, now: Duration) -> Option<Arrival> {
        let next = self.next?;
        let (&first, &(since, _)) = self.waiting.first_key_value()?;
        let waited = now.saturating_sub(since) >= MAX_WAIT;
        if first != next && !waited && !self.forced && self.waiting.len() <= MAX_WAITING {
            return None;
        }
        let (number, (_, packet)) = self.waiting.pop_first()?;
        self.next = Some(number + 1);
        let lost = u64::try_from(number - next).unwrap_or_default();
        Some(Arrival { lost, packet })
    }

    /// When [`pop`](Self::pop) is worth being asked again though nothing came.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        let (_, (since, _)) = self.waiting.first_key_value()?;
        Some(*since + MAX_WAIT)
    }

    /// Nothing more will come: what waits is given out.
    pub fn finish(&mut self) {
        self.forced = true;
    }
}
