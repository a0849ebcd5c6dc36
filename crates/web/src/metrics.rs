//! `/metrics`: the server's numbers for Prometheus, in the OpenMetrics format.

use std::fmt;
use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use eyeline_hub::StreamStats;
use eyeline_output::{Sent, Traffic};
use http::header::CONTENT_TYPE;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use crate::access::Admitted;
use crate::app::Server;
use crate::errors::Error;

/// What is counted here as it happens; the rest is asked of those who know.
#[derive(Default)]
pub(crate) struct Metrics {
    pub(crate) accepted: Counter,
    pub(crate) refused: Counter,
    pub(crate) evicted: Counter,
    pub(crate) stalled: Counter,
    pub(crate) denied: Counter,
    pub(crate) ingest_errors: Counter,
}

type Labels = [(&'static str, String); 1];
type Gauges = Family<Labels, Gauge>;
type FloatGauges = Family<Labels, Gauge<f64, std::sync::atomic::AtomicU64>>;
type Counters = Family<Labels, Counter>;

impl Metrics {
    fn register(&self, registry: &mut Registry) {
        let mut counter = |name: &str, help: &str, counter: &Counter| {
            registry.register(name, help, counter.clone());
        };
        counter(
            "eyeline_connections_accepted",
            "Connections taken",
            &self.accepted,
        );
        counter(
            "eyeline_connections_refused",
            "Connections refused: all were in use",
            &self.refused,
        );
        counter(
            "eyeline_connections_evicted",
            "Idle connections closed for new ones",
            &self.evicted,
        );
        counter(
            "eyeline_viewers_stalled",
            "Viewers closed because they took no data",
            &self.stalled,
        );
        counter(
            "eyeline_requests_denied",
            "Requests refused for want of a token or right",
            &self.denied,
        );
        counter(
            "eyeline_ingest_errors",
            "Pushed streams that ended with an error",
            &self.ingest_errors,
        );
    }
}

fn register_streams(registry: &mut Registry, traffic: &Traffic, streams: &[StreamStats]) {
    let mut gauge = |name: &str, help: &str, value: fn(&StreamStats) -> i64| {
        let family = Gauges::default();
        for stream in streams {
            family.get_or_create(&label(stream)).set(value(stream));
        }
        registry.register(name, help, family);
    };
    gauge("eyeline_stream_viewers", "Viewers now", |s| {
        s.viewers as i64
    });
    gauge(
        "eyeline_stream_renditions",
        "Re-encoded renditions being made now",
        |s| s.renditions.len() as i64,
    );
    gauge(
        "eyeline_stream_up",
        "1 while pictures come from the source",
        |s| i64::from(s.state.name() == "live"),
    );
    let rates = FloatGauges::default();
    for stream in streams {
        rates.get_or_create(&label(stream)).set(stream.fps);
    }
    registry.register("eyeline_stream_fps", "Frames a second that come now", rates);
    register_flow(registry, traffic, streams);
    register_states(registry, streams);
}

fn register_flow(registry: &mut Registry, traffic: &Traffic, streams: &[StreamStats]) {
    let mut counter = |name: &str, help: &str, value: fn(&StreamStats, &Sent) -> u64| {
        let family = Counters::default();
        for stream in streams {
            let count = value(stream, &traffic.sent(&stream.id));
            family.get_or_create(&label(stream)).inc_by(count);
        }
        registry.register(name, help, family);
    };
    counter(
        "eyeline_stream_frames_in",
        "Frames from the source",
        |s, _| s.frames,
    );
    counter(
        "eyeline_stream_bytes_in",
        "Bytes from the source",
        |s, _| s.bytes,
    );
    counter(
        "eyeline_stream_frames_out",
        "Frames to all viewers",
        |_, sent| sent.frames(),
    );
    counter(
        "eyeline_stream_bytes_out",
        "Bytes to all viewers",
        |_, sent| sent.bytes(),
    );
    counter(
        "eyeline_stream_frames_skipped",
        "Frames left out because a viewer was too slow",
        |_, sent| sent.skipped(),
    );
    counter(
        "eyeline_stream_times_repaired",
        "Times of frames that jumped or stood still, and were put right",
        |s, _| s.faults.times_repaired,
    );
    counter(
        "eyeline_stream_packets_lost",
        "Packets of the network that were lost on the way from the source",
        |s, _| s.faults.packets_lost,
    );
}

fn label(stream: &StreamStats) -> Labels {
    [("stream", stream.id.to_string())]
}

/// One line a stream and state, 1 for the state it is in, as OpenMetrics does sets.
fn register_states(registry: &mut Registry, streams: &[StreamStats]) {
    let states = Family::<[(&'static str, String); 2], Gauge>::default();
    for stream in streams {
        for state in ["idle", "starting", "live", "away"] {
            let labels = [
                ("stream", stream.id.to_string()),
                ("state", state.to_owned()),
            ];
            let is_it = i64::from(stream.state.name() == state);
            states.get_or_create(&labels).set(is_it);
        }
    }
    registry.register(
        "eyeline_stream_state",
        "1 for the state the stream is in",
        states,
    );
}

fn register_process(registry: &mut Registry, connections: usize) {
    let gauge = |value: i64| {
        let gauge: Gauge = Gauge::default();
        gauge.set(value);
        gauge
    };
    registry.register(
        "eyeline_connections",
        "Connections open now",
        gauge(connections as i64),
    );
    if let Some(bytes) = resident_memory() {
        registry.register_with_unit(
            "process_resident_memory",
            "Memory the process has in RAM",
            Unit::Bytes,
            gauge(bytes),
        );
    }
}

/// Where the kernel tells it (Linux, proc(5): the second field, in pages).
fn resident_memory() -> Option<i64> {
    const PAGE: i64 = 4096;
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: i64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * PAGE)
}

/// `GET /metrics`
pub(crate) async fn metrics(
    State(server): State<Arc<Server>>,
    Admitted(_): Admitted,
) -> Result<Response, Error> {
    const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    let text = text(&server).map_err(|fmt::Error| Error::NotAsked)?;
    Ok(([(CONTENT_TYPE, OPENMETRICS)], text).into_response())
}

fn text(server: &Server) -> Result<String, fmt::Error> {
    let streams = server.app.hub.stats();
    let mut registry = Registry::default();
    server.metrics.register(&mut registry);
    let traffic = &server.app.traffic;
    register_streams(&mut registry, traffic, &streams);
    register_process(&mut registry, server.connections.open());
    traffic.forget_gone(|id| streams.iter().any(|stream| stream.id == *id));
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}
