//! Sections: the pieces that tables come in (2.4.4).

use super::limits::MAX_SECTION_BYTES;
use super::packet::Packet;

/// Bytes up to and including a section's length.
const HEAD: usize = 3;
/// Fills the rest of a packet behind the last section.
const FILL: u8 = 0xff;

/// Puts the sections of one packet identifier together.
#[derive(Debug, Default)]
pub(super) struct Sections {
    buffer: Vec<u8>,
    /// Whether the buffer begins with a section.
    begun: bool,
}

impl Sections {
    /// Takes a packet's payload, and gives every section that it completes and whose checksum is right.
    pub(super) fn push(
        &mut self,
        packet: &Packet<'_>,
        payload: &[u8],
        mut found: impl FnMut(&[u8]),
    ) {
        if !packet.starts {
            self.add(payload, &mut found);
            return;
        }
        let Some((pointer, rest)) = payload.split_first() else {
            return;
        };
        let Some((before, after)) = rest.split_at_checked(usize::from(*pointer)) else {
            return;
        };
        self.add(before, &mut found);
        self.buffer.clear();
        self.begun = true;
        self.add(after, &mut found);
    }

    fn add(&mut self, bytes: &[u8], found: &mut impl FnMut(&[u8])) {
        if !self.begun {
            return;
        }
        self.buffer.extend_from_slice(bytes);
        while let Some(&[kind, first, second]) = self.buffer.first_chunk::<HEAD>() {
            let len = HEAD + usize::from(u16::from_be_bytes([first & 0x0f, second]));
            if kind == FILL || len > MAX_SECTION_BYTES {
                self.buffer.clear();
                self.begun = false;
                return;
            }
            let Some(section) = self.buffer.get(..len) else {
                return;
            };
            // Over a section with its checksum it is zero.
            if crc32(section) == 0 {
                found(section);
            }
            self.buffer.drain(..len);
        }
    }
}

/// The checksum of sections (annex A).
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    bytes.iter().fold(u32::MAX, |crc, byte| {
        let index = (crc >> 24) as u8 ^ byte;
        (crc << 8) ^ TABLE[usize::from(index)]
    })
}

const TABLE: [u32; 256] = {
    const POLYNOMIAL: u32 = 0x04c1_1db7;
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut value = (index as u32) << 24;
        let mut bit = 0;
        while bit < 8 {
            let carry = value & 0x8000_0000 != 0;
            value <<= 1;
            if carry {
                value ^= POLYNOMIAL;
            }
            bit += 1;
        }
        table[index] = value;
        index += 1;
    }
    table
};
