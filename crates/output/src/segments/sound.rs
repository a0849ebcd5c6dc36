//! The track of sound: cut at the same times as the pictures, as soon as it comes to them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use eyeline_media::{AudioFormat, AudioPacket};
use eyeline_proto::fmp4;

use super::segment::Start;
use super::track::Track;

/// A shorter gap is bridged by the piece behind it: players stumble over holes.
const SOUND_BRIDGED: Duration = Duration::from_millis(100);
/// Sound that is further from where it should be is put there; else it runs on evenly.
const SOUND_TOLERANCE: Duration = Duration::from_millis(20);

/// The track of sound.
pub(crate) struct Sound {
    /// Until it is known with which segment it begins.
    init: Option<fmp4::Init>,
    pub(crate) track: Track,
    pub(crate) format: Arc<AudioFormat>,
    /// What comes before the pictures that belong to it.
    pub(crate) held: VecDeque<AudioPacket>,
    /// Where segments begin that the sound has not yet come to; times are those of the pictures.
    pub(crate) cuts: VecDeque<Start>,
}

impl Sound {
    /// Begins where the first of these segments does.
    pub(crate) fn new(audio: &fmp4::Audio, packet: &AudioPacket, cuts: VecDeque<Start>) -> Self {
        Self {
            track: Track::new(fmp4::Track::Audio, audio.timescale()),
            init: Some(fmp4::Init::of(None, Some(audio))),
            format: Arc::clone(&packet.format),
            held: VecDeque::new(),
            cuts,
        }
    }

    /// How long a piece is.
    pub(crate) fn piece(&self) -> Option<Duration> {
        let samples = self.held.front()?.samples;
        let rate = self.format.sample_rate.max(1);
        Some(Duration::from_secs_f64(
            f64::from(samples) / f64::from(rate),
        ))
    }

    /// Begins the segments that begin up to then. Sound that runs on fills its part first: a player
    /// may lose its way over one that is all but empty (hls.js).
    pub(crate) fn cut(&mut self, shown: Duration, runs_on: bool) {
        let at = fmp4::ticks(shown, fmp4::TIMESCALE);
        while let Some(start) = self.cuts.front().copied().filter(|start| start.time <= at) {
            let track = &mut self.track;
            if runs_on && !start.discontinuity && track.has_pending() {
                return;
            }
            self.cuts.pop_front();
            let began =
                u128::from(start.time) * u128::from(track.timescale) / u128::from(fmp4::TIMESCALE);
            let began = u64::try_from(began).unwrap_or(u64::MAX);
            let mut time = began;
            if track.open().is_some() {
                // What was heard last may reach across the cut; a segment without any is a gap.
                if track.end + track.ticks(SOUND_TOLERANCE) * 4 < began {
                    track.skip_to(began);
                }
                time = track.end;
                track.end_segment();
            }
            let start = Start {
                time: began,
                ..start
            }
            .at(time, track.timescale);
            if let Some(init) = self.init.take() {
                track.lead_in(start, init);
            }
            track.begin_segment(start);
        }
    }

    /// Takes a piece in that is heard then.
    pub(crate) fn place(&mut self, packet: AudioPacket, shown: Duration, part_target: Duration) {
        let (at, tolerance) = (self.track.ticks(shown), self.track.ticks(SOUND_TOLERANCE));
        self.cut(shown, at <= self.track.end + tolerance);
        let track = &mut self.track;
        if track.open().is_none() || at + tolerance < track.end {
            return;
        }
        let ahead = at.saturating_sub(track.end);
        let mut lead = 0;
        if ahead > tolerance && ahead <= track.ticks(SOUND_BRIDGED) && track.is_going_on() {
            lead = ahead;
        } else if ahead > tolerance {
            track.skip_to(at);
            track.begin_late();
        }
        let rate = u64::from(self.format.sample_rate.max(1));
        let duration =
            (u64::from(packet.samples) * u64::from(track.timescale) / rate + lead).max(1);
        let most = track.ticks(part_target);
        if track.part_duration() + duration > most {
            track.end_part();
        }
        let shown = track.end.cast_signed();
        track.append(duration, shown, true, packet.captured, packet.data);
        if track.part_duration() + duration > most {
            track.end_part();
        }
    }
}
