//! MP4 in a byte stream: fragments, or a file whose index stands first.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::{Buf as _, BytesMut};
use eyeline_media::AudioFormat;

use super::boxes::Header;
use super::capture;
use super::error::Error;
use super::fragment::{self, Clock};
use super::index::Index;
use super::limits::{Limits, MAX_PRFT_BYTES};
use super::table::Place;
use super::unpack::Item;

/// Takes pieces of an MP4 and gives its pictures and sounds as they become whole, in the order
/// in which they lie in it.
#[derive(Debug)]
pub struct Demux {
    limits: Limits,
    buffer: BytesMut,
    /// Where in the stream the buffer begins.
    position: u64,
    state: State,
    index: Option<Index>,
    clocks: Vec<Clock>,
    /// Where samples of the latest fragment lie that have not come yet.
    places: VecDeque<Place>,
    /// A time of capture that was told.
    told: Option<Item>,
    failed: Option<Error>,
    fragments: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// At the first box, which must be one that MP4 begins with.
    First,
    /// At a box.
    Box,
    /// In a box that says nothing that is needed; it ends there, or with the stream.
    Skip(Option<u64>),
    /// At a box that is read whole.
    Whole(Header, usize),
    /// Among samples, up to there.
    Data(Option<u64>),
}

impl Demux {
    /// At the beginning of a stream.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            buffer: BytesMut::new(),
            position: 0,
            state: State::First,
            index: None,
            clocks: Vec::new(),
            places: VecDeque::new(),
            told: None,
            failed: None,
            fragments: 0,
        }
    }

    /// Takes in the next piece of the stream.
    pub fn push(&mut self, piece: &[u8]) {
        if self.failed.is_none() {
            self.buffer.extend_from_slice(piece);
        }
    }

    /// Says that what comes next begins with a box, whatever came before: it is a segment of its
    /// own. How tracks are coded stays known.
    pub fn begin_segment(&mut self) {
        self.position += self.buffer.len() as u64;
        self.buffer.clear();
        self.places.clear();
        self.state = State::Box;
    }

    /// How its sound is coded, once that is known.
    #[must_use]
    pub fn sound(&self) -> Option<&Arc<AudioFormat>> {
        self.index.as_ref()?.sound()
    }

    /// How many fragments have begun.
    #[must_use]
    pub fn fragments(&self) -> u64 {
        self.fragments
    }

    /// Bytes held that are not taken apart yet.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.buffer.len()
    }

    /// The next picture or sound that is whole; `None` when more has to come first.
    ///
    /// # Errors
    /// [`Error`]: what is wrong with the stream. It stays so.
    pub fn next_item(&mut self) -> Result<Option<Item>, Error> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let next = self.advance();
        if let Err(error) = &next {
            self.failed = Some(error.clone());
            self.buffer = BytesMut::new();
            self.places = VecDeque::new();
        }
        next
    }

    fn advance(&mut self) -> Result<Option<Item>, Error> {
        loop {
            match self.state {
                State::First | State::Box => {
                    if !self.begin_box()? {
                        return Ok(None);
                    }
                }
                State::Skip(end) => {
                    if !self.skip_to(end) {
                        return Ok(None);
                    }
                    self.state = State::Box;
                }
                State::Whole(header, size) => {
                    if self.buffer.len() < size {
                        return Ok(None);
                    }
                    self.take_whole(header, size)?;
                    self.state = State::Box;
                    if let Some(told) = self.told.take() {
                        return Ok(Some(told));
                    }
                }
                State::Data(end) => match self.take_sample(end)? {
                    Taken::Item(item) => return Ok(Some(item)),
                    Taken::Nothing => {}
                    Taken::Later => return Ok(None),
                },
            }
        }
    }

    /// Looks at a box's header; whether it is there.
    fn begin_box(&mut self) -> Result<bool, Error> {
        let offset = self.position;
        let damaged = |what| Error::Damaged { what, offset };
        let header = Header::read(&self.buffer).map_err(|()| match self.state {
            State::First => Error::NotMp4,
            _ => damaged("a box shorter than its header"),
        })?;
        let Some(header) = header else {
            return Ok(false);
        };
        if self.state == State::First && !is_first(header.kind) {
            return Err(Error::NotMp4);
        }
        let end = header.size.map(|size| offset.checked_add(size));
        let end = match end {
            Some(None) => return Err(damaged("a box longer than any stream")),
            Some(end) => end,
            None => None,
        };
        self.state = match &header.kind {
            b"moov" => self.whole(header, "index", self.limits.max_movie_bytes)?,
            b"moof" => self.whole(header, "fragment's index", self.limits.max_fragment_bytes)?,
            b"prft"
                if header
                    .size
                    .is_some_and(|size| size <= MAX_PRFT_BYTES as u64) =>
            {
                self.whole(header, "time of capture", MAX_PRFT_BYTES)?
            }
            b"mdat" if self.index.is_none() => return Err(Error::IndexLast),
            b"mdat" => {
                self.buffer.advance(header.len);
                self.position += header.len as u64;
                State::Data(end)
            }
            _ => State::Skip(end),
        };
        Ok(true)
    }

    fn whole(&self, header: Header, what: &'static str, limit: usize) -> Result<State, Error> {
        let bytes = header.size.unwrap_or(u64::MAX);
        match usize::try_from(bytes) {
            Ok(size) if size <= limit => Ok(State::Whole(header, size)),
            _ => Err(Error::TooLarge { what, bytes, limit }),
        }
    }

    /// Throws away what comes before `end`; whether that is reached.
    fn skip_to(&mut self, end: Option<u64>) -> bool {
        let left = end.map_or(u64::MAX, |end| end.saturating_sub(self.position));
        let here = usize::try_from(left).unwrap_or(usize::MAX);
        let here = here.min(self.buffer.len());
        self.buffer.advance(here);
        self.position += here as u64;
        here as u64 == left
    }

    fn take_whole(&mut self, header: Header, size: usize) -> Result<(), Error> {
        let (start, end) = (self.position, self.position + size as u64);
        let mut body = self.buffer.split_to(size);
        body.advance(header.len);
        self.position = end;
        if &header.kind == b"moov" {
            let index = Index::parse(&body.freeze(), start, self.limits)?;
            self.clocks = vec![Clock::default(); index.movie().tracks.len()];
            self.places.clear();
            self.index = Some(index);
        } else if &header.kind == b"prft" {
            let movie = self.index.as_ref().map(Index::movie);
            self.told = movie.and_then(|movie| capture::item(&body, movie));
        } else if let Some(index) = &self.index {
            let movie = index.movie();
            let places = fragment::samples(&body, (start, end), movie, &mut self.clocks)?;
            self.places = places.into();
            self.fragments += 1;
        }
        Ok(())
    }

    /// The next sample of the `mdat` that ends there.
    fn take_sample(&mut self, end: Option<u64>) -> Result<Taken, Error> {
        let Some(index) = &mut self.index else {
            self.state = State::Skip(end);
            return Ok(Taken::Nothing);
        };
        if self.places.is_empty() {
            self.places.extend(index.next_place());
        }
        let within = |at: u64| end.is_none_or(|end| at < end);
        let place = self.places.front().copied();
        let Some(place) = place.filter(|place| within(place.at)) else {
            self.state = State::Skip(end);
            return Ok(Taken::Nothing);
        };
        let bytes = place.bytes as usize;
        let limit = self.limits.max_sample_bytes;
        if bytes > limit {
            let (what, bytes) = ("picture", place.bytes.into());
            return Err(Error::TooLarge { what, bytes, limit });
        }
        let last = place.at.saturating_add(u64::from(place.bytes.max(1)) - 1);
        if place.at < self.position || !within(last) || bytes == 0 {
            // It lies before, or reaches out: it is lost.
            self.places.pop_front();
            return Ok(Taken::Nothing);
        }
        if !self.skip_to(Some(place.at)) || self.buffer.len() < bytes {
            return Ok(Taken::Later);
        }
        self.places.pop_front();
        let index = self.index.as_mut();
        let item = index.and_then(|i| i.open(place.track, &self.buffer[..bytes], place.ticks));
        self.buffer.advance(bytes);
        self.position += bytes as u64;
        Ok(item.map_or(Taken::Nothing, Taken::Item))
    }
}

/// What became of the next sample.
enum Taken {
    Item(Item),
    /// It holds nothing, or there is none in this box.
    Nothing,
    /// It has not come yet.
    Later,
}

/// Whether a stream may begin with such a box.
fn is_first(kind: [u8; 4]) -> bool {
    const FIRST: [&[u8; 4]; 11] = [
        b"ftyp", b"styp", b"moov", b"moof", b"sidx", b"prft", b"emsg", b"free", b"skip", b"wide",
        b"uuid",
    ];
    FIRST.contains(&&kind)
}
