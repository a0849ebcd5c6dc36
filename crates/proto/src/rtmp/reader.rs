//! Puts messages together from chunks (RTMP 1.0, 5.3).

use bytes::{Buf as _, BufMut, Bytes, BytesMut};

use super::error::Error;
use super::limits::{Limits, READ_BYTES};
use super::message::{Kind, Message};

/// The chunk size before one was set.
pub(super) const FIRST_CHUNK_SIZE: usize = 128;
/// In place of a timestamp: it follows in four bytes.
pub(super) const EXTENDED: u32 = 0xff_ffff;
/// Room that a message gets at once; more as more of it comes.
const MAX_RESERVE_BYTES: usize = 64 * 1024;

/// Reads what comes after the handshake.
#[derive(Debug)]
pub struct Reader {
    limits: Limits,
    input: BytesMut,
    /// Where `input` begins, in bytes after the handshake.
    offset: u64,
    chunk_size: usize,
    streams: Vec<ChunkStream>,
    /// The chunk that the input begins with the rest of: which of the streams, and how many bytes.
    current: Option<(usize, usize)>,
    failed: Option<Error>,
}

/// What chunks of one stream leave out because it was said before.
#[derive(Debug, Default)]
struct ChunkStream {
    number: u32,
    timestamp: u32,
    /// Added by a message without a timestamp of its own.
    delta: u32,
    /// What stood in the four bytes, if the last timestamp was extended.
    extended: Option<u32>,
    length: usize,
    kind: u8,
    stream: u32,
    begun: bool,
    payload: BytesMut,
}

impl Reader {
    /// At the first chunk.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            input: BytesMut::new(),
            offset: 0,
            chunk_size: FIRST_CHUNK_SIZE,
            streams: Vec::new(),
            current: None,
            failed: None,
        }
    }

    /// Takes in the next piece, by copying it. After an error it is ignored.
    pub fn push(&mut self, piece: &[u8]) {
        if self.failed.is_none() {
            self.input.extend_from_slice(piece);
        }
    }

    /// Where to read the next bytes to, without copying them.
    pub fn input(&mut self) -> impl BufMut {
        self.input.reserve(READ_BYTES);
        (&mut self.input).limit(READ_BYTES)
    }

    /// What came, as long as that is no chunks.
    pub(super) fn before_chunks(&mut self) -> &mut BytesMut {
        &mut self.input
    }

    /// Bytes that were read since the handshake.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.offset + self.input.len() as u64
    }

    /// Bytes held.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.input.len() + self.held()
    }

    /// The next message, or `None` when more bytes are needed. Chunk sizes and aborted messages are
    /// dealt with here.
    ///
    /// # Errors
    /// [`Error`], and the same again ever after.
    #[expect(
        clippy::should_implement_trait,
        reason = "None is not the end, and all parsers of the crate share the name"
    )]
    pub fn next(&mut self) -> Result<Option<Message>, Error> {
        if let Some(failed) = &self.failed {
            return Err(failed.clone());
        }
        self.read().inspect_err(|error| {
            self.failed = Some(error.clone());
            self.input = BytesMut::new();
            self.streams = Vec::new();
            self.current = None;
        })
    }

    fn read(&mut self) -> Result<Option<Message>, Error> {
        loop {
            let (index, missing) = match self.current {
                Some(current) => current,
                None => match self.read_header()? {
                    Some(current) => *self.current.insert(current),
                    None => return Ok(None),
                },
            };
            let count = missing.min(self.input.len());
            let stream = &mut self.streams[index];
            let room = stream.length - stream.payload.len();
            stream.payload.reserve(room.min(MAX_RESERVE_BYTES));
            stream.payload.extend_from_slice(&self.input[..count]);
            self.take(count);
            if count < missing {
                self.current = Some((index, missing - count));
                return Ok(None);
            }
            self.current = None;
            let stream = &mut self.streams[index];
            if stream.payload.len() < stream.length {
                continue;
            }
            let message = stream.finish();
            if !self.is_own(&message)? {
                return Ok(Some(message));
            }
        }
    }

    /// The header of a chunk, if all of it is there: which of the streams, and how many bytes follow.
    fn read_header(&mut self) -> Result<Option<(usize, usize)>, Error> {
        let Some(header) = Header::read(&self.input) else {
            return Ok(None);
        };
        let offset = self.offset;
        let known = self.streams.iter().position(|s| s.number == header.number);
        let index = match known {
            Some(index) => index,
            // Some programs begin with the second form, though there is nothing it could build on.
            None if header.form == 3 => {
                let chunk_stream = header.number;
                return Err(Error::NotBegun {
                    offset,
                    chunk_stream,
                });
            }
            None if self.streams.len() >= self.limits.max_chunk_streams => {
                let limit = self.limits.max_chunk_streams;
                return Err(Error::TooManyChunkStreams { offset, limit });
            }
            None => {
                self.streams.push(ChunkStream {
                    number: header.number,
                    ..ChunkStream::default()
                });
                self.streams.len() - 1
            }
        };
        let held = self.held();
        let stream = &mut self.streams[index];
        let Some(length) = stream.take_header(&header, &self.input) else {
            return Ok(None);
        };
        let (length_said, begun) = (stream.length, stream.payload.len());
        let limit = self.limits.max_message_bytes;
        if length_said > limit {
            return Err(Error::TooLong {
                offset,
                length: length_said,
                limit,
            });
        }
        let count = (length_said - begun).min(self.chunk_size);
        let limit = self.limits.max_held_bytes;
        if held + count > limit {
            return Err(Error::TooMuchHeld { offset, limit });
        }
        self.take(length);
        Ok(Some((index, count)))
    }

    /// Whether a message was for this reader, and done with.
    fn is_own(&mut self, message: &Message) -> Result<bool, Error> {
        if ![Kind::SET_CHUNK_SIZE, Kind::ABORT].contains(&message.kind) {
            return Ok(false);
        }
        let offset = self.offset;
        let Some((value, _)) = message.payload.split_first_chunk::<4>() else {
            let (kind, length) = (message.kind.0, message.payload.len());
            return Err(Error::TooShort {
                offset,
                kind,
                length,
            });
        };
        let value = u32::from_be_bytes(*value);
        if message.kind == Kind::ABORT {
            if let Some(stream) = self.streams.iter_mut().find(|s| s.number == value) {
                (stream.begun, stream.payload) = (false, BytesMut::new());
            }
            return Ok(true);
        }
        if value == 0 || value > i32::MAX as u32 {
            return Err(Error::ChunkSize {
                offset,
                size: value,
            });
        }
        self.chunk_size = value as usize;
        Ok(true)
    }

    fn held(&self) -> usize {
        self.streams.iter().map(|stream| stream.payload.len()).sum()
    }

    fn take(&mut self, count: usize) {
        self.offset += count as u64;
        self.input.advance(count);
    }
}

/// What the header of a chunk says, without the extended timestamp.
struct Header {
    /// How much it says: 0 all, 3 nothing.
    form: u8,
    number: u32,
    /// Where the message header begins, and where it ends.
    begin: usize,
    end: usize,
}

/// Bytes of the message header in each form (5.3.1.2).
const LENGTHS: [usize; 4] = [11, 7, 3, 0];

impl Header {
    /// `None` if not all is there.
    fn read(input: &[u8]) -> Option<Self> {
        let &first = input.first()?;
        // 5.3.1.1: numbers from 64 on have one or two bytes more.
        let (number, begin) = match first & 0x3f {
            0 => (64 + u32::from(*input.get(1)?), 2),
            1 => {
                let [low, high] = [*input.get(1)?, *input.get(2)?];
                (64 + u32::from(low) + 256 * u32::from(high), 3)
            }
            number => (number.into(), 1),
        };
        let form = first >> 6;
        let end = begin + LENGTHS[usize::from(form)];
        (input.len() >= end).then_some(Self {
            form,
            number,
            begin,
            end,
        })
    }
}

impl ChunkStream {
    /// Takes over what a header says; the header's length, or `None` if not all of it is there.
    fn take_header(&mut self, header: &Header, input: &[u8]) -> Option<usize> {
        let message = &input[header.begin..header.end];
        let (extended, length) = if header.form == 3 {
            self.repeated(&input[header.end..])?
        } else if u24(message) == EXTENDED {
            let four = input[header.end..].first_chunk::<4>()?;
            (Some(u32::from_be_bytes(*four)), 4)
        } else {
            (None, 0)
        };
        let end = header.end + length;
        if header.form == 3 && self.begun {
            return Some(end);
        }
        // A message that was not whole is dropped.
        self.payload = BytesMut::new();
        self.begun = true;
        if header.form < 3 {
            self.extended = extended;
            self.delta = extended.unwrap_or_else(|| u24(message));
        }
        if header.form < 2 {
            self.length = u24(&message[3..]) as usize;
            self.kind = message[6];
        }
        if let (0, Some(stream)) = (header.form, message.last_chunk::<4>()) {
            self.stream = u32::from_le_bytes(*stream);
            self.timestamp = self.delta;
        } else {
            self.timestamp = self.timestamp.wrapping_add(self.delta);
        }
        Some(end)
    }

    /// The extended timestamp before the rest of a message, and its bytes. The standard wants it
    /// there (5.3.1.3), some senders leave it out, and some repeat the message's time.
    fn repeated(&self, rest: &[u8]) -> Option<(Option<u32>, usize)> {
        let Some(extended) = self.extended else {
            return Some((None, 0));
        };
        let there = &rest[..rest.len().min(4)];
        let begins = |value: u32| value.to_be_bytes().starts_with(there);
        match begins(extended) || begins(self.timestamp) {
            true if there.len() < 4 => None,
            true => Some((Some(extended), 4)),
            false => Some((Some(extended), 0)),
        }
    }

    fn finish(&mut self) -> Message {
        self.begun = false;
        Message {
            kind: Kind(self.kind),
            timestamp: self.timestamp,
            stream: self.stream,
            payload: Bytes::from(std::mem::take(&mut self.payload)),
        }
    }
}

/// A number of three bytes at the start; 0 if they are not there.
pub(super) fn u24(bytes: &[u8]) -> u32 {
    match bytes {
        [a, b, c, ..] => u32::from_be_bytes([0, *a, *b, *c]),
        _ => 0,
    }
}
