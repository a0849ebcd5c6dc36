//! Viewers of a stream that the tests fill by hand, without sockets.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use eyeline_auth::Access;
use eyeline_clock::{Clock as _, SharedClock, SimClock};
use eyeline_hub::{
    Feedback, Hub, Limits, Publisher, RenditionKey, StreamPublisher, Subscriber, Transcode,
    ViewerInfo, Wish,
};
use eyeline_media::{Codec, Packet, Resolution, StreamId, Timestamp};

use super::{View, Viewing};
use crate::mux::{Container, each};

const START: u64 = 1_700_000_000_000_000_000;

/// Makes no renditions: what is asked of one never comes.
struct NoTranscode;

impl Transcode for NoTranscode {
    fn start(&self, _: &StreamId, _: RenditionKey, _: Subscriber<Packet>, into: Publisher<Packet>) {
        drop(into);
    }
}

/// Pictures as they are.
const fn bare(codec: Codec) -> Container {
    Container {
        name: "bare",
        codec,
        audio: &[],
        start: |labels| each(labels, |_, item, _| item.value.data.clone()),
        backlog: None,
    }
}

static JPEG: Container = bare(Codec::Jpeg);
static H264: Container = bare(Codec::H264);

struct Bench {
    hub: Hub,
    clock: Arc<SimClock>,
    publisher: StreamPublisher,
}

impl Bench {
    fn new() -> Self {
        let clock = SimClock::starting_at(START);
        let shared: SharedClock = clock.clone();
        let hub = Hub::new(shared, Limits::default(), Box::new(NoTranscode));
        let grant = Access::by_configuration().publish(&"front".parse().unwrap());
        let publisher = hub.publish(&grant, "test:".to_owned()).unwrap();
        Self {
            hub,
            clock,
            publisher,
        }
    }

    fn look(&self, container: &'static Container, wish: &[(&str, &str)]) -> View {
        let grant = Access::by_configuration().view(self.publisher.id());
        let viewing = Viewing {
            stream: self.hub.watch(&grant).unwrap(),
            container,
            wish: Wish::from_pairs(wish.iter().copied()).unwrap(),
            viewer: ViewerInfo {
                remote: [192, 0, 2, 1].into(),
                transport: "test",
                agent: None,
            },
            link: Arc::default(),
            sent: Arc::default(),
            clock: self.hub.clock().clone(),
        };
        View::open(viewing).unwrap()
    }

    /// Publishes a key picture that was captured so long ago, of so many lines.
    fn publish(&mut self, codec: Codec, age: Duration, height: u32) {
        self.clock.advance(Duration::from_millis(40));
        self.publisher.publish(Packet {
            captured: Timestamp::from_nanos(self.clock.wall_nanos()).before(age),
            composition: Duration::ZERO,
            codec,
            resolution: Resolution::new(height * 4 / 3, height).unwrap(),
            key: true,
            slate: false,
            data: Bytes::from_static(b"picture"),
        });
    }
}

async fn next(view: &mut View) -> Option<Bytes> {
    poll_fn(|cx| view.poll_chunk(cx)).await
}

/// Whether a viewer gets less who says for two seconds that pictures are so old when they are seen,
/// which the source gives at another age.
async fn check_slow(given_ms: u64, seen_ms: f64, slow: bool) {
    let mut bench = Bench::new();
    bench.publish(Codec::Jpeg, Duration::from_millis(given_ms), 720);
    let mut view = bench.look(&JPEG, &[]);
    for _ in 0..50 {
        bench.publish(Codec::Jpeg, Duration::from_millis(given_ms), 720);
        // The smaller rendition that it is moved to is never made here.
        if next(&mut view).await.is_none() {
            break;
        }
        view.report(Feedback {
            age_ms: Some(seen_ms),
            ..Feedback::default()
        });
    }
    assert_eq!(
        view.delivery().reason.is_some(),
        slow,
        "{given_ms} {seen_ms}"
    );
}

#[tokio::test]
async fn pictures_that_are_old_before_they_are_sent_are_not_laid_to_the_link() {
    check_slow(0, 100.0, false).await;
    check_slow(0, 2_000.0, true).await;
    check_slow(8_000, 8_100.0, false).await;
    check_slow(8_000, 10_000.0, true).await;
}

#[tokio::test]
async fn who_comes_before_the_first_picture_gets_those_of_a_small_source_as_they_are() {
    for wish in ["low", "medium"] {
        let mut bench = Bench::new();
        let mut view = bench.look(&H264, &[("quality", wish)]);
        bench.publish(Codec::H264, Duration::ZERO, 240);
        let first = tokio::time::timeout(Duration::from_secs(5), next(&mut view)).await;
        assert!(matches!(first, Ok(Some(_))), "{wish}: {first:?}");
    }
}
