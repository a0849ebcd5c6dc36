//! Every limit of the readers.

use crate::h264;

/// What an MP4 may ask for before it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of the index of a file (`moov`), and of a stream's. One hour of pictures and sound has about 3 MB.
    pub max_movie_bytes: usize,
    /// Most bytes of a fragment's index (`moof`).
    pub max_fragment_bytes: usize,
    /// Most bytes of a picture, or of a packet of sound.
    pub max_sample_bytes: usize,
}

/// Most samples of one fragment: pictures of more than nine minutes at 120 a second.
pub(super) const MAX_FRAGMENT_SAMPLES: usize = 65_536;
/// Most samples without bytes that a file may have one after the other.
pub(super) const MAX_EMPTY_SAMPLES: u32 = 1_000;
/// Most tracks that are looked at.
pub(super) const MAX_TRACKS: usize = 64;
/// Most boxes before the index of a file; recorders that reserve room or write in pieces have a handful.
pub(super) const MAX_BOXES_BEFORE_INDEX: u32 = 10_000;
/// Most bytes of what tells a time of capture (`prft`), which has 32.
pub(super) const MAX_PRFT_BYTES: usize = 64;
/// Most bytes of a decoder's configuration, of sound.
pub(super) const MAX_CONFIG_BYTES: usize = 1024;

impl Limits {
    pub(super) fn h264(&self) -> h264::Limits {
        h264::Limits {
            max_access_unit_bytes: self.max_sample_bytes,
            ..h264::Limits::default()
        }
    }
}

impl Default for Limits {
    /// 64 MiB an index, 4 MiB a fragment's, 16 MiB a picture.
    fn default() -> Self {
        Self {
            max_movie_bytes: 64 * 1024 * 1024,
            max_fragment_bytes: 4 * 1024 * 1024,
            max_sample_bytes: 16 * 1024 * 1024,
        }
    }
}
