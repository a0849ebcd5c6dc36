//! Publishing from elsewhere: what is taken, and who is in the way.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use eyeline_media::{PixelFormat, Resolution, Timestamp};
use eyeline_proto::mpjpeg::mux;
use eyeline_source::{Accepted, IngestError, RawFormat, Streams};
use eyeline_testkit::pictures::Pictures;
use eyeline_testkit::wait::PATIENCE;
use futures_core::Stream;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::bench::{Bench, House, access, front};

/// A body that is written by hand.
pub(crate) struct Body(pub(crate) mpsc::UnboundedReceiver<Bytes>);

impl Stream for Body {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(cx).map(|piece| piece.map(Ok))
    }
}

/// A body that is there already.
fn whole(bytes: impl Into<Bytes>) -> Body {
    let (pen, body) = open();
    pen.send(bytes.into()).unwrap();
    body
}

pub(crate) fn open() -> (mpsc::UnboundedSender<Bytes>, Body) {
    let (pen, paper) = mpsc::unbounded_channel();
    (pen, Body(paper))
}

pub(crate) fn made() -> Bytes {
    Pictures::new(size(), 80).at(Timestamp::default())
}

pub(crate) fn size() -> Resolution {
    Resolution::new(64, 48).unwrap()
}

pub(crate) async fn post(
    streams: &Streams,
    kind: Option<&str>,
    body: Body,
) -> Result<Accepted, IngestError> {
    let grant = access().publish(&front());
    timeout(PATIENCE, streams.ingest(&grant, kind, None, body))
        .await
        .unwrap()
}

#[tokio::test]
async fn everything_that_programs_send_is_taken() {
    let bench = Bench::start("push:");
    let mut seen = bench.look();
    let jpeg = made();
    let mut parts = mux::PREAMBLE.to_vec();
    for n in 0..3 {
        parts.extend_from_slice(&mux::part(&jpeg, Timestamp::from_micros(n)));
    }
    parts.extend_from_slice(mux::CLOSE);
    for (kind, body, frames) in [
        (Some(mux::CONTENT_TYPE), Bytes::from(parts.clone()), 3),
        (
            Some("multipart/x-mixed-replace"),
            Bytes::from(parts.clone()),
            3,
        ),
        (None, Bytes::from(parts), 3),
        (Some("image/jpeg"), jpeg.clone(), 1),
        (
            Some("application/x-www-form-urlencoded"),
            Bytes::from([&jpeg[..], &jpeg[..]].concat()),
            2,
        ),
    ] {
        let accepted = post(&bench.streams, kind, whole(body)).await;
        assert_eq!(accepted.unwrap(), Accepted { frames }, "{kind:?}");
        for packet in seen.take(usize::try_from(frames).unwrap()).await {
            assert_eq!(packet.resolution, size());
        }
    }
    let format = RawFormat {
        format: PixelFormat::Gray8,
        size: size(),
    };
    let (grant, body) = (access().publish(&front()), whole(vec![7; 2 * 64 * 48]));
    let accepted = bench.streams.ingest(&grant, None, Some(format), body).await;
    assert_eq!(accepted.unwrap(), Accepted { frames: 2 });
    seen.take(2).await;
    bench.end().await;
}

#[tokio::test]
async fn what_is_wrong_is_said_with_its_place() {
    let bench = Bench::start("push:");
    let check = async |kind: Option<&str>, body: &[u8], says: &str| {
        let refused = post(&bench.streams, kind, whole(body.to_vec()))
            .await
            .unwrap_err();
        assert!(
            refused.to_string().contains(says),
            "{refused} does not say {says}"
        );
        refused
    };
    let error = check(Some("video/ogg"), b"x", "video/ogg").await;
    assert!(matches!(error, IngestError::UnsupportedType(_)));
    let error = check(Some("video/x-raw"), b"x", "format=bgr24").await;
    assert!(matches!(error, IngestError::FormatMissing));
    let error = check(None, b"garbage garbage", "byte 0").await;
    assert!(matches!(error, IngestError::Malformed(_)));
    check(None, b"", "no picture").await;
    check(Some("image/jpeg"), &made()[..200], "byte").await;
    let huge = b"--x\r\nContent-Length: 1000000000\r\n\r\n";
    let error = check(
        Some("multipart/x-mixed-replace; boundary=x"),
        huge,
        "1000000000",
    )
    .await;
    assert!(matches!(error, IngestError::TooLarge(_)));
    bench.end().await;
}

#[tokio::test]
async fn one_publishes_at_a_time_and_the_next_may_when_the_first_has_left() {
    let bench = Bench::start("push:");
    assert_eq!(bench.reason().await, "nobody publishes yet");
    let mut seen = bench.look();
    let (pen, body) = open();
    let streams = bench.streams.clone();
    let first = tokio::spawn(async move { post(&streams, None, body).await });
    pen.send(made()).unwrap();
    pen.send(made()).unwrap();
    seen.take(2).await;
    let second = post(&bench.streams, None, whole(made())).await;
    assert!(matches!(second, Err(IngestError::Busy(_))), "{second:?}");
    drop(pen);
    assert_eq!(first.await.unwrap().unwrap(), Accepted { frames: 2 });
    seen.slate().await;
    assert_eq!(bench.reason().await, "the publisher left");
    assert_eq!(
        post(&bench.streams, None, whole(made())).await.unwrap(),
        Accepted { frames: 1 }
    );
    seen.picture().await;
    bench.end().await;
}

#[tokio::test(start_paused = true)]
async fn single_pictures_a_few_seconds_apart_are_one_stream() {
    let bench = Bench::start("push:");
    let mut seen = bench.look();
    post(&bench.streams, Some("image/jpeg"), whole(made()))
        .await
        .unwrap();
    seen.picture().await;
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_secs(4)).await;
        post(&bench.streams, Some("image/jpeg"), whole(made()))
            .await
            .unwrap();
        assert!(!seen.item().await.slate, "no slate between two posts");
    }
    seen.slate().await;
    assert_eq!(bench.reason().await, "no picture for 5 s");
    bench.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_publisher_that_fell_silent_is_replaced_by_another() {
    let bench = Bench::start("push:");
    let (pen, body) = open();
    let streams = bench.streams.clone();
    let first = tokio::spawn(async move { post(&streams, None, body).await });
    pen.send(made()).unwrap();
    bench.wait_live().await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    post(&bench.streams, None, whole(made())).await.unwrap();
    let replaced = first.await.unwrap();
    assert!(
        matches!(replaced, Err(IngestError::Replaced(_))),
        "{replaced:?}"
    );
    bench.end().await;
}

#[tokio::test]
async fn a_publisher_takes_over_from_a_fallback_and_gives_back() {
    let bench = Bench::start("push:,test:?size=640x360&fps=50");
    let mut seen = bench.look();
    assert_eq!(seen.picture().await.resolution.width(), 640);
    let (pen, body) = open();
    let streams = bench.streams.clone();
    let publisher = tokio::spawn(async move { post(&streams, None, body).await });
    pen.send(made()).unwrap();
    while seen.picture().await.resolution != size() {}
    drop(pen);
    publisher.await.unwrap().unwrap();
    // One picture alone leaves quietly; the silence timeout decides.
    while seen.picture().await.resolution == size() {}
    bench.end().await;
}

#[tokio::test]
async fn a_stream_with_a_source_of_its_own_takes_no_publisher() {
    let bench = Bench::start("test:");
    let refused = post(&bench.streams, None, whole(made())).await;
    assert!(
        matches!(refused, Err(IngestError::NotPush(_))),
        "{refused:?}"
    );
    bench.end().await;
}

#[tokio::test]
async fn the_end_of_the_stream_ends_its_publisher() {
    let bench = Bench::start("push:");
    let (pen, body) = open();
    let streams = bench.streams.clone();
    let publisher = tokio::spawn(async move { post(&streams, None, body).await });
    pen.send(made()).unwrap();
    bench.wait_live().await;
    bench.end().await;
    let ended = timeout(PATIENCE, publisher).await.unwrap().unwrap();
    assert!(matches!(ended, Err(IngestError::Ended(_))), "{ended:?}");
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_nobody_configured_is_made_and_removed_when_unused() {
    let house = House::new();
    let (streams, hub) = (&house.streams, &house.hub);
    assert_eq!(
        post(streams, None, whole(made())).await.unwrap(),
        Accepted { frames: 1 }
    );
    let stream = hub.watch(&access().view(&front())).unwrap();
    assert_eq!(stream.profile().source, "push:");
    tokio::time::sleep(Duration::from_secs(59)).await;
    assert!(hub.watch(&access().view(&front())).is_ok());
    tokio::time::sleep(Duration::from_secs(7)).await;
    assert!(hub.watch(&access().view(&front())).is_err());
    assert_eq!(
        post(streams, None, whole(made())).await.unwrap(),
        Accepted { frames: 1 }
    );
}
