//! Which of several renditions a viewer's link carries: what was wished for stands on top,
//! and each rung below needs less. Steps down when pictures are late or lost, and climbs
//! when there is room again. Pure: time is an argument.
//!
//! Not here: what the rungs are (the caller's list), and moving a viewer to another one.

mod client;

use std::time::Duration;

use eyeline_clock::MonoTime;

use self::client::Client;
pub use self::client::Feedback;

/// A picture that takes longer to send is late.
const LATE: Duration = Duration::from_millis(150);
/// After so long with late pictures only, a smaller rendition is sent.
const LATE_FOR: Duration = Duration::from_millis(500);
/// Over so long it is counted how many pictures get through; half as long after a climb.
const WINDOW: Duration = Duration::from_secs(2);
/// The share of them that must. One that gets fewer is full, and on a full link pictures wait.
const ENOUGH: f64 = 0.85;
/// So many that are left out within a window end a climb.
const TOO_MANY_ON_TRIAL: u64 = 2;
/// So few say nothing.
const TOO_FEW: u64 = 4;
/// A source that gives less than this share of what a rung allows is slower than that.
const FEWER: f64 = 0.8;
/// The share of a link that a rung may need: when choosing one below, and to climb to it.
const FITS: f64 = 0.8;
const ROOM: f64 = 0.7;
/// How long nothing may have gone wrong before a climb: at first, and after many failed ones.
const WAIT: Duration = Duration::from_secs(4);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// So many times as long when it was not measured that there is room. It may be there all
/// the same: little that is sent on a long way proves little.
const UNPROVEN: u32 = 3;
/// A climb that goes well for so long has succeeded.
const SETTLED: Duration = Duration::from_secs(16);
/// Pictures from one look to the next while all goes well.
const NOW_AND_THEN: u64 = 8;
/// Weight of a picture in the mean length of pictures.
const NEWEST: f64 = 1.0 / 8.0;

/// What a rung asks of a link, as far as it is known beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rung {
    /// Lines of its pictures.
    pub height: u32,
    /// Pictures a second.
    pub fps: u32,
}

/// What is seen at a moment. The counters run since the viewer came, over all rungs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look {
    /// When.
    pub now: MonoTime,
    /// How long the latest picture took to send: [`Link::took`](crate::Link::took). Counts
    /// once, when `passed` has grown.
    pub took: Duration,
    /// Pictures given to the socket.
    pub passed: u64,
    /// Pictures left out because the socket was not ready.
    pub skipped: u64,
    /// Bytes given to the socket.
    pub bytes: u64,
    /// What the link delivers, if it is known.
    pub bandwidth_bps: Option<u64>,
}

/// Chooses the rung for one viewer.
#[derive(Clone, Debug)]
pub struct Ladder {
    rungs: Vec<Rung>,
    /// Mean bytes of a picture of each, where some were sent.
    picture_bytes: Vec<Option<f64>>,
    /// Pictures a second of a source that gives fewer than the rungs allow.
    source_fps: Option<f64>,
    rung: usize,
    latest: Option<Look>,
    window: Look,
    /// The first window is over: until then many viewers may come at once, and buffers grow.
    warm: bool,
    moved: MonoTime,
    /// Since when all pictures have been late.
    late_since: Option<MonoTime>,
    /// Since when nothing has gone wrong.
    well_since: MonoTime,
    climb: Climb,
    client: Client,
}

/// How long to wait before the next climb, and whether the last one has yet to prove itself.
#[derive(Clone, Copy, Debug)]
struct Climb {
    wait: Duration,
    on_trial: bool,
}

impl Ladder {
    /// A ladder of these rungs, the largest first; the viewer starts on that one.
    #[must_use]
    pub fn new(rungs: Vec<Rung>) -> Self {
        Self {
            picture_bytes: vec![None; rungs.len()],
            source_fps: None,
            rungs,
            rung: 0,
            latest: None,
            window: Look::default(),
            warm: false,
            moved: MonoTime::ZERO,
            late_since: None,
            well_since: MonoTime::ZERO,
            climb: Climb {
                wait: WAIT,
                on_trial: false,
            },
            client: Client::default(),
        }
    }

    /// Other rungs, as the wish or the source changed: starts anew at the top.
    pub fn replace(&mut self, rungs: Vec<Rung>) {
        *self = Self::new(rungs);
    }

    /// Index of the rung to be on; 0 is what was wished for.
    #[must_use]
    pub fn rung(&self) -> usize {
        self.rung
    }

    /// Whether a look now may find anything: while all goes well, it is enough to look now and then.
    #[must_use]
    pub fn wants_to_look(&self, passed: u64, skipped: u64, took: Duration) -> bool {
        let is_well = self.rung == 0 && self.late_since.is_none() && took <= LATE;
        let news = self.latest.is_none_or(|latest| {
            skipped != latest.skipped || passed.saturating_sub(latest.passed) >= NOW_AND_THEN
        });
        !is_well || news || self.client.has_complained()
    }

    /// Takes in what is seen, best before each picture, and says which rung to be on.
    pub fn look(&mut self, look: &Look) -> usize {
        let Some(latest) = self.latest.replace(*look) else {
            self.start(look);
            return self.rung;
        };
        if self.rungs.len() < 2 {
            return self.rung;
        }
        self.take_in(&latest, look);
        let trouble = self.is_late(look.now)
            | self.fails_trial(look)
            | self.is_starved(look)
            | self.client.complains(look.now);
        if trouble {
            self.step_down(look);
        } else if self.may_climb(look) {
            self.move_to(self.rung - 1, look);
            self.climb.on_trial = true;
        } else if self.climb.on_trial && look.now.saturating_sub(self.moved) >= SETTLED {
            self.climb = Climb {
                wait: WAIT,
                on_trial: false,
            };
        }
        self.rung
    }

    /// Takes in what the client says; the next look acts on it.
    pub fn feedback(&mut self, now: MonoTime, feedback: Feedback) {
        if !self.client.report(now, feedback) {
            self.well_since = now;
        }
    }

    fn start(&mut self, look: &Look) {
        self.window = *look;
        self.moved = look.now;
        self.well_since = look.now;
        self.client.moved(look.now);
    }

    fn take_in(&mut self, before: &Look, look: &Look) {
        if look.skipped > before.skipped {
            self.well_since = look.now;
        }
        let passed = look.passed.saturating_sub(before.passed);
        if passed == 0 {
            return;
        }
        let bytes = look.bytes.saturating_sub(before.bytes) as f64 / passed as f64;
        let mean = self.picture_bytes[self.rung].get_or_insert(bytes);
        *mean += (bytes - *mean) * NEWEST;
        if look.took > LATE {
            let since = look.now.saturating_sub(look.took);
            self.late_since.get_or_insert(since);
            self.well_since = look.now;
        } else {
            self.late_since = None;
        }
    }

    fn is_late(&self, now: MonoTime) -> bool {
        self.late_since
            .is_some_and(|since| now.saturating_sub(since) >= LATE_FOR)
    }

    /// Whether a climb shows at once that it was one too many: each picture of it that is left
    /// out, or late, has made those before it wait.
    fn fails_trial(&self, look: &Look) -> bool {
        let skipped = look.skipped.saturating_sub(self.window.skipped);
        self.climb.on_trial && (skipped >= TOO_MANY_ON_TRIAL || self.late_since.is_some())
    }

    /// At the end of each window: whether too few pictures got through.
    fn is_starved(&mut self, look: &Look) -> bool {
        let elapsed = look.now.saturating_sub(self.window.now);
        let long_enough = if self.climb.on_trial {
            WINDOW / 2
        } else {
            WINDOW
        };
        if elapsed < long_enough {
            return false;
        }
        let passed = look.passed.saturating_sub(self.window.passed);
        let all = passed + look.skipped.saturating_sub(self.window.skipped);
        self.client.sent(passed as f64 / elapsed.as_secs_f64());
        self.window = *look;
        let warm = std::mem::replace(&mut self.warm, true);
        if all < TOO_FEW || !warm {
            return false;
        }
        let fps = all as f64 / elapsed.as_secs_f64();
        let allowed = f64::from(self.rungs[self.rung].fps);
        self.source_fps = Some(fps).filter(|fps| *fps < FEWER * allowed);
        (passed as f64) < ENOUGH * all as f64
    }

    fn may_climb(&self, look: &Look) -> bool {
        if self.rung == 0 {
            return false;
        }
        let well = look.now.saturating_sub(self.well_since);
        let there_is_room = look.bandwidth_bps.is_some_and(|bandwidth_bps| {
            self.needs_bps(self.rung - 1)
                .is_some_and(|needed| needed <= ROOM * bandwidth_bps as f64)
        });
        well >= self.climb.wait * if there_is_room { 1 } else { UNPROVEN }
    }

    /// To the next rung below, or further if the link is known to carry less than that.
    fn step_down(&mut self, look: &Look) {
        let last = self.rungs.len() - 1;
        let most = look.bandwidth_bps.map(|bps| FITS * bps as f64);
        let too_large = |rung: &usize| {
            let needed = self.needs_bps(*rung);
            most.zip(needed).is_some_and(|(most, needed)| needed > most)
        };
        let rung = (self.rung + 1..last).find(|rung| !too_large(rung));
        if self.climb.on_trial {
            let wait = (self.climb.wait * 2).min(LONGEST_WAIT);
            self.climb = Climb {
                wait,
                on_trial: false,
            };
        }
        self.move_to(rung.unwrap_or(last), look);
    }

    fn move_to(&mut self, rung: usize, look: &Look) {
        self.rung = rung;
        self.window = *look;
        self.moved = look.now;
        self.well_since = look.now;
        self.late_since = None;
        self.client.moved(look.now);
    }

    /// Bits a second of a rung: by what was sent of it, or else by its size compared with
    /// that of the nearest of which something was.
    fn needs_bps(&self, rung: usize) -> Option<f64> {
        let known = self.picture_bytes.iter().enumerate();
        let (nearest, bytes) = known
            .filter_map(|(index, bytes)| Some((index, (*bytes)?)))
            .min_by_key(|(index, _)| index.abs_diff(rung))?;
        let pixels = |rung: usize| f64::from(self.rungs[rung].height.max(1)).powi(2);
        let fps = f64::from(self.rungs[rung].fps).min(self.source_fps.unwrap_or(f64::MAX));
        Some(bytes * pixels(rung) / pixels(nearest) * fps * 8.0)
    }
}

#[cfg(test)]
mod tests;
