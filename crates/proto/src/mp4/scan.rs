//! Finding the index of a file, wherever it stands.

use bytes::Bytes;

use super::boxes::{Header, LONGEST};
use super::error::Error;
use super::index::Index;
use super::limits::{Limits, MAX_BOXES_BEFORE_INDEX};

/// Looks for the index of a file.
#[derive(Debug)]
pub struct Scan {
    limits: Limits,
    file_bytes: u64,
    /// Where the next box begins.
    at: u64,
    boxes: u32,
    /// How many bytes of a `moov` were asked for, header included.
    moov: Option<(Header, u64)>,
    asked: bool,
}

/// What to do next.
#[derive(Debug)]
pub enum Step {
    /// Read so many bytes at this place, fewer at the end of the file, and give them.
    Read {
        /// Bytes from the beginning of the file.
        offset: u64,
        /// How many.
        len: usize,
    },
    /// This is the index.
    Index(Box<Index>),
    /// The file is fragmented: read it from its beginning with a [`Demux`](super::Demux).
    Fragmented,
}

impl Scan {
    /// Of a file of so many bytes.
    #[must_use]
    pub fn new(file_bytes: u64, limits: Limits) -> Self {
        Self {
            limits,
            file_bytes,
            at: 0,
            boxes: 0,
            moov: None,
            asked: false,
        }
    }

    /// Goes on, with the bytes that were asked for; with none at first.
    ///
    /// # Errors
    /// [`Error`]: there is no index, or what it describes cannot be carried.
    pub fn step(&mut self, read: &Bytes) -> Result<Step, Error> {
        if let Some((header, _)) = self.moov {
            let body = read.slice(header.len.min(read.len())..);
            let index = Index::parse(&body, self.at, self.limits)?;
            return Ok(if index.is_empty() {
                Step::Fragmented
            } else {
                Step::Index(Box::new(index))
            });
        }
        if std::mem::replace(&mut self.asked, true)
            && let Some(step) = self.take_header(read)?
        {
            return Ok(step);
        }
        if self.at >= self.file_bytes || self.boxes > MAX_BOXES_BEFORE_INDEX {
            return Err(Error::NoIndex);
        }
        Ok(Step::Read {
            offset: self.at,
            len: LONGEST,
        })
    }

    fn take_header(&mut self, read: &[u8]) -> Result<Option<Step>, Error> {
        let damaged = |what| Error::Damaged {
            what,
            offset: self.at,
        };
        let header = Header::read(read).map_err(|()| damaged("a box shorter than its header"))?;
        let header = header.ok_or(Error::NoIndex)?;
        let size = header.size.unwrap_or(self.file_bytes - self.at);
        if &header.kind == b"moov" {
            let limit = self.limits.max_movie_bytes;
            let len = usize::try_from(size).ok().filter(|len| *len <= limit);
            let len = len.ok_or(Error::TooLarge {
                what: "index",
                bytes: size,
                limit,
            })?;
            self.moov = Some((header, size));
            let offset = self.at;
            return Ok(Some(Step::Read { offset, len }));
        }
        self.boxes += 1;
        let next = self.at.checked_add(size);
        self.at = next.ok_or_else(|| damaged("a box longer than any file"))?;
        Ok(None)
    }
}
