//! The tables that say what is in a stream (2.4.4): the programmes (PAT), and the elementary
//! streams of one (PMT).

use super::limits::{MAX_PROGRAMS, MAX_STREAMS};

/// What an elementary stream holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// H.264 as a byte stream.
    H264,
    /// AAC, each frame behind a header of its own (ADTS).
    Aac,
    /// Opus with so many channels.
    Opus(u8),
    /// Pictures or sound that are not taken, by name.
    Other(&'static str),
    /// Neither: subtitles, data.
    Data,
}

/// One elementary stream of a programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Elementary {
    pub(super) pid: u16,
    pub(super) kind: Kind,
}

pub(super) const PAT_PID: u16 = 0;
pub(super) const PAT_ID: u8 = 0;
pub(super) const PMT_ID: u8 = 2;
pub(super) const STREAM_TYPE_PRIVATE: u8 = 0x06;
pub(super) const STREAM_TYPE_AAC: u8 = 0x0f;
pub(super) const STREAM_TYPE_H264: u8 = 0x1b;
/// Names whose codec a private stream is of (2.6.8).
pub(super) const REGISTRATION: u8 = 0x05;
/// Descriptors of DVB (ETSI EN 300 468), of which Opus uses one.
pub(super) const EXTENSION: u8 = 0x7f;
pub(super) const OPUS_EXTENSION: u8 = 0x80;

/// Bytes of a section before what is its own, and of the checksum behind.
const HEAD: usize = 8;
const CHECKSUM: usize = 4;

/// The identifiers of the packets that describe the programmes, in their order; `None` of a section
/// that is not of the PAT, or not in force yet.
pub(super) fn programs(section: &[u8]) -> Option<Vec<u16>> {
    let (entries, _) = body(section, PAT_ID)?.as_chunks::<4>();
    let program = |entry: &[u8; 4]| {
        let [number @ .., high, low] = *entry;
        // Number 0 is of the network's own table.
        (number != [0, 0]).then_some(pid(high, low))
    };
    Some(
        entries
            .iter()
            .filter_map(program)
            .take(MAX_PROGRAMS)
            .collect(),
    )
}

/// The elementary streams of a programme; `None` of a section that is not of its PMT, or not in
/// force yet.
pub(super) fn streams(section: &[u8]) -> Option<Vec<Elementary>> {
    let body = body(section, PMT_ID)?;
    let &[_, _, high, low] = body.first_chunk()?;
    let mut rest = body.get(4 + length(high, low)..)?;
    let mut found = Vec::new();
    while let Some((&[kind, high, low, info_high, info_low], after)) = rest.split_first_chunk() {
        let (info, after) = after.split_at_checked(length(info_high, info_low))?;
        rest = after;
        if found.len() < MAX_STREAMS {
            found.push(Elementary {
                pid: pid(high, low),
                kind: kind_of(kind, info),
            });
        }
    }
    Some(found)
}

/// What stands in a section of this table that is in force.
fn body(section: &[u8], table: u8) -> Option<&[u8]> {
    let in_force = section.get(5)? & 1 != 0;
    if *section.first()? != table || !in_force {
        return None;
    }
    section.get(HEAD..section.len().checked_sub(CHECKSUM)?)
}

fn pid(high: u8, low: u8) -> u16 {
    u16::from_be_bytes([high & 0x1f, low])
}

fn length(high: u8, low: u8) -> usize {
    usize::from(u16::from_be_bytes([high & 0x0f, low]))
}

fn kind_of(stream_type: u8, info: &[u8]) -> Kind {
    match stream_type {
        STREAM_TYPE_H264 => Kind::H264,
        STREAM_TYPE_AAC => Kind::Aac,
        0x01 => Kind::Other("MPEG-1 video"),
        0x02 => Kind::Other("MPEG-2 video"),
        0x03 | 0x04 => Kind::Other("MPEG audio (MP2 or MP3)"),
        0x10 => Kind::Other("MPEG-4 part 2 video"),
        0x11 => Kind::Other("AAC in LATM (send it in ADTS)"),
        0x1f | 0x20 => Kind::Other("scalable or multi-view H.264"),
        0x21 => Kind::Other("JPEG 2000"),
        0x24 => Kind::Other("H.265 (HEVC)"),
        0x33 => Kind::Other("H.266 (VVC)"),
        0x42 => Kind::Other("AVS video"),
        0x81 => Kind::Other("AC-3"),
        0x87 => Kind::Other("E-AC-3"),
        0xea => Kind::Other("VC-1"),
        STREAM_TYPE_PRIVATE => private(info),
        _ => Kind::Data,
    }
}

/// What a private stream holds, by its descriptors.
fn private(info: &[u8]) -> Kind {
    let mut opus = false;
    let mut channels = 2;
    let mut other = None;
    for (tag, value) in descriptors(info) {
        match (tag, value) {
            (REGISTRATION, [b'O', b'p', b'u', b's', ..]) => opus = true,
            (REGISTRATION, [b'H', b'E', b'V', b'C', ..]) => other = Some("H.265 (HEVC)"),
            (REGISTRATION, [b'A', b'V', b'0', b'1', ..]) => other = Some("AV1"),
            (REGISTRATION, [b'A', b'C', b'-', b'3', ..]) | (0x6a, _) => other = Some("AC-3"),
            (REGISTRATION, [b'E', b'A', b'C', b'3', ..]) | (0x7a, _) => other = Some("E-AC-3"),
            (EXTENSION, [OPUS_EXTENSION, code, ..]) => channels = *code,
            _ => {}
        }
    }
    match (opus, other) {
        // Up to eight in a fixed order; others have a description of their own.
        (true, _) if (1..=8).contains(&channels) => Kind::Opus(channels),
        (true, _) => Kind::Other("Opus of other than 1 to 8 channels"),
        (false, Some(other)) => Kind::Other(other),
        (false, None) => Kind::Data,
    }
}

fn descriptors(mut rest: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let (&[tag, length], after) = rest.split_first_chunk()?;
        let (value, after) = after.split_at_checked(usize::from(length))?;
        rest = after;
        Some((tag, value))
    })
}
