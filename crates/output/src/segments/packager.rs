//! Pictures and sound of a stream as segments. Pure: it knows no time but that of the packets.

use std::collections::VecDeque;
use std::time::Duration;

use eyeline_media::{AudioFormat, AudioPacket, Packet, Timestamp};
use eyeline_proto::fmp4;
use eyeline_proto::hls::Server;

use super::part_target::part_target;
use super::segment::Start;
use super::sound::Sound;
use super::track::Track;
use super::video::{Picture, Video};
use crate::limits::{LEAD_IN, LONG_SEGMENT, PART_TARGET, SOUND_HELD, SOUND_LATE};

/// Until it is known how far key pictures are apart, segments are said to be this long at most.
const TARGET_DURATION_S: u32 = 4;
/// If one turns out longer, the next of these is said.
const LONGER_S: [u32; 8] = [2, 4, 6, 10, 15, 20, 30, 60];
/// A capture time so far before the latest begins a new time line.
const STEP_BACK: Duration = Duration::from_secs(1);

/// Which track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Video,
    Audio,
}

/// A time in which pictures and sound are coded alike and run on (DASH's period).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Epoch {
    /// Its first segment.
    pub(crate) number: u64,
    /// When it begins.
    pub(crate) time: Duration,
}

/// What was asked before, by which a new beginning is better planned.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Plan {
    /// Number of the first segment.
    pub(crate) first: u64,
    /// Discontinuities so far.
    pub(crate) discontinuities: u64,
    /// The longest segment there was, if there was one.
    pub(crate) target_duration_s: Option<u32>,
}

/// Cuts one rendition of a stream.
pub(crate) struct Packager {
    plan: Plan,
    /// Pictures that came before it was known how often they do.
    early: Vec<Packet>,
    part_target: Option<Duration>,
    target_duration_s: u32,
    /// What was captured then …
    base: Timestamp,
    /// … is shown then.
    base_shown: Duration,
    newest: Timestamp,
    /// The most by which packets came after they were captured, at the beginning.
    delay: Duration,
    video: Video,
    sound: Option<Sound>,
    pub(crate) epochs: VecDeque<Epoch>,
    ended: bool,
}

impl Packager {
    pub(crate) fn new(plan: Plan) -> Self {
        Self {
            early: Vec::new(),
            part_target: None,
            target_duration_s: plan.target_duration_s.unwrap_or(TARGET_DURATION_S),
            base: Timestamp::default(),
            base_shown: Duration::ZERO,
            newest: Timestamp::default(),
            delay: Duration::ZERO,
            video: Video::new(plan.first, Duration::from_millis(33)),
            sound: None,
            epochs: VecDeque::new(),
            ended: false,
            plan,
        }
    }

    /// Takes in a picture that came at `arrived`.
    pub(crate) fn picture(&mut self, packet: Packet, arrived: Timestamp) {
        if self.part_target.is_some() {
            self.push(packet);
            return;
        }
        if self.early.is_empty() && !packet.key {
            return;
        }
        self.delay = self.delay.max(arrived.since(packet.captured));
        self.early.push(packet);
        let Some(interval) = self.interval() else {
            return;
        };
        let sound = self.sound.as_ref().and_then(Sound::piece);
        self.part_target = Some(part_target(interval, sound));
        self.video = Video::new(self.plan.first, interval);
        for packet in std::mem::take(&mut self.early) {
            self.push(packet);
        }
    }

    /// How far the early pictures are apart, once that can be told.
    fn interval(&self) -> Option<Duration> {
        let [first, .., last] = &self.early[..] else {
            return None;
        };
        let took = last.decoded().since(first.decoded());
        let enough = took >= PART_TARGET * 9 / 10 || self.early.len() > 64;
        let intervals = u32::try_from(self.early.len() - 1).unwrap_or(u32::MAX);
        enough.then(|| took / intervals)
    }

    fn push(&mut self, packet: Packet) {
        let Some(part_target) = self.part_target else {
            return;
        };
        let first = self.epochs.is_empty();
        let jump = !first && self.newest.since(packet.captured) > STEP_BACK;
        if (first || jump) && !packet.key {
            return;
        }
        if first || jump {
            self.base = packet.captured;
            self.base_shown = self.video.track.time(self.video.track.end).max(LEAD_IN);
        }
        self.newest = if jump {
            packet.captured
        } else {
            self.newest.max(packet.captured)
        };
        let picture = Picture {
            shown: self.shown(packet.captured).unwrap_or_default(),
            composition: packet.composition,
            key: packet.key,
            jump,
            captured: packet.captured,
            data: packet.data,
        };
        if let Some(start) = self.video.push(picture, part_target) {
            if start.discontinuity || first {
                let time = self.video.track.time(start.time);
                self.epochs.push_back(Epoch {
                    number: start.number,
                    time,
                });
            }
            if let Some(sound) = &mut self.sound {
                sound.cuts.push_back(start);
            }
        }
        self.drain_sound();
        self.lengthen();
        self.forget();
    }

    /// When what was captured then is shown; `None` of what was before the beginning.
    fn shown(&self, captured: Timestamp) -> Option<Duration> {
        (captured >= self.base).then(|| captured.since(self.base) + self.base_shown)
    }

    /// Says that segments are longer, before one that is ends.
    fn lengthen(&mut self) {
        let sound = self.sound.as_ref().map(|sound| &sound.track);
        let newest = [Some(&self.video.track), sound].into_iter().flatten();
        let newest = newest.flat_map(|track| {
            let segments = track.segments.iter().rev().take(2);
            segments.map(|segment| track.time(segment.duration()))
        });
        let longest = newest.max();
        let rounded_s = longest.unwrap_or_default().as_secs_f64().round() as u32;
        if rounded_s > self.target_duration_s {
            let next = LONGER_S.iter().find(|&&longer| longer >= rounded_s);
            self.target_duration_s = next.copied().unwrap_or(rounded_s);
        }
    }

    /// Takes in a piece of sound. What MP4 does not carry is left out.
    pub(crate) fn sound(&mut self, packet: AudioPacket) {
        if self
            .sound
            .as_ref()
            .is_none_or(|sound| sound.format != packet.format)
        {
            let Some(audio) = fmp4::Audio::of(&packet.format) else {
                return;
            };
            let cuts = self.cuts_from(packet.captured);
            self.sound = Some(Sound::new(&audio, &packet, cuts));
        }
        if let Some(sound) = &mut self.sound {
            sound.held.push_back(packet);
            if sound.held.len() > SOUND_HELD && self.part_target.is_none() {
                sound.held.pop_front();
            }
        }
        self.drain_sound();
    }

    /// Where the segments of pictures begin, from the one on in which this moment lies.
    fn cuts_from(&self, captured: Timestamp) -> VecDeque<Start> {
        let track = &self.video.track;
        let at = self.shown(captured).map_or(0, |shown| track.ticks(shown));
        let filled = track.segments.iter().filter(|segment| !segment.is_gap());
        let mut cuts: VecDeque<_> = filled.map(Start::of).collect();
        while cuts.get(1).is_some_and(|next| next.time <= at) {
            cuts.pop_front();
        }
        cuts
    }

    /// Takes sound into its track as far as there are pictures: only then it is known where
    /// segments begin.
    fn drain_sound(&mut self) {
        let (Some(part_target), false) = (self.part_target, self.epochs.is_empty()) else {
            return;
        };
        let Some(mut sound) = self.sound.take() else {
            return;
        };
        let there = self.video.track.time(self.video.track.end);
        while let Some(packet) = sound.held.front() {
            let shown = self.shown(packet.captured);
            if shown.is_some_and(|shown| shown >= there) && sound.held.len() < SOUND_HELD {
                break;
            }
            let packet = sound.held.pop_front();
            if let (Some(shown), Some(packet)) = (shown, packet) {
                sound.place(packet, shown, part_target);
            }
        }
        // Sound that stays away leaves gaps, which players know how to go on over.
        if let Some(late) = there.checked_sub(SOUND_LATE) {
            sound.cut(late, false);
        }
        self.sound = Some(sound);
    }

    fn forget(&mut self) {
        let target = Duration::from_secs(self.target_duration_s.into());
        self.video.track.forget(target);
        if let Some(sound) = &mut self.sound {
            sound.track.forget(target);
        }
        let first = self
            .video
            .track
            .segments
            .front()
            .map_or(0, |segment| segment.number);
        while self.epochs.get(1).is_some_and(|next| next.number <= first) {
            self.epochs.pop_front();
        }
    }

    /// No more will come.
    pub(crate) fn end(&mut self) {
        self.ended = true;
        if self.video.track.open().is_some() {
            self.video.track.end_segment();
        }
        if let Some(sound) = &mut self.sound
            && sound.track.open().is_some()
        {
            sound.track.end_segment();
        }
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended
    }

    /// Grows with everything that is to be listed.
    pub(crate) fn made(&self) -> u64 {
        let sound = self.sound.as_ref().map_or(0, |sound| sound.track.made);
        self.video.track.made + sound + u64::from(self.target_duration_s)
    }

    /// The track, once there is a part of it.
    pub(crate) fn track(&self, kind: Kind) -> Option<&Track> {
        let track = match kind {
            Kind::Video => &self.video.track,
            Kind::Audio => &self.sound.as_ref()?.track,
        };
        track
            .segments
            .iter()
            .any(|segment| !segment.parts.is_empty())
            .then_some(track)
    }

    /// Whether a player that begins now, by parts or by whole segments, finds something to play
    /// where it is to begin. One that is sent into the gap before the first segment loses a second there.
    pub(crate) fn is_playable(&self, kind: Kind, parts: bool) -> bool {
        let Some(track) = self.track(kind) else {
            // There is nothing to wait for.
            return true;
        };
        let mut filled = track.segments.iter().filter(|segment| !segment.is_gap());
        let first = filled.next();
        let server = self.server();
        let held_back = server.part_hold_back() + server.part_target;
        first.is_some_and(|first| {
            let enough = track.end >= first.time + track.ticks(held_back);
            first.end.is_some() || (parts && enough)
        })
    }

    /// How the sound is coded.
    pub(crate) fn format(&self) -> Option<&AudioFormat> {
        self.sound.as_ref().map(|sound| &*sound.format)
    }

    /// What playlists promise.
    pub(crate) fn server(&self) -> Server {
        Server {
            target_duration_s: self.target_duration_s,
            part_target: self.part_target.unwrap_or(PART_TARGET),
        }
    }

    /// Whether a segment had better end, if a key picture can be had.
    pub(crate) fn wants_key(&self) -> bool {
        let track = &self.video.track;
        let open = track
            .open()
            .map(|open| track.time(track.end.saturating_sub(open.time)));
        open.is_some_and(|open| open >= LONG_SEGMENT)
    }

    /// Pictures a second.
    pub(crate) fn fps(&self) -> f64 {
        1.0 / self.video.interval().as_secs_f64().max(1e-3)
    }

    /// Discontinuities before the segments that are kept.
    pub(crate) fn discontinuities(&self, track: &Track) -> u64 {
        self.plan.discontinuities + track.discontinuities_gone
    }

    /// What the time is on players' clocks when they are at zero.
    pub(crate) fn began(&self) -> Timestamp {
        let back = u64::try_from(self.base_shown.as_nanos()).unwrap_or(u64::MAX);
        Timestamp::from_nanos(self.base.as_nanos().saturating_sub(back)).after(self.delay)
    }

    /// What to plan a later beginning by.
    pub(crate) fn next_plan(&self) -> Plan {
        let longest = self
            .video
            .track
            .segments
            .iter()
            .filter(|segment| segment.end.is_some());
        let longest = longest
            .map(|segment| self.video.track.time(segment.duration()))
            .max();
        let rounded = longest.map(|longest| (longest.as_secs_f64().round() as u32).max(1));
        Plan {
            first: self
                .video
                .track
                .segments
                .back()
                .map_or(0, |segment| segment.number + 1),
            discontinuities: self.discontinuities(&self.video.track) + 1,
            target_duration_s: rounded.or(self.plan.target_duration_s),
        }
    }
}
