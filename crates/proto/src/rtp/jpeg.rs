//! JPEG in RTP (RFC 2435): the scan of a baseline JPEG behind a header that says what the reader
//! has to put before it. Readers know the typical Huffman tables only.

use eyeline_media::jpeg::is_standard_huffman_table;

use super::error::Error;
use super::limits::MAX_JPEG_SIDE;
use super::sender::{MAX_PAYLOAD_BYTES, Sender};

/// The payload type that is JPEG's without saying so (RFC 3551, table 5).
pub const PAYLOAD_TYPE: u8 = 26;

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const DQT: u8 = 0xdb;
const DHT: u8 = 0xc4;
const DRI: u8 = 0xdd;
const SOF0: u8 = 0xc0;
const TABLE_BYTES: usize = 64;
/// `Q` of pictures each of which brings its tables.
const TABLES_WITH_EACH: u8 = 255;
/// Added to the type of pictures with restart markers.
const WITH_RESTARTS: u8 = 64;
/// Packets need not begin where intervals do: all must be there (3.1.7).
const WHOLE_PICTURE: [u8; 2] = [0xff, 0xff];

/// What RTP says of a JPEG, and its scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan<'a> {
    /// 0 with chroma halved in width, 1 in height as well.
    kind: u8,
    /// In units of 8 pixels.
    width: u8,
    height: u8,
    /// Minimum coded units between restart markers; 0 without.
    interval: u16,
    luma: &'a [u8; TABLE_BYTES],
    chroma: &'a [u8; TABLE_BYTES],
    data: &'a [u8],
}

impl<'a> Scan<'a> {
    /// Looks whether RTP can carry this JPEG.
    ///
    /// # Errors
    /// [`Error::Jpeg`] says why not.
    pub fn of(jpeg: &'a [u8]) -> Result<Self, Error> {
        let mut found = Found::default();
        let mut rest = jpeg
            .strip_prefix(&[0xff, SOI])
            .ok_or_else(|| wrong("it does not begin as one"))?;
        loop {
            let (marker, body, after) = segment(rest)?;
            rest = after;
            match marker {
                SOF0 => found.frame(body)?,
                DQT => found.tables(body)?,
                DHT => check_huffman(body)?,
                DRI => {
                    let interval = body.first_chunk().ok_or_else(cut_short)?;
                    found.interval = u16::from_be_bytes(*interval);
                }
                SOS => {
                    // Y with the first tables, both others with the second.
                    if !matches!(body, [3, _, 0x00, _, 0x11, _, 0x11, ..]) {
                        return Err(wrong("its components are not in one scan"));
                    }
                    break;
                }
                0xc1..=0xcf => return Err(wrong("it is not baseline")),
                _ => {}
            }
        }
        found.scan(rest)
    }

    /// Appends the packets of the picture.
    pub fn pack(&self, timestamp: u32, sender: &mut Sender, into: &mut Vec<u8>) {
        let restarts = if self.interval > 0 { WITH_RESTARTS } else { 0 };
        let [high, low] = self.interval.to_be_bytes();
        let restart = [high, low, WHOLE_PICTURE[0], WHOLE_PICTURE[1]];
        let restart = if self.interval > 0 { &restart[..] } else { &[] };
        let tables_head = [0, 0, 0, 2 * TABLE_BYTES as u8];
        let (mut at, mut rest) = (0_u32, self.data);
        while !rest.is_empty() {
            let [_, o1, o2, o3] = at.to_be_bytes();
            let main = [
                0,
                o1,
                o2,
                o3,
                self.kind + restarts,
                TABLES_WITH_EACH,
                self.width,
                self.height,
            ];
            let tables: [&[u8]; 3] = if at == 0 {
                [&tables_head, self.luma, self.chroma]
            } else {
                [&[], &[], &[]]
            };
            let heads = main.len() + restart.len() + tables.iter().map(|t| t.len()).sum::<usize>();
            let (piece, after) = rest.split_at(rest.len().min(MAX_PAYLOAD_BYTES - heads));
            let parts = [&main, restart, tables[0], tables[1], tables[2], piece];
            sender.put(into, timestamp, after.is_empty(), &parts);
            at += piece.len() as u32;
            rest = after;
        }
    }
}

/// What the segments before the scan say.
#[derive(Default)]
struct Found<'a> {
    frame: Option<Frame>,
    tables: [Option<&'a [u8; TABLE_BYTES]>; 4],
    interval: u16,
}

#[derive(Clone, Copy)]
struct Frame {
    kind: u8,
    width: u8,
    height: u8,
    luma: usize,
    chroma: usize,
}

impl<'a> Found<'a> {
    fn frame(&mut self, body: &[u8]) -> Result<(), Error> {
        let &[
            8,
            h1,
            h0,
            w1,
            w0,
            3,
            _,
            luma,
            t0,
            _,
            0x11,
            t1,
            _,
            0x11,
            t2,
            ..,
        ] = body
        else {
            return Err(wrong(
                "it has not three components of 8 bits, or colour in full",
            ));
        };
        let (height, width) = (u16::from_be_bytes([h1, h0]), u16::from_be_bytes([w1, w0]));
        let kind = match luma {
            0x21 => 0,
            0x22 => 1,
            _ => return Err(wrong("its colours are neither 4:2:2 nor 4:2:0")),
        };
        if t1 != t2 {
            return Err(wrong("it has more than two quantization tables"));
        }
        let side = |pixels: u16| {
            let pixels = u32::from(pixels);
            let in_reach = (1..=MAX_JPEG_SIDE).contains(&pixels);
            let blocks = u8::try_from(pixels.div_ceil(8)).ok().filter(|_| in_reach);
            blocks.ok_or_else(|| {
                Error::Jpeg(format!(
                    "it is {width}x{height}, and {MAX_JPEG_SIDE} is the limit"
                ))
            })
        };
        self.frame = Some(Frame {
            kind,
            width: side(width)?,
            height: side(height)?,
            luma: t0.into(),
            chroma: t1.into(),
        });
        Ok(())
    }

    fn tables(&mut self, mut body: &'a [u8]) -> Result<(), Error> {
        while let Some((&head, after)) = body.split_first() {
            if head >> 4 != 0 {
                return Err(wrong("its quantization tables are of 16 bits"));
            }
            let (table, after) = after.split_first_chunk().ok_or_else(cut_short)?;
            *self
                .tables
                .get_mut(usize::from(head))
                .ok_or_else(cut_short)? = Some(table);
            body = after;
        }
        Ok(())
    }

    fn scan(&self, rest: &'a [u8]) -> Result<Scan<'a>, Error> {
        let frame = self.frame.ok_or_else(|| wrong("it has no frame header"))?;
        let table = |number: usize| {
            let table = self.tables.get(number).copied().flatten();
            table.ok_or_else(|| wrong("a quantization table is missing"))
        };
        // Behind its end there may be padding.
        let end = rest.windows(2).rposition(|two| two == [0xff, EOI]);
        let data = &rest[..end.unwrap_or(rest.len())];
        if data.is_empty() || data.len() >= 1 << 24 {
            return Err(wrong("its scan is empty or longer than 16 MiB"));
        }
        Ok(Scan {
            kind: frame.kind,
            width: frame.width,
            height: frame.height,
            interval: self.interval,
            luma: table(frame.luma)?,
            chroma: table(frame.chroma)?,
            data,
        })
    }
}

/// The segment that begins here: its marker, what is in it, and what follows it.
fn segment(mut bytes: &[u8]) -> Result<(u8, &[u8], &[u8]), Error> {
    loop {
        let (&[ff, marker], rest) = bytes.split_first_chunk().ok_or_else(cut_short)?;
        if ff != 0xff {
            return Err(wrong("there is no marker where one must be"));
        }
        if marker == 0xff {
            // Fill bytes may stand before a marker.
            bytes = &bytes[1..];
            continue;
        }
        let (length, _) = rest.split_first_chunk().ok_or_else(cut_short)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (body, after) = rest.split_at_checked(length).ok_or_else(cut_short)?;
        return Ok((marker, body.get(2..).ok_or_else(cut_short)?, after));
    }
}

fn check_huffman(mut body: &[u8]) -> Result<(), Error> {
    while !body.is_empty() {
        let counts = body.get(1..17).ok_or_else(cut_short)?;
        let values: usize = counts.iter().map(|&count| usize::from(count)).sum();
        let (table, after) = body.split_at_checked(17 + values).ok_or_else(cut_short)?;
        if !is_standard_huffman_table(table) {
            return Err(wrong("its Huffman tables are not the typical ones"));
        }
        body = after;
    }
    Ok(())
}

fn wrong(what: &str) -> Error {
    Error::Jpeg(what.to_owned())
}

fn cut_short() -> Error {
    wrong("its header is cut short")
}
