//! Which packet a picture is of that comes out of a decoder of H.264: pictures go in as they are decoded,
//! and come out as they are shown (B-frames), so that some are held back for a while.

use eyeline_media::{Packet, Resolution, Timestamp};
use eyeline_sys_codec::Error;

/// Most packets that are remembered: a decoder holds back no more than 16 pictures (ITU-T H.264, A.3.1).
const MAX_HELD: usize = 32;

/// The packets that a decoder was given, and no picture came of yet.
#[derive(Debug, Default)]
pub(crate) struct Order {
    /// When they are shown, in the order in which they were given.
    held: Vec<Timestamp>,
}

impl Order {
    /// The decoder was given a packet, and a picture of this size came out or none; with when that was
    /// captured. `held_back` is how many it has not let out now.
    ///
    /// # Errors
    /// That of the decoder.
    pub(crate) fn follow(
        &mut self,
        packet: &Packet,
        decoded: Result<Option<Resolution>, Error>,
        held_back: usize,
    ) -> Result<Option<(Resolution, Timestamp)>, Error> {
        let came = decoded?;
        if self.held.len() >= MAX_HELD {
            self.take_first();
        }
        self.held.push(packet.captured);
        let Some(size) = came else { return Ok(None) };
        // Of what was shown before, and is not held back, nothing came.
        while self.held.len() > held_back + 1 {
            self.take_first();
        }
        Ok(self.take_first().map(|captured| (size, captured)))
    }

    /// Takes what is shown first.
    fn take_first(&mut self) -> Option<Timestamp> {
        let first = (0..self.held.len()).min_by_key(|at| self.held[*at])?;
        Some(self.held.swap_remove(first))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use eyeline_media::Codec;

    use super::*;

    /// What comes of packets: when each is shown, in milliseconds, what the decoder holds back after it
    /// or `None` if it cannot be decoded, and when what comes out was captured.
    fn check(packets: &[(u64, Option<usize>, Option<u64>)]) {
        let size = Resolution::new(2, 2).unwrap();
        let mut order = Order::default();
        for (shown, held_back, expected) in packets {
            let packet = Packet {
                captured: Timestamp::from_micros(shown * 1000),
                composition: Duration::ZERO,
                codec: Codec::H264,
                resolution: size,
                key: false,
                slate: false,
                data: Bytes::new(),
            };
            let decoded = match (held_back, expected) {
                (None, _) => Err(Error::CorruptH264(String::new())),
                (_, None) => Ok(None),
                (_, Some(_)) => Ok(Some(size)),
            };
            let came = order.follow(&packet, decoded, held_back.unwrap_or(0));
            let came = came.ok().flatten();
            let came = came.map(|(_, captured)| captured.as_micros() / 1000);
            assert_eq!(came, *expected, "{shown} of {packets:?}");
        }
    }

    #[test]
    fn pictures_come_out_as_they_are_shown() {
        // I P B B P B
        check(&[
            (80, Some(1), None),
            (200, Some(2), None),
            (120, Some(2), Some(80)),
            (160, Some(2), Some(120)),
            (320, Some(2), Some(160)),
            (240, Some(2), Some(200)),
        ]);
    }

    #[test]
    fn a_picture_that_comes_at_once_is_of_the_packet_given() {
        check(&[
            (0, Some(0), Some(0)),
            (40, Some(0), None),
            (80, Some(0), Some(80)),
        ]);
    }

    #[test]
    fn what_never_comes_leaves_its_time_to_no_other() {
        check(&[
            (80, Some(1), None),
            (200, None, None),
            (120, Some(1), Some(80)),
            (160, Some(1), None),
            (240, Some(1), Some(160)),
        ]);
    }
}
