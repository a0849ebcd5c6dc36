//! What a viewer by WebSocket must understand (RFC 6455, 5.2): the answer to the
//! handshake, headers of frames, and the beginning of each message, where the time of a
//! picture is. The rest need not be looked at, as in the parser of multipart.
//!
//! Stricter than a browser: no fragments, no extensions, nothing masked, since Eyeline's
//! server sends none of it. Not here: sockets, time; what the pictures show.

use anyhow::{Context as _, bail, ensure};
use eyeline_media::Timestamp;
use eyeline_proto::websocket::Opcode;
use eyeline_proto::websocket::frame::masked;

use super::parser::{Frame, take_line, value_of};

/// The key of every handshake, that of RFC 6455, 1.3, and the answer to it.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
/// Masks what is sent; it need be random only in a browser.
const MASK: [u8; 4] = *b"mask";
/// How much of a text is read to find the time in it, or that it is no picture.
const START_BYTES: usize = 512;
/// What the text of a picture begins with.
const PICTURE: &[u8] = br#"{"type":"frame","#;
/// What stands before the base64 of a picture, and behind it.
const BASE64: &str = r#""frame":""#;
const END: &[u8] = br#""}}"#;

/// The headers of the request that make it a handshake.
pub(super) fn handshake() -> String {
    format!(
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: {KEY}\r\n"
    )
}

/// Follows one answer.
#[derive(Debug)]
pub(super) struct Parser {
    state: State,
    /// The line of HTTP, header of a frame or start of a message that has begun.
    begun: Vec<u8>,
    /// What is to be sent to the server.
    replies: Vec<u8>,
    keep: bool,
}

#[derive(Debug)]
enum State {
    Status,
    Head {
        accepted: bool,
    },
    Frame,
    /// Wanted: the first bytes of a payload, which tell what it is.
    Start {
        opcode: Opcode,
        wanted: usize,
        length: u64,
    },
    Rest {
        left: u64,
        /// If it is that of a picture.
        frame: Option<Frame>,
    },
}

impl Parser {
    /// Before the answer's first byte. `keep` says whether pictures are wanted.
    pub(super) fn new(keep: bool) -> Self {
        Self {
            state: State::Status,
            begun: Vec::new(),
            replies: Vec::new(),
            keep,
        }
    }

    /// How many of the next bytes are of no interest and may be [skipped](Self::skip).
    pub(super) fn skippable(&self) -> usize {
        match &self.state {
            State::Rest { left, frame } if !self.keep || frame.is_none() => {
                usize::try_from(*left).unwrap_or(usize::MAX)
            }
            _ => 0,
        }
    }

    /// Takes note of bytes thrown away, at most [`Self::skippable`]. Gives the picture
    /// if this was its end.
    pub(super) fn skip(&mut self, count: usize) -> Option<Frame> {
        let State::Rest { left, .. } = &mut self.state else {
            return None;
        };
        *left = left.saturating_sub(count as u64);
        self.finish_if_done()
    }

    /// Takes in bytes; pictures that end in them are added to `frames`.
    ///
    /// # Errors
    /// When the answer is not 101, the server closes, or it makes no sense.
    pub(super) fn feed(&mut self, mut bytes: &[u8], frames: &mut Vec<Frame>) -> anyhow::Result<()> {
        while !bytes.is_empty() {
            match &mut self.state {
                State::Status | State::Head { .. } => {
                    if let Some(line) = take_line(&mut bytes, &mut self.begun)? {
                        self.http_line(&line)?;
                    }
                }
                State::Frame => {
                    self.begun.push(bytes[0]);
                    bytes = &bytes[1..];
                    self.frame_header()?;
                }
                State::Start { wanted, .. } => {
                    let here = bytes.len().min(*wanted - self.begun.len());
                    let (piece, rest) = bytes.split_at(here);
                    self.begun.extend_from_slice(piece);
                    bytes = rest;
                    self.payload_start()?;
                }
                State::Rest { left, frame } => {
                    let left_here = usize::try_from(*left).unwrap_or(usize::MAX);
                    let (piece, rest) = bytes.split_at(bytes.len().min(left_here));
                    if let Some(frame) = frame.as_mut().filter(|_| self.keep) {
                        frame.jpeg.extend_from_slice(piece);
                    }
                    *left -= piece.len() as u64;
                    bytes = rest;
                }
            }
            frames.extend(self.finish_if_done());
        }
        Ok(())
    }

    /// What is to be sent to the server by now.
    pub(super) fn take_replies(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.replies)
    }

    fn http_line(&mut self, line: &str) -> anyhow::Result<()> {
        match self.state {
            State::Status => {
                ensure!(line.contains(" 101"), "the answer is {line:?}");
                self.state = State::Head { accepted: false };
            }
            State::Head { accepted } if line.is_empty() => {
                ensure!(accepted, "the handshake was not understood");
                self.state = State::Frame;
            }
            _ => {
                if value_of(line, "sec-websocket-accept").is_some_and(|value| value == ACCEPT) {
                    self.state = State::Head { accepted: true };
                }
            }
        }
        Ok(())
    }

    /// Reads the header of a frame once it is whole.
    fn frame_header(&mut self) -> anyhow::Result<()> {
        let &[first, second, ref rest @ ..] = &self.begun[..] else {
            return Ok(());
        };
        let length = match (second, rest.len()) {
            (126, 2) | (127, 8) => rest.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
            (126 | 127, _) => return Ok(()),
            (length, _) => u64::from(length),
        };
        ensure!(second < 128, "a frame of the server is masked");
        ensure!(first & 0xF0 == 0x80, "a fragment, or an extension");
        let opcode = Opcode::new(first & 0x0F).context("an unknown opcode")?;
        self.begun.clear();
        self.state = State::Start {
            opcode,
            wanted: match opcode {
                // First the length of the header.
                Opcode::Binary if length >= 4 => 4,
                Opcode::Binary => bail!("a binary message without a header"),
                _ => START_BYTES.min(usize::try_from(length).unwrap_or(START_BYTES)),
            },
            length,
        };
        self.payload_start()
    }

    /// Looks at the start of a payload once it is there.
    fn payload_start(&mut self) -> anyhow::Result<()> {
        let State::Start {
            opcode,
            wanted,
            length,
        } = &mut self.state
        else {
            return Ok(());
        };
        if self.begun.len() < *wanted {
            return Ok(());
        }
        let start = &self.begun[..];
        let (frame, behind) = match opcode {
            Opcode::Binary => {
                let (size, header) = start.split_first_chunk::<4>().context("no header")?;
                let whole = 4 + u32::from_be_bytes(*size) as usize;
                ensure!(whole as u64 <= *length, "a header longer than its message");
                if start.len() < whole {
                    *wanted = whole;
                    return Ok(());
                }
                (Some(picture(header)?), whole)
            }
            Opcode::Text if start.starts_with(PICTURE) => {
                let text = String::from_utf8_lossy(start);
                let at = text.find(BASE64).context("no picture after all")?;
                (Some(picture(start)?), at + BASE64.len())
            }
            Opcode::Text | Opcode::Pong => (None, start.len()),
            Opcode::Ping => {
                self.replies.extend(masked(Opcode::Pong, &[start], MASK));
                (None, start.len())
            }
            Opcode::Close => bail!("the server closed: {}", reason(start)),
            Opcode::Continuation => bail!("a fragment"),
        };
        let left = *length - start.len() as u64;
        let frame = frame.map(|mut frame| {
            if self.keep {
                frame.jpeg = start[behind..].to_vec();
            }
            frame
        });
        self.begun.clear();
        self.state = State::Rest { left, frame };
        Ok(())
    }

    fn finish_if_done(&mut self) -> Option<Frame> {
        let State::Rest { left: 0, frame } = &mut self.state else {
            return None;
        };
        let mut frame = frame.take();
        if let Some(frame) = &mut frame
            && frame.jpeg.ends_with(END)
        {
            frame.jpeg.truncate(frame.jpeg.len() - END.len());
        }
        self.state = State::Frame;
        frame
    }
}

/// A picture by what is said of it in JSON.
fn picture(json: &[u8]) -> anyhow::Result<Frame> {
    let text = String::from_utf8_lossy(json);
    let (_, rest) = text
        .split_once(r#""timestamp":"#)
        .context("a picture without a time")?;
    let number = rest.split([',', '}']).next().unwrap_or_default();
    Ok(Frame {
        time: Timestamp::parse_secs(number).with_context(|| format!("{number:?} is no time"))?,
        jpeg: Vec::new(),
    })
}

/// What a Close says (RFC 6455, 5.5.1).
fn reason(payload: &[u8]) -> String {
    match payload.split_first_chunk::<2>() {
        Some((code, reason)) => {
            let code = u16::from_be_bytes(*code);
            format!("{code} {}", String::from_utf8_lossy(reason))
        }
        None => "without a word".to_owned(),
    }
}

#[cfg(test)]
mod tests;
