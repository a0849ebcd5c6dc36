//! Whether packets are missing (2.4.3.3).

use super::packet::{PACKET_BYTES, Packet};

/// Where a packet stands behind the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It is the next.
    Next,
    /// It is the one before once more.
    Again,
    /// So many are missing between, or sixteen more, or thirty-two.
    Behind(u8),
}

/// Follows the packets of one identifier.
#[derive(Debug)]
pub(super) struct Continuity {
    last: Option<u8>,
    /// What the last packet carried: a packet may be sent twice, and is the same then.
    payload: [u8; PACKET_BYTES],
    len: usize,
}

impl Continuity {
    pub(super) const fn new() -> Self {
        Self {
            last: None,
            payload: [0; PACKET_BYTES],
            len: 0,
        }
    }

    /// The place of a packet with this payload.
    pub(super) fn place(&mut self, packet: &Packet<'_>, payload: &[u8]) -> Place {
        let before = self.last.replace(packet.counter);
        let same = self.payload.get(..self.len) == Some(payload);
        let len = payload.len().min(PACKET_BYTES);
        self.payload[..len].copy_from_slice(&payload[..len]);
        self.len = len;
        let Some(before) = before.filter(|_| !packet.jumps) else {
            return Place::Next;
        };
        match packet.counter.wrapping_sub(before) & 0x0f {
            1 => Place::Next,
            0 if same => Place::Again,
            step => Place::Behind(step.wrapping_sub(1) & 0x0f),
        }
    }
}
