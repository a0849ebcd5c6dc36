//! Transport streams inside RTP (RFC 2250): as many whole packets as fit, behind the header of RTP.

use super::packet::{PACKET_BYTES, SYNC};

/// The payload type of transport streams (RFC 3551, 6).
const PAYLOAD_TYPE: u8 = 33;
const HEADER_BYTES: usize = 12;

/// The packets of the transport stream in a datagram, which may stand behind a header of RTP or not.
#[must_use]
pub fn payload(datagram: &[u8]) -> &[u8] {
    inside(datagram).unwrap_or(datagram)
}

fn inside(datagram: &[u8]) -> Option<&[u8]> {
    let (header, rest) = datagram.split_first_chunk::<HEADER_BYTES>()?;
    let [flags, kind, ..] = *header;
    let is_rtp = flags >> 6 == 2 && kind & 0x7f == PAYLOAD_TYPE;
    if !is_rtp {
        return None;
    }
    let sources = 4 * usize::from(flags & 0x0f);
    let mut rest = rest.get(sources..)?;
    if flags & 0x10 != 0 {
        let (&[_, _, high, low], after) = rest.split_first_chunk()?;
        rest = after.get(4 * usize::from(u16::from_be_bytes([high, low]))..)?;
    }
    // What fills it up at the end is no packet.
    let whole = rest.len() - rest.len() % PACKET_BYTES;
    rest.get(..whole)
        .filter(|packets| packets.first() == Some(&SYNC))
}
