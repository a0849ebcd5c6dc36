//! The one place that reads the machine's clocks, and a simulated clock for tests.
//!
//! Not here: sleeping and timers; those belong to the runtime of layers 3 to 5.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A monotonic instant: time since the clock was made. Comparable only with
/// instants of the same clock.
pub type MonoTime = Duration;

/// Reads time. Two clocks exist: [`RealClock`] and [`SimClock`].
pub trait Clock: Send + Sync + 'static {
    /// Time since this clock was made; never goes back.
    fn now(&self) -> MonoTime;

    /// Wall-clock time in nanoseconds since the Unix epoch; may jump.
    fn wall_nanos(&self) -> u64;
}

/// A clock that everybody shares.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's clocks.
#[derive(Debug)]
pub struct RealClock {
    start: std::time::Instant,
}

impl RealClock {
    /// A clock whose monotonic zero is now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn shared() -> SharedClock {
        Arc::new(Self {
            start: std::time::Instant::now(),
        })
    }
}

impl Clock for RealClock {
    fn now(&self) -> MonoTime {
        self.start.elapsed()
    }

    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn wall_nanos(&self) -> u64 {
        let since_epoch = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        u64::try_from(since_epoch.as_nanos()).unwrap_or(u64::MAX)
    }
}

/// A clock that moves only when told to.
#[derive(Debug)]
pub struct SimClock {
    nanos: AtomicU64,
    epoch: u64,
}

impl SimClock {
    /// A simulated clock at monotonic zero, whose wall time starts at `epoch_nanos`.
    #[must_use]
    pub fn starting_at(epoch_nanos: u64) -> Arc<Self> {
        Arc::new(Self {
            nanos: AtomicU64::new(0),
            epoch: epoch_nanos,
        })
    }

    /// Moves time forward by `by`.
    pub fn advance(&self, by: Duration) {
        let nanos = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        self.nanos.fetch_add(nanos, Ordering::SeqCst);
    }
}

impl Clock for SimClock {
    fn now(&self) -> MonoTime {
        Duration::from_nanos(self.nanos.load(Ordering::SeqCst))
    }

    fn wall_nanos(&self) -> u64 {
        self.epoch.saturating_add(self.nanos.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simulated_time_moves_only_when_told() {
        let clock = SimClock::starting_at(1_000);
        assert_eq!(clock.now(), Duration::ZERO);
        clock.advance(Duration::from_nanos(5));
        assert_eq!(
            (clock.now(), clock.wall_nanos()),
            (Duration::from_nanos(5), 1_005)
        );
    }

    #[test]
    fn the_real_clock_does_not_go_back() {
        let clock = RealClock::shared();
        let first = clock.now();
        assert!(clock.now() >= first);
        assert!(clock.wall_nanos() > 1_700_000_000_000_000_000);
    }
}
