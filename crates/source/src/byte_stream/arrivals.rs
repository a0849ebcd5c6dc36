//! When the bytes of a stream came.

use std::collections::VecDeque;

use eyeline_media::Timestamp;

/// Most pieces that are remembered; of more, the newest count as one.
const MAX_PIECES: usize = 1024;

/// Remembers of the latest bytes when they came.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    /// Up to which byte each piece went, and when it came.
    pieces: VecDeque<(u64, Timestamp)>,
    total: u64,
}

impl Arrivals {
    /// So many bytes more came then.
    pub(super) fn note(&mut self, bytes: usize, now: Timestamp) {
        self.total += bytes as u64;
        let is_full = self.pieces.len() == MAX_PIECES;
        match self.pieces.back_mut().filter(|_| is_full) {
            Some((end, _)) => *end = self.total,
            None => self.pieces.push_back((self.total, now)),
        }
    }

    /// When this byte of the stream came. What came before it is forgotten.
    pub(super) fn of(&mut self, byte: u64) -> Option<Timestamp> {
        while self.pieces.front().is_some_and(|(end, _)| *end <= byte) {
            self.pieces.pop_front();
        }
        self.pieces.front().map(|(_, at)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_came_with_its_piece() {
        let at = Timestamp::from_micros;
        let mut arrivals = Arrivals::default();
        arrivals.note(10, at(1));
        arrivals.note(5, at(2));
        assert_eq!(arrivals.of(0), Some(at(1)));
        assert_eq!(arrivals.of(9), Some(at(1)));
        assert_eq!(arrivals.of(10), Some(at(2)));
        assert_eq!(arrivals.of(15), None);
        (0..5000).for_each(|n| arrivals.note(1, at(n)));
        assert!(arrivals.pieces.len() <= MAX_PIECES);
        assert_eq!(arrivals.of(5014), Some(at(MAX_PIECES as u64 - 1)));
    }
}
