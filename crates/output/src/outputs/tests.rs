//! What the outputs answer, without a network: a hub, a hand-made picture, a request.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use eyeline_auth::Access;
use eyeline_clock::{Clock as _, SharedClock, SimClock};
use eyeline_hub::{
    Hub, Limits, Publisher, RenditionKey, State, StreamPublisher, Subscriber, Transcode, ViewError,
};
use eyeline_media::{Codec, Packet, Resolution, StreamId, Timestamp};
use eyeline_proto::mpjpeg::mux;
use http::{HeaderMap, HeaderName, Response, StatusCode};
use http_body::Body as _;
use http_body_util::BodyExt as _;

use crate::{Body, OUTPUTS, OutputError, Query, Request, Sent, Visitor};

const START: u64 = 1_700_000_000_000_000_000;

/// Makes no renditions: what is asked of one never comes.
struct NoTranscode;

impl Transcode for NoTranscode {
    fn start(&self, _: &StreamId, _: RenditionKey, _: Subscriber<Packet>, into: Publisher<Packet>) {
        drop(into);
    }
}

struct Bench {
    hub: Hub,
    clock: Arc<SimClock>,
    publisher: StreamPublisher,
    sent: Arc<Sent>,
}

fn bench() -> Bench {
    let clock = SimClock::starting_at(START);
    let shared: SharedClock = clock.clone();
    let limits = Limits {
        viewers_per_stream: 2,
        ..Limits::default()
    };
    let hub = Hub::new(shared, limits, Box::new(NoTranscode));
    let grant = Access::by_configuration().publish(&"front".parse().unwrap());
    let publisher = hub.publish(&grant, "test:".to_owned()).unwrap();
    Bench {
        hub,
        clock,
        publisher,
        sent: Arc::default(),
    }
}

impl Bench {
    fn publish(&mut self, text: &'static str) -> Timestamp {
        self.publish_packet(text, false)
    }

    fn publish_packet(&mut self, text: &'static str, slate: bool) -> Timestamp {
        self.clock.advance(Duration::from_millis(40));
        let captured = Timestamp::from_nanos(self.clock.wall_nanos());
        self.publisher.publish(Packet {
            captured,
            composition: std::time::Duration::ZERO,
            codec: Codec::Jpeg,
            resolution: Resolution::new(2, 2).unwrap(),
            key: true,
            slate,
            data: Bytes::from_static(text.as_bytes()),
        });
        captured
    }

    fn request(&self, query: &str) -> Request {
        let grant = Access::by_configuration().view(self.publisher.id());
        let query = Query::parse(query);
        Request {
            stream: self.hub.watch(&grant).unwrap(),
            wish: query.wish().unwrap(),
            query,
            file: String::new(),
            headers: HeaderMap::new(),
            head_only: false,
            visitor: Visitor {
                remote: [192, 0, 2, 1].into(),
                agent: Some("test".to_owned()),
            },
            link: Arc::default(),
            sent: Arc::clone(&self.sent),
            clock: self.hub.clock().clone(),
        }
    }

    async fn get(&self, path: &str, query: &str) -> Result<Response<Body>, OutputError> {
        serve(path, self.request(query)).await
    }

    fn viewers(&self) -> usize {
        self.hub.stats()[0].viewers
    }
}

async fn serve(path: &str, request: Request) -> Result<Response<Body>, OutputError> {
    let output = OUTPUTS.iter().find(|output| output.path == path).unwrap();
    (output.serve)(request).await
}

async fn next(body: &mut Body) -> Option<Bytes> {
    let frame = body.frame().await?;
    Some(frame.unwrap().into_data().unwrap())
}

fn header(response: &Response<Body>, name: &'static str) -> Option<String> {
    let value = response.headers().get(HeaderName::from_static(name))?;
    Some(value.to_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_part_is_sent_with_the_boundary_that_ends_it() {
    let mut bench = bench();
    let response = bench.get("mjpeg", "").await.unwrap();
    assert_eq!(
        header(&response, "content-type").unwrap(),
        mux::CONTENT_TYPE
    );
    assert_eq!(header(&response, "x-accel-buffering").unwrap(), "no");
    let mut body = response.into_body();
    assert_eq!(next(&mut body).await.unwrap(), mux::PREAMBLE);
    for picture in ["one", "two"] {
        let captured = bench.publish(picture);
        let part = next(&mut body).await.unwrap();
        assert_eq!(part, mux::part(picture.as_bytes(), captured));
    }
    assert_eq!(bench.sent.frames(), 2);
    let captured = bench.publish_packet("away", true);
    let part = next(&mut body).await.unwrap();
    assert_eq!(part, mux::slate_part(b"away", captured));
}

#[tokio::test]
async fn every_viewer_gets_the_same_memory() {
    let mut bench = bench();
    let mut bodies = [
        bench.get("mjpeg", "").await.unwrap().into_body(),
        bench.get("mjpeg", "").await.unwrap().into_body(),
    ];
    bench.publish("one");
    let mut parts = Vec::new();
    for body in &mut bodies {
        next(body).await.unwrap();
        parts.push(next(body).await.unwrap());
    }
    assert_eq!(parts[0].as_ptr(), parts[1].as_ptr());
}

#[tokio::test]
async fn the_end_of_the_stream_closes_the_multipart_body() {
    let mut bench = bench();
    let mut body = bench.get("mjpeg", "").await.unwrap().into_body();
    bench.publish("one");
    assert!(next(&mut body).await.is_some() && next(&mut body).await.is_some());
    drop(bench.publisher);
    assert_eq!(next(&mut body).await.unwrap(), mux::CLOSE);
    assert!(body.is_end_stream());
    assert_eq!(next(&mut body).await, None);
}

#[tokio::test]
async fn a_viewer_has_an_account_as_long_as_it_looks() {
    let bench = bench();
    let first = bench.get("mjpeg", "").await.unwrap();
    let second = bench.get("mjpeg", "").await.unwrap();
    assert_eq!(bench.viewers(), 2);
    let refused = bench.get("mjpeg", "").await.err();
    let expected = ViewError::TooManyViewers { most: 2 };
    assert_eq!(refused, Some(OutputError::View(expected)));
    drop((first, second));
    assert_eq!(bench.viewers(), 0);
}

#[tokio::test]
async fn asking_for_the_head_alone_starts_nothing() {
    let bench = bench();
    let request = Request {
        head_only: true,
        ..bench.request("quality=low")
    };
    let response = serve("mjpeg", request).await.unwrap();
    assert_eq!(
        header(&response, "content-type").unwrap(),
        mux::CONTENT_TYPE
    );
    let stats = bench.hub.stats();
    assert_eq!((stats[0].viewers, stats[0].renditions.len()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn parts_are_made_only_while_somebody_looks() {
    let mut bench = bench();
    drop(bench.get("mjpeg", "").await.unwrap());
    let looked_at = |bench: &Bench| bench.publisher.demand().viewers;
    assert_eq!(looked_at(&bench), 1, "the parts are still made");
    // Time is paused and runs on by itself; a sleep lets the other tasks have their turn.
    while looked_at(&bench) > 0 {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let mut body = bench.get("mjpeg", "").await.unwrap().into_body();
    let captured = bench.publish("again");
    next(&mut body).await;
    assert_eq!(
        next(&mut body).await.unwrap(),
        mux::part(b"again", captured)
    );
}

#[tokio::test]
async fn a_snapshot_is_the_newest_picture_with_its_time() {
    let mut bench = bench();
    bench.publish("old");
    let captured = bench.publish("new");
    let response = bench.get("snapshot.jpg", "").await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(header(&response, "content-type").unwrap(), "image/jpeg");
    assert_eq!(
        header(&response, "x-timestamp").unwrap(),
        captured.to_string()
    );
    let modified = header(&response, "last-modified").unwrap();
    assert_eq!(modified, "Tue, 14 Nov 2023 22:13:20 GMT");
    assert_eq!(header(&response, "x-eyeline-slate"), None);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, "new");
    assert_eq!(bench.viewers(), 0);
}

#[tokio::test]
async fn a_slate_is_served_and_marked() {
    let mut bench = bench();
    bench.publish_packet("away", true);
    let response = bench.get("snapshot.jpg", "").await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(header(&response, "x-eyeline-slate").unwrap(), "1");
}

#[tokio::test]
async fn a_picture_that_is_known_is_not_sent_again() {
    let mut bench = bench();
    bench.publish("one");
    let tag = header(&bench.get("snapshot.jpg", "").await.unwrap(), "etag").unwrap();
    let check = async |known: String, expected: StatusCode| {
        let mut request = bench.request("");
        request
            .headers
            .insert(http::header::IF_NONE_MATCH, known.parse().unwrap());
        let response = serve("snapshot.jpg", request).await.unwrap();
        assert_eq!(response.status(), expected, "{known}");
        let empty = expected == StatusCode::NOT_MODIFIED;
        assert_eq!(response.body().is_end_stream(), empty, "{known}");
        assert_eq!(header(&response, "etag"), Some(tag.clone()));
    };
    check(tag.clone(), StatusCode::NOT_MODIFIED).await;
    check(format!("\"x\", W/{tag}"), StatusCode::NOT_MODIFIED).await;
    check("*".to_owned(), StatusCode::NOT_MODIFIED).await;
    check("\"x\"".to_owned(), StatusCode::OK).await;
}

#[tokio::test]
async fn a_snapshot_waits_for_a_picture_that_is_young_enough() {
    let mut bench = bench();
    bench.publish("old");
    bench.clock.advance(Duration::from_millis(500));
    let waiting = serve("snapshot.jpg", bench.request("max_age_ms=100"));
    let mut waiting = std::pin::pin!(waiting);
    assert!(poll_once(waiting.as_mut()).is_pending());
    bench.publish("new");
    let response = waiting.await.unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, "new");
}

#[tokio::test]
async fn what_comes_after_the_question_is_young_enough_for_any_age() {
    let mut bench = bench();
    bench.publish("old");
    bench.clock.advance(Duration::from_millis(1));
    let waiting = serve("snapshot.jpg", bench.request("max_age_ms=0"));
    let mut waiting = std::pin::pin!(waiting);
    assert!(poll_once(waiting.as_mut()).is_pending());
    bench.publish("new");
    // It takes its time to be read.
    bench.clock.advance(Duration::from_millis(1));
    let response = waiting.await.unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, "new");
}

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_does_not_wait_for_ever() {
    let mut bench = bench();
    bench.publisher.set_state(State::Starting);
    let refused = bench.get("snapshot.jpg", "").await.err();
    let waited = crate::limits::SNAPSHOT_WAIT;
    assert_eq!(refused, Some(OutputError::NoPicture { waited }));
}

#[tokio::test]
async fn an_age_that_is_no_number_is_refused() {
    let bench = bench();
    let refused = bench.get("snapshot.jpg", "max_age_ms=soon").await.err();
    let said = refused.unwrap().to_string();
    assert!(
        said.contains("max_age_ms") && said.contains("milliseconds"),
        "{said}"
    );
}

#[tokio::test]
async fn a_framing_may_be_asked_for() {
    let mut bench = bench();
    bench.publish("picture");
    let response = bench.get("mjpeg", "framing=ahead").await.unwrap();
    let mut body = response.into_body();
    assert_eq!(next(&mut body).await.unwrap(), mux::ahead::PREAMBLE);
    assert_eq!(next(&mut body).await.unwrap(), mux::ahead::part(b"picture"));
    let refused = bench.get("mjpeg", "framing=x").await.err();
    let said = refused.unwrap().to_string();
    assert!(said.contains("exact or ahead"), "{said}");
}
