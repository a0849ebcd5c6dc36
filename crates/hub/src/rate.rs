//! How fast something flows: counted over about a second, written by one, read by any.

use eyeline_clock::MonoTime;

use crate::sync::{AtomicU64, Ordering};

/// Over how long a rate is measured, in nanoseconds.
const WINDOW: u64 = 1_000_000_000;
/// A rate that was not measured anew for so long says nothing any more.
const STALE: u64 = 3 * WINDOW;

/// Frames and bytes a second.
#[derive(Debug, Default)]
pub(crate) struct Rate {
    start: AtomicU64,
    frames: AtomicU64,
    bytes: AtomicU64,
    /// In thousandths.
    frames_per_s: AtomicU64,
    bytes_per_s: AtomicU64,
}

impl Rate {
    /// Counts a frame. Only one thread at a time may do so.
    pub(crate) fn count(&self, bytes: usize, now: MonoTime) {
        let now = nanos(now);
        let start = self.start.load(Ordering::Relaxed);
        let frames = self.frames.load(Ordering::Relaxed) + 1;
        let bytes = self.bytes.load(Ordering::Relaxed) + bytes as u64;
        let elapsed = now.saturating_sub(start);
        if start != 0 && elapsed < WINDOW {
            self.frames.store(frames, Ordering::Relaxed);
            self.bytes.store(bytes, Ordering::Relaxed);
            return;
        }
        if start != 0 && elapsed < STALE {
            let per_s =
                |count: u64| (u128::from(count) * u128::from(WINDOW) / u128::from(elapsed)) as u64;
            self.frames_per_s
                .store(per_s(frames * 1_000), Ordering::Relaxed);
            self.bytes_per_s.store(per_s(bytes), Ordering::Relaxed);
        }
        self.frames.store(0, Ordering::Relaxed);
        self.bytes.store(0, Ordering::Relaxed);
        self.start.store(now.max(1), Ordering::Relaxed);
    }

    /// Frames a second and bits a second, as last measured; 0 if that was long ago.
    pub(crate) fn read(&self, now: MonoTime) -> (f64, u64) {
        if nanos(now).saturating_sub(self.start.load(Ordering::Relaxed)) > STALE {
            return (0.0, 0);
        }
        let fps = self.frames_per_s.load(Ordering::Relaxed) as f64 / 1_000.0;
        (
            fps,
            self.bytes_per_s.load(Ordering::Relaxed).saturating_mul(8),
        )
    }
}

fn nanos(time: MonoTime) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_rate_is_known_after_a_second_and_forgotten_when_nothing_comes() {
        let rate = Rate::default();
        let at = |ms: u64| Duration::from_millis(ms);
        for n in 0..40 {
            rate.count(1_000, at(5_000 + n * 40));
        }
        let (fps, bps) = rate.read(at(6_600));
        assert!((fps - 25.0).abs() < 0.1, "{fps}");
        assert!((bps as i64 - 200_000).abs() < 1_000, "{bps}");
        assert_eq!(rate.read(at(60_000)), (0.0, 0));
    }
}
