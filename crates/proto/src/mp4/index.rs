//! The samples of a file, in the order of their times or of their places.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use eyeline_media::{AudioFormat, MediaTime};

use super::error::Error;
use super::limits::Limits;
use super::movie::Movie;
use super::table::{Cursor, Place, Tables};
use super::unpack::{Item, Ticks};

/// The index of a file. It takes the memory of the `moov`, whatever the number of samples.
#[derive(Debug)]
pub struct Index {
    movie: Movie,
    tables: Vec<Tables>,
    heads: Vec<Head>,
    limits: Limits,
}

/// A sample of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Where it lies, in bytes from the beginning of the file.
    pub offset: u64,
    /// Its length.
    pub bytes: usize,
    /// When it is decoded.
    pub decode: MediaTime,
    /// How long it counts.
    pub duration: Duration,
    /// Whether it is a picture, and no sound.
    pub is_video: bool,
    track: usize,
    ticks: Ticks,
}

/// The next sample of a track.
#[derive(Clone, Copy, Debug, Default)]
struct Head {
    cursor: Cursor,
    place: Option<Place>,
}

impl Index {
    /// Of the body of a `moov`, which stands at `offset` in the file.
    ///
    /// # Errors
    /// [`Error`]: no pictures, or such that cannot be carried.
    pub(super) fn parse(body: &Bytes, offset: u64, limits: Limits) -> Result<Self, Error> {
        let movie = Movie::parse(body, offset, &limits)?;
        let tables: Vec<_> = movie.tracks.iter().map(Tables::of).collect();
        let mut index = Self {
            movie,
            heads: Vec::new(),
            tables,
            limits,
        };
        index.rewind();
        Ok(index)
    }

    /// Begins again with the first sample.
    pub fn rewind(&mut self) {
        self.heads = vec![Head::default(); self.tables.len()];
        for track in 0..self.heads.len() {
            self.advance(track);
        }
    }

    /// Whether there are no pictures in it: those of a fragmented file stand elsewhere.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tables.first().is_none_or(Tables::is_empty)
    }

    /// How its sound is coded.
    #[must_use]
    pub fn sound(&self) -> Option<&Arc<AudioFormat>> {
        let mut tracks = self.movie.tracks.iter();
        tracks.find_map(|track| track.unpack.sound())
    }

    /// The sample that is decoded next; `None` at the end.
    ///
    /// # Errors
    /// [`Error::TooLarge`], after which one may go on.
    pub fn next_sample(&mut self) -> Result<Option<Sample>, Error> {
        let Some(place) = self.take(|movie, place| {
            let hz = movie.tracks.get(place.track).map(|track| track.hz);
            hz.map(|hz| place.ticks.decode_time(hz).as_nanos())
        }) else {
            return Ok(None);
        };
        self.check(place)?;
        Ok(self.sample(place))
    }

    /// What a sample holds, by its bytes; `None` if that is nothing that can be shown or heard.
    pub fn unpack(&mut self, sample: &Sample, bytes: &[u8]) -> Option<Item> {
        self.open(sample.track, bytes, sample.ticks)
    }

    /// The sample that lies first of those that were not taken.
    pub(super) fn next_place(&mut self) -> Option<Place> {
        self.take(|_, place| i64::try_from(place.at).ok())
    }

    pub(super) fn open(&mut self, track: usize, bytes: &[u8], ticks: Ticks) -> Option<Item> {
        self.movie.tracks.get_mut(track)?.unpack.item(bytes, ticks)
    }

    pub(super) fn movie(&self) -> &Movie {
        &self.movie
    }

    /// Takes the head that is least by this measure.
    fn take(&mut self, measure: impl Fn(&Movie, &Place) -> Option<i64>) -> Option<Place> {
        let heads = self.heads.iter().filter_map(|head| head.place);
        let least = heads.min_by_key(|place| measure(&self.movie, place).unwrap_or(i64::MAX))?;
        self.advance(least.track);
        Some(least)
    }

    fn advance(&mut self, track: usize) {
        if let (Some(head), Some(tables)) = (self.heads.get_mut(track), self.tables.get(track)) {
            head.place = head.cursor.next(tables, track);
        }
    }

    fn check(&self, place: Place) -> Result<(), Error> {
        let limit = self.limits.max_sample_bytes;
        if place.bytes as usize > limit {
            let bytes = place.bytes.into();
            return Err(Error::TooLarge {
                what: "picture",
                bytes,
                limit,
            });
        }
        Ok(())
    }

    fn sample(&self, place: Place) -> Option<Sample> {
        let hz = self.movie.tracks.get(place.track)?.hz;
        let nanos = MediaTime::of_ticks(place.ticks.duration.into(), hz).as_nanos();
        Some(Sample {
            offset: place.at,
            bytes: place.bytes as usize,
            decode: place.ticks.decode_time(hz),
            duration: Duration::from_nanos(nanos.unsigned_abs()),
            is_video: place.track == 0,
            track: place.track,
            ticks: place.ticks,
        })
    }
}
