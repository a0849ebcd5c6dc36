//! How much an encoder makes, so that it keeps up: less when it is busy nearly all the time, more
//! again when there would be room. Pure: time is an argument.
//!
//! Not here: what less is (`h264`).

use std::time::Duration;

use eyeline_clock::MonoTime;

/// Over so long it is measured how busy it is. A pause that is much longer says nothing.
const WINDOW: Duration = Duration::from_secs(1);
/// Busy for this share of the time, it does not keep up.
const FULL: f64 = 0.9;
/// The share of the time that one step more may be expected to take.
const ROOM: f64 = 0.65;
/// How long there must be room before a step up, at first and after many that failed.
const WAIT: Duration = Duration::from_secs(5);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// A step up that goes well for so long has succeeded.
const SETTLED: Duration = Duration::from_secs(10);

/// How much is made, each less than the one before and with what those before leave out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Effort {
    /// As was wished for.
    #[default]
    Whole,
    /// Encoded in haste.
    Hasty,
    /// Every other picture.
    HalfRate,
    /// Smaller pictures.
    Smaller,
}

impl Effort {
    const ALL: [Self; 4] = [Self::Whole, Self::Hasty, Self::HalfRate, Self::Smaller];

    /// What is made less of, in one stable word.
    pub(crate) const fn reduced(self) -> Option<&'static str> {
        match self {
            Self::Whole => None,
            Self::Hasty => Some("complexity"),
            Self::HalfRate => Some("frame_rate"),
            Self::Smaller => Some("height"),
        }
    }

    /// The share of the work of the effort before, about.
    const fn share(self) -> f64 {
        match self {
            Self::Whole => 1.0,
            Self::Hasty => 0.8,
            Self::HalfRate => 0.5,
            Self::Smaller => 0.45,
        }
    }
}

/// Chooses the effort of one encoder.
#[derive(Debug)]
pub(crate) struct Load {
    effort: Effort,
    window: Option<MonoTime>,
    busy: Duration,
    /// Since when there has been room for more.
    room_since: Option<MonoTime>,
    /// When the last step up was, until it has succeeded or failed.
    on_trial: Option<MonoTime>,
    wait: Duration,
}

impl Load {
    pub(crate) const fn new() -> Self {
        Self {
            effort: Effort::Whole,
            window: None,
            busy: Duration::ZERO,
            room_since: None,
            on_trial: None,
            wait: WAIT,
        }
    }

    pub(crate) const fn effort(&self) -> Effort {
        self.effort
    }

    /// Takes in that until now it was busy for so long, and says whether the effort is another now.
    pub(crate) fn worked(&mut self, now: MonoTime, took: Duration) -> bool {
        let start = *self.window.get_or_insert(now.saturating_sub(took));
        self.busy += took;
        let elapsed = now.saturating_sub(start);
        if elapsed < WINDOW {
            return false;
        }
        let share = self.busy.as_secs_f64() / elapsed.as_secs_f64();
        (self.window, self.busy) = (Some(now), Duration::ZERO);
        let before = self.effort;
        if share >= FULL {
            self.step_down();
        } else if elapsed > 3 * WINDOW {
            self.room_since = None;
        } else {
            self.look_up(now, share);
        }
        self.effort != before
    }

    fn step_down(&mut self) {
        self.room_since = None;
        if self.on_trial.take().is_some() {
            self.wait = (self.wait * 2).min(LONGEST_WAIT);
        }
        let next = Effort::ALL.into_iter().find(|effort| *effort > self.effort);
        self.effort = next.unwrap_or(self.effort);
    }

    fn look_up(&mut self, now: MonoTime, share: f64) {
        let lasts = |since: MonoTime, long| now.saturating_sub(since) >= long;
        if self.on_trial.is_some_and(|since| lasts(since, SETTLED)) {
            (self.on_trial, self.wait) = (None, WAIT);
        }
        let above = Effort::ALL.into_iter().rev().find(|e| *e < self.effort);
        let Some(above) = above.filter(|_| share / self.effort.share() <= ROOM) else {
            self.room_since = None;
            return;
        };
        if lasts(*self.room_since.get_or_insert(now), self.wait) {
            self.effort = above;
            self.on_trial = Some(now);
            self.room_since = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pictures 30 a second for so many seconds, each of which takes so many milliseconds at the
    /// effort that is made; the efforts in their order.
    fn run(load: &mut Load, start: u64, seconds: u64, cost_ms: fn(Effort) -> u64) -> Vec<Effort> {
        let (mut efforts, mut now) = (vec![load.effort()], Duration::from_secs(start));
        let interval = Duration::from_millis(33);
        while now < Duration::from_secs(start + seconds) {
            let took = Duration::from_millis(cost_ms(load.effort()));
            if load.worked(now + took, took) {
                efforts.push(load.effort());
            }
            let every = if load.effort() >= Effort::HalfRate {
                2
            } else {
                1
            };
            now += took.max(interval * every);
        }
        efforts
    }

    #[test]
    fn what_keeps_up_stays_as_it_is() {
        assert_eq!(run(&mut Load::new(), 0, 60, |_| 20), [Effort::Whole]);
    }

    #[test]
    fn it_does_less_step_by_step_and_no_less_than_it_must() {
        use Effort::{HalfRate, Hasty, Smaller, Whole};
        let mut load = Load::new();
        let seen = run(
            &mut load,
            0,
            8,
            |effort| if effort == Whole { 40 } else { 28 },
        );
        assert_eq!(seen, [Whole, Hasty]);
        let mut load = Load::new();
        let seen = run(
            &mut load,
            0,
            8,
            |effort| if effort == Whole { 60 } else { 50 },
        );
        assert_eq!(seen, [Whole, Hasty, HalfRate]);
        let mut load = Load::new();
        let heavy = |effort| if effort == Smaller { 40 } else { 90 };
        assert_eq!(
            run(&mut load, 0, 8, heavy),
            [Whole, Hasty, HalfRate, Smaller]
        );
        // It can do no less, and goes on.
        assert_eq!(run(&mut load, 8, 8, |_| 200), [Smaller]);
    }

    #[test]
    fn it_climbs_back_when_there_is_room_and_waits_longer_after_it_was_wrong() {
        use Effort::{HalfRate, Hasty, Smaller, Whole};
        let mut load = Load::new();
        run(&mut load, 0, 10, |_| 200);
        let seen = run(&mut load, 10, 40, |_| 5);
        assert_eq!(seen, [Smaller, HalfRate, Hasty, Whole]);
        // Cheap in haste and dear otherwise: it tries again, ever less often.
        let mut load = Load::new();
        let dear = |effort| if effort == Whole { 40 } else { 10 };
        let tries = |load: &mut Load, start| run(load, start, 60, dear).len() / 2;
        let first = tries(&mut load, 0);
        let later = tries(&mut load, 60);
        assert!(first > later && later > 0, "{first} then {later}");
    }

    #[test]
    fn a_pause_of_the_source_is_no_room() {
        let mut load = Load::new();
        run(&mut load, 0, 3, |_| 200);
        let effort = load.effort();
        for pause in 1..20 {
            load.worked(Duration::from_secs(10 * pause), Duration::from_millis(100));
        }
        assert_eq!(load.effort(), effort);
    }
}
