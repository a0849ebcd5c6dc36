//! Packets of the transport stream (2.4.3).

/// Bytes of a packet.
pub const PACKET_BYTES: usize = 188;
/// What a packet begins with.
pub(super) const SYNC: u8 = 0x47;
/// The packet identifier of packets that hold nothing.
pub(super) const NULL_PID: u16 = 0x1fff;

/// A packet, as far as its header says what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Packet<'a> {
    /// Packet identifier: which stream it belongs to.
    pub(super) pid: u16,
    /// Whether something begins in it: a packet of the elementary stream, or a section of a table.
    pub(super) starts: bool,
    /// Whether only those can read it who have a key.
    pub(super) scrambled: bool,
    /// Counts the packets with a payload of this identifier, in four bits.
    pub(super) counter: u8,
    /// Whether the counter may jump here.
    pub(super) jumps: bool,
    /// Whether bytes were put in to fill it up.
    pub(super) stuffed: bool,
    /// What it carries; `None` if nothing.
    pub(super) payload: Option<&'a [u8]>,
}

impl<'a> Packet<'a> {
    /// Reads one; `None` of one that is damaged.
    pub(super) fn parse(bytes: &'a [u8; PACKET_BYTES]) -> Option<Self> {
        let [sync, first, second, third, rest @ ..] = bytes;
        let is_damaged = first & 0x80 != 0;
        if *sync != SYNC || is_damaged {
            return None;
        }
        let (has_adaptation, has_payload) = (third & 0x20 != 0, third & 0x10 != 0);
        let (adaptation, payload) = if has_adaptation {
            let (length, rest) = rest.split_first()?;
            rest.split_at_checked(usize::from(*length))?
        } else {
            (&[][..], &rest[..])
        };
        Some(Self {
            pid: u16::from_be_bytes([first & 0x1f, *second]),
            starts: first & 0x40 != 0,
            scrambled: third & 0xc0 != 0,
            counter: third & 0x0f,
            jumps: adaptation.first().is_some_and(|flags| flags & 0x80 != 0),
            stuffed: has_adaptation && is_stuffed(adaptation),
            payload: has_payload.then_some(payload),
        })
    }
}

/// Whether an adaptation field is longer than what it says (2.4.3.4).
fn is_stuffed(field: &[u8]) -> bool {
    let Some((flags, rest)) = field.split_first() else {
        // The field itself is what fills the packet.
        return true;
    };
    let sized = |mask: u8, bytes: usize| if flags & mask != 0 { bytes } else { 0 };
    let mut needed = sized(0x10, 6) + sized(0x08, 6) + sized(0x04, 1);
    for mask in [0x02, 0x01] {
        if flags & mask != 0 {
            needed += 1 + rest.get(needed).map_or(0, |length| usize::from(*length));
        }
    }
    rest.len() > needed
}
