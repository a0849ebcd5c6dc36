//! The bytes a parser has and has not looked at.

use std::collections::VecDeque;

use bytes::{Buf, Bytes, BytesMut};

/// A window over the stream that grows by one pushed piece at a time, so that
/// what ends within a piece is split off before the next is copied in.
#[derive(Debug, Default)]
pub(super) struct Input {
    waiting: VecDeque<Bytes>,
    held: BytesMut,
    /// Where in the stream `held` begins.
    offset: u64,
}

impl Input {
    pub(super) fn push(&mut self, piece: Bytes) {
        if !piece.is_empty() {
            self.waiting.push_back(piece);
        }
    }

    /// The window.
    pub(super) fn held(&self) -> &[u8] {
        &self.held
    }

    /// Where in the stream the window begins.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Where in the stream everything pushed so far ends.
    pub(super) fn end(&self) -> u64 {
        self.offset + self.buffered() as u64
    }

    /// Bytes kept alive: the window and what waits to enter it.
    pub(super) fn buffered(&self) -> usize {
        self.held.len() + self.waiting.iter().map(Bytes::len).sum::<usize>()
    }

    /// Lets the next piece into the window; `false` when there is none.
    pub(super) fn pull(&mut self) -> bool {
        match self.waiting.pop_front() {
            Some(piece) => {
                self.held.extend_from_slice(&piece);
                true
            }
            None => false,
        }
    }

    /// The next `len` bytes once they are all there, copied at most once from
    /// their pieces, into memory of their own. At most `reserve` bytes are
    /// allocated ahead of what has arrived.
    pub(super) fn take_exactly(&mut self, len: usize, reserve: usize) -> Option<Bytes> {
        if self.held.is_empty()
            && let Some(piece) = self.waiting.front_mut()
            && piece.len() >= len
        {
            self.offset += len as u64;
            let taken = piece.split_to(len);
            if piece.is_empty() {
                self.waiting.pop_front();
            }
            return Some(taken);
        }
        while self.held.len() < len {
            let missing = len - self.held.len();
            let piece = self.waiting.front_mut()?;
            let part = piece.split_to(missing.min(piece.len()));
            if piece.is_empty() {
                self.waiting.pop_front();
            }
            self.held.reserve(missing.min(reserve.max(part.len())));
            self.held.extend_from_slice(&part);
        }
        Some(self.take(len))
    }

    /// Splits the first `len` bytes off the window, uncopied.
    pub(super) fn take(&mut self, len: usize) -> Bytes {
        self.offset += len as u64;
        let taken = self.held.split_to(len).freeze();
        self.release_if_empty();
        taken
    }

    /// Drops the first `len` bytes of the window.
    pub(super) fn skip(&mut self, len: usize) {
        self.offset += len as u64;
        self.held.advance(len);
        self.release_if_empty();
    }

    /// Everything pushed and not taken, as pieces.
    pub(super) fn into_pieces(self) -> impl Iterator<Item = Bytes> {
        std::iter::once(self.held.freeze()).chain(self.waiting)
    }

    /// Drops everything, for good: nothing may be pushed after.
    pub(super) fn clear(&mut self) {
        self.held = BytesMut::new();
        self.waiting.clear();
    }

    /// An empty window would still keep its last picture's memory alive.
    fn release_if_empty(&mut self) {
        if self.held.is_empty() {
            self.held = BytesMut::new();
        }
    }
}
