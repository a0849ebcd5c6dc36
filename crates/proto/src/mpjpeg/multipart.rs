//! The parser of `multipart/x-mixed-replace` bodies (RFC 2046, 5.1, and quirks).

mod body;
mod head;
mod state;

use bytes::Bytes;
use eyeline_media::Timestamp;

use self::state::{Context, Outcome, State};
use super::boundary::Boundary;
use super::error::Error;
use super::limits::Limits;

/// One part of a multipart body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its body. A JPEG is without padding after its end and has Huffman tables;
    /// anything else is as it came.
    pub data: Bytes,
    /// Its `X-Timestamp`, if it has one that makes sense.
    pub captured: Option<Timestamp>,
    /// Its `Content-Type` without parameters, in lower case.
    pub content_type: Option<String>,
    /// Where its body begins, in bytes from the start of the stream.
    pub offset: u64,
}

/// Cuts a multipart body into parts.
///
/// A part is given as soon as its last byte is there: at its `Content-Length`,
/// else at the end of its JPEG, else at the boundary.
#[derive(Debug)]
pub struct Parser {
    context: Context,
    state: State,
    failed: Option<Error>,
}

impl Parser {
    /// A parser for a new body.
    #[must_use]
    pub fn new(boundary: Boundary, limits: Limits) -> Self {
        Self {
            context: Context::new(boundary, limits),
            state: State::start(),
            failed: None,
        }
    }

    /// Takes in the next piece of the body. After the close delimiter it is ignored.
    pub fn push(&mut self, piece: Bytes) {
        if self.failed.is_none() && !self.is_closed() {
            self.context.input.push(piece);
        }
    }

    /// The next part, or `None` when more bytes are needed.
    ///
    /// # Errors
    /// [`Error`], and the same again ever after.
    #[expect(
        clippy::should_implement_trait,
        reason = "None is not the end, and all parsers of the module share the name"
    )]
    pub fn next(&mut self) -> Result<Option<Part>, Error> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        loop {
            match self.state.step(&mut self.context) {
                Ok(Outcome::Goto(state)) => self.state = state,
                Ok(Outcome::Part(part, state)) => {
                    self.state = state;
                    return Ok(Some(part));
                }
                Ok(Outcome::More) => {
                    if !self.context.input.pull() {
                        return Ok(None);
                    }
                }
                Err(error) => return Err(self.fail(error)),
            }
        }
    }

    /// What is left at the end of input; call it until it gives `None`.
    ///
    /// # Errors
    /// [`Error::Truncated`] if the stream ended within a part, and
    /// [`Error::NoBoundary`] if it had none.
    pub fn finish(&mut self) -> Result<Option<Part>, Error> {
        if let Some(part) = self.next()? {
            return Ok(Some(part));
        }
        match self.state.error_at_end(&self.context) {
            Some(error) => Err(self.fail(error)),
            None => Ok(None),
        }
    }

    /// Whether the close delimiter was seen: no part will follow.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed)
    }

    /// Bytes held.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.context.input.buffered()
    }

    fn fail(&mut self, error: Error) -> Error {
        self.failed = Some(error.clone());
        self.context.input.clear();
        error
    }
}
