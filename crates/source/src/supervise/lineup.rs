//! Which of a stream's sources are to run, and whose pictures are shown: the decisions
//! of supervision, without tasks and timers. Time is an argument.
//!
//! The sources stand in a list, best first. A source is started when no better one
//! gives pictures and each better one has failed or is silent; so while a fallback is
//! shown, the better ones are tried beside it, and the first picture of one ends it.

use std::time::Duration;

use tokio::time::Instant;

use super::backoff::Backoff;

/// How long a source may take to its first picture before it is opened anew: commands
/// that connect to cameras take their time.
pub(super) const START_TIMEOUT: Duration = Duration::from_secs(15);
/// Viewers who come and go do not have sources tried more often than this.
const TRIED_FOR_VIEWERS: Duration = Duration::from_secs(1);

/// The sources of one stream.
#[derive(Debug)]
pub(super) struct Lineup {
    entries: Vec<Entry>,
    /// How long a source may be silent.
    silence: Duration,
    /// None is started now: sources that were replaced are still closing.
    held_back: bool,
    /// When waiting was last cut short for a viewer.
    cut_short: Option<Instant>,
}

/// What a source is like, as far as it matters here.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Traits {
    /// It runs only while somebody looks.
    pub(super) on_demand: bool,
    /// It is never closed for being silent.
    pub(super) patient: bool,
    /// It is told when opening it again may help.
    pub(super) hasty: bool,
}

#[derive(Debug)]
struct Entry {
    traits: Traits,
    phase: Phase,
    backoff: Backoff,
}

impl Entry {
    /// Not later than then, if it waits.
    fn try_at(&mut self, at: Instant) {
        if let Phase::Waiting { due } | Phase::Closing { due, .. } = &mut self.phase {
            *due = at.min(*due);
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Not running; may be started from then on.
    Waiting { due: Instant },
    /// Running.
    Running {
        since: Instant,
        /// When its first and latest pictures came.
        pictures: Option<(Instant, Instant)>,
        /// It has said that no pictures come for the time being.
        away: bool,
    },
    /// Told to stop, or stopped by itself, and not closed yet.
    Closing { due: Instant, over: bool },
    /// Cannot be opened again.
    Over,
}

/// What is to be done now.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Orders {
    /// Start these.
    pub(super) start: Vec<usize>,
    /// Stop these: a better one is there, or nobody looks.
    pub(super) stop: Vec<usize>,
    /// Stop these: they have been silent for too long.
    pub(super) silent: Vec<usize>,
}

impl Lineup {
    /// None has run yet, all may.
    pub(super) fn new(
        traits: impl IntoIterator<Item = Traits>,
        silence: Duration,
        now: Instant,
    ) -> Self {
        let entry = |traits| Entry {
            traits,
            phase: Phase::Waiting { due: now },
            backoff: Backoff::default(),
        };
        Self {
            entries: traits.into_iter().map(entry).collect(),
            silence,
            held_back: false,
            cut_short: None,
        }
    }

    /// Replaces the list. `kept` says of each new source which of the old ones it is, if
    /// it is one: that one goes on as it was.
    pub(super) fn change(
        &mut self,
        traits: impl IntoIterator<Item = Traits>,
        kept: &[Option<usize>],
        silence: Duration,
        now: Instant,
    ) {
        let fresh = Self::new(traits, silence, now);
        let mut old: Vec<_> = std::mem::take(&mut self.entries)
            .into_iter()
            .map(Some)
            .collect();
        let entries = fresh.entries.into_iter().zip(kept).map(|(fresh, kept)| {
            let old = kept.and_then(|index| old[index].take());
            Entry {
                traits: fresh.traits,
                ..old.unwrap_or(fresh)
            }
        });
        self.entries = entries.collect();
        self.silence = silence;
    }

    /// Says whether starting must wait.
    pub(super) fn hold_back(&mut self, held_back: bool) {
        self.held_back = held_back;
    }

    /// Takes note of a picture. Whether it is to be shown: no better source gives any.
    pub(super) fn picture(&mut self, index: usize, now: Instant) -> bool {
        if let Phase::Running { pictures, away, .. } = &mut self.entries[index].phase {
            let first = pictures.map_or(now, |(first, _)| first);
            *pictures = Some((first, now));
            *away = false;
        }
        self.shown(now) == Some(index)
    }

    /// Takes note that a source stays open, but gives no pictures for now.
    pub(super) fn away(&mut self, index: usize) {
        if let Phase::Running { away, .. } = &mut self.entries[index].phase {
            *away = true;
        }
    }

    /// Takes note that a source failed and is closing; when it is tried again. `over`
    /// says that it never will be.
    pub(super) fn lost(&mut self, index: usize, over: bool, jitter: f64, now: Instant) {
        let entry = &mut self.entries[index];
        let Phase::Running { pictures, .. } = entry.phase else {
            return;
        };
        let worked = pictures.map(|(first, latest)| latest - first);
        let due = now + entry.backoff.failed(worked, jitter);
        entry.phase = Phase::Closing { due, over };
    }

    /// Takes note that a source is closed.
    pub(super) fn closed(&mut self, index: usize, now: Instant) {
        let entry = &mut self.entries[index];
        entry.phase = match entry.phase {
            Phase::Closing { over: true, .. } => Phase::Over,
            Phase::Closing { due, .. } => Phase::Waiting { due },
            Phase::Running { .. } => Phase::Waiting { due: now },
            other => other,
        };
    }

    /// Opening sources that wait for it may help now.
    pub(super) fn hasten(&mut self, now: Instant) {
        for entry in self.entries.iter_mut().filter(|entry| entry.traits.hasty) {
            entry.try_at(now);
        }
    }

    /// Somebody has begun to look, perhaps because the camera is there again: nobody is to wait for
    /// an attempt that is seconds away.
    pub(super) fn looked_at(&mut self, now: Instant) {
        let before = self.cut_short;
        if before.is_none_or(|before| now >= before + TRIED_FOR_VIEWERS) {
            self.cut_short = Some(now);
            self.entries.iter_mut().for_each(|entry| entry.try_at(now));
        }
    }

    /// The source whose pictures are shown: the best that gives some.
    pub(super) fn shown(&self, now: Instant) -> Option<usize> {
        self.entries
            .iter()
            .position(|entry| self.gives_pictures(entry, now))
    }

    /// Whether every source that could be tried waits for somebody to look.
    pub(super) fn is_parked(&self, demanded: bool) -> bool {
        !demanded
            && self.entries.iter().all(|entry| {
                entry.traits.on_demand
                    && !matches!(entry.phase, Phase::Running { .. } | Phase::Over)
            })
    }

    /// Whether no source can be opened ever again.
    pub(super) fn is_over(&self) -> bool {
        self.entries.iter().all(|entry| entry.phase == Phase::Over)
    }

    /// When the next attempt is made, if one is waited for.
    pub(super) fn next_attempt(&self) -> Option<Instant> {
        let dues = self.entries.iter().map(|entry| match entry.phase {
            Phase::Waiting { due } | Phase::Closing { due, over: false } => Some(due),
            _ => None,
        });
        dues.flatten().min()
    }

    /// Decides what is to be started and stopped, and takes it as done.
    pub(super) fn decide(&mut self, demanded: bool, now: Instant) -> Orders {
        let mut orders = Orders::default();
        let shown = self.shown(now);
        let mut held = self.held_back;
        for index in 0..self.entries.len() {
            let entry = &self.entries[index];
            let allowed = demanded || !entry.traits.on_demand;
            let outdone = shown.is_some_and(|shown| shown < index);
            match entry.phase {
                Phase::Running { .. } if outdone || !allowed => {
                    orders.stop.push(index);
                    self.entries[index].phase = Phase::Closing {
                        due: now,
                        over: false,
                    };
                }
                Phase::Running { .. } if self.is_stuck(entry, now) => orders.silent.push(index),
                Phase::Waiting { due } if due <= now && allowed && !held && !outdone => {
                    orders.start.push(index);
                    self.entries[index].phase = Phase::Running {
                        since: now,
                        pictures: None,
                        away: false,
                    };
                }
                _ => {}
            }
            held |= self.holds(&self.entries[index], now);
        }
        orders
    }

    /// When to decide again if nothing happens until then.
    pub(super) fn decide_at(&self, now: Instant) -> Option<Instant> {
        let later = |at: Instant| (at > now).then_some(at);
        let times = self.entries.iter().flat_map(|entry| match entry.phase {
            Phase::Waiting { due } => [later(due), None],
            Phase::Running {
                since,
                pictures: None,
                ..
            } => [
                later(since + self.silence),
                later(since + self.start_timeout()),
            ],
            Phase::Running {
                pictures: Some((_, latest)),
                ..
            } => [later(latest + self.silence), None],
            _ => [None, None],
        });
        times.flatten().min()
    }

    fn start_timeout(&self) -> Duration {
        self.silence.max(START_TIMEOUT)
    }

    fn gives_pictures(&self, entry: &Entry, now: Instant) -> bool {
        match entry.phase {
            Phase::Running {
                pictures: Some((_, latest)),
                away,
                ..
            } => !away && now < latest + self.silence,
            _ => false,
        }
    }

    /// Whether a source keeps the next one in the list from being started: it gives
    /// pictures, or it has only begun and never failed.
    fn holds(&self, entry: &Entry, now: Instant) -> bool {
        let begins = match entry.phase {
            Phase::Running {
                since,
                pictures: None,
                away: false,
            } => entry.backoff.is_untouched() && now < since + self.silence,
            _ => false,
        };
        begins || self.gives_pictures(entry, now)
    }

    /// Whether a source is to be opened anew because it is silent.
    fn is_stuck(&self, entry: &Entry, now: Instant) -> bool {
        match entry.phase {
            _ if entry.traits.patient => false,
            Phase::Running {
                pictures: Some((_, latest)),
                ..
            } => now >= latest + self.silence,
            Phase::Running {
                since,
                pictures: None,
                ..
            } => now >= since + self.start_timeout(),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests;
