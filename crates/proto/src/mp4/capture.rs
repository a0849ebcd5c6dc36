//! What a sender says of when something was captured (`prft`; ISO/IEC 14496-12, 8.16.5).

use eyeline_media::MediaTime;

use super::boxes::Reader;
use super::movie::Movie;
use super::unpack::{Captured, Item};
use crate::rtp::rtcp;

/// What the body of a `prft` says of a track that is known.
pub(super) fn item(prft: &[u8], movie: &Movie) -> Option<Item> {
    let (version, _, mut reader) = Reader::full(prft)?;
    let id = reader.u32()?;
    let wall = rtcp::wall(reader.u64()?)?;
    let ticks = i64::try_from(reader.long(version)?).ok()?;
    let track = movie.tracks.iter().find(|track| track.id == id)?;
    let at = MediaTime::of_ticks(ticks.saturating_add(track.shift), track.hz);
    Some(Item::Captured(Captured { at, wall }))
}
