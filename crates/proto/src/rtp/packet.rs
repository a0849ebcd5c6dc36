//! The packet of RTP (RFC 3550, 5.1), read.

use super::error::Error;

/// Bytes of a header without contributing sources and extension.
pub const HEADER_BYTES: usize = 12;
const VERSION: u8 = 2;

/// A packet, as it lies in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Says how the payload is coded; what it means is said elsewhere.
    pub payload_type: u8,
    /// Whether this is the last packet of a picture.
    pub marker: bool,
    /// Counts packets, and begins again after 65535.
    pub sequence: u16,
    /// When the payload was sampled, in ticks of its clock, which begin again after 2³².
    pub timestamp: u32,
    /// Who sends.
    pub ssrc: u32,
    /// What is carried, without padding.
    pub payload: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Reads a packet.
    ///
    /// # Errors
    /// [`Error`]: it is not RTP, or cut short.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let truncated = |part| Error::Truncated {
            part,
            length: bytes.len(),
        };
        let (head, rest) = bytes
            .split_first_chunk::<HEADER_BYTES>()
            .ok_or_else(|| truncated("header"))?;
        let [first, second, s0, s1, t0, t1, t2, t3, i0, i1, i2, i3] = *head;
        if first >> 6 != VERSION {
            return Err(Error::Version(first >> 6));
        }
        let sources = usize::from(first & 0x0f) * 4;
        let mut payload = rest
            .get(sources..)
            .ok_or_else(|| truncated("contributing sources"))?;
        if first & 0x10 != 0 {
            let (extension, after) = payload
                .split_first_chunk::<4>()
                .ok_or_else(|| truncated("extension"))?;
            let words = usize::from(u16::from_be_bytes([extension[2], extension[3]]));
            payload = after
                .get(words * 4..)
                .ok_or_else(|| truncated("extension"))?;
        }
        if first & 0x20 != 0 {
            let padding = usize::from(*payload.last().ok_or_else(|| truncated("padding"))?);
            let length = payload.len().checked_sub(padding.max(1));
            payload = &payload[..length.ok_or_else(|| truncated("padding"))?];
        }
        Ok(Self {
            payload_type: second & 0x7f,
            marker: second & 0x80 != 0,
            sequence: u16::from_be_bytes([s0, s1]),
            timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
            ssrc: u32::from_be_bytes([i0, i1, i2, i3]),
            payload,
        })
    }

    /// The header without contributing sources and extension.
    #[must_use]
    pub fn header(&self) -> [u8; HEADER_BYTES] {
        let [s0, s1] = self.sequence.to_be_bytes();
        let [t0, t1, t2, t3] = self.timestamp.to_be_bytes();
        let [i0, i1, i2, i3] = self.ssrc.to_be_bytes();
        let marker = if self.marker { 0x80 } else { 0 };
        let second = marker | (self.payload_type & 0x7f);
        [VERSION << 6, second, s0, s1, t0, t1, t2, t3, i0, i1, i2, i3]
    }
}
