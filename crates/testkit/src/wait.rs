//! Waiting for a condition instead of for seconds.

use std::time::Duration;

use eyeline_clock::RealClock;

/// A test that waits longer than this has failed; nothing that works takes near as long.
pub const PATIENCE: Duration = Duration::from_secs(60);

const PAUSE: Duration = Duration::from_millis(10);

/// Asks again and again until there is an answer.
///
/// # Panics
/// After [`PATIENCE`], naming `what` was waited for.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let clock = RealClock::shared();
    while clock.now() < PATIENCE {
        if let Some(answer) = ask() {
            return answer;
        }
        std::thread::sleep(PAUSE);
    }
    panic!("waited {} s in vain for {what}", PATIENCE.as_secs());
}
