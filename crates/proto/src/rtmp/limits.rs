//! Every limit of the parsers.

/// What the other end may ask for before it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of a message. The protocol knows none beyond 16 MiB.
    pub max_message_bytes: usize,
    /// Most bytes of all messages that are not whole yet.
    pub max_held_bytes: usize,
    /// Most chunk streams; programs use five or so.
    pub max_chunk_streams: usize,
}

impl Default for Limits {
    /// 16 MiB a message, 20 MiB of those not whole, 64 chunk streams.
    fn default() -> Self {
        Self {
            max_message_bytes: 16 * 1024 * 1024,
            max_held_bytes: 20 * 1024 * 1024,
            max_chunk_streams: 64,
        }
    }
}

/// What the input buffer has room for at least when it is read to.
pub(super) const READ_BYTES: usize = 16 * 1024;
/// Most bytes of a command, or of metadata.
pub(super) const MAX_COMMAND_BYTES: usize = 64 * 1024;
/// Most values in a command, those in objects included.
pub(super) const MAX_VALUES: usize = 2_048;
/// How deep values may lie in others.
pub(super) const MAX_DEPTH: usize = 8;
/// Most characters of what the other end names: an application, a stream, an address.
pub(super) const MAX_NAME_CHARS: usize = 2_048;
/// Most bytes of answers that wait to be sent. Who asks so much and does not read is closed.
pub(super) const MAX_ANSWER_BYTES: usize = 256 * 1024;
/// Most bytes of a configuration of sound.
pub(super) const MAX_AUDIO_CONFIG_BYTES: usize = 1_024;
/// Most characters of what the other end's program says it is.
pub(super) const MAX_AGENT_CHARS: usize = 200;
