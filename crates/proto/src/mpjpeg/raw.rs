//! Raw pictures one after the other: what a script writes to standard output.

use bytes::Bytes;
use eyeline_media::{PixelFormat, Resolution};

use super::error::Error;
use super::input::Input;
use super::picture::{Kind, Picture};

/// Cuts a stream into pictures of one size and format. Holds at most one
/// picture and what was pushed last.
#[derive(Debug)]
pub struct RawFrames {
    format: PixelFormat,
    resolution: Resolution,
    frame_len: usize,
    input: Input,
}

impl RawFrames {
    /// For pictures of this format and size, rows unpadded.
    #[must_use]
    pub fn new(format: PixelFormat, resolution: Resolution) -> Self {
        Self {
            format,
            resolution,
            frame_len: format.frame_len(resolution),
            input: Input::default(),
        }
    }

    /// Takes in the next piece of the stream.
    pub fn push(&mut self, piece: Bytes) {
        self.input.push(piece);
    }

    /// The next picture, or `None` when more bytes are needed.
    #[expect(
        clippy::should_implement_trait,
        reason = "None is not the end, and all parsers of the module share the name"
    )]
    pub fn next(&mut self) -> Option<Picture> {
        // The length is the user's word, not the stream's: allocate it at once.
        let data = self.input.take_exactly(self.frame_len, self.frame_len)?;
        Some(Picture {
            data,
            captured: None,
            kind: Kind::Raw {
                format: self.format,
                resolution: self.resolution,
            },
        })
    }

    /// What is left at the end of input; call it until it gives `None`.
    ///
    /// # Errors
    /// [`Error::Truncated`] if the stream ended within a picture.
    pub fn finish(&mut self) -> Result<Option<Picture>, Error> {
        if let Some(picture) = self.next() {
            return Ok(Some(picture));
        }
        if self.input.buffered() == 0 {
            return Ok(None);
        }
        Err(Error::Truncated {
            offset: self.input.offset(),
            end: self.input.end(),
        })
    }

    /// Bytes held.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.input.buffered()
    }
}
