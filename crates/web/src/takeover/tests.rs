//! A session that echoes, over real sockets.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use eyeline_auth::Policy;
use eyeline_clock::RealClock;
use eyeline_hub::{Hub, Publisher, RenditionKey, Subscriber, Transcode};
use eyeline_media::{Packet, StreamId};
use http::header::{CONNECTION, HeaderValue, UPGRADE};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::*;
use crate::app::Server;
use crate::{App, Limits, connection};
use eyeline_tcp::Patience;

const ASK: &[u8] =
    b"GET /echo HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n";

/// Sends back what comes, until the other end has said all or the server stops.
fn echo(mut taken: Taken) -> Running {
    Box::pin(async move {
        let mut next = taken.read_buf.to_vec();
        loop {
            taken.io.write_all(&next).await?;
            taken.io.flush().await?;
            next.resize(1024, 0);
            tokio::select! {
                _ = taken.stopping.changed() => {
                    taken.io.write_all(b"bye").await?;
                    break;
                }
                read = taken.io.read(&mut next) => match read? {
                    0 => break,
                    count => next.truncate(count),
                },
            }
        }
        close(taken.io).await
    })
}

/// Writes for ever.
fn flood(mut taken: Taken) -> Running {
    Box::pin(async move {
        loop {
            taken.io.write_all(&[7; 64 * 1024]).await?;
            taken.io.flush().await?;
        }
    })
}

fn switch(session: fn(Taken) -> Running) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("echo"));
    respond(headers, session)
}

struct NoTranscode;

impl Transcode for NoTranscode {
    fn start(&self, _: &StreamId, _: RenditionKey, _: Subscriber<Packet>, _: Publisher<Packet>) {}
}

struct Harness {
    server: Arc<Server>,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
    client: TcpStream,
}

/// A server of one connection, and its client, who has sent `ask`.
async fn start(ask: &[u8], limits: Limits) -> Harness {
    let hub = Hub::new(RealClock::shared(), <_>::default(), Box::new(NoTranscode));
    let (stop, stopping) = watch::channel(false);
    let app = App {
        allow: <_>::default(),
        store: None,
        streams: eyeline_source::Streams::new(hub.clone(), stopping.clone()),
        hub,
        policy: Policy {
            token: None,
            hosts: vec![],
            origins: vec![],
        },
        traffic: eyeline_output::Traffic::default(),
        limits,
    };
    let server = Server::new(app, stopping.clone());
    let router = Router::new()
        .route("/echo", get(async || switch(echo)))
        .route("/flood", get(async || switch(flood)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    let mut client = TcpStream::connect(address).await.unwrap();
    let (tcp, peer) = listener.accept().await.unwrap();
    let (connection, _) = server.connections.admit(peer).unwrap();
    let serving = connection::run(tcp, connection, Arc::clone(&server), router, stopping);
    let serving = tokio::spawn(serving);
    client.write_all(ask).await.unwrap();
    Harness {
        server,
        stop,
        serving,
        client,
    }
}

impl Harness {
    async fn reads(&mut self, expected: &[u8]) {
        let mut read = vec![0; expected.len()];
        let all = timeout(Duration::from_secs(60), self.client.read_exact(&mut read));
        all.await.expect("in time").expect("as many bytes");
        assert_eq!(
            read.escape_ascii().to_string(),
            expected.escape_ascii().to_string()
        );
    }

    /// Reads the head of the answer.
    async fn switched(&mut self) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.client.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        assert!(head.contains("upgrade: echo\r\n"), "{head}");
    }
}

#[tokio::test]
async fn what_comes_right_behind_the_request_is_not_lost() {
    let mut harness = start(&[ASK, b"first"].concat(), Limits::default()).await;
    harness.switched().await;
    harness.reads(b"first").await;
    harness.client.write_all(b"second").await.unwrap();
    harness.reads(b"second").await;
    harness.client.shutdown().await.unwrap();
    harness.reads(b"").await;
    harness.serving.await.unwrap();
    assert_eq!(harness.server.connections.open(), 0);
}

#[tokio::test]
async fn a_session_makes_no_room_for_others() {
    let limits = Limits {
        connections: 1,
        ..Limits::default()
    };
    let mut harness = start(&[ASK, b"here"].concat(), limits).await;
    harness.switched().await;
    harness.reads(b"here").await;
    assert!(!harness.server.connections.evict());
    drop(harness.client);
    harness.serving.await.unwrap();
    assert_eq!(harness.server.connections.open(), 0);
}

#[tokio::test]
async fn a_session_is_told_when_the_server_stops() {
    let mut harness = start(&[ASK, b"here"].concat(), Limits::default()).await;
    harness.switched().await;
    harness.reads(b"here").await;
    harness.stop.send_replace(true);
    harness.reads(b"bye").await;
    assert_eq!(harness.client.read(&mut [0; 8]).await.unwrap(), 0);
    drop(harness.client);
    harness.serving.await.unwrap();
}

#[tokio::test]
async fn one_who_takes_nothing_from_a_session_is_closed_and_counted() {
    let limits = Limits {
        patience: Patience {
            stall_timeout: Duration::from_millis(200),
            ..Patience::default()
        },
        ..Limits::default()
    };
    let ask = String::from_utf8(ASK.to_vec()).unwrap();
    let ask = ask.replace("/echo", "/flood");
    let harness = start(ask.as_bytes(), limits).await;
    harness.serving.await.unwrap();
    assert_eq!(harness.server.metrics.stalled.get(), 1);
}
