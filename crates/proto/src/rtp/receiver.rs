//! One who receives RTP: the packets of one track in, pictures or sound out.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use super::depacketizer::{Depacketizer, Output};
use super::error::Error;
use super::packet::Packet;
use super::reorder::Reorder;
use super::rtcp::ReceiverReport;
use crate::unwrap::Unwrap;

/// What was received of a track.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Packets that came.
    pub packets: u64,
    /// Packets that were lost.
    pub lost: u64,
    /// Packets that could not be read.
    pub malformed: u64,
    /// Pictures that came and were left out because something was lost.
    pub damaged: u64,
}

/// Receives one track.
#[derive(Debug)]
pub struct Receiver {
    reorder: Reorder,
    depacketizer: Depacketizer,
    payload_type: u8,
    unwrap: Unwrap<32>,
    latest: i64,
    ssrc: Option<u32>,
    highest: u32,
    counts: Counts,
    /// What was lost and received when the latest report was made.
    reported: (u64, u64),
    outputs: VecDeque<Output>,
}

impl Receiver {
    /// Receives packets of this type. Over a connection they come `ordered`, and none waits for another.
    #[must_use]
    pub fn new(payload_type: u8, depacketizer: Depacketizer, ordered: bool) -> Self {
        let mut reorder = Reorder::new();
        if ordered {
            reorder.finish();
        }
        Self {
            reorder,
            depacketizer,
            payload_type,
            unwrap: Unwrap::new(),
            latest: 0,
            ssrc: None,
            highest: 0,
            counts: Counts::default(),
            reported: (0, 0),
            outputs: VecDeque::new(),
        }
    }

    /// Takes a packet that came now. Of another sender or type than the first it is left out.
    pub fn push(&mut self, now: Duration, bytes: Bytes) {
        let Ok(packet) = Packet::parse(&bytes) else {
            self.counts.malformed += 1;
            return;
        };
        let ssrc = *self.ssrc.get_or_insert(packet.ssrc);
        if packet.payload_type != self.payload_type || packet.ssrc != ssrc {
            return;
        }
        self.counts.packets += 1;
        self.highest = packet.sequence.into();
        self.reorder.push(now, packet.sequence, bytes);
    }

    /// What is whole by now.
    ///
    /// # Errors
    /// [`Error`]: the payload is of a kind that is not taken.
    pub fn poll(&mut self, now: Duration) -> Result<Option<Output>, Error> {
        while self.outputs.is_empty() {
            let Some(arrival) = self.reorder.pop(now) else {
                return Ok(None);
            };
            if arrival.lost > 0 {
                self.counts.lost += arrival.lost;
                self.depacketizer.lose();
            }
            let Ok(packet) = Packet::parse(&arrival.packet) else {
                continue;
            };
            self.latest = self.unwrap.unwrap(packet.timestamp.into());
            let taken = self
                .depacketizer
                .push(self.latest, &packet, &mut self.outputs);
            self.counts.damaged = self.depacketizer.damaged();
            match taken {
                Err(error @ Error::Packetization(_)) => return Err(error),
                Err(_) => self.counts.malformed += 1,
                Ok(()) => {}
            }
        }
        Ok(self.outputs.pop_front())
    }

    /// When [`poll`](Self::poll) is worth being asked again though nothing came.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        self.reorder.deadline()
    }

    /// The ticks of the latest packet, which do not wrap.
    #[must_use]
    pub const fn latest(&self) -> i64 {
        self.latest
    }

    /// What was received so far.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// What to tell the sender; `None` before anything came.
    pub fn report(&mut self) -> Option<ReceiverReport> {
        let ssrc = self.ssrc?;
        let (lost, packets) = (self.counts.lost, self.counts.packets);
        let (lost_before, packets_before) = std::mem::replace(&mut self.reported, (lost, packets));
        let (missed, came) = (lost - lost_before, packets - packets_before);
        let fraction = (missed * 256).checked_div(missed + came).unwrap_or(0);
        Some(ReceiverReport {
            ssrc,
            fraction_lost: u8::try_from(fraction).unwrap_or(u8::MAX),
            lost: u32::try_from(lost).unwrap_or(0x7f_ffff).min(0x7f_ffff),
            highest: self.highest,
        })
    }
}
