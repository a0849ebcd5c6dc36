//! What comes before a body: the preamble of the stream, the headers of a part.

use eyeline_media::jpeg::START_OF_IMAGE;

use super::body::OpenBody;
use super::state::{Context, Outcome, State, Stepped};
use crate::mpjpeg::boundary::{Match, sniff_line};
use crate::mpjpeg::error::Error;
use crate::mpjpeg::limits::{Limits, MAX_DELIMITER_BYTES};
use crate::mpjpeg::part_headers::PartHeaders;

/// What comes before the first delimiter.
#[derive(Debug, Default)]
pub(super) struct Preamble {
    skipped: usize,
    /// Whether a line that is not blank was skipped.
    line_seen: bool,
    /// Within a line too long to be a delimiter.
    long_line: bool,
}

impl Preamble {
    pub(super) fn step(&mut self, context: &mut Context) -> Stepped {
        loop {
            if !self.long_line && matches!(context.match_start(), Match::Close(_)) {
                return Ok(Outcome::Goto(State::Closed));
            }
            let held = context.input.held();
            // The window is scanned again only while it is shorter than this limit.
            let newline = held.iter().position(|byte| *byte == b'\n');
            let length = match newline {
                None if held.len() < MAX_DELIMITER_BYTES => return Ok(Outcome::More),
                None => held.len(),
                Some(newline) => newline + 1,
            };
            let blank = held[..length].trim_ascii().is_empty();
            let line_ends = newline.is_some();
            let whole = line_ends && !self.long_line;
            if whole && let Some(state) = self.delimiter(length, context) {
                return Ok(Outcome::Goto(state));
            }
            self.line_seen |= !blank || !line_ends;
            self.long_line = !line_ends;
            self.skipped += length;
            context.skip_garbage(length, self.skipped)?;
        }
    }

    /// Goes past the window's first line, of this length, if it is a delimiter.
    fn delimiter(&self, length: usize, context: &mut Context) -> Option<State> {
        if !matches!(context.match_start(), Match::Part(_)) {
            // Cameras declare one boundary and write another.
            if context.name.is_some() && self.line_seen {
                return None;
            }
            context.name = Some(sniff_line(&context.input.held()[..length])?);
        }
        Some(context.pass_delimiter(length, false))
    }

    /// Whether there was nothing but blanks so far.
    pub(super) fn is_blank(&self, context: &Context) -> bool {
        !self.line_seen && context.input.held().trim_ascii().is_empty()
    }
}

/// The header lines of a part.
#[derive(Debug, Default)]
pub(super) struct HeaderLines {
    headers: PartHeaders,
    /// Bytes of the lines that are done.
    used: usize,
    /// There is no line end before this.
    scanned: usize,
}

impl HeaderLines {
    pub(super) fn step(&mut self, context: &mut Context) -> Stepped {
        loop {
            let held = context.input.held();
            if self.used == 0 && held.starts_with(&START_OF_IMAGE) {
                return Ok(Outcome::Goto(self.body()));
            }
            let delimiter = context.match_start();
            let newline = held[self.scanned..].iter().position(|byte| *byte == b'\n');
            let length = match (delimiter, newline) {
                (Match::Part(length) | Match::Close(length), _) => length,
                (_, Some(newline)) => self.scanned + newline + 1,
                (_, None) => held.len(),
            };
            let limit = context.limits.max_header_bytes;
            if self.used + length > limit {
                let offset = self.start(context);
                return Err(Error::HeadersTooLong { offset, limit });
            }
            match delimiter {
                Match::Part(_) => return Ok(Outcome::Goto(context.pass_delimiter(length, false))),
                Match::Close(_) => return Ok(Outcome::Goto(context.pass_delimiter(length, true))),
                Match::Unknown | Match::No => {}
            }
            if newline.is_none() {
                self.scanned = length;
                return Ok(Outcome::More);
            }
            let line = held[..length].trim_ascii_end();
            if line.is_empty() {
                context.input.skip(length);
                return Ok(Outcome::Goto(self.body()));
            }
            let start = self.start(context);
            self.read_line(line, start, &context.limits)?;
            self.used += length;
            self.scanned = 0;
            context.input.skip(length);
        }
    }

    /// Where in the stream the headers begin.
    pub(super) fn start(&self, context: &Context) -> u64 {
        context.input.offset() - self.used as u64
    }

    fn read_line(&mut self, line: &[u8], offset: u64, limits: &Limits) -> Result<(), Error> {
        self.headers.read_line(line).map_err(|value| {
            let value = value.0;
            Error::BadContentLength { offset, value }
        })?;
        let limit = limits.max_part_bytes;
        match self.headers.content_length {
            Some(length) if length > limit as u64 => Err(Error::ContentLengthTooLarge {
                offset,
                length,
                limit,
            }),
            _ => Ok(()),
        }
    }

    /// The state after the headers.
    fn body(&mut self) -> State {
        let headers = std::mem::take(&mut self.headers);
        match headers.content_length.map(usize::try_from) {
            // Within `max_part_bytes`, so it fits.
            Some(Ok(length)) => State::Sized(length, headers),
            _ => State::Open(OpenBody::new(headers)),
        }
    }
}
