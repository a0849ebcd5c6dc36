//! Cuts messages into chunks (RTMP 1.0, 5.3). Each begins with a header that says everything, so that it
//! stands for itself, whatever its reader has got before.

use super::message::Kind;
use super::reader::EXTENDED;

/// The numbers of the chunk streams that are written, one for each kind of message.
pub(super) mod chunk_stream {
    pub(in super::super) const CONTROL: u8 = 2;
    pub(in super::super) const COMMAND: u8 = 3;
    pub(in super::super) const AUDIO: u8 = 4;
    pub(in super::super) const DATA: u8 = 5;
    pub(in super::super) const VIDEO: u8 = 6;
}

/// A chunk's header that says nothing.
const CONTINUES: u8 = 3 << 6;

/// Writes a message, whose payload is in `parts`, as chunks of `chunk_size` bytes. `chunk_stream` is
/// from 2 to 63.
pub fn write_message(
    out: &mut Vec<u8>,
    chunk_stream: u8,
    (kind, timestamp, stream): (Kind, u32, u32),
    parts: &[&[u8]],
    chunk_size: usize,
) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let chunk_size = chunk_size.max(1);
    out.reserve(length + 16 + 5 * (length / chunk_size));
    out.push(chunk_stream & 0x3f);
    let extended = timestamp >= EXTENDED;
    put_u24(out, if extended { EXTENDED } else { timestamp });
    put_u24(out, u32::try_from(length).unwrap_or(EXTENDED).min(EXTENDED));
    out.push(kind.0);
    out.extend_from_slice(&stream.to_le_bytes());
    let put_extended = |out: &mut Vec<u8>| {
        if extended {
            out.extend_from_slice(&timestamp.to_be_bytes());
        }
    };
    put_extended(out);
    let mut room = chunk_size;
    for part in parts {
        let mut rest = *part;
        while !rest.is_empty() {
            if room == 0 {
                out.push(CONTINUES | (chunk_stream & 0x3f));
                put_extended(out);
                room = chunk_size;
            }
            let (now, later) = rest.split_at(rest.len().min(room));
            out.extend_from_slice(now);
            room -= now.len();
            rest = later;
        }
    }
}

pub(super) fn put_u24(out: &mut Vec<u8>, value: u32) {
    let [_, bytes @ ..] = value.to_be_bytes();
    out.extend_from_slice(&bytes);
}
