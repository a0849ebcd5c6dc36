//! JPEGs one after the other: `ffmpeg … -f image2pipe -c:v mjpeg -`, `cat *.jpg`.

use bytes::Bytes;
use eyeline_media::jpeg::{Damage, START_OF_IMAGE, Splitter};

use super::error::Error;
use super::input::Input;
use super::limits::{Limits, MAX_DAMAGED_IN_A_ROW};
use super::picture::{Picture, tidy};

/// Cuts a stream into JPEGs. What stands between them is skipped, up to a
/// limit; so is a picture that the next one cuts short.
#[derive(Debug)]
pub struct JpegStream {
    limits: Limits,
    input: Input,
    state: State,
    damaged_in_a_row: u32,
    damaged: u64,
    failed: Option<Error>,
}

#[derive(Debug)]
enum State {
    /// Between pictures; so many bytes were skipped.
    Between { skipped: usize },
    /// Within one, which starts the window.
    Picture(Splitter),
}

impl JpegStream {
    /// A parser for a new stream.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            input: Input::default(),
            state: State::Between { skipped: 0 },
            damaged_in_a_row: 0,
            damaged: 0,
            failed: None,
        }
    }

    /// Takes in the next piece of the stream.
    pub fn push(&mut self, piece: Bytes) {
        if self.failed.is_none() {
            self.input.push(piece);
        }
    }

    /// The next picture, or `None` when more bytes are needed.
    ///
    /// # Errors
    /// [`Error`], and the same again ever after.
    #[expect(
        clippy::should_implement_trait,
        reason = "None is not the end, and all parsers of the module share the name"
    )]
    pub fn next(&mut self) -> Result<Option<Picture>, Error> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let outcome = loop {
            match self.step() {
                Ok(None) if self.input.pull() => {}
                outcome => break outcome,
            }
        };
        outcome.inspect_err(|error| self.fail(error))
    }

    /// What is left at the end of input; call it until it gives `None`.
    ///
    /// # Errors
    /// [`Error::Truncated`] if the stream ended within a picture.
    pub fn finish(&mut self) -> Result<Option<Picture>, Error> {
        let last = self.next()?;
        if last.is_none() && matches!(self.state, State::Picture(_)) {
            let error = Error::Truncated {
                offset: self.input.offset(),
                end: self.input.end(),
            };
            self.fail(&error);
            return Err(error);
        }
        Ok(last)
    }

    /// Bytes held.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.input.buffered()
    }

    /// How many damaged pictures were skipped.
    #[must_use]
    pub fn damaged(&self) -> u64 {
        self.damaged
    }

    fn fail(&mut self, error: &Error) {
        self.failed = Some(error.clone());
        self.input.clear();
    }

    /// Looks at the window until there is a picture or nothing more to see.
    fn step(&mut self) -> Result<Option<Picture>, Error> {
        loop {
            match &mut self.state {
                State::Between { .. } => {
                    if !self.find_start()? {
                        return Ok(None);
                    }
                }
                State::Picture(splitter) => {
                    let limit = self.limits.max_part_bytes;
                    let offset = self.input.offset();
                    let held = self.input.held();
                    let seen = &held[..held.len().min(limit)];
                    match splitter.find_end(seen) {
                        Ok(Some(end)) => return Ok(Some(self.picture(end))),
                        Ok(None) if held.len() > limit => {
                            return Err(Error::TooLong { offset, limit });
                        }
                        Ok(None) => return Ok(None),
                        Err(damage) => self.skip_damaged(damage)?,
                    }
                }
            }
        }
    }

    fn picture(&mut self, end: usize) -> Picture {
        self.damaged_in_a_row = 0;
        self.state = State::Between { skipped: 0 };
        Picture::jpeg(tidy(self.input.take(end)), None)
    }

    /// Skips to the next picture; `false` if none starts in the window.
    fn find_start(&mut self) -> Result<bool, Error> {
        let State::Between { skipped } = &mut self.state else {
            return Ok(true);
        };
        let held = self.input.held();
        let start = held.windows(2).position(|pair| pair == START_OF_IMAGE);
        // The last byte may be the first of a marker.
        let garbage = start.unwrap_or(match held {
            [.., 0xFF] => held.len() - 1,
            _ => held.len(),
        });
        *skipped += garbage;
        let skipped = *skipped;
        self.input.skip(garbage);
        if skipped > self.limits.max_garbage_bytes {
            return Err(Error::NoJpeg {
                offset: self.input.offset() - skipped as u64,
                limit: self.limits.max_garbage_bytes,
            });
        }
        if start.is_some() {
            self.state = State::Picture(Splitter::new());
        }
        Ok(start.is_some())
    }

    /// Gives up on the picture that starts the window.
    fn skip_damaged(&mut self, damage: Damage) -> Result<(), Error> {
        self.damaged += 1;
        self.damaged_in_a_row += 1;
        if self.damaged_in_a_row > MAX_DAMAGED_IN_A_ROW {
            return Err(Error::Damaged {
                offset: self.input.offset(),
                count: self.damaged_in_a_row,
                damage,
            });
        }
        self.input.skip(damage.offset());
        self.state = State::Between { skipped: 0 };
        Ok(())
    }
}
