//! Conversations of both ends with each other, and with programs that take liberties.

mod chunks;
mod conversations;
mod media;

use super::*;

/// 640x360, Constrained Baseline, as x264 writes it.
const SPS: &[u8] = &[
    0x67, 0x42, 0xc0, 0x1e, 0xd9, 0x00, 0xa0, 0x2f, 0xf9, 0x61, 0x00, 0x00, 0x03, 0x00, 0x01, 0x00,
    0x00, 0x03, 0x00, 0x32, 0x0f, 0x16, 0x2e, 0x48,
];
const PPS: &[u8] = &[0x68, 0xcb, 0x83, 0xcb, 0x20];
const IDR: &[u8] = &[0x65, 0x88, 0x84, 0x11];
const NEXT: &[u8] = &[0x41, 0x9a, 0x33, 0x44];

/// NAL units behind their lengths of four bytes.
fn framed(units: &[&[u8]]) -> Vec<u8> {
    let one = |unit: &&[u8]| [&(unit.len() as u32).to_be_bytes(), *unit].concat();
    units.iter().flat_map(one).collect()
}

fn media(kind: Kind, timestamp: u32, payload: &[u8]) -> Message {
    Message {
        kind,
        timestamp,
        stream: 1,
        payload: payload.to_vec().into(),
    }
}

/// The messages in chunks that come in pieces of any length.
fn messages(chunks: &[u8]) -> Vec<Message> {
    let read = |piece: usize| {
        let mut reader = Reader::new(Limits::default());
        let mut messages = Vec::new();
        for piece in chunks.chunks(piece) {
            reader.push(piece);
            while let Some(message) = reader.next().unwrap() {
                messages.push(message);
            }
        }
        messages
    };
    let whole = read(chunks.len().max(1));
    for piece in [1, 2, 3, 7, 128] {
        assert_eq!(read(piece), whole, "in pieces of {piece}");
    }
    whole
}
