//! The one thing that flows upstream, as a value.

use std::time::Duration;

use eyeline_clock::MonoTime;

/// What those downstream want of a publisher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    /// Number of cursors on the feed.
    pub viewers: u64,
    /// Whether a cursor waits for a point it can decode from.
    pub key_frame_wanted: bool,
    /// Since when nobody looks; `None` while somebody does.
    pub idle_since: Option<MonoTime>,
}

/// Whether to go on, by a [`Demand`] and a grace period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Somebody looks.
    Now,
    /// Nobody looks, but somebody did a moment ago: go on until then.
    Until(MonoTime),
    /// Nobody has looked for the length of the grace period.
    No,
}

impl Demand {
    /// Whether to go on at `now`, when nobody having looked for `grace` means no.
    #[must_use]
    pub fn wanted(&self, now: MonoTime, grace: Duration) -> Wanted {
        match self.idle_since {
            None => Wanted::Now,
            Some(since) if now < since.saturating_add(grace) => {
                Wanted::Until(since.saturating_add(grace))
            }
            Some(_) => Wanted::No,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unwatched_feed_goes_on_for_the_grace_period() {
        let grace = Duration::from_secs(5);
        let check = |idle_since: Option<u64>, now, expected| {
            let demand = Demand {
                viewers: u64::from(idle_since.is_none()),
                key_frame_wanted: false,
                idle_since: idle_since.map(Duration::from_secs),
            };
            assert_eq!(demand.wanted(Duration::from_secs(now), grace), expected);
        };
        check(None, 100, Wanted::Now);
        check(Some(10), 14, Wanted::Until(Duration::from_secs(15)));
        check(Some(10), 15, Wanted::No);
    }
}
