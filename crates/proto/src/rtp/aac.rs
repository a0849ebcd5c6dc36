//! AAC in RTP, as the mode `AAC-hbr` has it (RFC 3640, 3.3.6).

use std::collections::VecDeque;

use bytes::Bytes;

use super::depacketizer::{Media, Output};
use super::error::Error;
use super::limits::{MAX_SOUND_BYTES, MAX_SOUNDS};
use super::packet::Packet;
use super::sender::{MAX_PAYLOAD_BYTES, Sender};

/// The length of all headers, and one header of 16 bits.
const HEADERS_BYTES: usize = 4;
const SIZE_BITS: u32 = 13;
const INDEX_BITS: u32 = 3;
/// Samples of an access unit, unless the configuration says 960.
const SAMPLES: u32 = 1024;

/// Appends an access unit of sound; its last packet has the marker.
pub fn pack(access_unit: &[u8], timestamp: u32, sender: &mut Sender, into: &mut Vec<u8>) {
    let Ok(size) = u16::try_from(access_unit.len()) else {
        return;
    };
    if size >= 1 << SIZE_BITS {
        // It cannot be said, and no encoder makes it.
        return;
    }
    let [high, low] = (size << INDEX_BITS).to_be_bytes();
    let head = [0, 16, high, low];
    let mut pieces = access_unit
        .chunks(MAX_PAYLOAD_BYTES - HEADERS_BYTES)
        .peekable();
    while let Some(piece) = pieces.next() {
        let last = pieces.peek().is_none();
        sender.put(into, timestamp, last, &[&head, piece]);
    }
}

/// How packets are laid out, as the description of a session says (4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Bits of an access unit's size.
    pub size_length: u32,
    /// Bits of the first access unit's index.
    pub index_length: u32,
    /// Bits of the others' distance to the one before.
    pub index_delta_length: u32,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            size_length: SIZE_BITS,
            index_length: INDEX_BITS,
            index_delta_length: INDEX_BITS,
        }
    }
}

/// Takes access units out of packets.
#[derive(Debug)]
pub(super) struct Unpack {
    layout: Layout,
    samples: u32,
    /// One of which pieces have come, and how long it is to become.
    partial: Option<(usize, Vec<u8>)>,
}

impl Unpack {
    /// `config` is the `AudioSpecificConfig`.
    pub(super) fn new(layout: Layout, config: &[u8]) -> Self {
        Self {
            layout,
            samples: samples(config),
            partial: None,
        }
    }

    pub(super) fn lose(&mut self) {
        self.partial = None;
    }

    pub(super) fn push(
        &mut self,
        ticks: i64,
        packet: &Packet<'_>,
        out: &mut VecDeque<Output>,
    ) -> Result<(), Error> {
        let (sizes, mut data) = self.sizes(packet.payload)?;
        if let (Some((whole, bytes)), [_]) = (&mut self.partial, &sizes[..]) {
            bytes.extend_from_slice(data);
            if bytes.len() >= *whole {
                bytes.truncate(*whole);
                let data = Bytes::from(std::mem::take(bytes));
                self.partial = None;
                out.push_back(self.sound(ticks, data));
            }
            return Ok(());
        }
        self.partial = None;
        for (at, &size) in sizes.iter().enumerate() {
            let Some((unit, rest)) = data.split_at_checked(size) else {
                if sizes.len() == 1 && size <= MAX_SOUND_BYTES {
                    self.partial = Some((size, data.to_vec()));
                    return Ok(());
                }
                return Err(Error::Sound("an access unit is longer than its packet"));
            };
            data = rest;
            let ticks = ticks + i64::from(self.samples) * at as i64;
            out.push_back(self.sound(ticks, Bytes::copy_from_slice(unit)));
        }
        Ok(())
    }

    fn sound(&self, ticks: i64, data: Bytes) -> Output {
        Output {
            ticks,
            media: Media::Sound {
                samples: self.samples,
                data,
            },
        }
    }

    /// The sizes of the access units, and what stands behind them.
    fn sizes<'a>(&self, payload: &'a [u8]) -> Result<(Vec<usize>, &'a [u8]), Error> {
        let short = Error::Sound("it ends within the headers of its access units");
        let Layout {
            size_length,
            index_length,
            index_delta_length,
        } = self.layout;
        if size_length == 0 {
            return Ok((vec![payload.len()], payload));
        }
        let (length, rest) = payload.split_first_chunk::<2>().ok_or(short.clone())?;
        let bits = usize::from(u16::from_be_bytes(*length));
        let (headers, data) = rest.split_at_checked(bits.div_ceil(8)).ok_or(short)?;
        let mut reader = Bits::new(headers, bits);
        let mut sizes = Vec::new();
        let mut index = index_length;
        while let Some(size) = reader.read(size_length) {
            if reader.read(index).is_none() || sizes.len() == MAX_SOUNDS {
                break;
            }
            sizes.push(size);
            index = index_delta_length;
        }
        Ok((sizes, data))
    }
}

/// Samples of an access unit (`frameLengthFlag`, ISO/IEC 14496-3, 4.4.1), which stands behind
/// five bits of type, four of rate and four of channels when none of them is escaped.
pub(super) fn samples(config: &[u8]) -> u32 {
    match config {
        [first, second, ..] => {
            let (escaped, rate) = (first >> 3 == 31, (first & 7) << 1 | second >> 7);
            if !escaped && rate != 15 && second & 0x04 != 0 {
                960
            } else {
                SAMPLES
            }
        }
        _ => SAMPLES,
    }
}

/// Reads bits, the highest of a byte first.
#[derive(Clone)]
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    end: usize,
}

impl<'a> Bits<'a> {
    /// The first `end` bits of these bytes.
    pub(super) const fn new(bytes: &'a [u8], end: usize) -> Self {
        Self { bytes, at: 0, end }
    }

    /// Bits that were read.
    pub(super) const fn position(&self) -> usize {
        self.at
    }

    pub(super) fn read(&mut self, count: u32) -> Option<usize> {
        let count = count.min(32) as usize;
        if self.at + count > self.end {
            return None;
        }
        let mut value = 0;
        for at in self.at..self.at + count {
            let bit = self.bytes.get(at / 8)? >> (7 - at % 8) & 1;
            value = value << 1 | usize::from(bit);
        }
        self.at += count;
        Some(value)
    }
}
