//! Frames in, messages out.

use bytes::{BufMut, BytesMut};

use super::error::Error;
use super::frame::Opcode;
use super::head::Head;
use super::limits::{Limits, MAX_RESERVE_BYTES, READ_BYTES};
use super::mask;
use super::message::Message;

/// Which end of the connection reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Reads what a client sent: every frame is masked.
    Server,
    /// Reads what a server sent: no frame is masked.
    Client,
}

/// Puts messages together from the bytes of one connection, from the first byte
/// after the handshake on.
#[derive(Debug)]
pub struct Parser {
    role: Role,
    limits: Limits,
    /// What has come and was not yet read.
    input: BytesMut,
    /// Where `input` begins, in bytes after the handshake.
    offset: u64,
    /// The header of the frame whose payload `input` begins with.
    head: Option<Head>,
    /// The fragments so far of a message that is not whole, without masks.
    begun: Option<(Opcode, BytesMut)>,
    end: Option<End>,
}

/// Why no message will follow.
#[derive(Clone, Debug)]
enum End {
    Closed,
    Failed(Error),
}

impl Parser {
    /// A parser for a new connection; `role` is that of the end that reads.
    #[must_use]
    pub fn new(role: Role, limits: Limits) -> Self {
        Self {
            role,
            limits,
            input: BytesMut::new(),
            offset: 0,
            head: None,
            begun: None,
            end: None,
        }
    }

    /// Takes in the next piece, by copying it. After a Close or an error it is ignored.
    pub fn push(&mut self, piece: &[u8]) {
        if self.end.is_none() {
            self.input.extend_from_slice(piece);
        }
    }

    /// Where to read the next bytes from a socket to, without copying them
    /// (`read_buf`). There is always room, and more of it within a large frame.
    pub fn input(&mut self) -> impl BufMut {
        let held = self.input.len();
        let missing = self.head.map_or(0, |head| {
            usize::try_from(head.length)
                .unwrap_or(usize::MAX)
                .saturating_sub(held)
        });
        let believed = missing.min(held.max(MAX_RESERVE_BYTES));
        self.input.reserve(believed.max(READ_BYTES));
        &mut self.input
    }

    /// The next message, or `None` when more bytes are needed, and ever after a Close.
    ///
    /// # Errors
    /// [`Error`], and the same again ever after. The connection is to be closed with
    /// its code.
    #[expect(
        clippy::should_implement_trait,
        reason = "None is not the end, and all parsers of the crate share the name"
    )]
    pub fn next(&mut self) -> Result<Option<Message>, Error> {
        match &self.end {
            None => {}
            Some(End::Closed) => {
                self.input.clear();
                return Ok(None);
            }
            Some(End::Failed(error)) => {
                self.input.clear();
                return Err(error.clone());
            }
        }
        let outcome = self.read();
        match &outcome {
            Ok(Some(Message::Close { .. })) => self.stop(End::Closed),
            Ok(_) => {}
            Err(error) => self.stop(End::Failed(error.clone())),
        }
        outcome
    }

    /// Whether a Close has come: no message will follow.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self.end, Some(End::Closed))
    }

    /// Bytes held.
    #[must_use]
    pub fn buffered(&self) -> usize {
        let begun = self.begun.as_ref();
        self.input.len() + begun.map_or(0, |(_, payload)| payload.len())
    }

    fn read(&mut self) -> Result<Option<Message>, Error> {
        while let Some((head, payload)) = self.frame()? {
            let (opcode, payload) = match self.begun.take() {
                Some(begun) if head.opcode.is_control() => {
                    self.begun = Some(begun);
                    (head.opcode, payload)
                }
                Some((opcode, mut whole)) => {
                    whole.extend_from_slice(&payload);
                    (opcode, whole)
                }
                None => (head.opcode, payload),
            };
            if head.is_final {
                return Message::new(opcode, payload.freeze(), head.offset).map(Some);
            }
            self.begun = Some((opcode, payload));
        }
        Ok(None)
    }

    /// The next frame, unmasked, if all of it is there.
    fn frame(&mut self) -> Result<Option<(Head, BytesMut)>, Error> {
        let head = match self.head {
            Some(head) => head,
            None => match Head::read(&self.input, self.role, self.offset)? {
                Some((head, length)) => {
                    self.admit(head)?;
                    self.take(length);
                    self.head = Some(head);
                    head
                }
                None => return Ok(None),
            },
        };
        // What does not fit into memory was not admitted.
        let length = usize::try_from(head.length).unwrap_or(usize::MAX);
        if self.input.len() < length {
            return Ok(None);
        }
        self.head = None;
        let mut payload = self.take(length);
        if let Some(key) = head.key {
            mask::apply(key, &mut payload);
        }
        Ok(Some((head, payload)))
    }

    /// Whether a frame may come now, and be this long.
    fn admit(&self, head: Head) -> Result<(), Error> {
        let offset = head.offset;
        let (opcode, held) = match (head.opcode, &self.begun) {
            (opcode, _) if opcode.is_control() => return Ok(()),
            (Opcode::Continuation, None) => return Err(Error::NothingToContinue { offset }),
            (Opcode::Continuation, Some((opcode, payload))) => (*opcode, payload.len()),
            (_, Some(_)) => return Err(Error::Unfinished { offset }),
            (opcode, None) => (opcode, 0),
        };
        let limit = match opcode {
            Opcode::Text => self.limits.max_text_bytes,
            _ => self.limits.max_binary_bytes,
        };
        if head.length > limit.saturating_sub(held) as u64 {
            return Err(Error::MessageTooBig { offset, limit });
        }
        Ok(())
    }

    /// The first `length` bytes of the input, out of it and without a copy.
    fn take(&mut self, length: usize) -> BytesMut {
        self.offset += length as u64;
        self.input.split_to(length)
    }

    /// Gives up everything held.
    fn stop(&mut self, end: End) {
        self.input = BytesMut::new();
        self.head = None;
        self.begun = None;
        self.end = Some(end);
    }
}
