//! Opus in transport streams (ETSI TS 103 491): each packet of Opus stands behind a header with its length.

/// What a header begins with, in eleven bits.
const PREFIX: u16 = 0x3ff << 5;
const PREFIX_MASK: u16 = 0xffe0;
const HAS_START_TRIM: u16 = 0x10;
const HAS_END_TRIM: u16 = 0x08;
const HAS_EXTENSION: u16 = 0x04;
/// Samples a second of every stream.
pub(super) const RATE: u32 = 48_000;
/// What most encoders put before the first sample; what is left out at the start does not matter live.
const PRE_SKIP: u16 = 312;

/// Where the packet is that a header stands before: from and to. `None` if there is no header, or
/// if the rest is missing.
pub(super) fn packet(bytes: &[u8]) -> Option<(usize, usize)> {
    let head = u16::from_be_bytes(*bytes.first_chunk()?);
    if head & PREFIX_MASK != PREFIX {
        return None;
    }
    let mut at = 2;
    let mut len = 0;
    loop {
        let part = *bytes.get(at)?;
        at += 1;
        len += usize::from(part);
        if part != u8::MAX {
            break;
        }
    }
    at += if head & HAS_START_TRIM != 0 { 2 } else { 0 };
    at += if head & HAS_END_TRIM != 0 { 2 } else { 0 };
    if head & HAS_EXTENSION != 0 {
        at += 1 + usize::from(*bytes.get(at)?);
    }
    let end = at + len;
    (len > 0 && end <= bytes.len()).then_some((at, end))
}

/// Appends the header of a packet of so many bytes.
pub(super) fn put_header(out: &mut Vec<u8>, len: usize) {
    out.extend_from_slice(&PREFIX.to_be_bytes());
    out.resize(out.len() + len / 255, u8::MAX);
    out.push((len % 255) as u8);
}

/// Samples of a packet (RFC 6716, 3.1); `None` of none.
pub(super) fn samples(packet: &[u8]) -> Option<u32> {
    let toc = *packet.first()?;
    let frame = match toc >> 3 {
        config @ 0..12 => [480, 960, 1920, 2880][usize::from(config & 3)],
        config @ 12..16 => [480, 960][usize::from(config & 1)],
        config => [120, 240, 480, 960][usize::from(config & 3)],
    };
    let frames = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u32::from(*packet.get(1)? & 0x3f),
    };
    // No packet holds more than 120 ms.
    Some(frame * frames).filter(|samples| (1..=5760).contains(samples))
}

/// The identification header of so many channels (RFC 7845, 5.1); `None` if it takes more than
/// their number.
pub(super) fn head(channels: u8) -> Option<Vec<u8>> {
    (1..=2).contains(&channels).then(|| {
        let mut head = b"OpusHead\x01".to_vec();
        head.push(channels);
        head.extend_from_slice(&PRE_SKIP.to_le_bytes());
        head.extend_from_slice(&RATE.to_le_bytes());
        // No gain, and channels as they stand.
        head.extend_from_slice(&[0, 0, 0]);
        head
    })
}
