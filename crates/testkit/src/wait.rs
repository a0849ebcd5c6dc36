//! Waiting for a condition instead of for seconds.

use std::time::Duration;

use eyeline_clock::{RealClock, SharedClock};

/// A test that waits longer than this has failed; nothing that works takes near as long.
pub const PATIENCE: Duration = Duration::from_secs(60);

const PAUSE: Duration = Duration::from_millis(10);

/// Asks again and again until there is an answer.
///
/// # Panics
/// After [`PATIENCE`], naming `what` was waited for.
pub fn until<T>(what: &str, ask: impl FnMut() -> Option<T>) -> T {
    Deadline::after(PATIENCE).until(what, ask)
}

/// The end of somebody's patience: of a test's own, or of what was promised.
pub struct Deadline {
    clock: SharedClock,
    patience: Duration,
}

impl Deadline {
    /// So long from now.
    #[must_use]
    pub fn after(patience: Duration) -> Self {
        // It begins at zero.
        let clock = RealClock::shared();
        Self { clock, patience }
    }

    /// Asks again and again until there is an answer.
    ///
    /// # Panics
    /// When the time has come, naming `what` was waited for.
    pub fn until<T>(&self, what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
        loop {
            // At least once, and never too early.
            let over = self.clock.now() >= self.patience;
            if let Some(answer) = ask() {
                return answer;
            }
            let waited = self.patience.as_secs();
            assert!(!over, "waited {waited} s in vain for {what}");
            std::thread::sleep(PAUSE);
        }
    }
}
