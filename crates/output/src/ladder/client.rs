//! What a client says of the pictures it shows, and whether that is a complaint.

use std::time::Duration;

use eyeline_clock::MonoTime;

use super::WINDOW;

/// A picture shown at this age is old.
const OLD: Duration = Duration::from_millis(300);
/// The share of the pictures sent that must be displayed.
const ENOUGH: f64 = 0.6;
/// After so long of old pictures only, a smaller rendition is sent.
const OLD_FOR: Duration = Duration::from_millis(500);
/// What is reported so soon after a move is about pictures before it.
const REPORTS_LAG: Duration = Duration::from_secs(1);
/// Less than this share of the age before is an improvement.
const BETTER: f64 = 0.8;
/// An age that smaller pictures do not help against, a slow camera or a wrong clock, is put
/// up with, and so much more than it.
const MARGIN: f64 = 1.25;

/// What a client says of the pictures it shows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Feedback {
    /// Age of the picture when it was displayed.
    pub age: Option<Duration>,
    /// Pictures displayed a second. 0 is taken for a page that nobody sees.
    pub fps: Option<f32>,
}

/// What one client has said.
#[derive(Clone, Debug)]
pub(super) struct Client {
    /// The age from which on pictures are old.
    old: Duration,
    old_since: Option<MonoTime>,
    slow_since: Option<MonoTime>,
    /// The age it complained of, until it is known whether stepping down has helped.
    complaint: Option<Duration>,
    latest_age: Duration,
    deaf_until: MonoTime,
    /// Pictures a second that were sent lately.
    sent_fps: f64,
}

impl Default for Client {
    fn default() -> Self {
        Self {
            old: OLD,
            old_since: None,
            slow_since: None,
            complaint: None,
            latest_age: Duration::ZERO,
            deaf_until: MonoTime::ZERO,
            sent_fps: 0.0,
        }
    }
}

impl Client {
    /// Takes in a report and says whether all is well.
    pub(super) fn report(&mut self, now: MonoTime, feedback: Feedback) -> bool {
        if now < self.deaf_until {
            return true;
        }
        if let Some(age) = feedback.age {
            self.hear_age(now, age);
        }
        if let Some(fps) = feedback.fps.map(f64::from) {
            let few = fps > 0.0 && fps < ENOUGH * self.sent_fps;
            self.slow_since = few.then(|| self.slow_since.unwrap_or(now));
        }
        !self.has_complained()
    }

    /// Whether the latest reports were not good.
    pub(super) fn has_complained(&self) -> bool {
        self.old_since.is_some() || self.slow_since.is_some()
    }

    fn hear_age(&mut self, now: MonoTime, age: Duration) {
        self.latest_age = age;
        let in_vain = |before: Duration| age > self.old && age > before.mul_f64(BETTER);
        if self.complaint.take().is_some_and(in_vain) {
            self.old = age.mul_f64(MARGIN);
        }
        self.old = self.old.min(age.mul_f64(MARGIN).max(OLD));
        let is_old = age > self.old;
        self.old_since = is_old.then(|| self.old_since.unwrap_or(now.saturating_sub(age)));
    }

    /// Whether the client needs less.
    pub(super) fn complains(&mut self, now: MonoTime) -> bool {
        let lasts = |since: Option<MonoTime>, long| {
            since.is_some_and(|since| now.saturating_sub(since) >= long)
        };
        let old = lasts(self.old_since, OLD_FOR);
        if old {
            self.complaint = Some(self.latest_age);
        }
        old || lasts(self.slow_since, WINDOW)
    }

    /// So many pictures a second are sent.
    pub(super) fn sent(&mut self, fps: f64) {
        self.sent_fps = fps;
    }

    /// Another rung is sent from now on.
    pub(super) fn moved(&mut self, now: MonoTime) {
        self.old_since = None;
        self.slow_since = None;
        self.deaf_until = now + REPORTS_LAG;
        self.sent_fps = 0.0;
    }
}
