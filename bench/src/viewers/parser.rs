//! What a viewer must understand: HTTP/1.1 with or without chunks, and parts of
//! multipart. Pictures need not be looked at: the reader is told how many of the
//! bytes to come it may throw away unread.
//!
//! Not here: sockets, time.

use anyhow::{Context as _, bail, ensure};
use eyeline_media::Timestamp;

/// Longest line of any header.
const MAX_LINE: usize = 8 * 1024;

/// A picture that has come to its last byte.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// When it was captured, as is said of it.
    pub(super) time: Timestamp,
    /// The JPEG, where it was to be kept; in base64 if it came so.
    pub(super) jpeg: Vec<u8>,
}

impl Frame {
    /// Of a picture that is not looked at.
    pub(super) const fn marked(time: Timestamp) -> Self {
        Self {
            time,
            jpeg: Vec::new(),
        }
    }
}

/// Follows one answer.
#[derive(Debug)]
pub(super) struct Parser {
    http: Http,
    part: Part,
    /// The started line of the HTTP layer, and that of the parts.
    http_line: Vec<u8>,
    part_line: Vec<u8>,
    keep: bool,
}

#[derive(Debug)]
enum Http {
    Status,
    Head { chunked: bool },
    ChunkSize,
    Data { left: u64, chunked: bool },
    ChunkEnd,
}

#[derive(Debug)]
enum Part {
    Lines {
        length: Option<u64>,
        time: Option<Timestamp>,
    },
    Picture {
        left: u64,
        frame: Frame,
    },
}

impl Part {
    const START: Self = Self::Lines {
        length: None,
        time: None,
    };
}

impl Parser {
    /// Before the answer's first byte. `keep` says whether pictures are wanted.
    pub(super) fn new(keep: bool) -> Self {
        Self {
            http: Http::Status,
            part: Part::START,
            http_line: Vec::new(),
            part_line: Vec::new(),
            keep,
        }
    }

    /// How many of the next bytes are of no interest and may be [skipped](Self::skip).
    pub(super) fn skippable(&self) -> usize {
        match (&self.http, &self.part) {
            (Http::Data { left: data, .. }, Part::Picture { left, .. }) if !self.keep => {
                usize::try_from(*data.min(left)).unwrap_or(usize::MAX)
            }
            _ => 0,
        }
    }

    /// Takes note of bytes thrown away, at most [`Self::skippable`]. Gives the picture
    /// if this was its end.
    pub(super) fn skip(&mut self, count: usize) -> Option<Frame> {
        let Http::Data {
            left: data,
            chunked,
        } = self.http
        else {
            return None;
        };
        let Part::Picture { left, .. } = &mut self.part else {
            return None;
        };
        *left = left.saturating_sub(count as u64);
        let done = *left == 0;
        self.set_data_left(data.saturating_sub(count as u64), chunked);
        if done { self.finish_picture() } else { None }
    }

    /// Takes in bytes; pictures that end in them are added to `frames`.
    ///
    /// # Errors
    /// When the answer is not 200, ends, or makes no sense.
    pub(super) fn feed(&mut self, mut bytes: &[u8], frames: &mut Vec<Frame>) -> anyhow::Result<()> {
        while !bytes.is_empty() {
            if let Http::Data { left, chunked } = self.http {
                let here = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                let (body, rest) = bytes.split_at(here);
                self.feed_body(body, frames)?;
                self.set_data_left(left - here as u64, chunked);
                bytes = rest;
            } else if let Some(line) = take_line(&mut bytes, &mut self.http_line)? {
                self.http_line(&line)?;
            }
        }
        Ok(())
    }

    fn set_data_left(&mut self, left: u64, chunked: bool) {
        self.http = match (left, chunked) {
            (0, true) => Http::ChunkEnd,
            (left, _) => Http::Data { left, chunked },
        };
    }

    fn http_line(&mut self, line: &str) -> anyhow::Result<()> {
        match self.http {
            Http::Status => {
                ensure!(line.contains(" 200"), "the answer is {line:?}");
                self.http = Http::Head { chunked: false };
            }
            Http::Head { chunked } if line.is_empty() => {
                let left = u64::MAX;
                self.http = if chunked {
                    Http::ChunkSize
                } else {
                    Http::Data { left, chunked }
                };
            }
            Http::Head { .. } => {
                if value_of(line, "transfer-encoding").is_some_and(|value| value == "chunked") {
                    self.http = Http::Head { chunked: true };
                }
            }
            Http::ChunkSize => {
                let left = u64::from_str_radix(line, 16)
                    .with_context(|| format!("{line:?} is no size of a chunk"))?;
                ensure!(left > 0, "the stream was ended properly");
                self.http = Http::Data {
                    left,
                    chunked: true,
                };
            }
            Http::ChunkEnd => {
                ensure!(line.is_empty(), "a chunk is longer than announced");
                self.http = Http::ChunkSize;
            }
            Http::Data { .. } => bail!("a line of HTTP within data"),
        }
        Ok(())
    }

    fn feed_body(&mut self, mut bytes: &[u8], frames: &mut Vec<Frame>) -> anyhow::Result<()> {
        while !bytes.is_empty() {
            if let Part::Picture { left, frame } = &mut self.part {
                let here = bytes
                    .len()
                    .min(usize::try_from(*left).unwrap_or(usize::MAX));
                let (piece, rest) = bytes.split_at(here);
                if self.keep {
                    frame.jpeg.extend_from_slice(piece);
                }
                *left -= here as u64;
                bytes = rest;
                if *left == 0 {
                    frames.extend(self.finish_picture());
                }
            } else if let Some(line) = take_line(&mut bytes, &mut self.part_line)? {
                self.part_line(&line)?;
            }
        }
        Ok(())
    }

    fn part_line(&mut self, line: &str) -> anyhow::Result<()> {
        let Part::Lines { length, time } = &mut self.part else {
            return Ok(());
        };
        if line.starts_with("--") {
            self.part = Part::START;
        } else if let Some(value) = value_of(line, "content-length") {
            *length = Some(value.parse().context("a wrong Content-Length")?);
        } else if let Some(value) = value_of(line, "x-timestamp") {
            *time = Timestamp::parse_secs(value);
        } else if let ("", Some(left)) = (line, *length) {
            let time = time.context("a part without X-Timestamp")?;
            let jpeg = Vec::with_capacity(if self.keep { left as usize } else { 0 });
            let frame = Frame { time, jpeg };
            self.part = Part::Picture { left, frame };
        }
        Ok(())
    }

    fn finish_picture(&mut self) -> Option<Frame> {
        match std::mem::replace(&mut self.part, Part::START) {
            Part::Picture { frame, .. } => Some(frame),
            Part::Lines { .. } => None,
        }
    }
}

/// Takes bytes to the end of a line, which may have begun in `started`; `None` when it
/// ends later.
pub(super) fn take_line(
    bytes: &mut &[u8],
    started: &mut Vec<u8>,
) -> anyhow::Result<Option<String>> {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let here = end.map_or(bytes.len(), |end| end + 1);
    ensure!(started.len() + here <= MAX_LINE, "a line without end");
    started.extend_from_slice(&bytes[..here]);
    *bytes = &bytes[here..];
    if end.is_none() {
        return Ok(None);
    }
    let line = String::from_utf8_lossy(started).trim_end().to_owned();
    started.clear();
    Ok(Some(line))
}

/// The value of a header line, if its name is this.
pub(super) fn value_of<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (found, value) = line.split_once(':')?;
    found.eq_ignore_ascii_case(name).then(|| value.trim())
}

#[cfg(test)]
mod tests;
