//! What is wrong with a connection.

/// Why a connection cannot be read on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The first byte is not the version of the protocol.
    #[error("this is not RTMP: the first byte is {found:#04x}, where its version, 3, should be")]
    NotRtmp {
        /// What came.
        found: u8,
    },
    /// One of the kinds of RTMP that are enciphered.
    #[error("RTMP of version {version} is enciphered (rtmpe); use rtmp:// instead")]
    Enciphered {
        /// What came as version.
        version: u8,
    },
    /// A chunk goes on with a message that was never begun.
    #[error("at byte {offset}: chunk stream {chunk_stream} goes on, but was not begun")]
    NotBegun {
        /// Byte after the handshake.
        offset: u64,
        /// Its number.
        chunk_stream: u32,
    },
    /// More chunk streams than anybody needs.
    #[error("at byte {offset}: more than {limit} chunk streams")]
    TooManyChunkStreams {
        /// Byte after the handshake.
        offset: u64,
        /// The limit.
        limit: usize,
    },
    /// A message is too long.
    #[error("at byte {offset}: a message of {length} bytes, more than the limit of {limit}")]
    TooLong {
        /// Byte after the handshake.
        offset: u64,
        /// What was announced.
        length: usize,
        /// The limit.
        limit: usize,
    },
    /// Too many messages were begun and not ended.
    #[error("at byte {offset}: messages that are not whole have more than {limit} bytes")]
    TooMuchHeld {
        /// Byte after the handshake.
        offset: u64,
        /// The limit.
        limit: usize,
    },
    /// A chunk size that is not allowed.
    #[error("at byte {offset}: a chunk size of {size}; it is from 1 to 2147483647")]
    ChunkSize {
        /// Byte after the handshake.
        offset: u64,
        /// What was said.
        size: u32,
    },
    /// A message of the protocol itself that is too short.
    #[error("at byte {offset}: a message of type {kind} has only {length} bytes")]
    TooShort {
        /// Byte after the handshake.
        offset: u64,
        /// Type of the message.
        kind: u8,
        /// Bytes that came.
        length: usize,
    },
    /// A command that cannot be read.
    #[error("a command cannot be read: {0}")]
    Command(&'static str),
    /// A command that cannot come now.
    #[error("the command {name} cannot come {when}")]
    OutOfOrder {
        /// Its name.
        name: &'static str,
        /// In which state of things.
        when: &'static str,
    },
    /// Many questions, and no answer is taken.
    #[error("more than {limit} bytes of answers wait for the other end to read them")]
    Unread {
        /// The limit.
        limit: usize,
    },
}
