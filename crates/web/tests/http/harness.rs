//! A server on a free port of 127.0.0.1 with one stream, `front`, whose pictures the
//! test publishes by hand.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use bytes::Bytes;
use eyeline_auth::{Access, Policy, Token};
use eyeline_clock::RealClock;
use eyeline_hub::{Hub, Publisher, RenditionKey, State, StreamPublisher, Subscriber, Transcode};
use eyeline_media::{Codec, Packet, Resolution, StreamId, Timestamp};
use eyeline_source::{Allow, Streams};
use eyeline_store::Store;
use eyeline_testkit::http::{self, Answer};
use eyeline_testkit::wait;
use eyeline_web::{App, Limits, Patience};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

pub(crate) const TOKEN: &str = "0123456789abcdef";

/// An origin whose pages may do what the server's own may.
pub(crate) const TRUSTED: &str = "https://panel.example";

/// Makes no renditions.
struct NoTranscode;

impl Transcode for NoTranscode {
    fn start(&self, _: &StreamId, _: RenditionKey, _: Subscriber<Packet>, into: Publisher<Packet>) {
        drop(into);
    }
}

pub(crate) struct Harness {
    pub(crate) port: u16,
    pub(crate) hub: Hub,
    /// `None` once the stream was ended.
    pub(crate) front: Option<StreamPublisher>,
    runtime: Runtime,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<()>>,
    /// Keeps the streams that are pushed running.
    _end: watch::Sender<bool>,
}

/// A server with the token [`TOKEN`] and the usual limits.
pub(crate) fn start() -> Harness {
    start_with(Some(TOKEN), Limits::default())
}

pub(crate) fn start_with(token: Option<&str>, limits: Limits) -> Harness {
    start_keeping(token, limits, None)
}

/// A server that keeps what is made over the API, and makes again what was kept.
pub(crate) fn start_keeping(token: Option<&str>, limits: Limits, store: Option<Store>) -> Harness {
    let hub_limits = eyeline_hub::Limits::default();
    let hub = Hub::new(RealClock::shared(), hub_limits, Box::new(NoTranscode));
    let mut front = publish(&hub, "front");
    front.set_state(State::Live {
        since: Timestamp::from_micros(1_700_000_000_000_000),
    });
    let (end, ended) = watch::channel(false);
    let app = App {
        hub: hub.clone(),
        policy: Policy {
            token: token.map(|token| Token::new(token).unwrap()),
            hosts: vec![],
            origins: vec![TRUSTED.to_owned()],
        },
        streams: Streams::new(hub.clone(), ended),
        allow: Allow::default(),
        store,
        traffic: eyeline_output::Traffic::default(),
        limits,
    };
    let runtime = Runtime::new().unwrap();
    let entered = runtime.enter();
    eyeline_web::restore(&app, &Access::by_configuration());
    drop(entered);
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (stop, stopped) = oneshot::channel();
    let serving = runtime.spawn(eyeline_web::serve(vec![listener], app, async {
        let _ = stopped.await;
    }));
    Harness {
        port,
        hub,
        front: Some(front),
        runtime,
        stop: Some(stop),
        serving: Some(serving),
        _end: end,
    }
}

pub(crate) fn publish(hub: &Hub, name: &str) -> StreamPublisher {
    let grant = Access::by_configuration().publish(&name.parse().unwrap());
    hub.publish(&grant, "test:".to_owned()).unwrap()
}

pub(crate) fn packet(data: impl Into<Bytes>, captured: Timestamp) -> Packet {
    Packet {
        captured,
        composition: std::time::Duration::ZERO,
        codec: Codec::Jpeg,
        resolution: Resolution::new(1280, 720).unwrap(),
        key: true,
        slate: false,
        data: data.into(),
    }
}

impl Harness {
    /// Publishes a picture captured so many milliseconds after the epoch of the tests.
    pub(crate) fn publish(&mut self, data: impl Into<Bytes>, millis: u64) -> Timestamp {
        let captured = Timestamp::from_micros(1_700_000_000_000_000 + millis * 1_000);
        let front = self.front.as_mut().expect("the stream has not ended");
        front.publish(packet(data, captured));
        captured
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        http::get(self.port, path)
    }

    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        http::send(self.port, method, path, headers, b"")
    }

    pub(crate) fn json(&self, path: &str) -> serde_json::Value {
        let answer = self.get(path);
        serde_json::from_slice(&answer.body).unwrap_or_else(|error| panic!("{error}: {answer:?}"))
    }

    /// Sends JSON; the status and the JSON that comes back.
    pub(crate) fn call(&self, method: &str, path: &str, json: &str) -> (u16, serde_json::Value) {
        let headers = [("Content-Type", "application/json")];
        let answer = http::send(self.port, method, path, &headers, json.as_bytes());
        let body = serde_json::from_slice(&answer.body);
        (
            answer.status,
            body.unwrap_or_else(|error| panic!("{error}: {answer:?}")),
        )
    }

    /// The value of a line of `/metrics`.
    pub(crate) fn metric(&self, name: &str) -> f64 {
        let text = self.get("/metrics").text();
        let value = text
            .lines()
            .filter_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
            .find_map(|value| value.parse().ok());
        value.unwrap_or_else(|| panic!("no {name} in\n{text}"))
    }

    pub(crate) fn viewers(&self) -> usize {
        let stats = self.hub.stats();
        stats
            .iter()
            .find(|stream| stream.id.as_str() == "front")
            .map_or(0, |s| s.viewers)
    }

    pub(crate) fn wait_viewers(&self, expected: usize) {
        wait::until(&format!("{expected} viewers"), || {
            (self.viewers() == expected).then_some(())
        });
    }

    /// Tells the server to stop; [`stopped`](Self::stopped) waits for it.
    pub(crate) fn stop(&mut self) {
        drop(self.stop.take());
    }

    pub(crate) fn stopped(&mut self) {
        let serving = self.serving.take().expect("waited for once");
        self.runtime
            .block_on(serving)
            .expect("the server does not panic");
    }

    /// Sends bytes as they are and gives the connection.
    pub(crate) fn raw(&self, bytes: &[u8]) -> TcpStream {
        let mut tcp = http::connect(self.port);
        tcp.write_all(bytes).unwrap();
        tcp
    }
}

/// Everything until the other end closes, or resets.
pub(crate) fn read_to_close(tcp: &mut TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    let mut piece = [0; 64 * 1024];
    loop {
        match tcp.read(&mut piece) {
            Ok(0) => return all,
            Ok(count) => all.extend_from_slice(&piece[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return all,
            Err(error) => panic!("the connection was not closed: {error}"),
        }
    }
}

/// Limits so short that a test can wait for them.
pub(crate) fn short(limits: Limits) -> Limits {
    Limits {
        header_timeout: Duration::from_millis(300),
        patience: Patience {
            stall_timeout: Duration::from_millis(300),
            ..limits.patience
        },
        ..limits
    }
}
