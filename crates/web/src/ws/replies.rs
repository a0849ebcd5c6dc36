//! What the server says beside pictures: text messages of JSON.

use bytes::Bytes;
use eyeline_clock::SharedClock;
use eyeline_hub::{Delivery, Fps, JpegQuality, StreamStats, Wish};
use eyeline_media::{Codec, StreamId, Timestamp};
use eyeline_proto::websocket::frame;
use eyeline_source::Demand;
use serde::Serialize;
use serde_json::{Value, json};

use super::messages::Refusal;
use crate::app::Server;
use crate::info::Info;

/// A stream, and what this viewer of it gets.
pub(super) fn stream_info(server: &Server, stats: StreamStats, delivery: &Delivery) -> Bytes {
    #[derive(Serialize)]
    struct Data {
        #[serde(flatten)]
        info: Info,
        wish: Value,
        delivered: Value,
    }
    message(
        "stream_info",
        Data {
            info: Info::of(server, stats),
            wish: wish(&delivery.wish),
            delivered: delivered(delivery),
        },
    )
}

/// A stream, to the one who publishes into it.
pub(super) fn published(server: &Server, stats: StreamStats) -> Bytes {
    message("stream_info", Info::of(server, stats))
}

/// How much a producer's pictures are wanted.
pub(super) fn demand(id: &StreamId, demand: Demand) -> Bytes {
    let Demand { viewers, watched } = demand;
    let data = json!({ "stream_id": id.as_str(), "viewers": viewers, "watched": watched });
    message("demand", data)
}

/// A producer has stopped, as it asked for.
pub(super) fn stream_stopped(id: &StreamId, frames: u64) -> Bytes {
    let data = json!({ "stream_id": id.as_str(), "frames": frames });
    message("stream_stopped", data)
}

/// No more comes of a stream.
pub(super) fn stream_left(id: &StreamId, reason: &str) -> Bytes {
    let data = json!({ "stream_id": id.as_str(), "reason": reason });
    message("stream_left", data)
}

/// The server's time, and what the client sent to tell the answers apart.
pub(super) fn clock(clock: &SharedClock, sent: Value) -> Bytes {
    let server = Timestamp::from_nanos(clock.wall_nanos()).as_nanos() as f64 / 1e9;
    message("clock", json!({ "sent": sent, "server": server }))
}

/// Something could not be done.
pub(super) fn error(refusal: Refusal) -> Bytes {
    let Refusal {
        code,
        error,
        stream_id,
    } = refusal;
    let mut data = json!({ "code": code, "error": error });
    if let Some(id) = stream_id {
        data["stream_id"] = id.as_str().into();
    }
    message("error", data)
}

fn message(kind: &'static str, data: impl Serialize) -> Bytes {
    #[derive(Serialize)]
    struct Message<T> {
        #[serde(rename = "type")]
        kind: &'static str,
        data: T,
    }
    // Only maps with keys that are no strings and writers that fail could fail.
    let text = serde_json::to_string(&Message { kind, data }).unwrap_or_default();
    frame::text(&text)
}

fn wish(wish: &Wish) -> Value {
    json!({
        "quality": wish.quality.map(|quality| quality.name()),
        "fps": wish.fps.map(Fps::get),
        "jpeg_quality": wish.jpeg_quality.map(JpegQuality::get),
    })
}

fn delivered(delivery: &Delivery) -> Value {
    let sent = &delivery.sent;
    let of_quality = sent.rendition(Codec::Jpeg, None).and_then(|key| key.fps);
    json!({
        "quality": sent.quality.unwrap_or_default().name(),
        "fps": sent.fps.or(of_quality).map(Fps::get),
        "reason": delivery.reason,
    })
}
