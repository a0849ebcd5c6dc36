//! Takes what a client sends apart: messages, and packets between them (RFC 2326, 10.12).

use bytes::{Buf as _, Bytes, BytesMut};

use super::error::Error;
use super::limits::{MAX_BODY_BYTES, MAX_HEAD_BYTES};
use super::message::{Request, field};
use crate::rtp::sender::{DOLLAR, FRAME_BYTES};

/// Something a client sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// A request.
    Request(Request),
    /// A packet.
    Packet {
        /// Its channel.
        channel: u8,
        /// The packet.
        data: Bytes,
    },
    /// The answer to something that was asked of the client.
    Response,
}

/// Reads a connection.
#[derive(Debug, Default)]
pub struct Reader {
    buffer: BytesMut,
    /// Where the end of a head was not found yet.
    searched: usize,
    /// How long the head is whose body has not come.
    head: Option<usize>,
}

impl Reader {
    /// Nothing has come yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Where bytes are to be appended that came.
    pub fn buffer(&mut self) -> &mut BytesMut {
        &mut self.buffer
    }

    /// Takes bytes that came.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// What came next, if it is whole. To be asked until there is nothing before more is pushed.
    ///
    /// # Errors
    /// [`Error`]: the connection cannot be read on.
    pub fn incoming(&mut self) -> Result<Option<Incoming>, Error> {
        if self.searched == 0 {
            // Empty lines before a message are passed over, as everywhere on the Internet.
            let blank = self
                .buffer
                .iter()
                .take_while(|b| b"\r\n".contains(b))
                .count();
            self.buffer.advance(blank);
        }
        match self.buffer.first() {
            None => Ok(None),
            Some(&DOLLAR) => Ok(self.packet()),
            Some(_) => self.message(),
        }
    }

    fn packet(&mut self) -> Option<Incoming> {
        let &[_, channel, high, low] = self.buffer.first_chunk::<FRAME_BYTES>()?;
        let length = usize::from(u16::from_be_bytes([high, low]));
        if self.buffer.len() < FRAME_BYTES + length {
            return None;
        }
        self.buffer.advance(FRAME_BYTES);
        let data = self.buffer.split_to(length).freeze();
        Some(Incoming::Packet { channel, data })
    }

    fn message(&mut self) -> Result<Option<Incoming>, Error> {
        let head_length = match self.head {
            Some(length) => length,
            None => match self.head_length()? {
                Some(length) => *self.head.insert(length),
                None => return Ok(None),
            },
        };
        let head = String::from_utf8_lossy(&self.buffer[..head_length]);
        let request = Request::parse(&head)?;
        let fields: Vec<_> = head
            .lines()
            .skip(1)
            .filter_map(|l| l.split_once(':'))
            .collect();
        let fields: Vec<_> = fields
            .into_iter()
            .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
            .collect();
        let length = match field(&fields, "Content-Length") {
            None => 0,
            Some(text) => text
                .parse()
                .map_err(|_| Error::Field(format!("Content-Length: {text}")))?,
        };
        if length > MAX_BODY_BYTES {
            return Err(Error::BodyTooLong(length));
        }
        if self.buffer.len() < head_length + length {
            return Ok(None);
        }
        (self.searched, self.head) = (0, None);
        self.buffer.advance(head_length);
        let body = self.buffer.split_to(length);
        Ok(Some(match request {
            None => Incoming::Response,
            Some(request) => Incoming::Request(Request {
                body: body.to_vec(),
                ..request
            }),
        }))
    }

    /// Bytes up to the end of the empty line behind the head.
    fn head_length(&mut self) -> Result<Option<usize>, Error> {
        let from = self.searched.saturating_sub(3);
        let rest = self.buffer.get(from..).unwrap_or_default();
        let end = rest
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == b'\n')
            .find_map(|(at, _)| {
                let next = rest.get(at + 1..)?;
                let blank = next.strip_prefix(b"\r").unwrap_or(next);
                blank.first().filter(|byte| **byte == b'\n')?;
                Some(from + at + 2 + next.len() - blank.len())
            });
        self.searched = self.buffer.len();
        match end {
            Some(end) if end <= MAX_HEAD_BYTES => Ok(Some(end)),
            None if self.buffer.len() <= MAX_HEAD_BYTES => {
                // What is no RTSP at all is seen at its first line.
                let line = self.buffer.iter().position(|byte| *byte == b'\n');
                if let Some(line) = line {
                    Request::parse(&String::from_utf8_lossy(&self.buffer[..line]))?;
                }
                Ok(None)
            }
            _ => Err(Error::HeadTooLong),
        }
    }
}
