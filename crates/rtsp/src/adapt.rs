//! Makes the chunks that all viewers share fit one of them: most take them as they are. Who chose
//! other channels, or was moved to another rendition, gets a copy with other numbers.

use bytes::Bytes;
use eyeline_proto::rtp::sender::{FRAME_BYTES, frame, frames};

use crate::containers::SOUND_CHANNEL;

/// Tracks of a stream: pictures and sound.
pub(crate) const TRACKS: usize = 2;

/// What is to be changed for one viewer.
#[derive(Debug, Default)]
pub(crate) struct Adapter {
    /// The channels of each track; `None` if the viewer did not set it up.
    channels: [Option<(u8, u8)>; TRACKS],
    /// The latest chunk of each track, as it was sent.
    latest: [Bytes; TRACKS],
    /// The sequence numbers to go on with, once the viewer was moved.
    next: Option<[u16; TRACKS]>,
}

impl Adapter {
    /// For a viewer with these channels.
    pub(crate) fn new(channels: [Option<(u8, u8)>; TRACKS]) -> Self {
        Self {
            channels,
            ..Self::default()
        }
    }

    /// From now on chunks are of another rendition, which counts otherwise.
    pub(crate) fn moved(&mut self) {
        let latest = &self.latest;
        let following = |at: usize| last_number(&latest[at]).map_or(0, |last| last.wrapping_add(1));
        self.next
            .get_or_insert_with(|| std::array::from_fn(following));
    }

    /// The chunk as this viewer gets it; `None` if it is of a track that was not set up.
    pub(crate) fn adapt(&mut self, chunk: Bytes) -> Option<Bytes> {
        let track = track_of(*chunk.get(1)?);
        let (rtp, rtcp) = self.channels[track]?;
        let own = SOUND_CHANNEL * track as u8;
        if self.next.is_none() && (rtp, rtcp) == (own, own + 1) {
            self.latest[track] = chunk.clone();
            return Some(chunk);
        }
        let mut changed = Vec::with_capacity(chunk.len());
        for (channel, packet) in frames(&chunk) {
            let is_report = channel % 2 == 1;
            frame(
                &mut changed,
                if is_report { rtcp } else { rtp },
                packet.len(),
            );
            let start = changed.len();
            changed.extend_from_slice(packet);
            if let (Some(next), false) = (&mut self.next, is_report)
                && let Some(number) = changed.get_mut(start + 2..start + 4)
            {
                number.copy_from_slice(&next[track].to_be_bytes());
                next[track] = next[track].wrapping_add(1);
            }
        }
        if self.next.is_none() {
            self.latest[track] = chunk;
        }
        Some(changed.into())
    }
}

/// The track of a channel of ours.
pub(crate) const fn track_of(channel: u8) -> usize {
    if channel < SOUND_CHANNEL { 0 } else { 1 }
}

/// The sequence number of the first or the last packet of a chunk that is no report.
fn last_number(chunk: &[u8]) -> Option<u16> {
    frames(chunk).filter_map(number).last()
}

/// The sequence number and timestamp of the first packet of a chunk that is no report.
pub(crate) fn first_packet(chunk: &[u8]) -> Option<(u16, u32)> {
    let (_, packet) = frames(chunk).find(|(channel, _)| channel % 2 == 0)?;
    let timestamp = packet.get(FRAME_BYTES..FRAME_BYTES + 4)?.try_into().ok()?;
    Some((number((0, packet))?, u32::from_be_bytes(timestamp)))
}

fn number((channel, packet): (u8, &[u8])) -> Option<u16> {
    let number = packet.get(2..4).filter(|_| channel % 2 == 0)?;
    Some(u16::from_be_bytes(number.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use eyeline_proto::rtp::Sender;

    use super::*;

    fn chunk(channel: u8, first: u16) -> Bytes {
        let mut sender = Sender::new(channel, 96, 1, first);
        let mut bytes = Vec::new();
        sender.report(&mut bytes, 0, eyeline_media::Timestamp::default());
        sender.put(&mut bytes, 7, false, &[b"one"]);
        sender.put(&mut bytes, 7, true, &[b"two"]);
        bytes.into()
    }

    /// The channels and numbers of a chunk's packets.
    fn told(chunk: &Bytes) -> Vec<(u8, Option<u16>)> {
        frames(chunk)
            .map(|frame| (frame.0, number(frame)))
            .collect()
    }

    #[test]
    fn who_has_the_usual_channels_gets_the_shared_memory_itself() {
        let mut adapter = Adapter::new([Some((0, 1)), Some((2, 3))]);
        for channel in [0, 2] {
            let shared = chunk(channel, 5);
            let adapted = adapter.adapt(shared.clone()).unwrap();
            assert_eq!(adapted.as_ptr(), shared.as_ptr());
        }
    }

    #[test]
    fn other_channels_are_written_in_and_tracks_that_were_not_set_up_are_left_out() {
        let mut adapter = Adapter::new([Some((6, 9)), None]);
        let adapted = adapter.adapt(chunk(0, 5)).unwrap();
        assert_eq!(told(&adapted), [(9, None), (6, Some(5)), (6, Some(6))]);
        assert_eq!(adapter.adapt(chunk(2, 5)), None);
    }

    #[test]
    fn numbers_go_on_when_a_viewer_was_moved() {
        let mut adapter = Adapter::new([Some((0, 1)), Some((2, 3))]);
        adapter.adapt(chunk(0, 65_534)).unwrap();
        adapter.moved();
        let adapted = adapter.adapt(chunk(0, 100)).unwrap();
        assert_eq!(told(&adapted)[1..], [(0, Some(0)), (0, Some(1))]);
        adapter.moved();
        let adapted = adapter.adapt(chunk(0, 9_000)).unwrap();
        assert_eq!(told(&adapted)[1..], [(0, Some(2)), (0, Some(3))]);
    }
}
