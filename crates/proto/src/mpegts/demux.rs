//! Pictures and sound out of a stream.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use eyeline_media::{AudioFormat, MediaTime};

use super::TIME_BITS;
use super::error::Error;
use super::limits::Limits;
use super::packet::{NULL_PID, PACKET_BYTES, Packet};
use super::section::Sections;
use super::sync::Packets;
use super::tables::{self, Elementary, Kind, PAT_PID};
use super::{sound, video};
use crate::h264::AccessUnit;
use crate::unwrap::Unwrap;

/// What comes out of a stream. All its times are on one time line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A picture, in decoding order.
    Video(Video),
    /// A frame of sound.
    Sound(Sound),
}

/// A picture with its times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Video {
    /// The picture.
    pub unit: AccessUnit,
    /// When it is shown.
    pub present: MediaTime,
    /// When it is decoded.
    pub decode: MediaTime,
}

/// A frame of sound with its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sound {
    /// How it is coded.
    pub format: Arc<AudioFormat>,
    /// When it is heard.
    pub at: MediaTime,
    /// Samples of each channel.
    pub samples: u32,
    /// The coded bytes: AAC without its header, or a packet of Opus.
    pub data: Bytes,
}

/// Takes pieces of a stream and gives pictures and sound of its first programme that has H.264.
///
/// Where packets are missing, no picture is given on that they were part of, nor any that may build on
/// it: those are held back until the next key picture, for at most a second.
#[derive(Debug)]
pub struct Demux {
    limits: Limits,
    packets: Packets,
    clock: Clock,
    pat: Sections,
    programs: Vec<Program>,
    /// The streams that are followed; empty until it is known.
    followed: Vec<Elementary>,
    video: Option<video::Track>,
    sound: Option<sound::Track>,
    left_out: Vec<&'static str>,
    bytes_without_tables: usize,
    missing: u64,
    given: VecDeque<Result<Unit, Error>>,
}

/// The time line of all streams: their timestamps begin again together.
#[derive(Debug)]
pub(super) struct Clock(Unwrap<TIME_BITS>);

impl Clock {
    pub(super) const fn ticks(&mut self, timestamp: u64) -> i64 {
        self.0.unwrap(timestamp)
    }
}

#[derive(Debug)]
struct Program {
    pid: u16,
    sections: Sections,
    /// Once its table came.
    streams: Option<Vec<Elementary>>,
}

impl Demux {
    /// At the start of a stream.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            packets: Packets::new(limits.max_garbage_bytes),
            clock: Clock(Unwrap::new()),
            pat: Sections::default(),
            programs: Vec::new(),
            followed: Vec::new(),
            video: None,
            sound: None,
            left_out: Vec::new(),
            bytes_without_tables: 0,
            missing: 0,
            given: VecDeque::new(),
        }
    }

    /// Takes in the next piece of the stream.
    pub fn push(&mut self, piece: &[u8]) {
        self.packets.push(piece);
    }

    /// The next picture or frame of sound that is whole; `None` when more has to come first.
    ///
    /// # Errors
    /// [`Error`]: what is wrong with the stream. Reading may go on if it [is
    /// passing](Error::is_passing).
    pub fn unit(&mut self) -> Result<Option<Unit>, Error> {
        loop {
            if let Some(given) = self.given.pop_front() {
                return given.map(Some);
            }
            let Some(packet) = self.packets.next()? else {
                return Ok(None);
            };
            self.take(&packet)?;
        }
    }

    /// What is left at the end of the stream, one after the other; `None` when that is all.
    ///
    /// # Errors
    /// As [`unit`](Self::unit).
    pub fn finish(&mut self) -> Result<Option<Unit>, Error> {
        if let Some(given) = self.given.pop_front() {
            return given.map(Some);
        }
        if let Some(packet) = self.packets.finish() {
            self.take(&packet)?;
        }
        let given = &mut self.given;
        if let Some(video) = &mut self.video {
            video.finish(&mut self.clock, |unit| {
                given.push_back(unit.map(Unit::Video))
            });
        }
        self.given.pop_front().transpose()
    }

    /// Whether it is known what is in the stream, and that there are pictures to show.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.video.is_some()
    }

    /// What is in the stream and not given, by name: other pictures and other sound.
    #[must_use]
    pub fn left_out(&self) -> &[&'static str] {
        &self.left_out
    }

    /// Packets that were missing, at least.
    #[must_use]
    pub fn missing_packets(&self) -> u64 {
        self.missing
    }

    /// Pictures that came whole, but were held back because those before them were missing.
    #[must_use]
    pub fn held_back(&self) -> u64 {
        self.video.as_ref().map_or(0, |video| video.held_back)
    }

    fn take(&mut self, bytes: &[u8; PACKET_BYTES]) -> Result<(), Error> {
        if self.video.is_none() {
            self.bytes_without_tables += PACKET_BYTES;
            let limit = self.limits.max_bytes_without_tables;
            if self.bytes_without_tables > limit {
                self.bytes_without_tables = 0;
                return Err(Error::NoTables { limit });
            }
        }
        let Some(packet) = Packet::parse(bytes).filter(|packet| packet.pid != NULL_PID) else {
            return Ok(());
        };
        let Some(payload) = packet.payload else {
            return Ok(());
        };
        let (given, clock) = (&mut self.given, &mut self.clock);
        if let Some(video) = self.video.as_mut().filter(|video| video.pid == packet.pid) {
            if packet.scrambled {
                return Err(Error::Scrambled);
            }
            let give = |unit: Result<Video, Error>| given.push_back(unit.map(Unit::Video));
            self.missing += u64::from(video.packet(&packet, payload, clock, give));
        } else if let Some(sound) = &mut self.sound
            && sound.elementary.pid == packet.pid
        {
            if !packet.scrambled {
                let give = |unit| given.push_back(Ok(Unit::Sound(unit)));
                self.missing += u64::from(sound.packet(&packet, payload, clock, give));
            }
        } else {
            return self.table(&packet, payload);
        }
        Ok(())
    }

    /// Takes a packet that may be part of a table.
    fn table(&mut self, packet: &Packet<'_>, payload: &[u8]) -> Result<(), Error> {
        if packet.pid == PAT_PID {
            let programs = &mut self.programs;
            self.pat.push(packet, payload, |section| {
                if let Some(pids) = tables::programs(section) {
                    replace(programs, &pids);
                }
            });
            return Ok(());
        }
        let mut news = false;
        // Several programmes may be described under one identifier; the last one counts.
        for program in self
            .programs
            .iter_mut()
            .filter(|program| program.pid == packet.pid)
        {
            let streams = &mut program.streams;
            program.sections.push(packet, payload, |section| {
                if let Some(found) = tables::streams(section) {
                    news |= streams.as_ref() != Some(&found);
                    *streams = Some(found);
                }
            });
        }
        if news { self.choose() } else { Ok(()) }
    }

    /// Follows the first programme with pictures that can be shown.
    fn choose(&mut self) -> Result<(), Error> {
        let is_h264 = |stream: &Elementary| stream.kind == Kind::H264;
        let known = || {
            self.programs
                .iter()
                .filter_map(|program| program.streams.as_ref())
        };
        let Some(chosen) = known().find(|streams| streams.iter().any(is_h264)) else {
            if known().count() < self.programs.len() {
                return Ok(());
            }
            let mut found: Vec<_> = known().flatten().filter_map(Elementary::name).collect();
            found.dedup();
            let found = if found.is_empty() {
                "neither pictures nor sound".to_owned()
            } else {
                found.join(", ")
            };
            return Err(Error::Unsupported { found });
        };
        if *chosen == self.followed {
            return Ok(());
        }
        let chosen = chosen.clone();
        let pid = chosen
            .iter()
            .find(|stream| is_h264(stream))
            .map(|stream| stream.pid);
        if self.video.as_ref().map(|video| video.pid) != pid {
            self.video = pid.map(|pid| video::Track::new(pid, &self.limits));
        }
        let is_sound = |stream: &&Elementary| matches!(stream.kind, Kind::Aac | Kind::Opus(_));
        let sound = chosen.iter().find(is_sound).copied();
        if self.sound.as_ref().map(|sound| sound.elementary) != sound {
            self.sound = sound.map(sound::Track::new);
        }
        let others = chosen
            .iter()
            .filter(|stream| matches!(stream.kind, Kind::Other(_)));
        self.left_out = others.filter_map(Elementary::name).collect();
        self.followed = chosen;
        Ok(())
    }
}

impl Elementary {
    fn name(&self) -> Option<&'static str> {
        match self.kind {
            Kind::H264 => Some("H.264"),
            Kind::Aac => Some("AAC"),
            Kind::Opus(_) => Some("Opus"),
            Kind::Other(name) => Some(name),
            Kind::Data => None,
        }
    }
}

/// Makes these the programmes; of those that stay, what is known stays.
fn replace(programs: &mut Vec<Program>, pids: &[u16]) {
    let is_same = programs.iter().map(|program| &program.pid).eq(pids);
    if is_same {
        return;
    }
    let mut old = std::mem::take(programs);
    programs.extend(pids.iter().map(|pid| {
        let known = old.iter().position(|program| program.pid == *pid);
        known.map_or_else(
            || Program {
                pid: *pid,
                sections: Sections::default(),
                streams: None,
            },
            |at| old.swap_remove(at),
        )
    }));
}
