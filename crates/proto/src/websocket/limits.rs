//! Every limit of the parser and of what is written.

/// What a peer may send before it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of a text message, all its fragments together.
    pub max_text_bytes: usize,
    /// Most bytes of a binary message, all its fragments together.
    pub max_binary_bytes: usize,
}

impl Limits {
    /// Most bytes a parser holds when it has nothing to give.
    #[must_use]
    pub fn max_buffered(&self) -> usize {
        self.max_text_bytes
            .max(self.max_binary_bytes)
            .saturating_add(MAX_HEADER_BYTES + MAX_CONTROL_BYTES)
    }
}

/// Most bytes in the payload of a Ping, Pong or Close (RFC 6455, 5.5).
pub const MAX_CONTROL_BYTES: usize = 125;
/// Most bytes of the reason in a Close frame: the code takes two.
pub const MAX_REASON_BYTES: usize = MAX_CONTROL_BYTES - 2;
/// Longest header of a frame: two bytes, a length of eight, a mask of four.
pub(super) const MAX_HEADER_BYTES: usize = 14;
/// Room that is kept for reading while no large frame is under way. Small, as
/// every viewer has one.
pub(super) const READ_BYTES: usize = 4 * 1024;
/// Most bytes to allocate because a frame announces them, before as many have come.
pub(super) const MAX_RESERVE_BYTES: usize = 256 * 1024;
