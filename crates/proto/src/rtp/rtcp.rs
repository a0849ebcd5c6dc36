//! Reports of RTCP (RFC 3550, 6.4): those of senders, which say when what was captured, and those
//! of receivers, which say what was lost.

use eyeline_media::Timestamp;

use super::limits::MAX_REPORTS;

const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const DESCRIPTION: u8 = 202;
const GOODBYE: u8 = 203;
/// From 1900 to 1970.
const NTP_TO_UNIX_SECS: u64 = 2_208_988_800;
const NANOS_PER_SEC: u64 = 1_000_000_000;
/// Who we are, to receivers of datagrams (6.5.1).
const NAME: &[u8] = b"eyeline";

/// What a sender says (6.4.1), without what it received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderReport {
    /// Who sends.
    pub ssrc: u32,
    /// The time, in seconds since 1900: 32 bits before the point and 32 behind it.
    pub ntp: u64,
    /// The same time by the clock of the packets.
    pub timestamp: u32,
    /// Packets sent so far.
    pub packets: u32,
    /// Bytes of their payloads.
    pub octets: u32,
}

/// What a receiver says of one sender (6.4.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReceiverReport {
    /// Of whom.
    pub ssrc: u32,
    /// Part of the packets that was lost since the report before, in 1/256.
    pub fraction_lost: u8,
    /// Packets lost so far, in 24 bits.
    pub lost: u32,
    /// The highest sequence number, and how often it has begun again, above it.
    pub highest: u32,
}

/// One report in a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// Of a sender.
    Sender(SenderReport),
    /// Of a receiver.
    Receiver(ReceiverReport),
    /// Somebody has left.
    Goodbye,
}

impl SenderReport {
    /// The report as a packet, with the name of who reports, as must be.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(28 + 24);
        bytes.extend_from_slice(&[0x80, SENDER_REPORT, 0, 6]);
        bytes.extend_from_slice(&self.ssrc.to_be_bytes());
        bytes.extend_from_slice(&self.ntp.to_be_bytes());
        for word in [self.timestamp, self.packets, self.octets] {
            bytes.extend_from_slice(&word.to_be_bytes());
        }
        describe(&mut bytes, self.ssrc);
        bytes
    }

    /// The time as the wall clock has it; `None` before 1970.
    #[must_use]
    pub fn time(&self) -> Option<Timestamp> {
        wall(self.ntp)
    }
}

impl ReceiverReport {
    /// The report as a packet from `ssrc`, with the name of who reports.
    #[must_use]
    pub fn to_bytes(&self, ssrc: u32) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(32 + 24);
        bytes.extend_from_slice(&[0x81, RECEIVER_REPORT, 0, 7]);
        let lost = u32::from(self.fraction_lost) << 24 | (self.lost & 0x00ff_ffff);
        for word in [ssrc, self.ssrc, lost, self.highest, 0, 0, 0] {
            bytes.extend_from_slice(&word.to_be_bytes());
        }
        describe(&mut bytes, ssrc);
        bytes
    }
}

/// The wall clock's time as NTP has it (RFC 5905, 6).
#[must_use]
pub fn ntp(time: Timestamp) -> u64 {
    let (secs, nanos) = (
        time.as_nanos() / NANOS_PER_SEC,
        time.as_nanos() % NANOS_PER_SEC,
    );
    // In 2036 seconds begin again.
    let secs = (secs + NTP_TO_UNIX_SECS) & 0xffff_ffff;
    secs << 32 | ((nanos << 32) / NANOS_PER_SEC)
}

/// What [`ntp`] was made of; `None` before 1970.
#[must_use]
pub fn wall(ntp: u64) -> Option<Timestamp> {
    let secs = (ntp >> 32).checked_sub(NTP_TO_UNIX_SECS)?;
    let nanos = ((ntp & 0xffff_ffff) * NANOS_PER_SEC) >> 32;
    Some(Timestamp::from_nanos(secs * NANOS_PER_SEC + nanos))
}

/// The reports in a packet; what is cut short or of another kind is left out.
pub fn reports(mut bytes: &[u8]) -> impl Iterator<Item = Report> {
    let mut next = move || {
        let (&[first, kind, high, low], rest) = bytes.split_first_chunk::<4>()?;
        let length = usize::from(u16::from_be_bytes([high, low])) * 4;
        let (body, rest) = rest.split_at_checked(length)?;
        bytes = rest;
        (first >> 6 == 2).then_some((kind, first & 0x1f, body))
    };
    std::iter::from_fn(move || {
        loop {
            let (kind, count, body) = next()?;
            if let Some(report) = report(kind, count, body) {
                return Some(report);
            }
        }
    })
    .take(MAX_REPORTS)
}

/// Of receivers the first block is what counts: who sends one track hears of one.
fn report(kind: u8, count: u8, body: &[u8]) -> Option<Report> {
    let word = |at: usize| {
        let bytes = body.get(at * 4..at * 4 + 4)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?))
    };
    Some(match kind {
        SENDER_REPORT => Report::Sender(SenderReport {
            ssrc: word(0)?,
            ntp: u64::from(word(1)?) << 32 | u64::from(word(2)?),
            timestamp: word(3)?,
            packets: word(4)?,
            octets: word(5)?,
        }),
        RECEIVER_REPORT if count > 0 => Report::Receiver(ReceiverReport {
            ssrc: word(1)?,
            fraction_lost: (word(2)? >> 24) as u8,
            lost: word(2)? & 0x00ff_ffff,
            highest: word(3)?,
        }),
        GOODBYE => Report::Goodbye,
        _ => return None,
    })
}

/// Appends who reports.
fn describe(bytes: &mut Vec<u8>, ssrc: u32) {
    const CNAME: u8 = 1;
    let start = bytes.len();
    bytes.extend_from_slice(&[0x81, DESCRIPTION, 0, 0]);
    bytes.extend_from_slice(&ssrc.to_be_bytes());
    bytes.extend_from_slice(&[CNAME, NAME.len() as u8]);
    bytes.extend_from_slice(NAME);
    // The list ends with at least one zero, and at a word.
    bytes.push(0);
    while !(bytes.len() - start).is_multiple_of(4) {
        bytes.push(0);
    }
    let words = (bytes.len() - start) / 4 - 1;
    bytes[start + 3] = words as u8;
}
