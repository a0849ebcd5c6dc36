//! Publishing from elsewhere: what is taken, who is in the way, and `push` from end to end.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use eyeline_hub::{Hub, State, Wish};
use eyeline_media::{PixelFormat, Resolution, StreamId, Timestamp};
use eyeline_proto::mpjpeg::mux;
use eyeline_source::push::{Destination, PushError};
use eyeline_source::{Accepted, IngestError, Options, RawFormat, Spec, Streams, push};
use eyeline_testkit::pictures::Pictures;
use eyeline_testkit::wait::PATIENCE;
use futures_core::Stream;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use crate::bench::{self, Bench, access};

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

fn open() -> (mpsc::UnboundedSender<Bytes>, Body) {
    let (pen, paper) = mpsc::unbounded_channel();
    (pen, Body(paper))
}

fn made() -> Bytes {
    Pictures::new(size(), 80).at(Timestamp::default())
}

fn size() -> Resolution {
    Resolution::new(64, 48).unwrap()
}

fn front() -> StreamId {
    "front".parse().unwrap()
}

async fn post(streams: &Streams, kind: Option<&str>, body: Body) -> Result<Accepted, IngestError> {
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

/// No streams yet, as a server has them.
fn making(options: &Options) -> (Streams, Hub, watch::Sender<bool>) {
    let hub = bench::hub(options);
    let (stop, stopped) = watch::channel(false);
    (Streams::new(hub.clone(), stopped), hub, stop)
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_nobody_configured_is_made_and_removed_when_unused() {
    let (streams, hub, _stop) = making(&bench::options());
    assert_eq!(
        post(&streams, None, whole(made())).await.unwrap(),
        Accepted { frames: 1 }
    );
    let stream = hub.watch(&access().view(&front())).unwrap();
    assert_eq!(stream.profile().source, "push:");
    tokio::time::sleep(Duration::from_secs(59)).await;
    assert!(hub.watch(&access().view(&front())).is_ok());
    tokio::time::sleep(Duration::from_secs(7)).await;
    assert!(hub.watch(&access().view(&front())).is_err());
    assert_eq!(
        post(&streams, None, whole(made())).await.unwrap(),
        Accepted { frames: 1 }
    );
}

/// A server that takes one chunked POST after the other, as much HTTP as `push` needs.
struct Server {
    address: String,
    heads: Arc<Mutex<Vec<String>>>,
    hub: Hub,
    _stop: watch::Sender<bool>,
}

impl Server {
    async fn start(status: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (streams, hub, stop) = making(&bench::options());
        let heads = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&heads);
        tokio::spawn(async move {
            while let Ok((peer, _)) = listener.accept().await {
                tokio::spawn(take(peer, streams.clone(), Arc::clone(&kept), status));
            }
        });
        Self {
            address,
            heads,
            hub,
            _stop: stop,
        }
    }

    fn to(&self, path: &str) -> Destination {
        Destination::parse(&format!("http://u:p@{}{path}", self.address), None).unwrap()
    }

    fn first_head(&self) -> String {
        self.heads.lock().unwrap()[0].clone()
    }
}

async fn take(mut peer: TcpStream, streams: Streams, heads: Arc<Mutex<Vec<String>>>, status: &str) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = peer.read_u8().await else {
            return;
        };
        head.push(byte);
    }
    heads.lock().unwrap().push(String::from_utf8(head).unwrap());
    let (mut from, mut to) = peer.into_split();
    if !status.starts_with("200") {
        let answer =
            format!("HTTP/1.1 {status}\r\nContent-Length: 4\r\nConnection: close\r\n\r\nwhy?");
        to.write_all(answer.as_bytes()).await.unwrap();
        return;
    }
    let (pen, body) = open();
    let reading = async {
        while let Some(chunk) = chunk(&mut from).await {
            if chunk.is_empty() || pen.send(chunk).is_err() {
                break;
            }
        }
        drop(pen);
    };
    let posting = post(&streams, Some(mux::CONTENT_TYPE), body);
    let ((), _taken) = tokio::join!(reading, posting);
    let _ = to
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        .await;
}

/// The next chunk; empty at the end.
async fn chunk(from: &mut (impl tokio::io::AsyncRead + Unpin)) -> Option<Bytes> {
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        line.push(from.read_u8().await.ok()?);
    }
    let len = usize::from_str_radix(std::str::from_utf8(&line).ok()?.trim(), 16).ok()?;
    let mut data = vec![0; len + 2];
    from.read_exact(&mut data).await.ok()?;
    data.truncate(len);
    Some(data.into())
}

fn specs(text: &str) -> Vec<Spec> {
    Spec::parse_list(text).unwrap()
}

async fn watched(hub: &Hub) -> bench::Pictures {
    loop {
        if let Ok(stream) = hub.watch(&access().view(&front())) {
            return bench::Pictures(stream.packets(&Wish::default()).unwrap());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_pushed_source_arrives_with_its_capture_times() {
    let server = Server::start("200 OK").await;
    let (stop, stopped) = watch::channel(false);
    let source = specs("test:?size=320x240&fps=50");
    let to = server.to("/streams/front");
    let pushing =
        tokio::spawn(
            async move { push::run(source, to, bench::options(), &access(), stopped).await },
        );
    let mut seen = watched(&server.hub).await;
    for packet in seen.take(20).await {
        let told = eyeline_testkit::pictures::read_time(&packet.data).unwrap();
        assert_eq!(told.as_micros(), packet.captured.as_micros());
    }
    let head = server.first_head().to_ascii_lowercase();
    assert!(
        head.starts_with("post /streams/front/ingest http/1.1"),
        "{head}"
    );
    assert!(head.contains("authorization: basic dtpw"), "{head}");
    stop.send(true).unwrap();
    timeout(PATIENCE, pushing).await.unwrap().unwrap().unwrap();
    let stream = server.hub.watch(&access().view(&front())).unwrap();
    timeout(PATIENCE, async {
        while !matches!(stream.stats().state, State::Away { .. }) {
            seen.item().await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_source_that_comes_and_goes_is_pushed_again() {
    let server = Server::start("200 OK").await;
    let (stop, stopped) = watch::channel(false);
    let source = specs(
        "exec:ffmpeg -v error -re -f lavfi -i testsrc2=size=320x240:rate=20 -frames:v 5 -f mpjpeg -",
    );
    let to = server.to("/streams/front/ingest");
    let pushing =
        tokio::spawn(
            async move { push::run(source, to, bench::options(), &access(), stopped).await },
        );
    let mut seen = watched(&server.hub).await;
    for _ in 0..2 {
        seen.take(3).await;
        seen.slate().await;
    }
    stop.send(true).unwrap();
    timeout(PATIENCE, pushing).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn pushing_ends_with_its_source_or_with_a_refusal() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), [made(), made(), made()].concat()).unwrap();
    let clip = format!("file:{}?fps=20", file.path().display());
    let run = async |server: &Server, source: &str| {
        let (_stop, stopped) = watch::channel(false);
        let to = server.to("/streams/front");
        let (options, access) = (bench::options(), access());
        let pushing = push::run(specs(source), to, options, &access, stopped);
        timeout(PATIENCE, pushing).await.unwrap()
    };
    let server = Server::start("200 OK").await;
    run(&server, &clip).await.unwrap();

    let server = Server::start("401 Unauthorized").await;
    let refused = run(&server, &clip).await.unwrap_err();
    assert!(
        matches!(&refused, PushError::Refused(why) if why.contains("401") && why.contains("why?")),
        "{refused}"
    );
}

#[test]
fn destinations_that_make_no_sense_are_refused() {
    let check = |url: &str, says: &str| {
        let Err(error) = Destination::parse(url, None) else {
            panic!("{url} was taken")
        };
        assert!(error.to_string().contains(says), "{error}");
    };
    check("host:8000/streams/front", "http://");
    check(
        "http://u:secret@host:8000/",
        "http://u:***@host:8000/: name the stream",
    );
    check("ftp://host/streams/front", "http://");
}
