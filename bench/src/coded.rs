//! A stream that is H.264 to everybody who passes it on, and filling to those who decode: parameter
//! sets, and slices whose last bytes say when they were sent. As the mark survives in every
//! protocol, one way of reading measures them all.
//!
//! Not here: how the streams are watched.

use eyeline_media::Timestamp;

/// What stands before the time.
const MARK: &[u8] = b"EYELINE-BENCH:";
/// Digits of the time: nanoseconds since 1970 in hexadecimal.
const DIGITS: usize = 16;
const MARK_BYTES: usize = MARK.len() + DIGITS;
/// A key picture every so many.
const KEY_EVERY: u64 = 60;
/// Of 320x240; nobody looks at the pictures.
const PARAMETER_SETS: &[u8] = &[
    0, 0, 0, 1, 0x67, 0x64, 0x00, 0x0d, 0xac, 0xd9, 0x41, 0x41, 0xfb, 0x01, 0x10, 0x00, 0x00, 0x03,
    0x00, 0x10, 0x00, 0x00, 0x03, 0x03, 0xc0, 0xf1, 0x42, 0x99, 0x60, 0, 0, 0, 1, 0x68, 0xeb, 0xe3,
    0xcb, 0x22, 0xc0,
];
/// Ends the picture before it, so that it need not wait for the next.
const DELIMITER: &[u8] = &[0, 0, 0, 1, 0x09, 0xf0];
const KEY_SLICE: &[u8] = &[0, 0, 0, 1, 0x65, 0x88, 0x84];
const SLICE: &[u8] = &[0, 0, 0, 1, 0x41, 0x9a, 0x24];

/// The picture of a tick, of about so many bytes, in a byte stream (ITU-T H.264, Annex B).
pub(crate) fn picture(tick: u64, bytes: usize, time: Timestamp) -> Vec<u8> {
    let key = tick.is_multiple_of(KEY_EVERY);
    let mut picture = Vec::with_capacity(bytes + PARAMETER_SETS.len());
    if key {
        picture.extend_from_slice(PARAMETER_SETS);
    }
    picture.extend_from_slice(if key { KEY_SLICE } else { SLICE });
    let marks = 2 * MARK_BYTES + DELIMITER.len();
    picture.resize(picture.len().max(bytes.saturating_sub(marks)), 0x5a);
    // Twice: a packet may end within one of them.
    for _ in 0..2 {
        picture.extend_from_slice(MARK);
        picture.extend_from_slice(digits(time).as_bytes());
    }
    picture.extend_from_slice(DELIMITER);
    picture
}

/// A time as it stands in a mark.
pub(crate) fn digits(time: Timestamp) -> String {
    format!("{:016x}", time.as_nanos())
}

/// Finds the marks in what comes in pieces.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    /// The end of the piece before, in which a mark may have begun.
    rest: Vec<u8>,
}

impl Marks {
    /// Takes in a piece and gives the times in it.
    pub(crate) fn feed(&mut self, piece: &[u8], mut found: impl FnMut(Timestamp)) {
        let head = &piece[..piece.len().min(MARK_BYTES - 1)];
        self.rest.extend_from_slice(head);
        scan(&self.rest, &mut found);
        scan(piece, &mut found);
        if piece.len() >= MARK_BYTES {
            self.rest.clear();
            self.rest
                .extend_from_slice(&piece[piece.len() - (MARK_BYTES - 1)..]);
        } else {
            let surplus = self.rest.len().saturating_sub(MARK_BYTES - 1);
            self.rest.drain(..surplus);
        }
    }
}

fn scan(bytes: &[u8], found: &mut impl FnMut(Timestamp)) {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte == MARK[0]) {
        rest = &rest[at..];
        let digits = rest.get(MARK.len()..MARK_BYTES);
        if let (true, Some(digits)) = (rest.starts_with(MARK), digits) {
            let text = std::str::from_utf8(digits).unwrap_or_default();
            if let Ok(nanos) = u64::from_str_radix(text, 16) {
                found(Timestamp::from_nanos(nanos));
            }
        }
        rest = &rest[1..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_found_wherever_the_pieces_end() {
        let time = Timestamp::from_nanos(1_700_000_000_123_456_789);
        let stream = picture(1, 500, time);
        assert_eq!(stream.len(), 500);
        for piece in 1..stream.len() {
            let (mut marks, mut seen) = (Marks::default(), Vec::new());
            for bytes in stream.chunks(piece) {
                marks.feed(bytes, |time| seen.push(time));
            }
            seen.dedup();
            assert_eq!(seen, [time], "in pieces of {piece}");
        }
    }

    #[test]
    fn a_key_picture_begins_with_its_parameter_sets() {
        let key = picture(60, 500, Timestamp::default());
        assert!(key.starts_with(PARAMETER_SETS));
        assert!(!picture(61, 500, Timestamp::default()).starts_with(PARAMETER_SETS));
    }
}
