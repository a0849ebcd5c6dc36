//! Messages of video: the H.264 in them.

use crate::h264::{self, AccessUnit, Assembler};

use super::configuration::Configuration;
use super::flv::{TagError, enhanced, four_characters, video_codec};

/// Puts access units together from messages.
#[derive(Debug)]
pub(super) struct Pictures {
    assembler: Assembler,
    /// `None` before the configuration came.
    length_bytes: Option<usize>,
    begun: bool,
}

/// What a message says.
enum Tag<'a> {
    Configuration(&'a [u8]),
    /// The picture, and how much later than it is decoded it is shown, in milliseconds.
    Picture(&'a [u8], i32),
    Nothing,
}

/// The number of H.264 among the kinds of video.
pub(super) const AVC: u8 = 7;

impl Pictures {
    pub(super) fn new() -> Self {
        Self {
            assembler: Assembler::new(h264::Limits::default()),
            length_bytes: None,
            begun: false,
        }
    }

    /// The picture in a message, and how many milliseconds later than it is decoded it is shown. The
    /// first is a key picture.
    ///
    /// # Errors
    /// [`TagError`]; of these only [`TagError::Video`] holds for all that follow.
    pub(super) fn read(&mut self, payload: &[u8]) -> Result<Option<(AccessUnit, i32)>, TagError> {
        match Tag::read(payload)? {
            Tag::Configuration(bytes) => {
                let configuration = Configuration::read(bytes)
                    .ok_or(TagError::Malformed("its configuration is cut short"))?;
                self.length_bytes = Some(configuration.length_bytes);
                for set in &configuration.sets {
                    self.assembler.push(set)?;
                }
                Ok(None)
            }
            Tag::Picture(data, later) => {
                let Some(length_bytes) = self.length_bytes else {
                    return Ok(None);
                };
                for nal in nal_units(data, length_bytes) {
                    // One message is one access unit, whatever delimiters say.
                    self.assembler.push(nal)?;
                }
                let unit = self.assembler.finish();
                let unit = unit.filter(|unit| self.begun || unit.key);
                self.begun |= unit.is_some();
                Ok(unit.map(|unit| (unit, later)))
            }
            Tag::Nothing => Ok(None),
        }
    }
}

impl<'a> Tag<'a> {
    fn read(payload: &'a [u8]) -> Result<Self, TagError> {
        const ENHANCED: u8 = 0x80;
        /// A frame that is no picture but says something to players.
        const COMMAND: u8 = 5;
        let Some((&first, rest)) = payload.split_first() else {
            return Ok(Self::Nothing);
        };
        if (first >> 4) & 7 == COMMAND {
            return Ok(Self::Nothing);
        }
        if first & ENHANCED == 0 {
            return Self::read_classic(first & 0x0f, rest);
        }
        let (kind, code, rest) = enhanced(first, rest).ok_or(TagError::Malformed(
            "its header is cut short, or it has several tracks",
        ))?;
        if &code != b"avc1" {
            return Err(TagError::Video(four_characters(code)));
        }
        match kind {
            0 => Ok(Self::Configuration(rest)),
            1 => Self::picture(rest),
            // The same without a time of its own: it is shown when it is decoded.
            3 => Ok(Self::Picture(rest, 0)),
            _ => Ok(Self::Nothing),
        }
    }

    fn read_classic(codec: u8, rest: &'a [u8]) -> Result<Self, TagError> {
        if codec != AVC {
            return Err(TagError::Video(video_codec(codec)));
        }
        match rest.split_first() {
            Some((0, rest)) => Ok(Self::Configuration(rest.get(3..).unwrap_or_default())),
            Some((1, rest)) => Self::picture(rest),
            _ => Ok(Self::Nothing),
        }
    }

    fn picture(rest: &'a [u8]) -> Result<Self, TagError> {
        let (later, data) = rest
            .split_first_chunk::<3>()
            .ok_or(TagError::Malformed("it ends before the picture"))?;
        let [a, b, c] = *later;
        // 24 bits with a sign.
        let later = i32::from_be_bytes([a, b, c, 0]) >> 8;
        Ok(Self::Picture(data, later))
    }
}

/// The NAL units behind lengths of so many bytes; what is cut short is left out.
fn nal_units(data: &[u8], length_bytes: usize) -> impl Iterator<Item = &[u8]> {
    let mut rest = data;
    std::iter::from_fn(move || {
        let (length, after) = rest.split_at_checked(length_bytes)?;
        let length = length
            .iter()
            .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        let (nal, after) = after.split_at_checked(length)?;
        rest = after;
        Some(nal)
    })
}
