//! An hour of a camera whose clock is not the server's, in simulated time, from the door at which
//! publishers come to the containers that players get: sound stays with the pictures, and nothing
//! grows older.
//!
//! Not here: protocols, which only carry these times.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use eyeline_auth::Access;
use eyeline_clock::{Clock as _, SimClock};
use eyeline_hub::{Chunk, Hub, Item, Limits, Subscriber, Wish};
use eyeline_media::{AudioCodec, AudioFormat, AudioPacket, Codec, MediaTime, Packet};
use eyeline_output::{Container, Labels, Mux, Timing, chunks};
use eyeline_proto::h264::AccessUnit;
use eyeline_source::{Content, Producer, Streams, Times};
use tokio::sync::watch;

const HOUR: Duration = Duration::from_secs(3600);
const PICTURE: Duration = Duration::from_millis(40);
const SOUND_SAMPLES: u32 = 1024;
const SAMPLE_RATE: u32 = 48_000;
/// The largest error of a usual quartz.
const PPM: i64 = 100;
/// How much longer than the fastest a picture or a sound may be on its way.
const JITTER_MICROS: u64 = 15_000;
/// How far sound and pictures may be apart, in nanoseconds.
const APART: i64 = 40_000_000;
/// How much older pictures may be than at first, in nanoseconds: clocks are compared over 10 to 20 s,
/// in which these two go 2 ms apart.
const OLDER: i64 = 10_000_000;

/// Writes down when each picture and each sound is presented, and which it is.
static LIST: Container = Container {
    name: "list",
    codec: Codec::H264,
    audio: &[AudioCodec::Aac],
    start: |_: &Labels| Box::new(List),
    backlog: None,
};

struct List;

impl Mux for List {
    fn video(&mut self, item: &Item<Packet>, timing: Timing) -> Option<Bytes> {
        Some(entry(timing.time, &item.value.data))
    }

    fn audio(&mut self, packet: &AudioPacket, time: Duration) -> Option<Bytes> {
        Some(entry(time, &packet.data))
    }
}

fn entry(time: Duration, data: &[u8]) -> Bytes {
    let nanos = u64::try_from(time.as_nanos()).unwrap();
    // What stands last says when it was taken by the camera's clock.
    let media = &data[data.len() - 8..];
    [&nanos.to_be_bytes(), media].concat().into()
}

/// What a camera sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Picture,
    Sound,
}

/// A picture or a sound of the camera; times are since it began.
#[derive(Clone, Copy, Debug)]
struct Piece {
    kind: Kind,
    /// When it was taken, in nanoseconds by the camera's clock.
    media: i64,
    /// When it arrives, by the server's clock.
    arrives: i64,
}

/// The pieces of a kind, this long each; no two in a row are as long on their way, and none
/// overtakes another.
fn pieces(kind: Kind, length: Duration, ppm: i64) -> impl Iterator<Item = Piece> {
    let length = i64::try_from(length.as_nanos()).unwrap();
    let count = i64::try_from(HOUR.as_nanos()).unwrap() / length;
    (0..count).scan(0, move |latest, n| {
        let media = n * length;
        let taken = media + media / 1_000_000 * ppm;
        let delay = (n as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
        let delay = Duration::from_micros(delay % JITTER_MICROS);
        *latest = (taken + i64::try_from(delay.as_nanos()).unwrap()).max(*latest);
        Some(Piece {
            kind,
            media,
            arrives: *latest,
        })
    })
}

/// All of an hour, in the order in which it arrives.
fn hour(ppm: i64) -> Vec<Piece> {
    let sound = Duration::from_secs(1) * SOUND_SAMPLES / SAMPLE_RATE;
    let mut all: Vec<_> = pieces(Kind::Picture, PICTURE, ppm).collect();
    all.extend(pieces(Kind::Sound, sound, ppm));
    all.sort_by_key(|piece| piece.arrives);
    all
}

/// More than the tasks through whose hands a piece goes.
const HANDS: usize = 12;

struct Rig {
    clock: Arc<SimClock>,
    producer: Producer,
    list: Subscriber<Chunk>,
    aac: Arc<AudioFormat>,
    _end: watch::Sender<bool>,
}

impl Rig {
    async fn start() -> Self {
        let clock = SimClock::starting_at(1_700_000_000_000_000_000);
        let transcode = Box::new(eyeline_transcode::Transcoder::new(
            clock.clone(),
            Duration::ZERO,
        ));
        let hub = Hub::new(clock.clone(), Limits::default(), transcode);
        let (end, ended) = watch::channel(false);
        let streams = Streams::new(hub.clone(), ended);
        let (access, id) = (Access::by_configuration(), "cam".parse().unwrap());
        let grant = access.publish(&id);
        let producer = streams
            .publish(&grant, Content::media(), None)
            .await
            .unwrap();
        let stream = hub.watch(&access.view(&id)).unwrap();
        let aac = AudioFormat {
            codec: AudioCodec::Aac,
            sample_rate: SAMPLE_RATE,
            channels: 1,
            config: Bytes::from_static(&[0x11, 0x88]),
        };
        Self {
            clock,
            producer,
            list: chunks(&stream, &LIST, &Wish::default()).unwrap(),
            aac: Arc::new(aac),
            _end: end,
        }
    }

    /// Publishes a piece when it arrives.
    async fn publish(&mut self, piece: Piece) {
        let arrives = Duration::from_nanos(u64::try_from(piece.arrives).unwrap());
        self.clock.advance(arrives.saturating_sub(self.clock.now()));
        let at = MediaTime::from_nanos(piece.media);
        let data = [&[0, 0, 0, 9, 0x65], &piece.media.to_be_bytes()[..]].concat();
        let data = Bytes::from(data);
        match piece.kind {
            Kind::Picture => {
                let unit = AccessUnit {
                    data,
                    key: true,
                    resolution: "320x240".parse().unwrap(),
                };
                self.producer.video(unit, Times::at(at)).await.unwrap();
            }
            Kind::Sound => {
                let sound = (SOUND_SAMPLES, data);
                self.producer.audio(&self.aac, at, sound).await.unwrap();
            }
        }
    }

    /// What was listed meanwhile: which, when it is presented, and when it was taken by the camera's
    /// clock.
    async fn listed(&mut self) -> Vec<(Kind, i64, i64)> {
        // From the publisher to the source, to the container, and to the list.
        for _ in 0..HANDS {
            tokio::task::yield_now().await;
        }
        let mut listed = Vec::new();
        while let Some(item) = self.list.take() {
            let mut entry = &item.value.data[..];
            let kind = if item.value.picture {
                Kind::Picture
            } else {
                Kind::Sound
            };
            listed.push((kind, entry.get_i64(), entry.get_i64()));
        }
        listed
    }
}

/// An hour with a camera's clock that is so much slow.
async fn check(ppm: i64) {
    let mut rig = Rig::start().await;
    rig.producer.announce(&rig.aac.clone()).await.unwrap();
    // Of what is presented: how much later than it was taken, by the camera's clock and by the server's.
    let (mut picture, mut first, mut counts) = (0, None, (0, 0));
    for piece in hour(ppm) {
        rig.publish(piece).await;
        for (kind, presented, media) in rig.listed().await {
            let by_camera = presented - media;
            let by_server = by_camera - media / 1_000_000 * ppm;
            if kind == Kind::Picture {
                counts.0 += 1;
                picture = by_camera;
                let older = (by_server - *first.get_or_insert(by_server)).abs();
                assert!(older <= OLDER, "{ppm} ppm: {older} ns older at {media}");
            } else {
                counts.1 += 1;
                let apart = (by_camera - picture).abs();
                assert!(apart <= APART, "{ppm} ppm: {apart} ns apart at {media}");
            }
        }
    }
    // Of a fast clock 360 ms of sound are too much, which is 17 pieces; some wait for more at the end.
    assert!(counts.0 == 90_000 && counts.1 > 168_720, "{counts:?}");
}

#[tokio::test]
async fn an_hour_of_a_camera_with_a_slow_clock_does_not_drift() {
    check(PPM).await;
}

#[tokio::test]
async fn an_hour_of_a_camera_with_a_fast_clock_does_not_drift() {
    check(-PPM).await;
}
