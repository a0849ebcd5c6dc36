//! How the stream is doing, as its viewers and the API are told: the state, the
//! reasons, the slate.

use std::time::Duration;

use eyeline_clock::SharedClock;
use eyeline_hub::{State, StreamPublisher};
use eyeline_media::Timestamp;
use tokio::time::Instant;

use super::slate::{Notice, Slate};
use crate::options::Options;

/// How long a source may be starting before a slate says so.
const SLATE_AFTER: Duration = Duration::from_secs(1);

/// What is told of the stream.
pub(super) struct Status {
    names: Vec<String>,
    clock: SharedClock,
    silence: Duration,
    /// Why each source gives no pictures, as far as known.
    faults: Vec<Option<String>>,
    phase: Phase,
    /// The slate that is shown while there are no pictures.
    pub(super) slate: Slate,
}

#[derive(Debug)]
enum Phase {
    Idle,
    Starting {
        since: Instant,
    },
    Live {
        index: usize,
    },
    Away {
        since: Timestamp,
        reason: String,
        noticed: bool,
    },
}

impl Status {
    pub(super) fn new(names: Vec<String>, options: &Options, now: Instant) -> Self {
        let mut slate = Slate::default();
        slate.show_at(now + SLATE_AFTER);
        Self {
            faults: names.iter().map(|_| None).collect(),
            names,
            clock: options.clock.clone(),
            silence: options.silence_timeout,
            phase: Phase::Starting { since: now },
            slate,
        }
    }

    /// Follows a change of the sources. `kept` says of each new one which of the old ones
    /// it is, if it is one. The latest picture stays until there are new ones, or a slate
    /// is due.
    pub(super) fn change(
        &mut self,
        publisher: &mut StreamPublisher,
        (names, kept): (Vec<String>, &[Option<usize>]),
        silence: Duration,
        now: Instant,
    ) {
        let goes_on = self.names.len() == kept.len() && kept.iter().all(Option::is_some);
        let faults = kept
            .iter()
            .map(|kept| kept.and_then(|index| self.faults[index].take()));
        self.faults = faults.collect();
        (self.names, self.silence) = (names, silence);
        if let Phase::Live { index } = &mut self.phase
            && let Some(at) = kept.iter().position(|kept| *kept == Some(*index))
        {
            *index = at;
        } else if !goes_on && !matches!(self.phase, Phase::Idle) {
            self.phase = Phase::Starting { since: now };
            self.slate.hide();
            self.slate.show_at(now + SLATE_AFTER);
            publisher.set_state(State::Starting);
        }
    }

    /// Now, by the wall clock.
    pub(super) fn wall(&self) -> Timestamp {
        Timestamp::from_nanos(self.clock.wall_nanos())
    }

    /// Takes note of why a source gives no pictures.
    pub(super) fn fault(&mut self, index: usize, reason: String) {
        tracing::debug!(source = %self.names[index], reason, "no pictures");
        self.faults[index] = Some(reason);
    }

    /// Whether it is this source whose pictures are shown.
    pub(super) fn is_live(&self, index: usize) -> bool {
        matches!(self.phase, Phase::Live { index: shown } if shown == index)
    }

    /// Takes note that pictures of this source are shown; whether they were not before.
    pub(super) fn live(
        &mut self,
        publisher: &mut StreamPublisher,
        index: usize,
        captured: Timestamp,
    ) -> bool {
        if self.is_live(index) {
            return false;
        }
        tracing::info!(stream = %publisher.id(), source = %self.names[index], "live");
        self.faults[index] = None;
        self.phase = Phase::Live { index };
        self.slate.hide();
        publisher.set_state(State::Live { since: captured });
        true
    }

    /// Follows what the lineup says: which source is shown, and whether all are parked.
    pub(super) fn follow(
        &mut self,
        publisher: &mut StreamPublisher,
        shown: Option<usize>,
        parked: bool,
        now: Instant,
    ) {
        match self.phase {
            _ if parked => self.idle(publisher),
            Phase::Idle => {
                self.phase = Phase::Starting { since: now };
                self.slate.show_at(now + SLATE_AFTER);
                publisher.set_state(State::Starting);
            }
            // Another source takes over with its next picture.
            Phase::Live { index } if shown != Some(index) => self.away(publisher, Some(index), now),
            Phase::Away { .. } => self.away(publisher, None, now),
            Phase::Starting { since } => {
                let failed = self.faults.iter().any(Option::is_some);
                if failed || now >= since + self.silence {
                    self.away(publisher, None, now);
                }
            }
            Phase::Live { .. } => {}
        }
    }

    /// Paints the slate if it is due and there is somebody to see it.
    pub(super) fn paint(
        &mut self,
        publisher: &StreamPublisher,
        looked_at: bool,
        attempt: Option<Instant>,
        now: Instant,
    ) {
        let due = self.slate.due().is_some_and(|due| due <= now);
        if !due || !(looked_at || self.must_notice()) {
            return;
        }
        let id = publisher.id();
        let (title, reason, since) = match &mut self.phase {
            Phase::Away {
                since,
                reason,
                noticed,
            } => {
                *noticed = true;
                (format!("{id} is away"), reason.clone(), Some(*since))
            }
            _ => (
                format!("{id} is starting"),
                self.names.first().cloned().unwrap_or_default(),
                None,
            ),
        };
        let note = match attempt.map(|at| at.saturating_duration_since(now)) {
            Some(Duration::ZERO) => "trying again".to_owned(),
            Some(wait) => format!("trying again in {} s", wait.as_secs_f64().ceil()),
            None => String::new(),
        };
        let (size, now_wall) = (publisher.resolution(), self.wall());
        self.slate.paint(
            Notice {
                size,
                title,
                reason,
                since,
                note,
                now: now_wall,
            },
            now,
        );
    }

    /// When the slate is to be painted.
    pub(super) fn wake_at(&self, looked_at: bool) -> Option<Instant> {
        let starting = match self.phase {
            Phase::Starting { since } => Some(since + self.silence),
            _ => None,
        };
        let slate = self.slate.due().filter(|_| looked_at || self.must_notice());
        [starting, slate].into_iter().flatten().min()
    }

    /// The first slate after the pictures ended is painted for nobody, too: whoever
    /// comes later must not start with an old picture.
    fn must_notice(&self) -> bool {
        matches!(self.phase, Phase::Away { noticed: false, .. })
    }

    fn idle(&mut self, publisher: &mut StreamPublisher) {
        if !matches!(self.phase, Phase::Idle) {
            tracing::debug!(stream = %publisher.id(), "idle");
            self.phase = Phase::Idle;
            self.faults.fill(None);
            self.slate.hide();
            publisher.set_state(State::Idle);
        }
    }

    /// No pictures: `was` is the source that was shown until now.
    fn away(&mut self, publisher: &mut StreamPublisher, was: Option<usize>, now: Instant) {
        if let Some(fault) = was.map(|index| &mut self.faults[index]) {
            let silent = || format!("no picture for {} s", self.silence.as_secs_f64());
            fault.get_or_insert_with(silent);
        }
        let reason = self.reason();
        let since = match &self.phase {
            Phase::Away { reason: known, .. } if *known == reason => return,
            Phase::Away { since, .. } => *since,
            _ => self.wall(),
        };
        let noticed = matches!(self.phase, Phase::Away { noticed: true, .. });
        tracing::warn!(stream = %publisher.id(), "away: {reason}");
        self.phase = Phase::Away {
            since,
            reason: reason.clone(),
            noticed,
        };
        if !noticed {
            self.slate.show_at(now);
        }
        publisher.set_state(State::Away { reason, since });
    }

    /// The reason of the best source that has one, and which that is.
    fn reason(&self) -> String {
        let fault = self
            .faults
            .iter()
            .zip(&self.names)
            .find_map(|(fault, name)| Some((fault.as_ref()?, name)));
        match fault {
            Some((fault, _)) if self.names.len() == 1 => fault.clone(),
            Some((fault, name)) => format!("{name}: {fault}"),
            None => "no picture has come yet".to_owned(),
        }
    }
}
