//! The handshake (RTMP 1.0, 5.2): the version, then 1536 bytes each way, which the other end repeats.

use bytes::{Buf as _, Bytes, BytesMut};

use super::error::Error;

/// Bytes of what is exchanged and repeated.
const BLOCK: usize = 1_536;
const VERSION: u8 = 3;
/// Versions that stand for enciphered kinds of the protocol (rtmpe and its successors).
const ENCIPHERED: [u8; 4] = [6, 8, 9, 10];

/// Which end this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Speaks first.
    Client,
    /// Answers.
    Server,
}

/// What is to be done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// More has to come.
    Wait,
    /// This is to be sent.
    Send(Bytes),
    /// It is done.
    Done,
}

/// A handshake, up to its end.
#[derive(Debug)]
pub(super) struct Handshake {
    role: Role,
    /// What this end's block is filled with.
    seed: u32,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing was said.
    Start,
    /// The client's block is out, or nothing of the server's.
    Block,
    /// Everything is out; the other end's repetition is missing.
    Repetition,
}

impl Handshake {
    /// Before anything was said; `seed` fills a block that need only differ from others.
    pub(super) fn new(role: Role, seed: u32) -> Self {
        let state = match role {
            Role::Client => State::Start,
            Role::Server => State::Block,
        };
        Self { role, seed, state }
    }

    /// Goes on, and takes what it needs from the beginning of what came.
    ///
    /// # Errors
    /// [`Error::NotRtmp`] and [`Error::Enciphered`].
    pub(super) fn next(&mut self, input: &mut BytesMut) -> Result<Step, Error> {
        match self.state {
            State::Start => {
                self.state = State::Block;
                let mut out = vec![VERSION];
                out.extend_from_slice(&self.block());
                Ok(Step::Send(out.into()))
            }
            State::Block => self.answer(input),
            State::Repetition if input.len() < BLOCK => Ok(Step::Wait),
            // What they repeat is not looked at: some get it wrong, and it protects nobody.
            State::Repetition => {
                input.advance(BLOCK);
                Ok(Step::Done)
            }
        }
    }

    /// To the version and block of the other end.
    fn answer(&mut self, input: &mut BytesMut) -> Result<Step, Error> {
        match input.first() {
            None => return Ok(Step::Wait),
            Some(&VERSION) => {}
            Some(version) if ENCIPHERED.contains(version) => {
                return Err(Error::Enciphered { version: *version });
            }
            Some(found) => return Err(Error::NotRtmp { found: *found }),
        }
        if input.len() <= BLOCK {
            return Ok(Step::Wait);
        }
        let theirs = input.split_to(1 + BLOCK);
        self.state = State::Repetition;
        let mut out = Vec::with_capacity(1 + 2 * BLOCK);
        if self.role == Role::Server {
            out.push(VERSION);
            out.extend_from_slice(&self.block());
        }
        out.extend_from_slice(&theirs[1..]);
        Ok(Step::Send(out.into()))
    }

    /// A time of 0, the zeros that say that there are no digests, and the rest.
    fn block(&self) -> [u8; BLOCK] {
        let mut block = [0; BLOCK];
        let mut state = self.seed | 1;
        for byte in &mut block[8..] {
            // Marsaglia's xorshift.
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            *byte = state as u8;
        }
        block
    }
}
