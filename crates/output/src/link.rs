//! What is known of the way to one viewer: measured where its socket is, read by the
//! ladder and by the viewers' accounts. Plain numbers without locks; each is the latest.
//!
//! Not here: measuring (whoever owns the socket does), and what follows from it (the ladder).

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use eyeline_clock::MonoTime;

/// The way to one viewer. One task writes it, anybody reads it.
#[derive(Debug, Default)]
pub struct Link {
    bandwidth_bps: AtomicU64,
    min_rtt_us: AtomicU64,
    took_us: AtomicU64,
    taken: AtomicU64,
    /// One more than the microseconds on the clock, so that 0 says that nothing is written.
    since_us: AtomicU64,
}

impl Link {
    /// The first byte of a picture is given to the socket.
    pub fn begin(&self, now: MonoTime) {
        self.since_us.store(micros(now) + 1, Ordering::Relaxed);
    }

    /// The socket took the last byte of the picture that began; without one nothing happens.
    pub fn finish(&self, now: MonoTime) {
        if let Some(took) = self.writing(now) {
            self.took_us.store(micros(took), Ordering::Relaxed);
            self.taken.fetch_add(1, Ordering::Relaxed);
            self.since_us.store(0, Ordering::Relaxed);
        }
    }

    /// What the link was found to deliver, and the shortest round trip.
    pub fn measured(&self, bandwidth_bps: u64, min_rtt: Duration) {
        self.bandwidth_bps.store(bandwidth_bps, Ordering::Relaxed);
        self.min_rtt_us.store(micros(min_rtt), Ordering::Relaxed);
    }

    /// Bits a second that the link delivers; `None` while not known. While the viewer
    /// keeps up it is what was proven, and more may be possible.
    #[must_use]
    pub fn bandwidth_bps(&self) -> Option<u64> {
        Some(self.bandwidth_bps.load(Ordering::Relaxed)).filter(|&bps| bps > 0)
    }

    /// The shortest round trip the kernel saw; `None` while not known.
    #[must_use]
    pub fn min_rtt(&self) -> Option<Duration> {
        let min_rtt_us = self.min_rtt_us.load(Ordering::Relaxed);
        (min_rtt_us > 0).then(|| Duration::from_micros(min_rtt_us))
    }

    /// How long the latest picture took from being given to the socket until all of it
    /// was taken; zero before the first.
    #[must_use]
    pub fn took(&self) -> Duration {
        Duration::from_micros(self.took_us.load(Ordering::Relaxed))
    }

    /// How long the picture that is being written has been at it; `None` if none is.
    #[must_use]
    pub fn writing(&self, now: MonoTime) -> Option<Duration> {
        let since_us = self.since_us.load(Ordering::Relaxed).checked_sub(1)?;
        Some(Duration::from_micros(micros(now).saturating_sub(since_us)))
    }

    /// Pictures wholly taken since the connection was opened. What comes in one go,
    /// such as the head of an answer with its first picture, counts as one.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_picture_is_timed_from_its_first_byte_to_its_last() {
        let link = Link::default();
        link.begin(Duration::ZERO);
        assert_eq!(link.writing(MS * 30), Some(MS * 30));
        assert_eq!((link.took(), link.taken()), (Duration::ZERO, 0));
        link.finish(MS * 70);
        assert_eq!(link.writing(MS * 80), None);
        assert_eq!((link.took(), link.taken()), (MS * 70, 1));
    }

    #[test]
    fn an_end_without_a_beginning_counts_nothing() {
        let link = Link::default();
        link.finish(MS);
        assert_eq!((link.took(), link.taken()), (Duration::ZERO, 0));
    }

    #[test]
    fn what_was_not_measured_is_not_known() {
        let link = Link::default();
        assert_eq!((link.bandwidth_bps(), link.min_rtt()), (None, None));
        link.measured(8_000_000, MS * 20);
        let known = (link.bandwidth_bps(), link.min_rtt());
        assert_eq!(known, (Some(8_000_000), Some(MS * 20)));
    }
}
