//! What is counted of a stream's source.

use std::sync::Arc;

use eyeline_media::{AudioFormat, Codec, Packet, Resolution, StreamId, Timestamp};

use crate::profile::Profile;
use crate::rendition::RenditionStats;
use crate::state::State;
use crate::sync::{AtomicU64, Ordering};

/// A stream's numbers at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamStats {
    /// Name of the stream.
    pub id: StreamId,
    /// What is said of it.
    pub profile: Profile,
    /// How the source is doing.
    pub state: State,
    /// When the stream was made.
    pub since: Timestamp,
    /// How the source's pictures are coded; `None` until one came.
    pub codec: Option<Codec>,
    /// Size of the latest picture.
    pub resolution: Option<Resolution>,
    /// Pictures that came from the source.
    pub frames: u64,
    /// Bytes of those pictures.
    pub bytes: u64,
    /// Frames a second that come now.
    pub fps: f64,
    /// Bits a second that come now.
    pub bitrate_bps: u64,
    /// Number of viewers.
    pub viewers: usize,
    /// The re-encoded renditions that are being made.
    pub renditions: Vec<RenditionStats>,
    /// How the source's sound is coded, if there is any that is passed on.
    pub audio: Option<Arc<AudioFormat>>,
    /// What went wrong on the way from the source and was mended or left out.
    pub faults: Faults,
}

/// What went wrong on the way from a source, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Times of pictures that jumped or stood still, and were put right.
    pub times_repaired: u64,
    /// Packets of the network that were lost.
    pub packets_lost: u64,
}

/// Counters that one publisher writes and anybody reads.
#[derive(Default)]
pub(crate) struct Numbers {
    frames: AtomicU64,
    bytes: AtomicU64,
    /// Width in the upper half, height in the lower; 0 while unknown.
    resolution: AtomicU64,
    /// Smoothed time between pictures, in nanoseconds; 0 while unknown.
    interval: AtomicU64,
    /// Capture time of the latest picture, in nanoseconds; 0 after a slate.
    last: AtomicU64,
    /// When the first picture since the start was decoded, in nanoseconds; 0 before it.
    began: AtomicU64,
    times_repaired: AtomicU64,
    packets_lost: AtomicU64,
}

/// The part of the way that the smoothed interval moves with each picture is one in this.
const SMOOTHING: u64 = 16;

impl Numbers {
    pub(crate) fn count(&self, packet: &Packet) {
        let size = packet.resolution;
        let packed = u64::from(size.width()) << 32 | u64::from(size.height());
        self.resolution.store(packed, Ordering::Relaxed);
        if self.began.load(Ordering::Relaxed) == 0 {
            let began = packet.decoded().as_nanos();
            self.began.store(began, Ordering::Relaxed);
        }
        if packet.slate {
            self.last.store(0, Ordering::Relaxed);
            return;
        }
        self.frames.fetch_add(1, Ordering::Relaxed);
        self.bytes
            .fetch_add(packet.data.len() as u64, Ordering::Relaxed);
        let now = packet.decoded().as_nanos();
        let last = self.last.swap(now, Ordering::Relaxed);
        if last != 0 && now > last {
            let (gap, smooth) = (now - last, self.interval.load(Ordering::Relaxed));
            let next = if smooth == 0 {
                gap
            } else {
                smooth - smooth / SMOOTHING + gap / SMOOTHING
            };
            self.interval.store(next, Ordering::Relaxed);
        }
    }

    pub(crate) fn fault(&self, faults: Faults) {
        let (times, packets) = (faults.times_repaired, faults.packets_lost);
        self.times_repaired.fetch_add(times, Ordering::Relaxed);
        self.packets_lost.fetch_add(packets, Ordering::Relaxed);
    }

    pub(crate) fn faults(&self) -> Faults {
        Faults {
            times_repaired: self.times_repaired.load(Ordering::Relaxed),
            packets_lost: self.packets_lost.load(Ordering::Relaxed),
        }
    }

    /// What comes next is the first picture of another run.
    pub(crate) fn end(&self) {
        self.began.store(0, Ordering::Relaxed);
    }

    pub(crate) fn began(&self) -> Option<Timestamp> {
        let began = self.began.load(Ordering::Relaxed);
        (began != 0).then(|| Timestamp::from_nanos(began))
    }

    pub(crate) fn frames(&self) -> u64 {
        self.frames.load(Ordering::Relaxed)
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(crate) fn resolution(&self) -> Option<Resolution> {
        let size = self.resolution.load(Ordering::Relaxed);
        Resolution::new((size >> 32) as u32, size as u32).ok()
    }

    /// Frames a second, smoothed; 0 while unknown.
    pub(crate) fn fps(&self) -> f64 {
        match self.interval.load(Ordering::Relaxed) {
            0 => 0.0,
            interval => 1e9 / interval as f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use eyeline_media::Codec;

    use super::*;

    fn packet(captured_ms: u64, slate: bool) -> Packet {
        Packet {
            captured: Timestamp::from_micros(captured_ms * 1_000),
            composition: std::time::Duration::ZERO,
            codec: Codec::Jpeg,
            resolution: Resolution::new(640, 480).unwrap(),
            key: true,
            slate,
            data: Bytes::from_static(b"0123456789"),
        }
    }

    #[test]
    fn pictures_are_counted_and_slates_are_not() {
        let numbers = Numbers::default();
        for n in 0..10 {
            numbers.count(&packet(1_000 + n * 40, false));
        }
        assert!((numbers.fps() - 25.0).abs() < 0.1, "{}", numbers.fps());
        // The pause before and after a slate is no interval between pictures.
        numbers.count(&packet(60_000, true));
        numbers.count(&packet(90_000, false));
        assert_eq!((numbers.frames(), numbers.bytes()), (11, 110));
        assert!((numbers.fps() - 25.0).abs() < 0.1, "{}", numbers.fps());
        assert_eq!(numbers.resolution().unwrap().to_string(), "640x480");
    }
}
