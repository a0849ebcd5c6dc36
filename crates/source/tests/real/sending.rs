//! `push` from end to end: what it sends, and to whom.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use eyeline_hub::{Hub, State, Wish};
use eyeline_proto::mpjpeg::mux;
use eyeline_source::push::{Destination, PushError};
use eyeline_source::{Spec, Streams, push};
use eyeline_testkit::wait::PATIENCE;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::bench::{self, House, access, front};
use crate::pushing::{made, open, post};

type Pushed = Result<(), PushError>;

/// A server that takes one chunked POST after the other, as much HTTP as `push` needs.
struct Server {
    address: String,
    heads: Arc<Mutex<Vec<String>>>,
    house: House,
}

impl Server {
    async fn start(status: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let house = House::new();
        let streams = house.streams.clone();
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
            house,
        }
    }

    fn to(&self, path: &str) -> Destination {
        Destination::parse(&format!("http://u:p@{}{path}", self.address), None).unwrap()
    }

    /// Pushes this source here until told to stop.
    fn push(&self, source: &str, path: &str) -> (watch::Sender<bool>, JoinHandle<Pushed>) {
        let (stop, stopped) = watch::channel(false);
        let (source, to) = (specs(source), self.to(path));
        let pushing = tokio::spawn(async move {
            let (options, none) = (bench::options(), bench::no_transcode());
            push::run(source, to, options, &access(), none, stopped).await
        });
        (stop, pushing)
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
    let (stop, pushing) = server.push("test:?size=320x240&fps=50", "/streams/front");
    let mut seen = watched(&server.house.hub).await;
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
    let stream = server.house.hub.watch(&access().view(&front())).unwrap();
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
    let (stop, pushing) = server.push(
        "exec:ffmpeg -v error -re -f lavfi -i testsrc2=size=320x240:rate=20 -frames:v 5 -f mpjpeg -",
        "/streams/front/ingest",
    );
    let mut seen = watched(&server.house.hub).await;
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
        let pushing = push::run(
            specs(source),
            to,
            options,
            &access,
            bench::no_transcode(),
            stopped,
        );
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
