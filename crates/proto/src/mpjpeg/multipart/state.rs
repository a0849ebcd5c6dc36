//! Where in a multipart body the parser is, and how it gets on.

use super::Part;
use super::body::{self, OpenBody, Padding};
use super::head::{HeaderLines, Preamble};
use crate::mpjpeg::boundary::{Boundary, BoundaryName, Match, match_line};
use crate::mpjpeg::error::Error;
use crate::mpjpeg::input::Input;
use crate::mpjpeg::limits::Limits;
use crate::mpjpeg::part_headers::PartHeaders;

/// What all states share.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) limits: Limits,
    /// `None` until the first delimiter was sniffed.
    pub(super) name: Option<BoundaryName>,
    pub(super) input: Input,
}

#[derive(Debug)]
pub(super) enum State {
    /// Before the first delimiter.
    Preamble(Preamble),
    Headers(HeaderLines),
    /// In a body of this many bytes.
    Sized(usize, PartHeaders),
    /// In a body that says itself where it ends.
    Open(OpenBody),
    /// After a body of known length: blanks (so many were skipped), then a delimiter.
    Delimiter(usize),
    /// After a JPEG that ended before its part: anything, then a delimiter.
    Padding(Padding),
    Closed,
}

/// What a look at the window led to.
pub(super) enum Outcome {
    /// Nothing yet: more bytes are needed.
    More,
    Goto(State),
    Part(Part, State),
}

pub(super) type Stepped = Result<Outcome, Error>;

impl Context {
    pub(super) fn new(boundary: Boundary, limits: Limits) -> Self {
        Self {
            limits,
            name: match boundary {
                Boundary::Declared(name) => Some(name),
                Boundary::Sniff => None,
            },
            input: Input::default(),
        }
    }

    /// Whether the window starts with a delimiter.
    pub(super) fn match_start(&self) -> Match {
        match &self.name {
            Some(name) => match_line(name, self.input.held()),
            None => Match::No,
        }
    }

    /// Drops the first `len` bytes, the last of `total` that belong to no part.
    pub(super) fn skip_garbage(&mut self, len: usize, total: usize) -> Result<(), Error> {
        self.input.skip(len);
        if total > self.limits.max_garbage_bytes {
            return Err(Error::NoBoundary {
                offset: self.input.offset() - total as u64,
                within: self.limits.max_garbage_bytes as u64,
            });
        }
        Ok(())
    }

    /// Goes past the delimiter of which `len` bytes are left in the window.
    pub(super) fn pass_delimiter(&mut self, len: usize, close: bool) -> State {
        self.input.skip(len);
        if close {
            State::Closed
        } else {
            State::Headers(HeaderLines::default())
        }
    }
}

impl State {
    pub(super) fn start() -> Self {
        Self::Preamble(Preamble::default())
    }

    pub(super) fn step(&mut self, context: &mut Context) -> Stepped {
        match self {
            Self::Preamble(preamble) => preamble.step(context),
            Self::Headers(lines) => lines.step(context),
            Self::Sized(length, headers) => Ok(body::sized(*length, headers, context)),
            Self::Open(body) => body.step(context),
            Self::Delimiter(skipped) => body::delimiter(skipped, context),
            Self::Padding(padding) => padding.step(context),
            Self::Closed => {
                context.input.clear();
                Ok(Outcome::More)
            }
        }
    }

    /// What is wrong if the stream ends here, nothing more being in it.
    pub(super) fn error_at_end(&self, context: &Context) -> Option<Error> {
        let (offset, end) = (context.input.offset(), context.input.end());
        let started = match self {
            Self::Preamble(preamble) => {
                return (!preamble.is_blank(context)).then_some(Error::NoBoundary {
                    offset: 0,
                    within: end,
                });
            }
            // A delimiter and nothing else is how most streams end.
            Self::Headers(lines) => lines.start(context),
            Self::Open(body) if body.is_bare() => offset,
            Self::Sized(..) | Self::Open(_) => return Some(Error::Truncated { offset, end }),
            Self::Delimiter(_) | Self::Padding(_) | Self::Closed => return None,
        };
        (started < end).then_some(Error::Truncated {
            offset: started,
            end,
        })
    }
}
