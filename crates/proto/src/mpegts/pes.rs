//! Packets of an elementary stream (PES, 2.4.3.6): what stands between two of its beginnings.

use bytes::{Bytes, BytesMut};

/// Bytes before the header's optional part, and with what says how long that is.
const HEAD: usize = 6;
const FIXED: usize = 9;

/// One that is put together of the payloads of packets.
#[derive(Debug, Default)]
pub(super) struct Pes {
    buffer: BytesMut,
    /// Whether one has begun and nothing of it is missing.
    begun: bool,
}

/// One that is whole.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Whole {
    /// When what begins in it is shown, in 33 bits.
    pub(super) present: Option<u64>,
    /// When it is decoded, if not then.
    pub(super) decode: Option<u64>,
    /// The bytes of the elementary stream.
    pub(super) payload: Bytes,
}

impl Pes {
    /// One begins with this.
    pub(super) fn begin(&mut self, payload: &[u8]) {
        self.buffer.clear();
        self.begun = payload.starts_with(&[0, 0, 1]);
        self.push(payload);
    }

    /// It goes on, if it has begun.
    pub(super) fn push(&mut self, payload: &[u8]) {
        if self.begun {
            self.buffer.extend_from_slice(payload);
        }
    }

    /// Something of it is missing.
    pub(super) fn give_up(&mut self) {
        self.buffer.clear();
        self.begun = false;
    }

    pub(super) fn len(&self) -> usize {
        self.buffer.len()
    }

    /// Whether the one that has begun says how long it is.
    pub(super) fn has_length(&self) -> bool {
        self.length() > 0
    }

    /// Whether all is there that its length says. Those of pictures may leave it open.
    pub(super) fn is_complete(&self) -> bool {
        self.begun && self.has_length() && self.buffer.len() >= HEAD + self.length()
    }

    fn length(&self) -> usize {
        let [.., high, low] = *self.buffer.first_chunk::<HEAD>().unwrap_or(&[0; HEAD]);
        usize::from(u16::from_be_bytes([high, low]))
    }

    /// Takes out what has begun; `None` if nothing has, or if it cannot be read or is cut short.
    pub(super) fn take(&mut self) -> Option<Whole> {
        if !std::mem::take(&mut self.begun) {
            return None;
        }
        let length = self.length();
        let mut bytes = self.buffer.split().freeze();
        if length > 0 {
            if bytes.len() < HEAD + length {
                return None;
            }
            bytes.truncate(HEAD + length);
        }
        let [flags, more, optional] = *bytes.get(HEAD..)?.first_chunk()?;
        if flags & 0xc0 != 0x80 {
            return None;
        }
        let header = FIXED + usize::from(optional);
        let time = |at: usize| timestamp(bytes.get(at..header)?);
        let present = time(FIXED).filter(|_| more & 0x80 != 0);
        let decode = time(FIXED + 5).filter(|_| more & 0xc0 == 0xc0);
        if bytes.len() < header {
            return None;
        }
        Some(Whole {
            present,
            decode,
            payload: bytes.slice(header..),
        })
    }
}

/// 33 bits among markers (2.4.3.7).
fn timestamp(bytes: &[u8]) -> Option<u64> {
    let [a, b, c, d, e] = *bytes.first_chunk()?;
    let [a, b, c, d, e] = [a, b, c, d, e].map(u64::from);
    Some((a >> 1 & 0x07) << 30 | b << 22 | (c >> 1) << 15 | d << 7 | e >> 1)
}
