//! Access units out of a byte stream.

use bytes::{Buf as _, BytesMut};

use super::access_unit::{AccessUnit, Assembler};
use super::annexb::{START_CODE, find_start_code};
use super::error::Error;
use super::limits::Limits;
use super::nal::begins;

/// Takes pieces of a byte stream (Annex B) and gives access units. One is known to be whole when
/// the next begins, so each comes a picture late unless the stream ends.
#[derive(Debug)]
pub struct Demux {
    limits: Limits,
    assembler: Assembler,
    /// From the start code of the NAL unit that is being read on, once one was found.
    buffer: BytesMut,
    /// Whether the buffer begins with a start code.
    in_unit: bool,
    /// Up to where the buffer was searched.
    searched: usize,
    /// Bytes before the first start code.
    garbage: usize,
}

impl Demux {
    /// At the start of a stream.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            assembler: Assembler::new(limits),
            buffer: BytesMut::new(),
            in_unit: false,
            searched: 0,
            garbage: 0,
        }
    }

    /// Takes in the next piece of the stream.
    pub fn push(&mut self, piece: &[u8]) {
        self.buffer.extend_from_slice(piece);
    }

    /// The next access unit that is whole; `None` when more has to come first.
    ///
    /// # Errors
    /// [`Error`]: what is wrong with the stream. Reading may go on.
    pub fn access_unit(&mut self) -> Result<Option<AccessUnit>, Error> {
        while let Some(at) = find_start_code(&self.buffer, self.searched) {
            if !self.in_unit {
                self.buffer.advance(at);
                (self.in_unit, self.searched) = (true, START_CODE);
                continue;
            }
            let unit = self.buffer.split_to(at);
            self.searched = START_CODE;
            if let Some(done) = self.take(&unit[START_CODE..])? {
                return Ok(Some(done));
            }
        }
        // A start code may have begun at the end.
        let least = if self.in_unit { START_CODE } else { 0 };
        self.searched = (self.buffer.len() + 1)
            .saturating_sub(START_CODE)
            .max(least);
        self.check()?;
        // The first two bytes of what comes next tell that the picture before is whole.
        let began = self.buffer.get(START_CODE..).filter(|_| self.in_unit);
        let next_began = began.is_some_and(|unit| unit.len() >= 2 && begins(unit));
        Ok(if next_began {
            self.assembler.finish()
        } else {
            None
        })
    }

    /// Reads one frame that is an access unit, as cameras give them; `None` as long as there are
    /// no parameter sets.
    ///
    /// # Errors
    /// [`Error`]; reading may go on with the next frame.
    pub fn frame(&mut self, frame: &[u8]) -> Result<Option<AccessUnit>, Error> {
        self.drop_all();
        self.push(frame);
        let mut whole = None;
        while let Some(unit) = self.access_unit()? {
            whole = Some(unit);
        }
        while let Some(unit) = self.finish()? {
            whole = Some(unit);
        }
        Ok(whole)
    }

    /// What is left at the end of the stream, one after the other; `None` when that is all.
    ///
    /// # Errors
    /// As [`access_unit`](Self::access_unit).
    pub fn finish(&mut self) -> Result<Option<AccessUnit>, Error> {
        if self.in_unit {
            let unit = self.buffer.split();
            self.in_unit = false;
            if let Some(done) = self.take(&unit[START_CODE..])? {
                // Its last NAL unit is an access unit of its own.
                return Ok(Some(done));
            }
        }
        Ok(self.assembler.finish())
    }

    /// Takes a NAL unit; zeros behind it belong to the next start code, or to nothing.
    fn take(&mut self, unit: &[u8]) -> Result<Option<AccessUnit>, Error> {
        let zeros = unit.iter().rev().take_while(|byte| **byte == 0).count();
        self.assembler.push(&unit[..unit.len() - zeros])
    }

    fn check(&mut self) -> Result<(), Error> {
        if self.in_unit {
            let limit = self.limits.max_access_unit_bytes;
            if self.buffer.len() <= limit {
                return Ok(());
            }
            self.drop_all();
            return Err(Error::TooLong { limit });
        }
        let limit = self.limits.max_garbage_bytes;
        let garbage = self.searched;
        self.buffer.advance(garbage);
        self.garbage += garbage;
        self.searched = 0;
        if self.garbage > limit {
            self.drop_all();
            return Err(Error::NoStartCode { limit });
        }
        Ok(())
    }

    fn drop_all(&mut self) {
        self.buffer.clear();
        (self.in_unit, self.searched, self.garbage) = (false, 0, 0);
    }
}
