//! Access units out of a byte stream.

use bytes::BytesMut;

use super::access_unit::{AccessUnit, Assembler};
use super::annexb::{START_CODE, find_start_code};
use super::early::Habits;
use super::error::Error;
use super::limits::Limits;
use super::nal::{Kind, begins, is_of_h265, is_slice};

/// Takes pieces of a byte stream (Annex B) and gives access units. One is known to be whole when
/// the next begins; of a writer that pauses behind each, it is known at the [pause](Self::pause).
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
    /// Bytes of the stream before the buffer.
    position: u64,
    /// Where the access unit begins that is being put together.
    begun: Option<u64>,
    /// Its slices, and where the first of them begins.
    slices: u32,
    first_slice: u64,
    /// Where the first slice of the latest access unit began.
    given: u64,
    habits: Habits,
    before: Before,
    /// Whether a sequence parameter set came: it is H.264.
    is_known: bool,
}

/// How the access unit before came to be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    /// The stream said that it was whole.
    Whole,
    /// The stream paused behind it.
    Early,
    /// As before, but more of it came afterwards.
    Torn,
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
            position: 0,
            begun: None,
            slices: 0,
            first_slice: 0,
            given: 0,
            habits: Habits::new(),
            before: Before::Whole,
            is_known: false,
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
                let torn = self.skip(at, true);
                (self.in_unit, self.searched, self.garbage) = (true, START_CODE, 0);
                torn?;
                continue;
            }
            self.see_pause(at);
            let start = self.position;
            let unit = self.split(at);
            self.searched = START_CODE;
            if let Some(done) = self.take(&unit[START_CODE..], start)? {
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
        Ok(if next_began { self.close() } else { None })
    }

    /// Whether a pause of the stream would say anything now: whether to wait for one.
    #[must_use]
    pub fn heeds_pause(&self) -> bool {
        let end = self.position + self.buffer.len() as u64;
        self.last_is_slice() && self.habits.heeds(end, self.slices + 1)
    }

    /// The stream pauses: nothing more has come for some milliseconds, though it is read as fast as
    /// it comes. The access unit that ends here, if it is whole by all that is known of who
    /// writes it. Only for pipes: a network pauses anywhere.
    ///
    /// # Errors
    /// As [`access_unit`](Self::access_unit).
    pub fn pause(&mut self) -> Result<Option<AccessUnit>, Error> {
        if !self.heeds_pause() {
            return Ok(None);
        }
        let start = self.position;
        let end = start + self.buffer.len() as u64;
        let begun = self.begun.unwrap_or(start);
        if !self.habits.pauses(end, end - begun) {
            return Ok(None);
        }
        let unit = self.split(self.buffer.len());
        (self.in_unit, self.searched) = (false, 0);
        let done = self.take(&unit[START_CODE..], start)?;
        let done = done.or_else(|| self.close());
        if done.is_some() {
            self.before = Before::Early;
        }
        Ok(done)
    }

    /// At which byte of the stream the first slice of the latest access unit began. What stands
    /// before it may have come with the picture before.
    #[must_use]
    pub fn began_at(&self) -> u64 {
        self.given
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
            let start = self.position;
            let unit = self.split(self.buffer.len());
            self.in_unit = false;
            if let Some(done) = self.take(&unit[START_CODE..], start)? {
                // Its last NAL unit is an access unit of its own.
                return Ok(Some(done));
            }
        }
        Ok(self.close())
    }

    /// Takes a NAL unit; zeros behind it belong to the next start code, or to nothing.
    fn take(&mut self, unit: &[u8], start: u64) -> Result<Option<AccessUnit>, Error> {
        let zeros = unit.iter().rev().take_while(|byte| **byte == 0).count();
        let unit = &unit[..unit.len() - zeros];
        self.is_known |= Kind::of(unit) == Some(Kind::Sps);
        if !self.is_known && is_of_h265(unit) {
            return Err(Error::H265);
        }
        let (begins, is_slice) = (begins(unit), is_slice(unit));
        if self.before != Before::Whole && is_slice && !begins {
            // One slice more of the picture before.
            return self.tear().map(|()| None);
        }
        self.before = Before::Whole;
        let done = if begins { self.close() } else { None };
        self.begun.get_or_insert(start);
        if is_slice {
            if self.slices == 0 {
                self.first_slice = start;
            }
            self.slices += 1;
        }
        // It finishes none: that was done before.
        self.assembler.push(unit)?;
        Ok(done)
    }

    /// Ends the access unit that has come so far.
    fn close(&mut self) -> Option<AccessUnit> {
        let slices = std::mem::take(&mut self.slices);
        if slices > 0 {
            self.habits.picture(slices);
            self.begun = None;
            self.given = self.first_slice;
        }
        self.assembler.finish()
    }

    /// More has come of the picture that was given.
    ///
    /// # Errors
    /// [`Error::Torn`], once.
    fn tear(&mut self) -> Result<(), Error> {
        if std::mem::replace(&mut self.before, Before::Torn) == Before::Torn {
            return Ok(());
        }
        self.habits.disprove();
        Err(Error::Torn)
    }

    /// Whether the NAL unit that is being read is a slice of the picture that is being put together.
    fn last_is_slice(&self) -> bool {
        let unit = self.buffer.get(START_CODE..).filter(|_| self.in_unit);
        unit.is_some_and(|unit| unit.len() > 2 && is_slice(unit))
    }

    /// A NAL unit ends there: whether the stream had paused just then.
    fn see_pause(&mut self, at: usize) {
        let Some(pause) = self.habits.pause() else {
            return;
        };
        let paused = usize::try_from(pause.saturating_sub(self.position)).unwrap_or(usize::MAX);
        let between = self.buffer.get(paused..at);
        let was_end = between.is_some_and(|between| between.iter().all(|byte| *byte == 0));
        self.habits.resolve(was_end);
    }

    /// Leaves out what belongs to no NAL unit; `at_start_code` if one begins behind it.
    ///
    /// # Errors
    /// [`Error::Torn`] if it belongs to a picture that was taken for whole.
    fn skip(&mut self, bytes: usize, at_start_code: bool) -> Result<(), Error> {
        let skipped = self.split(bytes);
        if self.before != Before::Early {
            return Ok(());
        }
        if skipped.iter().any(|byte| *byte != 0) {
            return self.tear();
        }
        if at_start_code {
            self.habits.resolve(true);
        }
        Ok(())
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
        let torn = self.skip(garbage, false);
        self.garbage += garbage;
        self.searched = 0;
        if self.garbage > limit {
            self.drop_all();
            return Err(Error::NoStartCode { limit });
        }
        torn
    }

    fn split(&mut self, at: usize) -> BytesMut {
        self.position += at as u64;
        self.buffer.split_to(at)
    }

    fn drop_all(&mut self) {
        self.position += self.buffer.len() as u64;
        self.buffer.clear();
        (self.in_unit, self.searched, self.garbage) = (false, 0, 0);
    }
}
