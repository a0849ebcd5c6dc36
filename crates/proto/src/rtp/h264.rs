//! H.264 in RTP (RFC 6184), in the modes that are in use: single NAL units, several in one
//! packet (STAP-A) and one in several (FU-A).

use std::collections::VecDeque;
use std::mem::take;

use super::depacketizer::{Media, Output};
use super::error::Error;
use super::packet::Packet;
use super::sender::{MAX_PAYLOAD_BYTES, Sender, frames};
use crate::h264::{Assembler, Limits, begins, nal_units};

const SPS: u8 = 7;
const PPS: u8 = 8;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;
/// Bytes before the piece of a NAL unit in a FU-A.
const FU_BYTES: usize = 2;
const FU_START: u8 = 0x80;
const FU_END: u8 = 0x40;
/// Bytes of the length before each NAL unit in a STAP-A.
const LENGTH: usize = 2;

/// Appends the packets of an access unit, as packets of the program carry it. Its parameter sets
/// go together in one packet; the last packet has the marker.
pub fn pack(access_unit: &[u8], timestamp: u32, sender: &mut Sender, into: &mut Vec<u8>) {
    let nals: Vec<&[u8]> = nal_units(access_unit).filter(|n| !n.is_empty()).collect();
    let sets = nals.iter().take_while(|nal| is_set(nal)).count();
    let together: usize = nals[..sets].iter().map(|nal| LENGTH + nal.len()).sum();
    let mut rest = &nals[..];
    if sets > 1 && together < MAX_PAYLOAD_BYTES {
        let (first, after) = nals.split_at(sets);
        put_together(first, timestamp, after.is_empty(), sender, into);
        rest = after;
    }
    while let Some((nal, after)) = rest.split_first() {
        put(nal, timestamp, after.is_empty(), sender, into);
        rest = after;
    }
}

/// Appends one NAL unit, in one packet if it fits.
fn put(nal: &[u8], timestamp: u32, last: bool, sender: &mut Sender, into: &mut Vec<u8>) {
    if nal.len() <= MAX_PAYLOAD_BYTES {
        return sender.put(into, timestamp, last, &[nal]);
    }
    let (header, body) = (nal[0], &nal[1..]);
    let mut pieces = body.chunks(MAX_PAYLOAD_BYTES - FU_BYTES).peekable();
    let mut edge = FU_START;
    while let Some(piece) = pieces.next() {
        let end = pieces.peek().is_none();
        // There are at least two pieces, so none is the first and the last.
        let edges = if end { FU_END } else { edge };
        let head = [header & 0xe0 | FU_A, edges | header & 0x1f];
        sender.put(into, timestamp, last && end, &[&head, piece]);
        edge = 0;
    }
}

/// Appends several NAL units in one packet.
fn put_together(
    nals: &[&[u8]],
    timestamp: u32,
    last: bool,
    sender: &mut Sender,
    into: &mut Vec<u8>,
) {
    let importance = nals.iter().map(|nal| nal[0] & 0x60).max().unwrap_or(0);
    let mut payload = vec![importance | STAP_A];
    for nal in nals {
        payload.extend_from_slice(&(nal.len() as u16).to_be_bytes());
        payload.extend_from_slice(nal);
    }
    sender.put(into, timestamp, last, &[&payload]);
}

fn is_set(nal: &[u8]) -> bool {
    nal.first().is_some_and(|h| matches!(h & 0x1f, SPS | PPS))
}

/// The parameter sets among interleaved packets of channel 0 that [`pack`] made: what a
/// description says of the stream.
#[must_use]
pub fn parameter_sets(interleaved: &[u8]) -> Vec<Vec<u8>> {
    let mut sets = Vec::new();
    for (_, packet) in frames(interleaved).filter(|(channel, _)| *channel == 0) {
        let Ok(packet) = Packet::parse(packet) else {
            continue;
        };
        match packet.payload.split_first() {
            Some((first, rest)) if first & 0x1f == STAP_A => {
                sets.extend(aggregated(rest).filter(|n| is_set(n)).map(<[u8]>::to_vec));
            }
            _ if is_set(packet.payload) => sets.push(packet.payload.to_vec()),
            _ => break,
        }
    }
    sets
}

/// The NAL units of a STAP-A behind its header; the last may be cut short.
fn aggregated(mut rest: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, after) = rest.split_first_chunk::<LENGTH>()?;
        let length = usize::from(u16::from_be_bytes(*length)).min(after.len());
        let (nal, after) = after.split_at(length);
        rest = after;
        Some(nal)
    })
}

/// Puts access units together again. What is damaged, and what builds on it, is left out.
#[derive(Debug)]
pub(super) struct Unpack {
    assembler: Assembler,
    /// A NAL unit of which pieces have come.
    fragment: Vec<u8>,
    limit: usize,
    timestamp: Option<i64>,
    /// Packets were lost, or nothing has come yet: the next may be the middle of a picture.
    fresh: bool,
    /// The picture in whose middle packets were lost.
    torn: Option<i64>,
    /// The picture that is being put together lacks something.
    broken: bool,
    /// Pictures are left out until one that decoding can start with.
    waiting: bool,
    /// Pictures that came and were left out because something was lost.
    pub(super) damaged: u64,
}

impl Unpack {
    /// With the parameter sets that were said beside the stream; what is wrong with them will show.
    pub(super) fn new<'a>(sets: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let limits = Limits::default();
        let mut assembler = Assembler::new(limits);
        for set in sets.into_iter().filter(|set| is_set(set)) {
            let _ = assembler.push(set);
        }
        Self {
            assembler,
            fragment: Vec::new(),
            limit: limits.max_access_unit_bytes,
            timestamp: None,
            fresh: true,
            torn: None,
            broken: false,
            waiting: true,
            damaged: 0,
        }
    }

    /// Packets before the next one are lost.
    pub(super) fn lose(&mut self) {
        self.torn = self.timestamp.take().or(self.torn);
        self.assembler.forget();
        self.fragment.clear();
        (self.fresh, self.broken, self.waiting) = (true, false, true);
    }

    pub(super) fn push(
        &mut self,
        ticks: i64,
        packet: &Packet<'_>,
        out: &mut VecDeque<Output>,
    ) -> Result<(), Error> {
        if self.timestamp.is_some_and(|timestamp| timestamp != ticks) {
            self.finish(out);
        }
        if self.torn.take().is_some_and(|torn| torn != ticks) {
            // Its last packets were lost, too.
            self.damaged += 1;
        }
        self.timestamp = Some(ticks);
        let Some((&first, rest)) = packet.payload.split_first() else {
            return Ok(());
        };
        match first & 0x1f {
            1..STAP_A => self.nal(packet.payload, ticks, out),
            STAP_A => aggregated(rest).for_each(|nal| self.nal(nal, ticks, out)),
            FU_A => self.piece(first, rest, ticks, out),
            0 => {}
            other => return Err(Error::Packetization(other)),
        }
        if packet.marker {
            self.finish(out);
        }
        Ok(())
    }

    fn nal(&mut self, nal: &[u8], ticks: i64, out: &mut VecDeque<Output>) {
        if !self.fragment.is_empty() {
            // Its end never came.
            self.fragment.clear();
            self.broken = true;
        }
        self.take(nal, ticks, out);
    }

    fn take(&mut self, nal: &[u8], ticks: i64, out: &mut VecDeque<Output>) {
        if take(&mut self.fresh) && !begins(nal) {
            self.broken = true;
        }
        match self.assembler.push(nal) {
            Ok(None) => {}
            Ok(Some(unit)) => self.give(unit, ticks, out),
            Err(_) => self.broken = true,
        }
    }

    /// A piece of a NAL unit (5.8).
    fn piece(&mut self, indicator: u8, rest: &[u8], ticks: i64, out: &mut VecDeque<Output>) {
        let Some((&header, body)) = rest.split_first() else {
            return;
        };
        let start = header & FU_START != 0;
        if start {
            self.broken |= !self.fragment.is_empty();
            self.fragment.clear();
            self.fragment.push(indicator & 0xe0 | header & 0x1f);
        }
        if self.fragment.is_empty() || self.fragment.len() + body.len() > self.limit {
            // Its beginning never came, or its end never comes.
            self.fragment.clear();
            (self.broken, self.fresh) = (true, false);
            return;
        }
        self.fragment.extend_from_slice(body);
        if header & FU_END != 0 {
            let mut nal = take(&mut self.fragment);
            self.take(&nal, ticks, out);
            nal.clear();
            self.fragment = nal;
        }
    }

    /// The picture is whole, or will never be.
    fn finish(&mut self, out: &mut VecDeque<Output>) {
        if !self.fragment.is_empty() {
            self.fragment.clear();
            self.broken = true;
        }
        let ticks = self.timestamp.take();
        if self.broken {
            // What there is of it must not become part of the next.
            self.assembler.forget();
            self.damaged += 1;
            (self.broken, self.waiting) = (false, true);
        } else if let (Some(unit), Some(ticks)) = (self.assembler.finish(), ticks) {
            self.give(unit, ticks, out);
        }
    }

    fn give(&mut self, unit: crate::h264::AccessUnit, ticks: i64, out: &mut VecDeque<Output>) {
        if self.broken {
            return;
        }
        if self.waiting && !unit.key {
            self.damaged += 1;
            return;
        }
        self.waiting = false;
        out.push_back(Output {
            ticks,
            media: Media::Picture(unit),
        });
    }
}
