//! Renditions made of real JPEGs, by real threads.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use eyeline_clock::{Clock as _, RealClock, SimClock};
use eyeline_hub::{
    Coding, End, Feed, Fps, JpegQuality, Publisher, RenditionKey, RingLimits, Subscriber,
    Transcode as _,
};
use eyeline_media::{Codec, Packet, Resolution, Timestamp};
use eyeline_testkit::{pictures, wait};

use crate::Transcoder;

mod h264;

const GRACE: Duration = Duration::from_secs(5);

struct Bench {
    clock: Arc<SimClock>,
    source: Publisher<Packet>,
}

impl Bench {
    fn start(key: RenditionKey) -> (Self, Subscriber<Packet>) {
        let clock = SimClock::starting_at(1_700_000_000_000_000_000);
        let (source, feed) = Feed::new(clock.clone(), RingLimits::LIVE);
        let (into, rendition) = Feed::new(clock.clone(), RingLimits::LIVE);
        let viewer = rendition.subscribe().unwrap();
        let from = feed.subscribe().unwrap();
        let transcoder = Transcoder::new(clock.clone(), GRACE);
        transcoder.start(&"front".parse().unwrap(), key, from, into);
        (Self { clock, source }, viewer)
    }

    fn publish(&mut self, width: u32, height: u32) -> Packet {
        let resolution = Resolution::new(width, height).unwrap();
        let captured = Timestamp::from_micros(self.clock.wall_nanos() / 1_000);
        let data = pictures::jpeg(resolution, captured, 90);
        let packet = Packet {
            captured,
            composition: std::time::Duration::ZERO,
            codec: Codec::Jpeg,
            resolution,
            key: true,
            slate: false,
            data,
        };
        self.source.publish(packet.clone());
        packet
    }
}

fn next(viewer: &mut Subscriber<Packet>) -> Result<Packet, End> {
    let cx = &mut Context::from_waker(Waker::noop());
    wait::until("a picture of the rendition", || {
        match viewer.poll_next(cx) {
            Poll::Ready(next) => Some(next.map(|item| item.value.clone())),
            Poll::Pending => None,
        }
    })
}

fn low() -> RenditionKey {
    RenditionKey {
        height: Some(320),
        fps: Some(Fps::new(15).unwrap()),
        coding: Coding::Jpeg(JpegQuality::new(50).unwrap()),
        always: false,
    }
}

#[test]
fn a_large_picture_is_scaled_and_keeps_its_capture_time() {
    let (mut bench, mut viewer) = Bench::start(low());
    let sent = bench.publish(1280, 720);
    let got = next(&mut viewer).unwrap();
    assert_eq!(
        (got.resolution.width(), got.resolution.height()),
        (568, 320)
    );
    assert_eq!(got.captured, sent.captured);
    assert_eq!(
        pictures::read_time(&got.data),
        Some(sent.captured),
        "the time in the pixels"
    );
}

#[test]
fn a_picture_that_is_small_enough_passes_untouched() {
    let (mut bench, mut viewer) = Bench::start(low());
    let sent = bench.publish(320, 240);
    assert_eq!(next(&mut viewer).unwrap().data, sent.data);
}

#[test]
fn a_particular_jpeg_quality_always_re_encodes() {
    let (mut bench, mut viewer) = Bench::start(RenditionKey {
        always: true,
        ..low()
    });
    let sent = bench.publish(320, 240);
    let got = next(&mut viewer).unwrap();
    assert!(
        got.data.len() < sent.data.len(),
        "{} of {}",
        got.data.len(),
        sent.data.len()
    );
    assert_eq!(got.resolution, sent.resolution);
}

#[test]
fn a_damaged_picture_is_left_out_and_the_next_one_comes() {
    let (mut bench, mut viewer) = Bench::start(low());
    let mut broken = bench.publish(1280, 720);
    next(&mut viewer).unwrap();
    broken.data = broken.data.slice(..200);
    bench.source.publish(broken);
    bench.clock.advance(Duration::from_millis(100));
    let sent = bench.publish(1280, 720);
    assert_eq!(next(&mut viewer).unwrap().captured, sent.captured);
}

#[test]
fn a_rendition_ends_with_its_source() {
    let (bench, mut viewer) = Bench::start(low());
    drop(bench.source);
    assert_eq!(next(&mut viewer), Err(End));
}

#[test]
fn a_rendition_ends_when_nobody_has_looked_for_the_grace_period() {
    let clock = RealClock::shared();
    let (_source, feed) = Feed::<Packet>::new(clock.clone(), RingLimits::LIVE);
    let (into, rendition) = Feed::new(clock.clone(), RingLimits::LIVE);
    let viewer = rendition.subscribe();
    let transcoder = Transcoder::new(clock, Duration::from_millis(1));
    transcoder.start(
        &"front".parse().unwrap(),
        low(),
        feed.subscribe().unwrap(),
        into,
    );
    assert!(!rendition.is_closed(), "somebody looks");
    drop(viewer);
    wait::until("the rendition to end", || {
        rendition.is_closed().then_some(())
    });
    wait::until("its cursor on the source to go", || {
        (feed.demand().viewers == 0).then_some(())
    });
}
