//! What is encoded when, in simulated time: the encoder is a stand-in that takes as long as it is
//! told to.

use std::sync::{Arc, Mutex};
use std::task::Waker;

use eyeline_clock::{Clock as _, SimClock};
use eyeline_hub::Fps;
use eyeline_sys_codec::Planes;
use eyeline_testkit::pictures;

use super::*;
use crate::encoders::Failed;

const START: u64 = 1_700_000_000_000_000_000;
const INTERVAL: Duration = Duration::from_millis(33);

/// How long a picture of so many lines takes, in haste or not.
type Cost = fn(u32, bool) -> Duration;

struct StandIns {
    clock: Arc<SimClock>,
    cost: Mutex<Cost>,
    /// The size of each encoder that was made.
    made: Mutex<Vec<String>>,
}

struct StandIn {
    of: Arc<StandIns>,
    size: Resolution,
    settings: H264Settings,
    begun: bool,
    coded: VecDeque<Coded>,
}

/// So that the stand-ins can be shared with the test.
struct Shared(Arc<StandIns>);

impl MakeEncoder for Shared {
    fn make(
        &self,
        size: Resolution,
        settings: H264Settings,
        _: bool,
    ) -> Result<Box<dyn Encode>, Failed> {
        self.0.made.lock().unwrap().push(size.to_string());
        Ok(Box::new(StandIn {
            of: Arc::clone(&self.0),
            size,
            settings,
            begun: false,
            coded: VecDeque::new(),
        }))
    }
}

impl Encode for StandIn {
    fn name(&self) -> &'static str {
        "stand-in"
    }

    fn encode(&mut self, _: &Planes, _: u64, key: bool) -> Result<Taken, Failed> {
        let cost = *self.of.cost.lock().unwrap();
        self.of
            .clock
            .advance(cost(self.size.height(), self.settings.hasty));
        let key = key || !std::mem::replace(&mut self.begun, true);
        let data = bytes::Bytes::from_static(b"picture");
        self.coded.push_back(Coded { data, key });
        Ok(Taken::Yes)
    }

    fn set(&mut self, settings: H264Settings) {
        self.settings = settings;
    }

    fn poll_coded(&mut self, _: &mut Context<'_>) -> Poll<Result<Coded, Failed>> {
        match self.coded.pop_front() {
            Some(coded) => Poll::Ready(Ok(coded)),
            None => Poll::Pending,
        }
    }
}

struct Bench {
    clock: Arc<SimClock>,
    encoders: Arc<StandIns>,
    maker: Maker,
    source: Packet,
    /// Pictures of the source so far.
    last: u64,
    key_wanted: bool,
    /// How old the oldest picture was when it had been encoded.
    oldest: Duration,
}

fn jpeg(width: u32, height: u32) -> Packet {
    let resolution = Resolution::new(width, height).unwrap();
    let captured = Timestamp::from_nanos(START);
    Packet {
        captured,
        composition: Duration::ZERO,
        codec: Codec::Jpeg,
        resolution,
        key: true,
        slate: false,
        data: pictures::jpeg(resolution, captured, 50),
    }
}

impl Bench {
    fn new(key: RenditionKey, cost: Cost) -> Self {
        let clock = SimClock::starting_at(START);
        let encoders = Arc::new(StandIns {
            clock: clock.clone(),
            cost: Mutex::new(cost),
            made: Mutex::default(),
        });
        let shared = Arc::new(Shared(Arc::clone(&encoders)));
        let maker = Maker::new("front".to_owned(), key, clock.clone(), shared);
        Self {
            clock,
            encoders,
            maker,
            source: jpeg(64, 360),
            last: 0,
            key_wanted: false,
            oldest: Duration::ZERO,
        }
    }

    /// Goes on for so many seconds; each time the newest picture is taken that has come.
    fn run(&mut self, seconds: u64) -> Vec<Packet> {
        let end = self.clock.now() + Duration::from_secs(seconds);
        let mut packets = Vec::new();
        self.oldest = Duration::ZERO;
        while self.clock.now() < end {
            let come = (self.clock.now().as_millis() / INTERVAL.as_millis()) as u64;
            self.last = come.max(self.last + 1);
            let at = INTERVAL * self.last as u32;
            self.clock.advance(at.saturating_sub(self.clock.now()));
            packets.extend(self.take(at));
            self.oldest = self.oldest.max(self.clock.now() - at);
        }
        packets
    }

    fn take(&mut self, at: Duration) -> Option<Packet> {
        self.source.captured = Timestamp::from_nanos(START + at.as_nanos() as u64);
        let (source, key_wanted) = (&self.source, self.key_wanted);
        self.maker.take(source, false, key_wanted).unwrap();
        let cx = &mut Context::from_waker(Waker::noop());
        match self.maker.poll_packet(cx) {
            Poll::Ready(packet) => Some(packet),
            Poll::Pending => None,
        }
    }

    fn made(&self) -> Vec<String> {
        self.encoders.made.lock().unwrap().clone()
    }
}

fn key(height: Option<u32>, fps: Option<u32>) -> RenditionKey {
    RenditionKey {
        height,
        fps: fps.map(|fps| Fps::new(fps).unwrap()),
        coding: Coding::H264(None),
        always: false,
    }
}

fn keys(packets: &[Packet]) -> usize {
    packets.iter().filter(|packet| packet.key).count()
}

#[test]
fn key_pictures_are_rare_unless_somebody_waits_for_one() {
    let mut bench = Bench::new(key(None, None), |_, _| Duration::from_millis(5));
    let packets = bench.run(25);
    assert!(packets[0].key);
    assert_eq!(keys(&packets), 3, "at the start and every ten seconds");
    assert_eq!(keys(&bench.run(2)), 0);
    bench.key_wanted = true;
    let at = INTERVAL * (bench.last as u32 + 1);
    assert!(bench.take(at).is_some_and(|packet| packet.key), "at once");
    bench.last += 1;
    bench.key_wanted = false;
    assert_eq!(keys(&bench.run(9)), 0, "the ten seconds begin anew");
}

#[test]
fn pictures_keep_their_capture_time_and_get_the_size_and_rate_that_was_wished_for() {
    let mut bench = Bench::new(key(Some(320), Some(15)), |_, _| Duration::from_millis(5));
    bench.source = jpeg(1280, 720);
    let packets = bench.run(4);
    assert_eq!(packets[0].resolution.to_string(), "568x320");
    assert!((58..=62).contains(&packets.len()), "{}", packets.len());
    let first = packets[0].captured.as_nanos() - START;
    assert!(first.is_multiple_of(INTERVAL.as_nanos() as u64));
}

#[test]
fn an_encoder_that_does_not_keep_up_does_less_and_pictures_stay_young() {
    let mut bench = Bench::new(key(None, None), |height, hasty| {
        let whole = Duration::from_millis(if height < 360 { 40 } else { 90 });
        if hasty { whole } else { whole + INTERVAL }
    });
    bench.run(8);
    assert_eq!(bench.maker.making().reduced, Some("height"));
    assert_eq!(bench.made(), ["64x360", "42x240"]);
    let packets = bench.run(10);
    assert!(
        packets
            .iter()
            .all(|packet| packet.resolution.height() == 240)
    );
    assert!(
        bench.oldest <= Duration::from_millis(50),
        "{:?}",
        bench.oldest
    );
    // The load goes away.
    *bench.encoders.cost.lock().unwrap() = |_, _| Duration::from_millis(4);
    bench.run(30);
    assert_eq!(bench.maker.making().reduced, None);
    let packets = bench.run(5);
    assert!(
        packets
            .iter()
            .all(|packet| packet.resolution.height() == 360)
    );
    assert!(packets.len() >= 150, "{} pictures", packets.len());
}

#[test]
fn a_little_too_much_work_is_done_in_haste_first_and_then_half_as_often() {
    let check = |cost: Cost, expected: &str, pictures: std::ops::RangeInclusive<usize>| {
        let mut bench = Bench::new(key(None, None), cost);
        bench.run(5);
        assert_eq!(bench.maker.making().reduced, Some(expected));
        let packets = bench.run(4);
        assert!(pictures.contains(&packets.len()), "{}", packets.len());
        assert_eq!(bench.made(), ["64x360"]);
        assert_eq!(keys(&packets), 0, "nothing is begun anew for it");
    };
    let hasty: Cost = |_, hasty| Duration::from_millis(if hasty { 27 } else { 40 });
    check(hasty, "complexity", 118..=122);
    let half: Cost = |_, hasty| Duration::from_millis(if hasty { 45 } else { 60 });
    check(half, "frame_rate", 55..=65);
}

#[test]
fn another_size_and_a_slate_begin_with_a_key_picture() {
    let mut bench = Bench::new(key(None, None), |_, _| Duration::from_millis(5));
    assert_eq!(keys(&bench.run(2)), 1);
    bench.source = jpeg(321, 241);
    let packets = bench.run(2);
    assert!(packets[0].key && packets[0].resolution.to_string() == "320x240");
    assert_eq!(keys(&packets), 1);
    bench.source.slate = true;
    let packets = bench.run(2);
    assert!(packets[0].key && packets[0].slate);
    assert_eq!(keys(&packets), 1);
    bench.source = jpeg(64, 360);
    assert!(bench.run(2)[0].key);
    assert_eq!(bench.made(), ["64x360", "320x240", "64x360"]);
}

#[test]
fn a_picture_that_is_too_small_is_an_error_and_the_next_is_encoded() {
    let mut bench = Bench::new(key(None, None), |_, _| Duration::from_millis(5));
    let (small, large) = (jpeg(8, 8), bench.source.clone());
    assert!(bench.maker.take(&small, false, false).is_err());
    bench.source = large;
    assert!(!bench.run(1).is_empty());
}
