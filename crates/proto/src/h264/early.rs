//! Whether a picture of a byte stream is whole although the next has not begun, as whoever writes
//! it has paused.
//!
//! Nothing in the stream says so: it is a habit of the writer that is watched first, and believed
//! only while it holds. A writer that lets go of the end of a picture only with the next one (as
//! those do whose output is buffered) is never believed.

/// How many pictures in a row must have had as many slices, and how many pauses must have come
/// where a picture ended.
const PROOFS: u32 = 8;
/// How much more of that it takes each time it has turned out to be wrong.
const DISTRUST: u32 = 8;
/// Writers that write piece by piece do it in multiples of this. They may be paused in between.
const PIECE: u64 = 4096;

/// What is known of the writer.
#[derive(Debug)]
pub(super) struct Habits {
    /// Slices of each of the latest pictures, and of how many in a row.
    slices: u32,
    same: u32,
    /// Where the latest pause was that may have been a picture's end.
    pause: Option<u64>,
    /// How many such pauses in a row were, and how many it takes.
    proofs: u32,
    needed: u32,
}

impl Habits {
    pub(super) const fn new() -> Self {
        Self {
            slices: 0,
            same: 0,
            pause: None,
            proofs: 0,
            needed: PROOFS,
        }
    }

    /// A picture of so many slices is whole.
    pub(super) const fn picture(&mut self, slices: u32) {
        if self.slices == slices {
            self.same = self.same.saturating_add(1);
        } else {
            (self.slices, self.same) = (slices, 0);
        }
    }

    /// Whether a pause at this place of the stream says anything, behind so many slices of a picture.
    pub(super) fn heeds(&self, at: u64, slices: u32) -> bool {
        self.same >= PROOFS && slices == self.slices && self.pause != Some(at)
    }

    /// The writer pauses there, so many bytes after the picture began: whether that is its end.
    pub(super) fn pauses(&mut self, at: u64, bytes: u64) -> bool {
        if self.pause.is_some() {
            // More came since the pause before, but no next picture.
            self.resolve(false);
        }
        self.pause = Some(at);
        let in_pieces = bytes.is_multiple_of(PIECE) || (bytes + 1).is_multiple_of(PIECE);
        self.proofs >= self.needed && !in_pieces
    }

    /// Where the stream paused, if that may have been the end of a picture.
    pub(super) const fn pause(&self) -> Option<u64> {
        self.pause
    }

    /// Whether the latest pause was the end of a picture.
    pub(super) const fn resolve(&mut self, was_end: bool) {
        if self.pause.take().is_none() {
            return;
        }
        if was_end {
            self.proofs = self.proofs.saturating_add(1);
        } else {
            self.disprove();
        }
    }

    /// A picture was not whole at a pause.
    pub(super) const fn disprove(&mut self) {
        self.pause = None;
        self.proofs = 0;
        self.needed = self.needed.saturating_mul(DISTRUST);
    }
}
