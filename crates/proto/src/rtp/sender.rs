//! One who sends RTP: numbers the packets of one track, frames them as RTSP interleaves them
//! (RFC 2326, 10.12), and reports what was sent when.

use bytes::BufMut as _;
use eyeline_media::Timestamp;

use super::limits::MAX_SENT_BYTES;
use super::packet::{HEADER_BYTES, Packet};
use super::rtcp;

/// Bytes before an interleaved packet.
pub const FRAME_BYTES: usize = 4;
/// What an interleaved packet begins with.
pub const DOLLAR: u8 = b'$';
/// Most bytes of a payload.
pub const MAX_PAYLOAD_BYTES: usize = MAX_SENT_BYTES - HEADER_BYTES;

/// Sends the packets of one track.
#[derive(Clone, Debug)]
pub struct Sender {
    channel: u8,
    payload_type: u8,
    ssrc: u32,
    next: u16,
    packets: u32,
    octets: u32,
}

impl Sender {
    /// Sends on this channel, and reports on the next one. Numbers begin at `first`.
    #[must_use]
    pub const fn new(channel: u8, payload_type: u8, ssrc: u32, first: u16) -> Self {
        Self {
            channel,
            payload_type,
            ssrc,
            next: first,
            packets: 0,
            octets: 0,
        }
    }

    /// Appends a packet whose payload consists of these parts; together they have at most
    /// [`MAX_PAYLOAD_BYTES`].
    pub fn put(&mut self, into: &mut Vec<u8>, timestamp: u32, marker: bool, parts: &[&[u8]]) {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        let packet = Packet {
            payload_type: self.payload_type,
            marker,
            sequence: self.next,
            timestamp,
            ssrc: self.ssrc,
            payload: &[],
        };
        frame(into, self.channel, HEADER_BYTES + length);
        into.extend_from_slice(&packet.header());
        parts.iter().for_each(|part| into.extend_from_slice(part));
        self.next = self.next.wrapping_add(1);
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(length as u32);
    }

    /// Appends a report that what has this timestamp was captured then.
    pub fn report(&self, into: &mut Vec<u8>, timestamp: u32, captured: Timestamp) {
        let report = rtcp::SenderReport {
            ssrc: self.ssrc,
            ntp: rtcp::ntp(captured),
            timestamp,
            packets: self.packets,
            octets: self.octets,
        };
        let report = report.to_bytes();
        frame(into, self.channel + 1, report.len());
        into.extend_from_slice(&report);
    }
}

/// The head of an interleaved packet. Packets have far less than 64 KiB.
pub fn frame(into: &mut Vec<u8>, channel: u8, length: usize) {
    into.put_u8(DOLLAR);
    into.put_u8(channel);
    into.put_u16(length as u16);
}

/// Adds to the timestamps of interleaved packets, one behind the other; reports, which are on odd
/// channels, stay as they are.
pub fn delay(bytes: &mut [u8], ticks: u32) {
    let mut at = 0;
    while let Some(&[DOLLAR, channel, high, low]) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        at += FRAME_BYTES;
        if let Some(timestamp) = bytes.get_mut(at + 4..at + 8)
            && channel % 2 == 0
            && let Ok(was) = <[u8; 4]>::try_from(&*timestamp)
        {
            let moved = u32::from_be_bytes(was).wrapping_add(ticks);
            timestamp.copy_from_slice(&moved.to_be_bytes());
        }
        at += usize::from(u16::from_be_bytes([high, low]));
    }
}

/// Interleaved packets, one behind the other: the channel of each, and the packet. What is cut
/// short is left out.
pub fn frames(mut bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let (&[dollar, channel, high, low], rest) = bytes.split_first_chunk::<FRAME_BYTES>()?;
        if dollar != DOLLAR {
            return None;
        }
        let (packet, rest) = rest.split_at_checked(u16::from_be_bytes([high, low]).into())?;
        bytes = rest;
        Some((channel, packet))
    })
}
