//! The body of a part, and what may stand between it and the next delimiter.

use eyeline_media::jpeg::Splitter;

use super::Part;
use super::state::{Context, Outcome, State, Stepped};
use crate::mpjpeg::boundary::{Match, Search};
use crate::mpjpeg::error::Error;
use crate::mpjpeg::limits::{MAX_DELIMITER_BYTES, MAX_RESERVE_BYTES};
use crate::mpjpeg::part_headers::PartHeaders;
use crate::mpjpeg::picture::tidy;

/// A body of `length` bytes.
pub(super) fn sized(length: usize, headers: &mut PartHeaders, context: &mut Context) -> Outcome {
    let offset = context.input.offset();
    match context.input.take_exactly(length, MAX_RESERVE_BYTES) {
        Some(data) => Outcome::Part(part(data, headers, offset), State::Delimiter(0)),
        None => Outcome::More,
    }
}

/// After a body of known length: only blanks and zeros may come before the
/// delimiter, or the length was wrong.
pub(super) fn delimiter(skipped: &mut usize, context: &mut Context) -> Stepped {
    let blank = |byte: &&u8| matches!(byte, b'\r' | b'\n' | b' ' | b'\t' | 0);
    let blanks = context.input.held().iter().take_while(blank).count();
    *skipped += blanks;
    context.skip_garbage(blanks, *skipped)?;
    if context.input.held().is_empty() {
        return Ok(Outcome::More);
    }
    match context.match_start() {
        Match::Unknown => Ok(Outcome::More),
        Match::Part(length) => Ok(Outcome::Goto(context.pass_delimiter(length, false))),
        Match::Close(length) => Ok(Outcome::Goto(context.pass_delimiter(length, true))),
        Match::No => Err(Error::ContentLengthMismatch {
            offset: context.input.offset() - *skipped as u64,
        }),
    }
}

/// A body of unknown length: ends with its JPEG or at a delimiter, whichever is first.
#[derive(Debug)]
pub(super) struct OpenBody {
    headers: PartHeaders,
    /// Line ends before the body.
    skipped: usize,
    started: bool,
    /// While the body looks like a JPEG.
    splitter: Option<Splitter>,
    search: Search,
}

impl OpenBody {
    pub(super) fn new(headers: PartHeaders) -> Self {
        Self {
            headers,
            skipped: 0,
            started: false,
            splitter: Some(Splitter::new()),
            search: Search::default(),
        }
    }

    /// Whether there were no headers: an empty body is then no part at all.
    pub(super) fn is_bare(&self) -> bool {
        self.headers.lines == 0
    }

    pub(super) fn step(&mut self, context: &mut Context) -> Stepped {
        if !self.started {
            let line_end = |byte: &&u8| matches!(byte, b'\r' | b'\n');
            let blanks = context.input.held().iter().take_while(line_end).count();
            self.skipped += blanks;
            context.skip_garbage(blanks, self.skipped)?;
            self.started = !context.input.held().is_empty();
            if !self.started {
                return Ok(Outcome::More);
            }
        }
        let limit = context.limits.max_part_bytes;
        let offset = context.input.offset();
        let too_long = Error::TooLong { offset, limit };
        let held = context.input.held();
        // The delimiter behind a picture of the greatest length still counts.
        let reach = limit.saturating_add(MAX_DELIMITER_BYTES);
        let end = self.find_jpeg_end(held);
        // A delimiter counts if it was complete before the JPEG was.
        let before = &held[..end.unwrap_or(held.len())];
        let found = match &context.name {
            Some(name) => self.search.find(name, before),
            None => None,
        };
        let (length, rest) = match (found, end) {
            (Some(delimiter), _) => (body_len(&held[..delimiter.start]), Some(delimiter)),
            (None, Some(end)) => (end, None),
            (None, None) if held.len() >= reach => return Err(too_long),
            (None, None) => return Ok(Outcome::More),
        };
        if length > limit {
            return Err(too_long);
        }
        let data = context.input.take(length);
        let state = match rest {
            Some(delimiter) => context.pass_delimiter(delimiter.end - length, delimiter.close),
            None => State::Padding(Padding::default()),
        };
        if data.is_empty() && self.is_bare() {
            return Ok(Outcome::Goto(state));
        }
        Ok(Outcome::Part(part(data, &mut self.headers, offset), state))
    }

    fn find_jpeg_end(&mut self, held: &[u8]) -> Option<usize> {
        match self.splitter.as_mut()?.find_end(held) {
            Ok(end) => end,
            Err(_) => {
                self.splitter = None;
                None
            }
        }
    }
}

/// The length of a body without the line end that belongs to its delimiter.
fn body_len(body: &[u8]) -> usize {
    let body = body.strip_suffix(b"\n").unwrap_or(body);
    body.strip_suffix(b"\r").unwrap_or(body).len()
}

/// After a JPEG that ended before its part: anything, then a delimiter.
#[derive(Debug, Default)]
pub(super) struct Padding {
    skipped: usize,
    search: Search,
}

impl Padding {
    pub(super) fn step(&mut self, context: &mut Context) -> Stepped {
        let held = context.input.held();
        let found = context
            .name
            .as_ref()
            .and_then(|name| self.search.find(name, held));
        let garbage = match found {
            Some(delimiter) => delimiter.start,
            None => self.search.settle(),
        };
        self.skipped += garbage;
        context.skip_garbage(garbage, self.skipped)?;
        Ok(match found {
            Some(found) => {
                Outcome::Goto(context.pass_delimiter(found.end - found.start, found.close))
            }
            None => Outcome::More,
        })
    }
}

fn part(data: bytes::Bytes, headers: &mut PartHeaders, offset: u64) -> Part {
    Part {
        data: tidy(data),
        captured: headers.captured,
        content_type: headers.content_type.take(),
        offset,
    }
}
