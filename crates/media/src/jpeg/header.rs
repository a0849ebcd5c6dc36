//! What the segments before the first scan say.

use super::{DAC, DHT, EOI, JPG, RST0, RST7, SOF0, SOF2, SOF15, SOI, SOS, START_OF_IMAGE, TEM};
use crate::{InvalidResolution, Resolution};

/// What a decoder or packetizer must know before it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Size of the picture.
    pub resolution: Resolution,
    /// Number of colour components: 1 is grey, 3 is Y′CbCr, 4 is CMYK.
    pub components: u8,
    /// Whether the picture is coded in several scans, coarse to fine (SOF2).
    pub progressive: bool,
    /// Whether a Huffman table is defined before the first scan. UVC cameras
    /// leave them out: [`super::insert_standard_huffman_tables`].
    pub has_huffman_tables: bool,
    /// Where the first scan's SOS marker (`FF DA`) is, in bytes from the start.
    pub scan_offset: usize,
}

/// Why bytes are not a JPEG that Eyeline can carry. Offsets count from the
/// first byte of the picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// No SOI marker (`FF D8`) at the start.
    #[error("not a JPEG: it does not start with FF D8")]
    NotAJpeg,
    /// The bytes end before the first scan.
    #[error("the JPEG ends at byte {offset}, in the middle of its header")]
    Truncated {
        /// Number of bytes there are.
        offset: usize,
    },
    /// Where a marker must stand is something else.
    #[error("JPEG header: expected a marker at byte {offset}, found {found:#04x}")]
    BadMarker {
        /// Where the marker should be.
        offset: usize,
        /// The byte that cannot be there.
        found: u8,
    },
    /// A segment's length field contradicts its content.
    #[error("JPEG header: the segment at byte {offset} cannot be {length} bytes long")]
    BadSegmentLength {
        /// Where the segment's marker is.
        offset: usize,
        /// The length it claims, in bytes.
        length: u16,
    },
    /// The first scan (or the end) comes before any frame header.
    #[error("JPEG header: no frame header (SOF) before byte {offset}")]
    NoFrameHeader {
        /// Where the scan or end marker is.
        offset: usize,
    },
    /// The picture ends without a scan.
    #[error("the JPEG ends at byte {offset} without a picture in it")]
    NoScan {
        /// Where the EOI marker is.
        offset: usize,
    },
    /// A size of zero, or one above the limits of [`Resolution`].
    #[error("JPEG header at byte {offset}: {source}")]
    BadSize {
        /// Where the frame header's marker is.
        offset: usize,
        /// What is wrong with the size.
        source: InvalidResolution,
    },
    /// A kind of JPEG that browsers and cameras do not use: lossless,
    /// hierarchical, arithmetic-coded, 12-bit, or of 0, 2 or more than 4 components.
    #[error("JPEG header at byte {offset}: {what} JPEG is not supported")]
    Unsupported {
        /// Where the frame header's marker is.
        offset: usize,
        /// Which kind it is.
        what: &'static str,
    },
}

/// Reads the header of the JPEG that starts with `bytes[0]`, up to and
/// including the marker of its first scan; what follows is not looked at.
///
/// # Errors
/// [`HeaderError`], with the offset of the marker or byte that is wrong.
pub fn parse_header(bytes: &[u8]) -> Result<Header, HeaderError> {
    if !bytes.starts_with(&START_OF_IMAGE) {
        return Err(match bytes {
            [] | [0xFF] => HeaderError::Truncated {
                offset: bytes.len(),
            },
            _ => HeaderError::NotAJpeg,
        });
    }
    let mut frame: Option<Frame> = None;
    let mut has_huffman_tables = false;
    let mut next = START_OF_IMAGE.len();
    loop {
        let (offset, marker) = marker_at(bytes, next)?;
        match marker {
            TEM => {
                next = offset + 2;
                continue;
            }
            SOS => {
                let frame = frame.ok_or(HeaderError::NoFrameHeader { offset })?;
                return Ok(Header {
                    resolution: frame.resolution,
                    components: frame.components,
                    progressive: frame.progressive,
                    has_huffman_tables,
                    scan_offset: offset,
                });
            }
            EOI => return Err(HeaderError::NoScan { offset }),
            0..=0xBF | RST0..=RST7 | SOI => {
                return Err(HeaderError::BadMarker {
                    offset: offset + 1,
                    found: marker,
                });
            }
            _ => {}
        }
        let (segment, end) = segment_at(bytes, offset)?;
        match marker {
            DHT => has_huffman_tables = true,
            JPG | DAC => {}
            // A second frame header is hierarchical coding (T.81, Annex J).
            SOF0..=SOF15 if frame.is_some() => {
                return Err(HeaderError::Unsupported {
                    offset,
                    what: "hierarchical",
                });
            }
            SOF0..=SOF15 => frame = Some(Frame::parse(marker, segment, offset)?),
            _ => {}
        }
        next = end;
    }
}

/// The marker at `next`, past any fill bytes: where its last `FF` is, and its code.
fn marker_at(bytes: &[u8], next: usize) -> Result<(usize, u8), HeaderError> {
    let truncated = HeaderError::Truncated {
        offset: bytes.len(),
    };
    let rest = bytes.get(next..).unwrap_or_default();
    let fill = rest.iter().take_while(|byte| **byte == 0xFF).count();
    match rest.get(fill) {
        None => Err(truncated),
        Some(&found) if fill == 0 => Err(HeaderError::BadMarker {
            offset: next,
            found,
        }),
        Some(&code) => Ok((next + fill - 1, code)),
    }
}

/// The payload of the segment whose marker is at `offset`, and where it ends.
fn segment_at(bytes: &[u8], offset: usize) -> Result<(&[u8], usize), HeaderError> {
    let truncated = HeaderError::Truncated {
        offset: bytes.len(),
    };
    let Some(&[high, low]) = bytes.get(offset + 2..offset + 4) else {
        return Err(truncated);
    };
    let length = u16::from_be_bytes([high, low]);
    if length < 2 {
        return Err(HeaderError::BadSegmentLength { offset, length });
    }
    let end = offset + 2 + usize::from(length);
    match bytes.get(offset + 4..end) {
        Some(payload) => Ok((payload, end)),
        None => Err(truncated),
    }
}

/// What a frame header (T.81, B.2.2) says.
struct Frame {
    resolution: Resolution,
    components: u8,
    progressive: bool,
}

impl Frame {
    fn parse(marker: u8, segment: &[u8], offset: usize) -> Result<Self, HeaderError> {
        let unsupported = |what| HeaderError::Unsupported { offset, what };
        match marker - SOF0 {
            0..=2 => {}
            3 => return Err(unsupported("lossless")),
            5..=7 => return Err(unsupported("hierarchical")),
            _ => return Err(unsupported("arithmetic-coded")),
        }
        let bad_length = || HeaderError::BadSegmentLength {
            offset,
            // The segment was cut by a 16-bit length.
            length: u16::try_from(segment.len() + 2).unwrap_or(u16::MAX),
        };
        let &[precision, h1, h0, w1, w0, components, ref table @ ..] = segment else {
            return Err(bad_length());
        };
        if table.len() != usize::from(components) * 3 {
            return Err(bad_length());
        }
        if precision != 8 {
            return Err(unsupported("12-bit"));
        }
        if !matches!(components, 1 | 3 | 4) {
            return Err(unsupported("neither grey, colour nor CMYK"));
        }
        let width = u16::from_be_bytes([w1, w0]);
        let height = u16::from_be_bytes([h1, h0]);
        let resolution = Resolution::new(width.into(), height.into())
            .map_err(|source| HeaderError::BadSize { offset, source })?;
        Ok(Self {
            resolution,
            components,
            progressive: marker == SOF2,
        })
    }
}
