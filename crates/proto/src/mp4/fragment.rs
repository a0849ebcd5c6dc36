//! The index of a fragment (`moof`): where its samples lie and when they count (ISO/IEC 14496-12, 8.8).

use super::boxes::{Reader, child, children};
use super::error::Error;
use super::limits::MAX_FRAGMENT_SAMPLES;
use super::movie::{Defaults, Movie, Track};
use super::table::Place;
use super::unpack::Ticks;
use crate::unwrap::Unwrap;

/// Bytes of the header of an `mdat`, behind which samples lie if nothing says where they do.
const MDAT_HEADER: u64 = 8;

/// Where the times of a track go on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clock {
    next: i64,
    /// Of times in 32 bits.
    short: Unwrap<32>,
}

/// Reads the body of a `moof`, which stands at `start` and ends before `end`; where its samples lie, in their order.
pub(super) fn samples(
    moof: &[u8],
    (start, end): (u64, u64),
    movie: &Movie,
    clocks: &mut [Clock],
) -> Result<Vec<Place>, Error> {
    let damaged = || Error::Damaged {
        what: "a fragment whose index cannot be read",
        offset: start,
    };
    let mut found = Vec::new();
    let mut behind = end + MDAT_HEADER;
    for (_, traf) in children(moof).filter(|(kind, _)| kind == b"traf") {
        let header = child(traf, b"tfhd").and_then(FragmentHeader::parse);
        let header = header.ok_or_else(damaged)?;
        let at = movie
            .tracks
            .iter()
            .position(|track| track.id == header.track);
        let track = at.and_then(|at| Some((movie.tracks.get(at)?, clocks.get_mut(at)?)));
        let Some((track, clock)) = track else {
            // Where the next begins may depend on where this one ends; those who leave
            // that open have one track.
            continue;
        };
        if let Some(tfdt) = child(traf, b"tfdt") {
            clock.next = decode_time(tfdt, &mut clock.short).ok_or_else(damaged)?;
        }
        let mut run = Run {
            index: at.unwrap_or(0),
            track,
            clock,
            base: header.base.unwrap_or(start),
            at: behind,
            defaults: header.defaults(track),
        };
        for (_, trun) in children(traf).filter(|(kind, _)| kind == b"trun") {
            run.read(trun, &mut found).ok_or_else(damaged)?;
        }
        behind = run.at;
    }
    found.sort_by_key(|place| place.at);
    Ok(found)
}

/// What a `tfhd` says.
struct FragmentHeader {
    track: u32,
    /// From where places count, if not from the beginning of the fragment.
    base: Option<u64>,
    duration: Option<u32>,
    size: Option<u32>,
}

impl FragmentHeader {
    fn parse(tfhd: &[u8]) -> Option<Self> {
        let (_, flags, mut reader) = Reader::full(tfhd)?;
        let track = reader.u32()?;
        let base = if flags & 1 != 0 {
            Some(reader.u64()?)
        } else {
            None
        };
        reader.when(flags & 2 != 0)?;
        Some(Self {
            track,
            base,
            duration: reader.when(flags & 8 != 0)?,
            size: reader.when(flags & 0x10 != 0)?,
        })
    }

    fn defaults(&self, track: &Track) -> Defaults {
        Defaults {
            duration: self.duration.unwrap_or(track.defaults.duration),
            size: self.size.unwrap_or(track.defaults.size),
        }
    }
}

fn decode_time(tfdt: &[u8], short: &mut Unwrap<32>) -> Option<i64> {
    let (version, _, mut reader) = Reader::full(tfdt)?;
    let time = reader.long(version)?;
    Some(if version == 1 {
        // Far more than any clock shows; what is added to it must not overflow.
        i64::try_from(time).unwrap_or(i64::MAX)
    } else {
        short.unwrap(time)
    })
}

/// Samples of a track, one run after the other.
struct Run<'a> {
    index: usize,
    track: &'a Track,
    clock: &'a mut Clock,
    base: u64,
    /// Where the next sample lies, if nothing else is said.
    at: u64,
    defaults: Defaults,
}

impl Run<'_> {
    fn read(&mut self, trun: &[u8], found: &mut Vec<Place>) -> Option<()> {
        let (_, flags, mut reader) = Reader::full(trun)?;
        let has = |flag| flags & flag != 0;
        let count = reader.u32()? as usize;
        if count > MAX_FRAGMENT_SAMPLES - found.len().min(MAX_FRAGMENT_SAMPLES) {
            return None;
        }
        if let Some(offset) = reader.when(has(1))? {
            self.at = self.base.checked_add_signed(i64::from(offset as i32))?;
        }
        // Flags of the first sample: whether it is a key picture is seen in the picture.
        reader.when(has(4))?;
        for _ in 0..count {
            let duration = reader.when(has(0x100))?.unwrap_or(self.defaults.duration);
            let size = reader.when(has(0x200))?.unwrap_or(self.defaults.size);
            reader.when(has(0x400))?;
            // Signed also in version 0, where some write it so and no other can be meant.
            let composition = reader.when(has(0x800))?.unwrap_or(0) as i32;
            found.push(Place {
                track: self.index,
                at: self.at,
                bytes: size,
                ticks: Ticks {
                    decode: self.clock.next.saturating_add(self.track.shift),
                    composition,
                    duration,
                },
            });
            self.at = self.at.checked_add(size.into())?;
            self.clock.next = self.clock.next.saturating_add(duration.into());
        }
        Some(())
    }
}
