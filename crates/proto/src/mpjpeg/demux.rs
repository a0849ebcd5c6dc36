//! One front for every kind of stream.

use bytes::Bytes;
use eyeline_media::jpeg::START_OF_IMAGE;
use eyeline_media::{PixelFormat, Resolution};

use super::boundary::{Boundary, boundary_from_content_type};
use super::error::Error;
use super::input::Input;
use super::jpeg_stream::JpegStream;
use super::limits::{EXCERPT_BYTES, Limits, MAX_LEADING_BLANKS};
use super::multipart::{Parser, Part};
use super::picture::Picture;
use super::raw::RawFrames;

/// Pictures out of a stream of any kind.
#[derive(Debug)]
pub struct Demux {
    state: State,
    limits: Limits,
}

#[derive(Debug)]
enum State {
    Sniffing(Input),
    Multipart(Parser),
    Jpegs(JpegStream),
    Raw(RawFrames),
    Failed(Error),
}

impl Demux {
    /// For a stream of which only the `Content-Type` is known, or nothing. A
    /// multipart type and `image/jpeg` are believed; for any other the first
    /// bytes decide between multipart (`--`) and JPEGs (`FF D8`).
    ///
    /// # Errors
    /// [`Error::Boundary`] if a multipart type has an unusable boundary.
    pub fn sniff(content_type: Option<&str>, limits: Limits) -> Result<Self, Error> {
        let essence = content_type.unwrap_or_default();
        let essence = essence.split(';').next().unwrap_or_default().trim();
        let is = |kind: &str| {
            essence
                .get(..kind.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(kind))
        };
        let state = match content_type {
            Some(value) if is("multipart/") => {
                State::Multipart(Parser::new(boundary_from_content_type(value)?, limits))
            }
            Some(_) if is("image/jpeg") || is("image/jpg") => State::Jpegs(JpegStream::new(limits)),
            _ => State::Sniffing(Input::default()),
        };
        Ok(Self { state, limits })
    }

    /// For a stream of raw pictures of this format and size.
    #[must_use]
    pub fn raw(format: PixelFormat, resolution: Resolution) -> Self {
        Self {
            state: State::Raw(RawFrames::new(format, resolution)),
            limits: Limits::default(),
        }
    }

    /// Takes in the next piece of the stream.
    pub fn push(&mut self, piece: Bytes) {
        match &mut self.state {
            State::Sniffing(input) => input.push(piece),
            State::Multipart(parser) => parser.push(piece),
            State::Jpegs(stream) => stream.push(piece),
            State::Raw(frames) => frames.push(piece),
            State::Failed(_) => {}
        }
    }

    /// The next picture, or `None` when more bytes are needed. A part of a
    /// multipart stream that calls itself something else than an image, and is
    /// none, is passed over.
    ///
    /// # Errors
    /// [`Error`], and the same again ever after.
    #[expect(
        clippy::should_implement_trait,
        reason = "None is not the end, and all parsers of the module share the name"
    )]
    pub fn next(&mut self) -> Result<Option<Picture>, Error> {
        self.drive(Parser::next, JpegStream::next, |frames| Ok(frames.next()))
    }

    /// What is left at the end of input; call it until it gives `None`.
    ///
    /// # Errors
    /// [`Error::Truncated`] if the stream ended within a picture,
    /// [`Error::Unrecognised`] if it was too short to know what it is.
    pub fn finish(&mut self) -> Result<Option<Picture>, Error> {
        let picture = self.drive(Parser::finish, JpegStream::finish, RawFrames::finish)?;
        match &self.state {
            State::Sniffing(input) if !input.held().trim_ascii().is_empty() => {
                let error = unrecognised(input);
                self.state = State::Failed(error.clone());
                Err(error)
            }
            _ => Ok(picture),
        }
    }

    /// Bytes held.
    #[must_use]
    pub fn buffered(&self) -> usize {
        match &self.state {
            State::Sniffing(input) => input.buffered(),
            State::Multipart(parser) => parser.buffered(),
            State::Jpegs(stream) => stream.buffered(),
            State::Raw(frames) => frames.buffered(),
            State::Failed(_) => 0,
        }
    }

    /// How many pictures were skipped because the next one cut them short.
    #[must_use]
    pub fn damaged(&self) -> u64 {
        match &self.state {
            State::Jpegs(stream) => stream.damaged(),
            _ => 0,
        }
    }

    fn drive(
        &mut self,
        from_parts: impl Fn(&mut Parser) -> Result<Option<Part>, Error>,
        from_jpegs: impl Fn(&mut JpegStream) -> Result<Option<Picture>, Error>,
        from_raw: impl Fn(&mut RawFrames) -> Result<Option<Picture>, Error>,
    ) -> Result<Option<Picture>, Error> {
        let outcome = loop {
            match &mut self.state {
                State::Sniffing(input) => match decide(input, self.limits) {
                    Ok(Some(state)) => self.state = state,
                    Ok(None) => return Ok(None),
                    Err(error) => break Err(error),
                },
                State::Multipart(parser) => match from_parts(parser) {
                    Ok(Some(part)) => match picture(part) {
                        Ok(None) => {}
                        outcome => break outcome,
                    },
                    Ok(None) => return Ok(None),
                    Err(error) => break Err(error),
                },
                State::Jpegs(stream) => break from_jpegs(stream),
                State::Raw(frames) => break from_raw(frames),
                State::Failed(error) => return Err(error.clone()),
            }
        };
        outcome.inspect_err(|error| self.state = State::Failed(error.clone()))
    }
}

/// The state for what the first bytes say, which it is given back.
fn decide(input: &mut Input, limits: Limits) -> Result<Option<State>, Error> {
    loop {
        let held = input.held();
        let blanks = blanks(held);
        let begins = &held[blanks..];
        let mut state = if blanks > MAX_LEADING_BLANKS {
            return Err(unrecognised(input));
        } else if begins.starts_with(b"--") {
            State::Multipart(Parser::new(Boundary::Sniff, limits))
        } else if begins.starts_with(&START_OF_IMAGE) {
            State::Jpegs(JpegStream::new(limits))
        } else if begins.len() >= EXCERPT_BYTES {
            return Err(unrecognised(input));
        } else if input.pull() {
            continue;
        } else {
            return Ok(None);
        };
        for piece in std::mem::take(input).into_pieces() {
            match &mut state {
                State::Multipart(parser) => parser.push(piece),
                State::Jpegs(stream) => stream.push(piece),
                _ => {}
            }
        }
        return Ok(Some(state));
    }
}

/// How many blanks `bytes` start with; one more than the limit is enough to know.
fn blanks(bytes: &[u8]) -> usize {
    let blank = |byte: &&u8| byte.is_ascii_whitespace();
    let start = bytes.iter().take(MAX_LEADING_BLANKS + 1);
    start.take_while(blank).count()
}

fn unrecognised(input: &Input) -> Error {
    let held = input.held();
    let start = blanks(held);
    let excerpt = if start > MAX_LEADING_BLANKS {
        0
    } else {
        EXCERPT_BYTES
    };
    Error::Unrecognised {
        offset: start as u64,
        begins: held[start..].iter().copied().take(excerpt).collect(),
    }
}

/// The picture in a part; `None` for a part that is something else on purpose.
fn picture(part: Part) -> Result<Option<Picture>, Error> {
    if part.data.starts_with(&START_OF_IMAGE) {
        return Ok(Some(Picture::jpeg(part.data, part.captured)));
    }
    let image = |kind: &String| kind.starts_with("image/");
    if part.data.is_empty() || part.content_type.as_ref().is_some_and(|kind| !image(kind)) {
        return Ok(None);
    }
    Err(Error::NotAJpeg {
        offset: part.offset,
        content_type: part.content_type.unwrap_or("something else".to_owned()),
    })
}
