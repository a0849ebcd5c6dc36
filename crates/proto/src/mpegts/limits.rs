//! Every limit of the parsers.

/// What a stream may ask for before it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of one packet of the elementary stream: a picture, or some frames of sound.
    pub max_pes_bytes: usize,
    /// Most bytes in a row that belong to no packet.
    pub max_garbage_bytes: usize,
    /// Most bytes until the tables have said what there is.
    pub max_bytes_without_tables: usize,
}

/// Most bytes of a section of the tables that are read here (2.4.4.5, 2.4.4.9).
pub(super) const MAX_SECTION_BYTES: usize = 1024;
/// Most programmes of a stream that are looked into.
pub(super) const MAX_PROGRAMS: usize = 64;
/// Most elementary streams of a programme that are looked at.
pub(super) const MAX_STREAMS: usize = 32;
/// Most bytes of sound that wait for the rest of a frame: the longest frame of AAC has 8 KiB.
pub(super) const MAX_SOUND_BYTES: usize = 64 * 1024;

impl Default for Limits {
    /// 16 MiB a packet, 1 MiB of garbage, and 16 MiB without tables, which come ten times a second.
    fn default() -> Self {
        Self {
            max_pes_bytes: 16 * 1024 * 1024,
            max_garbage_bytes: 1024 * 1024,
            max_bytes_without_tables: 16 * 1024 * 1024,
        }
    }
}
