//! `live.ts`: H.264 as the source gives it, and AAC or Opus beside it, as an MPEG transport stream without an end: for
//! players, recorders and set-top boxes. It begins with the newest key picture; tables stand
//! before each key picture, so that whoever falls behind can go on with any.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use eyeline_hub::{Chunk, Item};
use eyeline_media::{AudioCodec, AudioFormat, AudioPacket, Codec, Packet};
use eyeline_proto::mpegts;

use super::{Output, Serving};
use crate::progressive::Progressive;
use crate::{Backlog, Container, Labels, Mux, Press, Timing};

/// This output.
pub const OUTPUT: Output = Output {
    name: "mpegts",
    path: "live.ts",
    serve: |request| -> Serving { Box::pin(async { ANSWER.serve(request) }) },
};

static ANSWER: Progressive = Progressive {
    name: OUTPUT.name,
    content_type: "video/mp2t",
    container: &CONTAINER,
};

static CONTAINER: Container = Container {
    name: "mpegts",
    codec: Codec::H264,
    audio: CARRIED,
    backlog: Some(Backlog {
        ratio: 400,
        retime: retimed,
    }),
    start: |labels| {
        Box::new(Transport {
            mux: mpegts::Mux::new(carried(labels)),
            len: 0,
        })
    },
};

/// How sound may be coded.
const CARRIED: &[AudioCodec] = &[AudioCodec::Aac, AudioCodec::Opus];

struct Transport {
    mux: mpegts::Mux,
    /// Bytes of the latest picture: the next may have as many.
    len: usize,
}

impl Mux for Transport {
    fn video(&mut self, item: &Item<Packet>, timing: Timing) -> Option<Bytes> {
        let packet = &item.value;
        let mut chunk = Vec::with_capacity(self.len.max(packet.data.len() * 9 / 8));
        let (present, decode) = (timing.time, timing.decode());
        self.mux
            .video(&packet.data, packet.key, present, decode, &mut chunk);
        self.len = if packet.key { 0 } else { chunk.len() };
        Some(chunk.into())
    }

    fn audio(&mut self, packet: &AudioPacket, time: Duration) -> Option<Bytes> {
        let mut chunk = Vec::new();
        self.mux
            .sound(&packet.format, &packet.data, time, &mut chunk);
        Some(chunk.into()).filter(|chunk: &Bytes| !chunk.is_empty())
    }
}

/// A picture of a backlog, or the tables that came with its sound.
fn retimed(chunk: &Chunk, press: Press) -> Option<Bytes> {
    let bytes = if chunk.picture {
        let mut bytes = chunk.data.to_vec();
        let (present, decode) = (press.place(chunk.shown), press.place(chunk.decoded));
        mpegts::Mux::move_picture(&mut bytes, present, decode);
        bytes
    } else {
        mpegts::Mux::tables_of(&chunk.data)
    };
    Some(bytes.into()).filter(|bytes: &Bytes| !bytes.is_empty())
}

/// The sound that is there from the beginning.
fn carried(labels: &Labels) -> Option<Arc<AudioFormat>> {
    let format = labels.stream.audio();
    format.filter(|format| CARRIED.contains(&format.codec))
}
