//! JPEG by its markers (ITU-T T.81, Annex B): how large a picture is, where it
//! ends, and the Huffman tables that webcams leave out.
//!
//! Not here: anything that looks at coefficients or pixels.

mod header;
mod huffman;
mod splitter;

pub use header::{Header, HeaderError, parse_header};
pub use huffman::{
    insert_standard_huffman_tables, is_standard_huffman_table, with_standard_huffman_tables,
};
pub use splitter::{Damage, Splitter};

/// The first two bytes of every JPEG (SOI).
pub const START_OF_IMAGE: [u8; 2] = [0xFF, SOI];
/// The last two bytes of every JPEG (EOI).
pub const END_OF_IMAGE: [u8; 2] = [0xFF, EOI];

// Second bytes of the markers, T.81 table B.1.
const TEM: u8 = 0x01;
const SOF0: u8 = 0xC0;
const SOF2: u8 = 0xC2;
const DHT: u8 = 0xC4;
const JPG: u8 = 0xC8;
const DAC: u8 = 0xCC;
const SOF15: u8 = 0xCF;
const RST0: u8 = 0xD0;
const RST7: u8 = 0xD7;
const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;

#[cfg(test)]
mod tests;
