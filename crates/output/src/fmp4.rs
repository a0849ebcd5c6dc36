//! Pictures of H.264 as fragments of MP4, made once for everybody who looks. Each key picture
//! comes with an initialisation segment, so that every viewer can start with it.
//!
//! Not here: what a fragment consists of (`proto::fmp4`).

use std::time::Duration;

use bytes::Bytes;
use eyeline_hub::Item;
use eyeline_media::{Codec, Packet};
use eyeline_proto::fmp4::{Fragment, Init};
use eyeline_proto::websocket::frame::{self, Opcode};

use crate::mux::{Container, Labels, each};
use crate::timeline::{Timeline, Timing};

/// For programs that read it as a file. A picture lasts as long as pictures do lately.
pub(crate) static FILE: Container = Container {
    name: "fmp4",
    codec: Codec::H264,
    audio: &[],
    start: |labels| {
        each(labels, |_, item, timing| {
            let fragment = fragment(timing, item, timing.interval);
            let init = init(item).map(|init| init.bytes).unwrap_or_default();
            let mut chunk = Vec::with_capacity(init.len() + fragment.bytes());
            chunk.extend_from_slice(&init);
            fragment.put(&mut chunk);
            chunk.into()
        })
    },
};

/// For Media Source, as WebSocket messages: with each initialisation segment goes a text message
/// that names the codec.
pub static MESSAGES: Container = Container {
    name: "ws fmp4",
    codec: Codec::H264,
    audio: &[],
    start: |labels| each(labels, message),
};

fn message(_: &Labels, item: &Item<Packet>, timing: Timing) -> Bytes {
    let fragment = fragment(timing, item, PATIENCE);
    let (text, init) = match init(item) {
        Some(Init { bytes, codec }) => (frame::text(&named(&codec)), bytes),
        None => Default::default(),
    };
    let payload_bytes = init.len() + fragment.bytes();
    let header = frame::header(Opcode::Binary, payload_bytes);
    let mut chunk = Vec::with_capacity(text.len() + header.len() + payload_bytes);
    chunk.extend_from_slice(&text);
    chunk.extend_from_slice(&header);
    chunk.extend_from_slice(&init);
    fragment.put(&mut chunk);
    chunk.into()
}

/// A picture lasts until the next, but that is not known yet. Behind a gap of more than two such
/// lengths Media Source waits for the next key picture (Media Source Extensions, 3.5.8), so it is
/// said to be long; the next picture cuts it short.
const PATIENCE: Duration = Timeline::LONGEST;

fn init(item: &Item<Packet>) -> Option<Init> {
    if item.value.key {
        Init::of(&item.value.data)
    } else {
        None
    }
}

fn fragment(timing: Timing, item: &Item<Packet>, duration: Duration) -> Fragment<'_> {
    Fragment {
        sequence: item.seq,
        time: timing.decode(),
        duration,
        captured: item.value.captured,
        key: item.value.key,
        data: &item.value.data,
    }
}

fn named(codec: &str) -> String {
    format!("{{\"type\":\"mse\",\"codecs\":\"video/mp4; codecs=\\\"{codec}\\\"\"}}")
}
