//! Pictures of H.264 and the sound beside them as fragments of MP4, made once for everybody who
//! looks. Each key picture comes with an initialisation segment, so that every viewer can start
//! with it. When sound comes, goes, or comes to be coded otherwise, the next of these says so; until
//! then, sound that the latest did not describe is left out.
//!
//! Not here: what a fragment consists of (`proto::fmp4`).

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use eyeline_hub::{Chunk, Item, Stream};
use eyeline_media::{AudioCodec, AudioFormat, AudioPacket, Codec, Packet};
use eyeline_proto::fmp4::{
    Audio, Captured, Fragment, Init, Run, Sample, TIMESCALE, Track, Video, move_picture, ticks,
    time,
};
use eyeline_proto::websocket::frame::{self, Opcode};

use crate::backlog::{Backlog, Press};
use crate::mux::{Container, Labels, Mux};
use crate::timeline::{Timeline, Timing};

/// What players take in MP4.
const SOUND: &[AudioCodec] = &[AudioCodec::Aac, AudioCodec::Opus];

/// For programs that read it as a file. A picture lasts as long as pictures do lately.
pub(crate) static FILE: Container = Container {
    name: "fmp4",
    codec: Codec::H264,
    audio: SOUND,
    backlog: Some(Backlog {
        ratio: 400,
        retime: retimed,
    }),
    start: |labels| Fragments::start(labels, Framing::File),
};

/// For Media Source, as WebSocket messages: with each initialisation segment goes a text message
/// that names the codecs.
pub static MESSAGES: Container = Container {
    name: "ws fmp4",
    codec: Codec::H264,
    audio: SOUND,
    // Its player finds the live picture by itself.
    backlog: None,
    start: |labels| Fragments::start(labels, Framing::Messages),
};

/// A picture lasts until the next, but that is not known yet. Behind a gap of more than two such
/// lengths Media Source waits for the next key picture (Media Source Extensions, 3.5.8), so it is
/// said to be long; the next picture cuts it short.
const PATIENCE: Duration = Timeline::LONGEST;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    File,
    Messages,
}

struct Fragments {
    stream: Arc<Stream>,
    framing: Framing,
    /// The sound that the latest initialisation segment describes.
    sound: Option<(Arc<AudioFormat>, Audio)>,
    /// Number of the latest picture: by these the player tells how many it lost.
    sequence: u64,
}

impl Fragments {
    fn start(labels: &Labels, framing: Framing) -> Box<dyn Mux> {
        Box::new(Self {
            stream: Arc::clone(&labels.stream),
            framing,
            sound: None,
            sequence: 0,
        })
    }

    /// Of a key picture, and of the sound there is now.
    fn init(&mut self, picture: &[u8]) -> Option<Init> {
        let video = Video::of(picture)?;
        let known = self.sound.take();
        self.sound = self.stream.audio().and_then(|format| match known {
            Some((known, audio)) if known == format => Some((known, audio)),
            _ => Audio::of(&format).map(|audio| (format, audio)),
        });
        let audio = self.sound.as_ref().map(|(_, audio)| audio);
        Some(Init::of(Some(&video), audio))
    }

    fn wrap(&self, init: Option<Init>, captured: Captured, run: Run<'_>) -> Bytes {
        let fragment = Fragment {
            sequence: self.sequence,
            captured,
            runs: &[run],
        };
        let init_bytes = init.as_ref().map_or(0, |init| init.bytes.len());
        let payload_bytes = init_bytes + fragment.bytes();
        let mut chunk = Vec::with_capacity(payload_bytes + 256);
        if self.framing == Framing::Messages {
            if let Some(init) = &init {
                chunk.extend_from_slice(&frame::text(&named(&init.codecs)));
            }
            chunk.extend_from_slice(&frame::header(Opcode::Binary, payload_bytes));
        }
        if let Some(init) = init {
            chunk.extend_from_slice(&init.bytes);
        }
        fragment.put(&mut chunk);
        chunk.into()
    }
}

impl Mux for Fragments {
    fn video(&mut self, item: &Item<Packet>, timing: Timing) -> Option<Bytes> {
        let packet = &item.value;
        self.sequence = item.seq;
        let init = if packet.key {
            self.init(&packet.data)
        } else {
            None
        };
        let lasts = match self.framing {
            Framing::File => timing.interval,
            Framing::Messages => PATIENCE,
        };
        let (decode, shown) = (
            ticks(timing.decode(), TIMESCALE),
            ticks(timing.time, TIMESCALE),
        );
        let sample = Sample {
            duration: u32::try_from(ticks(lasts, TIMESCALE)).unwrap_or(u32::MAX),
            composition: i32::try_from(shown.saturating_sub(decode)).unwrap_or_default(),
            key: packet.key,
            data: &packet.data,
        };
        let captured = Captured {
            track: Track::Video,
            time: shown,
            at: packet.captured,
        };
        let run = Run {
            track: Track::Video,
            decode_time: decode,
            samples: &[sample],
        };
        Some(self.wrap(init, captured, run))
    }

    fn audio(&mut self, packet: &AudioPacket, time: Duration) -> Option<Bytes> {
        let (format, audio) = self.sound.as_ref()?;
        if *format != packet.format {
            return None;
        }
        let timescale = u64::from(audio.timescale());
        let rate = u64::from(format.sample_rate.max(1));
        let duration = u64::from(packet.samples) * timescale / rate;
        let time = ticks(time, audio.timescale());
        let sample = Sample {
            duration: u32::try_from(duration).unwrap_or(u32::MAX),
            composition: 0,
            key: true,
            data: &packet.data,
        };
        let captured = Captured {
            track: Track::Audio,
            time,
            at: packet.captured,
        };
        let run = Run {
            track: Track::Audio,
            decode_time: time,
            samples: &[sample],
        };
        Some(self.wrap(None, captured, run))
    }
}

/// A picture of a backlog.
fn retimed(chunk: &Chunk, press: Press) -> Option<Bytes> {
    if !chunk.picture {
        return None;
    }
    let mut bytes = chunk.data.to_vec();
    move_picture(&mut bytes, |at| {
        ticks(press.place(time(at, TIMESCALE)), TIMESCALE)
    });
    Some(bytes.into())
}

fn named(codecs: &str) -> String {
    format!("{{\"type\":\"mse\",\"codecs\":\"video/mp4; codecs=\\\"{codecs}\\\"\"}}")
}
