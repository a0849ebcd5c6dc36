//! Pictures as WebSocket messages, in the formats of `docs/websocket.md`. A server's
//! frames are not masked, so a message is made once and goes to every viewer.
//!
//! Not here: the sessions that send them, and all other messages.

use eyeline_hub::Item;
use eyeline_media::{Codec, Packet};
use eyeline_proto::websocket::picture::{self, Meta};

use crate::mux::{Container, Labels, each};

/// Text: JSON with the picture in base64.
pub static JSON: Container = Container {
    name: "ws json",
    codec: Codec::Jpeg,
    audio: &[],
    backlog: None,
    start: |labels| {
        each(labels, |labels, item, _| {
            picture::json(meta(labels, item), &item.value.data)
        })
    },
};

/// Binary: the bare picture.
pub static JPEG: Container = Container {
    name: "ws jpeg",
    codec: Codec::Jpeg,
    audio: &[],
    backlog: None,
    start: |labels| each(labels, |_, item, _| picture::jpeg(&item.value.data)),
};

/// Binary: a header, then the picture.
pub static BINARY: Container = Container {
    name: "ws binary",
    codec: Codec::Jpeg,
    audio: &[],
    backlog: None,
    start: |labels| {
        each(labels, |labels, item, _| {
            picture::binary(meta(labels, item), &item.value.data)
        })
    },
};

fn meta<'a>(labels: &'a Labels, item: &Item<Packet>) -> Meta<'a> {
    Meta {
        stream_id: labels.id().as_str(),
        timestamp: item.value.captured,
        frame_number: item.seq,
        quality: labels.quality.name(),
        slate: item.value.slate,
    }
}
