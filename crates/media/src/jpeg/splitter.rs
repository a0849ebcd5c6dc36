//! Finding the end of a picture that arrives piece by piece.

use super::{EOI, RST0, RST7, SOF0, SOI, START_OF_IMAGE};

/// Walks the markers of one picture and remembers how far it came, so that the
/// work is linear in the picture's size however small the pieces are.
///
/// Segments are skipped by their length: the end of a thumbnail inside an APPn
/// segment is not taken for the end of the picture. In coded data only a real
/// marker counts: not a stuffed `FF 00`, not a restart marker. Bytes between
/// segments that belong to none are skipped, as decoders do.
#[derive(Clone, Debug, Default)]
pub struct Splitter {
    /// Everything before this was walked.
    next: usize,
}

/// Why a picture has no end. Offsets count from the picture's first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// It does not start with `FF D8`.
    #[error("not a JPEG: it does not start with FF D8")]
    NotAJpeg,
    /// A segment is shorter than its own length field.
    #[error("the JPEG segment at byte {offset} cannot be {length} bytes long")]
    BadSegmentLength {
        /// Where the segment's marker is.
        offset: usize,
        /// The length it claims, in bytes.
        length: u16,
    },
    /// Another picture starts before this one has ended.
    #[error("another JPEG starts at byte {offset}, before this one has ended")]
    StartsAgain {
        /// Where the second SOI marker is.
        offset: usize,
    },
}

impl Damage {
    /// Where to go on looking for the next picture, in bytes from the start of this one.
    #[must_use]
    pub const fn offset(&self) -> usize {
        match *self {
            Self::NotAJpeg => 0,
            Self::BadSegmentLength { offset, .. } | Self::StartsAgain { offset } => offset,
        }
    }
}

impl Splitter {
    /// A splitter for a picture none of which was seen.
    #[must_use]
    pub const fn new() -> Self {
        Self { next: 0 }
    }

    /// The length of the picture, EOI included, or `None` while its end has not
    /// arrived. `picture` is all there is of it so far, from its first byte on:
    /// what the last call saw, and more.
    ///
    /// # Errors
    /// [`Damage`], when the picture cannot end any more.
    pub fn find_end(&mut self, picture: &[u8]) -> Result<Option<usize>, Damage> {
        if self.next < START_OF_IMAGE.len() {
            if !START_OF_IMAGE.starts_with(&picture[..picture.len().min(2)]) {
                return Err(Damage::NotAJpeg);
            }
            if picture.len() < START_OF_IMAGE.len() {
                return Ok(None);
            }
            self.next = START_OF_IMAGE.len();
        }
        loop {
            // A segment that was skipped may reach beyond what there is.
            let Some(found) = picture.get(self.next..).and_then(find_ff) else {
                self.next = self.next.max(picture.len());
                return Ok(None);
            };
            let offset = self.next + found;
            self.next = offset;
            let Some(&code) = picture.get(offset + 1) else {
                return Ok(None);
            };
            match code {
                EOI => return Ok(Some(offset + 2)),
                SOI => return Err(Damage::StartsAgain { offset }),
                // A fill byte: the second FF may start the marker.
                0xFF => self.next = offset + 1,
                // Stuffing, reserved codes, and markers without a segment.
                0..SOF0 | RST0..=RST7 => self.next = offset + 2,
                _ => {
                    let Some(&[high, low]) = picture.get(offset + 2..offset + 4) else {
                        return Ok(None);
                    };
                    let length = u16::from_be_bytes([high, low]);
                    if length < 2 {
                        return Err(Damage::BadSegmentLength { offset, length });
                    }
                    self.next = offset + 2 + usize::from(length);
                }
            }
        }
    }
}

/// Where the first `FF` is. `contains` on a block is vectorised, a bare search is not.
fn find_ff(bytes: &[u8]) -> Option<usize> {
    const BLOCK: usize = 64;
    let (index, block) = bytes
        .chunks(BLOCK)
        .enumerate()
        .find(|(_, block)| block.contains(&0xFF))?;
    let within = block.iter().position(|byte| *byte == 0xFF)?;
    Some(index * BLOCK + within)
}
