//! What both ends of a connection do alike: the handshake, acknowledgements, pings.

use std::collections::VecDeque;

use bytes::{BufMut, Bytes};

use super::aggregate;
use super::command::Command;
use super::control::Control;
use super::error::Error;
use super::handshake::{Handshake, Role, Step};
use super::limits::{Limits, MAX_ANSWER_BYTES};
use super::message::{Kind, Message};
use super::reader::{FIRST_CHUNK_SIZE, Reader};
use super::writer::{chunk_stream, write_message};

/// How long the chunks are that are written: most pictures fit into one.
pub(super) const CHUNK_SIZE: usize = 64 * 1024;
/// After so many bytes the other end is to acknowledge them.
pub(super) const WINDOW_BYTES: u32 = 2_500_000;
/// The message stream that everything belongs to.
pub(super) const STREAM: u32 = 1;

#[derive(Debug)]
pub(super) struct Connection {
    handshake: Option<Handshake>,
    reader: Reader,
    /// Parts of an aggregate.
    parts: VecDeque<Message>,
    out: Vec<u8>,
    chunk_size: usize,
    /// What the other end wants acknowledged, and what was.
    window: u32,
    acknowledged: u64,
}

impl Connection {
    pub(super) fn new(role: Role, seed: u32, limits: Limits) -> Self {
        Self {
            handshake: Some(Handshake::new(role, seed)),
            reader: Reader::new(limits),
            parts: VecDeque::new(),
            out: Vec::new(),
            chunk_size: FIRST_CHUNK_SIZE,
            window: WINDOW_BYTES,
            acknowledged: 0,
        }
    }

    /// Whether the handshake is done.
    pub(super) fn is_open(&self) -> bool {
        self.handshake.is_none()
    }

    /// Where to read the next bytes to.
    pub(super) fn input(&mut self) -> impl BufMut {
        self.reader.input()
    }

    pub(super) fn push(&mut self, piece: &[u8]) {
        self.reader.push(piece);
    }

    /// What is to be sent.
    pub(super) fn take_output(&mut self) -> Bytes {
        std::mem::take(&mut self.out).into()
    }

    /// The next message that is not about the connection itself.
    pub(super) fn next(&mut self) -> Result<Option<Message>, Error> {
        if !self.shake_hands()? {
            return Ok(None);
        }
        loop {
            if self.out.len() > MAX_ANSWER_BYTES {
                return Err(Error::Unread {
                    limit: MAX_ANSWER_BYTES,
                });
            }
            if let Some(part) = self.parts.pop_front() {
                return Ok(Some(part));
            }
            let message = self.reader.next()?;
            self.acknowledge();
            let Some(message) = message else {
                return Ok(None);
            };
            match message.kind {
                Kind::ACKNOWLEDGEMENT | Kind::PEER_BANDWIDTH => {}
                Kind::WINDOW_SIZE => {
                    let size = message.payload.first_chunk::<4>();
                    self.window = size.map_or(WINDOW_BYTES, |size| u32::from_be_bytes(*size));
                }
                Kind::USER_CONTROL => match Control::read(&message.payload) {
                    Control::Ping(time) => self.control(Control::Pong(time)),
                    Control::StreamEnd(_) => return Ok(Some(message)),
                    _ => {}
                },
                Kind::AGGREGATE => self.parts = aggregate::split(&message).into(),
                _ => return Ok(Some(message)),
            }
        }
    }

    /// Makes the chunks larger from now on.
    pub(super) fn enlarge_chunks(&mut self) {
        self.number(Kind::SET_CHUNK_SIZE, CHUNK_SIZE as u32);
        self.chunk_size = CHUNK_SIZE;
    }

    /// Says how much may be under way.
    pub(super) fn set_windows(&mut self) {
        self.number(Kind::WINDOW_SIZE, WINDOW_BYTES);
        let mut bandwidth = WINDOW_BYTES.to_be_bytes().to_vec();
        // The limit may be changed by either end: dynamic.
        bandwidth.push(2);
        self.write(chunk_stream::CONTROL, Kind::PEER_BANDWIDTH, 0, &bandwidth);
    }

    pub(super) fn number(&mut self, kind: Kind, number: u32) {
        self.write(chunk_stream::CONTROL, kind, 0, &number.to_be_bytes());
    }

    pub(super) fn control(&mut self, control: Control) {
        self.write(
            chunk_stream::CONTROL,
            Kind::USER_CONTROL,
            0,
            &control.write(),
        );
    }

    pub(super) fn command(&mut self, stream: u32, command: &Command) {
        self.write(
            chunk_stream::COMMAND,
            Kind::COMMAND,
            stream,
            &command.write(),
        );
    }

    fn write(&mut self, chunk_stream: u8, kind: Kind, stream: u32, payload: &[u8]) {
        let header = (kind, 0, stream);
        write_message(
            &mut self.out,
            chunk_stream,
            header,
            &[payload],
            self.chunk_size,
        );
    }

    /// Goes on with the handshake; whether it is done.
    fn shake_hands(&mut self) -> Result<bool, Error> {
        while let Some(handshake) = &mut self.handshake {
            match handshake.next(self.reader.before_chunks())? {
                Step::Wait => return Ok(false),
                Step::Send(bytes) => self.out.extend_from_slice(&bytes),
                Step::Done => self.handshake = None,
            }
        }
        Ok(true)
    }

    /// Says how much came, a little before the other end stops to wait for it.
    fn acknowledge(&mut self) {
        let received = self.reader.received();
        if received - self.acknowledged >= u64::from((self.window / 2).max(1_024)) {
            self.acknowledged = received;
            // It wraps (5.4.3).
            self.number(Kind::ACKNOWLEDGEMENT, received as u32);
        }
    }
}
