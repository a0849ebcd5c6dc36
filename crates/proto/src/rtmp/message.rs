//! Messages: what chunks are put together to (RTMP 1.0, 5.4 and 6).

use bytes::Bytes;

/// What a message is; its type (RTMP 1.0, 5.4 and 7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Kind(pub u8);

impl Kind {
    /// How long chunks are from now on.
    pub const SET_CHUNK_SIZE: Self = Self(1);
    /// A message that was begun will not be ended.
    pub const ABORT: Self = Self(2);
    /// So many bytes came.
    pub const ACKNOWLEDGEMENT: Self = Self(3);
    /// Events of streams, and pings.
    pub const USER_CONTROL: Self = Self(4);
    /// After how many bytes to acknowledge them.
    pub const WINDOW_SIZE: Self = Self(5);
    /// How much to send without acknowledgement.
    pub const PEER_BANDWIDTH: Self = Self(6);
    /// Sound.
    pub const AUDIO: Self = Self(8);
    /// Pictures.
    pub const VIDEO: Self = Self(9);
    /// Metadata in AMF3.
    pub const DATA_AMF3: Self = Self(15);
    /// A command in AMF3; in fact a zero and then AMF0.
    pub const COMMAND_AMF3: Self = Self(17);
    /// Metadata in AMF0.
    pub const DATA: Self = Self(18);
    /// A command in AMF0.
    pub const COMMAND: Self = Self(20);
    /// Several messages in one.
    pub const AGGREGATE: Self = Self(22);
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What it is.
    pub kind: Kind,
    /// In milliseconds; wraps after 2³² of them.
    pub timestamp: u32,
    /// The message stream it belongs to; 0 is the connection's own.
    pub stream: u32,
    /// What it says.
    pub payload: Bytes,
}
