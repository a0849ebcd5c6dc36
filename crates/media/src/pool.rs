//! Memory for packets that is used again once everybody has let go of it, so that a stream
//! that runs steadily allocates nothing.
//!
//! Not here: how long packets are held, which is the affair of whoever holds them.

use bytes::{Bytes, BytesMut};

/// Most pieces of memory that are remembered; what is lent beyond them is freed by the last
/// who holds it.
const MOST: usize = 256;
/// How many pieces that nobody holds are kept for the next packets.
const SPARE: usize = 4;

/// Memory for the packets of one stream.
///
/// It grows while packets are held, and shrinks to a few pieces when they are let go of.
///
/// ```
/// let mut pool = eyeline_media::Pool::default();
/// let first = pool.gather(&[b"one", b"two"]);
/// assert_eq!(first, "onetwo");
/// let place = first.as_ptr();
/// drop(first);
/// assert_eq!(pool.gather(&[b"three"]).as_ptr(), place);
/// ```
#[derive(Debug, Default)]
pub struct Pool {
    pieces: Vec<Piece>,
    /// Bytes of a new piece: room for the longest packet so far, and some more.
    room: usize,
}

/// Memory that is lent, or was.
#[derive(Debug)]
struct Piece {
    /// Without bytes: what is lent is got back when no other handle is left.
    handle: BytesMut,
    /// Bytes there are.
    room: usize,
}

impl Pool {
    /// A packet of these bytes, one part behind the other, each copied once.
    pub fn gather(&mut self, parts: &[&[u8]]) -> Bytes {
        let mut piece = self.take(parts.iter().map(|part| part.len()).sum());
        for part in parts {
            piece.handle.extend_from_slice(part);
        }
        let packet = piece.handle.split_off(0).freeze();
        if self.pieces.len() < MOST {
            self.pieces.push(piece);
        }
        packet
    }

    /// Memory for so many bytes: some that was lent before, if all have let go of it.
    fn take(&mut self, len: usize) -> Piece {
        let mut fits = None;
        let mut spare = 0;
        let mut index = 0;
        self.pieces.retain_mut(|piece| {
            let mut kept = true;
            if piece.is_free() {
                if fits.is_none() && piece.room >= len && piece.handle.try_reclaim(len) {
                    fits = Some(index);
                } else {
                    spare += 1;
                    kept = spare <= SPARE && piece.room >= len;
                }
            }
            index += usize::from(kept);
            kept
        });
        let taken = fits.map(|index| self.pieces.swap_remove(index));
        taken.unwrap_or_else(|| {
            // Pictures of a camera differ in length by less than that, mostly.
            self.room = self.room.max(len + len / 4 + 1);
            Piece {
                handle: BytesMut::with_capacity(self.room),
                room: self.room,
            }
        })
    }
}

impl Piece {
    /// Whether all have let go of it.
    fn is_free(&mut self) -> bool {
        self.handle.try_reclaim(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_used_again_only_when_all_have_let_go_of_it() {
        let mut pool = Pool::default();
        let first = pool.gather(&[&[1; 100]]);
        let held = first.slice(10..20);
        let place = first.as_ptr();
        drop(first);
        let second = pool.gather(&[&[2; 100]]);
        assert_ne!(second.as_ptr(), place);
        assert_eq!(held[..], [1; 10]);
        drop(held);
        assert_eq!(pool.gather(&[&[3; 90]]).as_ptr(), place);
        assert_eq!(second[..], [2; 100]);
    }

    #[test]
    fn a_piece_is_lent_again_and_again() {
        let mut pool = Pool::default();
        // While it is lent, nothing else can lie there.
        let held = pool.gather(&[b"held"]);
        let places = (1..=100).map(|len| pool.gather(&[&vec![7; 100 - len]]).as_ptr());
        let places: Vec<_> = places.collect();
        assert!(places[1..].iter().all(|place| *place == places[0]));
        assert_eq!(pool.pieces.len(), 2);
        assert_eq!(held, "held");
    }

    #[test]
    fn a_longer_packet_gets_memory_of_its_own_and_later_ones_fit() {
        let mut pool = Pool::default();
        drop(pool.gather(&[&[1; 100]]));
        let long = pool.gather(&[&[2; 1000]]);
        let place = long.as_ptr();
        assert_eq!(long.len(), 1000);
        drop(long);
        let longer = pool.gather(&[&[3; 1200]]);
        assert_eq!((longer.as_ptr(), longer.len()), (place, 1200));
    }

    #[test]
    fn what_was_held_for_a_while_is_freed_but_for_a_few() {
        let mut pool = Pool::default();
        let held: Vec<_> = (0..50).map(|_| pool.gather(&[b"x"])).collect();
        assert_eq!(pool.pieces.len(), 50);
        drop(held);
        drop(pool.gather(&[b"x"]));
        assert_eq!(pool.pieces.len(), SPARE + 1);
    }

    #[test]
    fn more_than_can_be_remembered_may_be_held() {
        let mut pool = Pool::default();
        let held: Vec<_> = (0..=MOST)
            .map(|index| pool.gather(&[&index.to_be_bytes()]))
            .collect();
        assert_eq!(pool.pieces.len(), MOST);
        let all = held.iter().enumerate();
        assert!(
            all.into_iter()
                .all(|(index, packet)| packet[..] == index.to_be_bytes())
        );
    }
}
