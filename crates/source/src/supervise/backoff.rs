//! How long to wait before a source is opened again.

use std::time::Duration;

/// The first wait: short, for a source that was only restarted.
const FIRST: Duration = Duration::from_millis(250);
/// The second wait; every further one is twice as long, up to a limit.
const SECOND: Duration = Duration::from_millis(500);
/// The longest wait for a source that does not open at all.
const LONGEST: Duration = Duration::from_secs(15);
/// The longest wait for a source that gave pictures, if only for a moment.
const LONGEST_IF_IT_WORKED: Duration = Duration::from_secs(1);
/// After giving pictures for so long a source counts as sound again.
pub(crate) const SOUND_AFTER: Duration = Duration::from_secs(10);

/// Counts the failures of one source.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// Whether the source has not failed since it was last sound.
    pub(crate) fn is_untouched(self) -> bool {
        self.failures == 0
    }

    /// The wait after a run that gave pictures for `worked`, or none. `jitter` is
    /// random, from 0 to 1: waits are spread by a fifth, so that many sources of one
    /// machine that came back are not opened in the same moment.
    pub(crate) fn failed(&mut self, worked: Option<Duration>, jitter: f64) -> Duration {
        if worked.is_some_and(|worked| worked >= SOUND_AFTER) {
            self.failures = 0;
        }
        let wait = match self.failures {
            0 => FIRST,
            n => SECOND.saturating_mul(1 << (n - 1).min(10)),
        };
        self.failures += 1;
        let longest = if worked.is_some() {
            LONGEST_IF_IT_WORKED
        } else {
            LONGEST
        };
        wait.mul_f64(0.8 + 0.4 * jitter.clamp(0.0, 1.0))
            .min(longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(runs: &[Option<f64>], jitter: f64) -> Vec<u64> {
        let mut backoff = Backoff::default();
        runs.iter()
            .map(|worked| backoff.failed(worked.map(Duration::from_secs_f64), jitter))
            .map(|wait| u64::try_from(wait.as_millis()).unwrap())
            .collect()
    }

    #[test]
    fn waits_grow_to_a_limit_while_a_source_does_not_open() {
        assert_eq!(
            waits(&[None; 8], 0.5),
            [250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000]
        );
    }

    #[test]
    fn waits_stay_short_for_a_source_that_works_now_and_then() {
        assert_eq!(
            waits(&[Some(1.0); 6], 0.5),
            [250, 500, 1000, 1000, 1000, 1000]
        );
    }

    #[test]
    fn a_source_that_was_sound_is_opened_again_at_once() {
        assert_eq!(
            waits(&[None, None, Some(10.0), None], 0.5),
            [250, 500, 250, 500]
        );
    }

    #[test]
    fn jitter_spreads_the_waits_and_the_first_stays_below_300_ms() {
        assert_eq!(waits(&[None, None], 0.0), [200, 400]);
        assert_eq!(waits(&[None, None], 1.0), [300, 600]);
    }
}
