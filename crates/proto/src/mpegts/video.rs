//! The elementary stream of pictures.
//!
//! A picture should be given on as soon as it is whole. Packets of the elementary stream (PES) often
//! do not say how long they are, and nothing says that a picture ends with its packet; the next
//! packet, which would tell, comes a picture later. What tells earlier are habits, which are believed
//! only while they hold: a packet is filled up where a PES ends, and a PES is a picture.

use eyeline_media::MediaTime;

use super::HZ;
use super::continuity::{Continuity, Place};
use super::demux::{Clock, Video};
use super::error::Error;
use super::limits::Limits;
use super::packet::Packet;
use super::pes::{Pes, Whole};
use crate::h264::{self, AccessUnit, Assembler};

/// How often a habit must have held to be believed.
const PROOFS: u8 = 4;
/// How long pictures are held back behind a gap for want of a key picture, in ticks: longer than
/// that, a picture with traces of the gap is better than none.
const MAX_WAIT: i64 = 90_000;
/// The step of a picture without a time behind the first, in ticks.
const FIRST_STEP: i64 = 3_000;

/// What is read of it so far.
#[derive(Debug)]
pub(super) struct Track {
    pub(super) pid: u16,
    max_pes_bytes: usize,
    continuity: Continuity,
    pes: Pes,
    /// Whether the latest packet was filled up, of a PES that does not say its length.
    filled: bool,
    /// A packet is filled up only where a PES ends.
    filled_ends: Habit,
    /// A PES ends where a picture does.
    pes_is_picture: Habit,
    assembler: Assembler,
    /// Of the picture that is being put together: when it is shown and decoded.
    times: Option<(i64, i64)>,
    /// When the picture before was decoded, and the step to it.
    before: Option<(i64, i64)>,
    state: State,
    pub(super) held_back: u64,
}

/// Something that was always so, as far as is known.
#[derive(Clone, Copy, Debug, Default)]
struct Habit {
    proofs: u8,
    broken: bool,
}

impl Habit {
    fn see(&mut self, holds: bool) {
        self.proofs = self.proofs.saturating_add(1);
        self.broken |= !holds;
    }

    fn is_believed(self) -> bool {
        self.proofs >= PROOFS && !self.broken
    }
}

/// Whether pictures can be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing is missing.
    Sound,
    /// Something is missing; the next key picture makes it good. Since when, in ticks.
    Waiting(Option<i64>),
    /// No key picture came in time, so pictures are given on with traces of what is missing.
    Traces,
}

impl Track {
    pub(super) fn new(pid: u16, limits: &Limits) -> Self {
        let access_units = h264::Limits {
            max_access_unit_bytes: limits.max_pes_bytes,
            ..h264::Limits::default()
        };
        Self {
            pid,
            max_pes_bytes: limits.max_pes_bytes,
            continuity: Continuity::new(),
            pes: Pes::default(),
            filled: false,
            filled_ends: Habit::default(),
            pes_is_picture: Habit::default(),
            assembler: Assembler::new(access_units),
            times: None,
            before: None,
            state: State::Sound,
            held_back: 0,
        }
    }

    /// Takes a packet, and gives the pictures that it completes; how many packets are missing before it.
    pub(super) fn packet(
        &mut self,
        packet: &Packet<'_>,
        payload: &[u8],
        clock: &mut Clock,
        mut give: impl FnMut(Result<Video, Error>),
    ) -> u8 {
        let missing = match self.continuity.place(packet, payload) {
            Place::Next => 0,
            Place::Again => return 0,
            Place::Behind(missing) => {
                self.lose();
                missing.max(1)
            }
        };
        if missing == 0 && self.filled {
            self.filled_ends.see(packet.starts);
        }
        self.filled = false;
        if packet.starts {
            self.read(clock, &mut give);
            self.pes.begin(payload);
        } else {
            self.pes.push(payload);
        }
        if self.pes.len() > self.max_pes_bytes {
            self.lose();
            give(Err(Error::TooLong {
                limit: self.max_pes_bytes,
            }));
        } else if self.pes.is_complete() {
            self.read(clock, &mut give);
        } else if packet.stuffed && !self.pes.has_length() {
            self.filled = true;
            if self.filled_ends.is_believed() {
                self.read(clock, &mut give);
            }
        }
        missing
    }

    /// Gives what is left at the end.
    pub(super) fn finish(&mut self, clock: &mut Clock, mut give: impl FnMut(Result<Video, Error>)) {
        self.read(clock, &mut give);
        if let Some(unit) = self.assembler.finish() {
            self.timed(unit).map(Ok).map(give);
        }
    }

    /// Something is missing, or damaged: of the picture that is being put together, or before it.
    pub(super) fn lose(&mut self) {
        self.pes.give_up();
        self.assembler.forget();
        self.times = None;
        self.filled = false;
        if self.state == State::Sound {
            self.state = State::Waiting(None);
        }
    }

    /// Reads the PES that has come, if one has.
    fn read(&mut self, clock: &mut Clock, give: &mut impl FnMut(Result<Video, Error>)) {
        let Some(Whole {
            present,
            decode,
            payload,
        }) = self.pes.take()
        else {
            return;
        };
        let mut fresh = present.map(|present| {
            let present = clock.ticks(present);
            (
                present,
                decode.map_or(present, |decode| clock.ticks(decode)),
            )
        });
        let mut is_first = true;
        for nal in h264::units(&payload) {
            let begins = h264::begins(nal);
            let pending = self.assembler.has_slices();
            if std::mem::take(&mut is_first) {
                let goes_on = !begins && h264::is_slice(nal);
                if pending || goes_on {
                    self.pes_is_picture.see(!goes_on);
                }
                if goes_on && !pending {
                    // The rest of a picture that was given on, or whose beginning is missing.
                    self.lose();
                    return;
                }
            }
            let done = self.assembler.push(nal);
            if let Some(result) = done.map_err(Error::from).transpose() {
                self.give(result, give);
            }
            if pending && begins {
                self.times = None;
            }
            if self.times.is_none() {
                self.times = fresh.take();
            }
        }
        if self.pes_is_picture.is_believed() {
            if let Some(unit) = self.assembler.finish() {
                self.give(Ok(unit), give);
            }
            self.times = None;
        }
    }

    fn give(
        &mut self,
        unit: Result<AccessUnit, Error>,
        give: &mut impl FnMut(Result<Video, Error>),
    ) {
        match unit {
            Ok(unit) => {
                if let Some(video) = self.timed(unit) {
                    give(Ok(video));
                }
            }
            Err(error) => {
                self.lose();
                give(Err(error));
            }
        }
    }

    /// A picture with its times; `None` if it is held back.
    fn timed(&mut self, unit: AccessUnit) -> Option<Video> {
        let (present, decode) = self.times.take().unwrap_or_else(|| {
            let (before, step) = self.before.unwrap_or((0, FIRST_STEP));
            let next = before.saturating_add(step);
            (next, next)
        });
        let step = self
            .before
            .map_or(FIRST_STEP, |(before, _)| decode.saturating_sub(before));
        self.before = Some((decode, step));
        self.state = match self.state {
            _ if unit.key => State::Sound,
            State::Waiting(None) => State::Waiting(Some(decode)),
            State::Waiting(Some(since))
                if !(0..MAX_WAIT).contains(&decode.saturating_sub(since)) =>
            {
                State::Traces
            }
            state => state,
        };
        if matches!(self.state, State::Waiting(_)) {
            self.held_back += 1;
            return None;
        }
        Some(Video {
            unit,
            present: MediaTime::of_ticks(present, HZ),
            decode: MediaTime::of_ticks(decode, HZ),
        })
    }
}
