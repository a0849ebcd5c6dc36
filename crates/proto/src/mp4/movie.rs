//! The index of an MP4 (`moov`): its tracks, and how they are coded.

use std::num::NonZeroU32;

use bytes::Bytes;

use super::boxes::{Reader, child, children, descend};
use super::error::Error;
use super::limits::{Limits, MAX_TRACKS};
use super::sample_entry;
use super::unpack::Unpack;

/// The first track of H.264, and the first of sound that can be carried.
#[derive(Debug)]
pub(super) struct Movie {
    pub(super) tracks: Vec<Track>,
}

#[derive(Debug)]
pub(super) struct Track {
    pub(super) id: u32,
    /// Ticks a second.
    pub(super) hz: NonZeroU32,
    /// What is added to the times of its samples, in ticks: what its edit list says.
    pub(super) shift: i64,
    /// What samples of fragments have if they say nothing else.
    pub(super) defaults: Defaults,
    /// Samples of sound and pictures alike.
    pub(super) unpack: Unpack,
    /// The body of its `stbl`.
    pub(super) tables: Bytes,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Defaults {
    pub(super) duration: u32,
    pub(super) size: u32,
}

/// What a `trak` says, before it is known whether its samples can be carried.
struct Outline<'a> {
    id: u32,
    hz: NonZeroU32,
    shift: i64,
    handler: [u8; 4],
    tables: &'a [u8],
}

impl Movie {
    /// Reads the body of a `moov`, which stands at `offset`.
    ///
    /// # Errors
    /// [`Error`]: no pictures, or such that cannot be carried.
    pub(super) fn parse(body: &Bytes, offset: u64, limits: &Limits) -> Result<Self, Error> {
        let damaged = |what| Error::Damaged { what, offset };
        let movie_hz = child(body, b"mvhd").and_then(timescale);
        let movie_hz = movie_hz.ok_or_else(|| damaged("an index without mvhd"))?;
        let (mut video, mut audio) = (None, None);
        let mut other = None;
        let traks = children(body).filter(|(kind, _)| kind == b"trak");
        for (_, trak) in traks.take(MAX_TRACKS) {
            let Some(outline) = Outline::of(trak, movie_hz) else {
                continue;
            };
            let stsd = child(outline.tables, b"stsd").unwrap_or_default();
            match &outline.handler {
                b"vide" if video.is_none() => match sample_entry::video(stsd) {
                    Ok(avc) => {
                        let unpack = Unpack::video(&avc, outline.hz, limits);
                        video = Some(outline.track(body, unpack));
                    }
                    Err(name) => other = other.or(Some(name)),
                },
                b"soun" if audio.is_none() => {
                    if let Some(format) = sample_entry::audio(stsd) {
                        let unpack = Unpack::audio(format, outline.hz);
                        audio = Some(outline.track(body, unpack));
                    }
                }
                _ => {}
            }
        }
        let Some(video) = video else {
            return Err(other.map_or(Error::NoVideo, |name| Error::Codec { name }));
        };
        Ok(Self {
            tracks: [Some(video), audio].into_iter().flatten().collect(),
        })
    }
}

impl<'a> Outline<'a> {
    fn of(trak: &'a [u8], movie_hz: NonZeroU32) -> Option<Self> {
        let (version, _, mut header) = Reader::full(child(trak, b"tkhd")?)?;
        header.long(version)?;
        header.long(version)?;
        let mdia = child(trak, b"mdia")?;
        let hz = timescale(child(mdia, b"mdhd")?)?;
        let elst = descend(trak, &[b"edts", b"elst"]);
        Some(Self {
            id: header.u32()?,
            hz,
            shift: elst.and_then(|elst| shift(elst, hz, movie_hz)).unwrap_or(0),
            handler: child(mdia, b"hdlr")?.get(8..12)?.try_into().ok()?,
            tables: descend(mdia, &[b"minf", b"stbl"])?,
        })
    }

    fn track(self, moov: &Bytes, unpack: Unpack) -> Track {
        Track {
            id: self.id,
            hz: self.hz,
            shift: self.shift,
            defaults: defaults(moov, self.id).unwrap_or_default(),
            unpack,
            tables: moov.slice_ref(self.tables),
        }
    }
}

/// What stands in an `mvhd` or `mdhd` behind two times.
fn timescale(header: &[u8]) -> Option<NonZeroU32> {
    let (version, _, mut reader) = Reader::full(header)?;
    reader.long(version)?;
    reader.long(version)?;
    NonZeroU32::new(reader.u32()?)
}

/// What an edit list (8.6.6) adds to the times of samples: how long nothing is shown at first, less
/// what is left out of the beginning. Cuts behind that are not heeded.
fn shift(elst: &[u8], hz: NonZeroU32, movie_hz: NonZeroU32) -> Option<i64> {
    let (version, _, mut reader) = Reader::full(elst)?;
    let count = reader.u32()?;
    let mut shift = 0_i64;
    for _ in 0..count {
        let duration = reader.long(version)?;
        let begin = reader.long(version)?;
        let begin = if version == 1 {
            begin as i64
        } else {
            i64::from(begin as u32 as i32)
        };
        reader.u32()?;
        if begin >= 0 {
            return Some(shift.saturating_sub(begin));
        }
        let ticks = u128::from(duration) * u128::from(hz.get()) / u128::from(movie_hz.get());
        shift = shift.saturating_add(i64::try_from(ticks).unwrap_or(i64::MAX));
    }
    Some(shift)
}

/// What the `trex` of a track says (8.8.3).
fn defaults(moov: &[u8], id: u32) -> Option<Defaults> {
    children(child(moov, b"mvex")?)
        .filter(|(kind, _)| kind == b"trex")
        .find_map(|(_, body)| {
            let (_, _, mut reader) = Reader::full(body)?;
            if reader.u32()? != id {
                return None;
            }
            reader.u32()?;
            Some(Defaults {
                duration: reader.u32()?,
                size: reader.u32()?,
            })
        })
}
