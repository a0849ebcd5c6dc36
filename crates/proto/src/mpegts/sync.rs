//! Packets out of bytes, whatever stands between them.

use bytes::{Buf as _, BytesMut};

use super::error::Error;
use super::packet::{PACKET_BYTES, SYNC};

/// Finds the packets of a stream. Where one does not begin as it should, the next place counts at
/// which two begin in a row.
#[derive(Debug)]
pub(super) struct Packets {
    buffer: BytesMut,
    /// Whether the buffer begins with a packet, as far as known.
    in_step: bool,
    /// Bytes since the last packet that belong to none.
    garbage: usize,
    limit: usize,
}

impl Packets {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            buffer: BytesMut::new(),
            in_step: false,
            garbage: 0,
            limit,
        }
    }

    pub(super) fn push(&mut self, piece: &[u8]) {
        self.buffer.extend_from_slice(piece);
    }

    /// The next packet; `None` when more has to come first.
    pub(super) fn next(&mut self) -> Result<Option<[u8; PACKET_BYTES]>, Error> {
        if self.buffer.first().is_some_and(|byte| *byte != SYNC) {
            self.in_step = false;
        }
        if !self.in_step && !self.find()? {
            return Ok(None);
        }
        Ok(self.take())
    }

    /// The last packet, behind which none comes that would prove it.
    pub(super) fn finish(&mut self) -> Option<[u8; PACKET_BYTES]> {
        let is_packet = self.buffer.len() == PACKET_BYTES && self.buffer[0] == SYNC;
        if is_packet { self.take() } else { None }
    }

    fn take(&mut self) -> Option<[u8; PACKET_BYTES]> {
        let packet = *self.buffer.first_chunk()?;
        self.buffer.advance(PACKET_BYTES);
        self.garbage = 0;
        Some(packet)
    }

    fn find(&mut self) -> Result<bool, Error> {
        let is_packet = |at: usize| {
            self.buffer[at] == SYNC && self.buffer.get(at + PACKET_BYTES) == Some(&SYNC)
        };
        let places = self.buffer.len().saturating_sub(PACKET_BYTES);
        let found = (0..places).find(|at| is_packet(*at));
        self.in_step = found.is_some();
        let skipped = found.unwrap_or(places);
        self.buffer.advance(skipped);
        self.garbage += skipped;
        if self.garbage > self.limit {
            let limit = self.limit;
            self.garbage = 0;
            return Err(Error::NoSync { limit });
        }
        Ok(self.in_step)
    }
}
