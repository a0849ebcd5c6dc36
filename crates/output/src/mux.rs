//! Turns the packets of a rendition into the chunks of a container: once, whoever
//! looks, for as long as somebody does.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use eyeline_hub::{Chunk, Item, Publisher, Quality, Stream, Subscriber};
use eyeline_media::{AudioCodec, AudioPacket, Codec, Packet, StreamId};

use crate::backlog::Backlog;
use crate::timeline::{Timeline, Timing};

/// Starting to mux costs next to nothing, so it ends with the last viewer; what is
/// muxed has a grace period of its own.
const GRACE: Duration = Duration::ZERO;

/// A way to wrap pictures, and sound beside them. What it makes is the same for every viewer of
/// a rendition.
pub struct Container {
    /// Tells it from others; viewers of the same name share what is made.
    pub name: &'static str,
    /// How the pictures must be coded that it carries; others are left out.
    pub codec: Codec,
    /// How sound may be coded that it carries; other sound is left out.
    pub audio: &'static [AudioCodec],
    /// Begins to wrap a rendition.
    pub start: fn(&Labels) -> Box<dyn Mux>,
    /// For players that keep the pace of the times they are given; `None` if it says no times, or
    /// its players catch up by themselves.
    pub backlog: Option<Backlog>,
}

/// Wraps the pictures and the sound of one rendition, in decoding order.
pub trait Mux: Send {
    /// Wraps a picture.
    fn video(&mut self, item: &Item<Packet>, timing: Timing) -> Option<Bytes>;

    /// Wraps sound that begins at `time` on the pictures' time line. It comes after the first
    /// picture.
    fn audio(&mut self, packet: &AudioPacket, time: Duration) -> Option<Bytes> {
        let _ = (packet, time);
        None
    }
}

/// What a container may say of the rendition beside each picture.
#[derive(Clone)]
pub struct Labels {
    /// The stream.
    pub stream: Arc<Stream>,
    /// The rendition's quality.
    pub quality: Quality,
}

impl Labels {
    /// Name of the stream.
    #[must_use]
    pub fn id(&self) -> &StreamId {
        self.stream.id()
    }
}

/// Wraps each picture by itself.
pub(crate) fn each(
    labels: &Labels,
    make: fn(&Labels, &Item<Packet>, Timing) -> Bytes,
) -> Box<dyn Mux> {
    Box::new(Each {
        labels: labels.clone(),
        make,
    })
}

struct Each {
    labels: Labels,
    make: fn(&Labels, &Item<Packet>, Timing) -> Bytes,
}

impl Mux for Each {
    fn video(&mut self, item: &Item<Packet>, timing: Timing) -> Option<Bytes> {
        Some((self.make)(&self.labels, item, timing))
    }
}

/// Publishes the chunks of packets until the packets end or nobody looks.
pub(crate) async fn run(
    container: &'static Container,
    labels: Labels,
    mut packets: Subscriber<Packet>,
    chunks: Publisher<Chunk>,
) {
    let mut sound = match container.audio {
        [] => None,
        _ => labels.stream.sound().ok(),
    };
    let mut muxing = Muxing {
        stream: Arc::clone(&labels.stream),
        container,
        mux: (container.start)(&labels),
        timeline: Timeline::new(),
        ahead: None,
        chunks,
    };
    loop {
        tokio::select! {
            // Pictures first: who catches up from a key picture takes the sound with them.
            biased;
            item = packets.next() => {
                let Ok(item) = item else { return };
                muxing.picture(&item, sound.as_mut());
            }
            packet = next(&mut sound), if muxing.timeline.has_begun() => match packet {
                Some(packet) => muxing.sound(&packet.value),
                None => sound = None,
            },
            demand = muxing.chunks.demand_changed() => {
                if muxing.chunks.close_if_idle(GRACE) {
                    return;
                }
                if demand.key_frame_wanted {
                    packets.want_key();
                }
            }
        }
    }
}

/// The next piece of sound; never if there is none to listen to.
async fn next(sound: &mut Option<Subscriber<AudioPacket>>) -> Option<Arc<Item<AudioPacket>>> {
    match sound {
        Some(sound) => sound.next().await.ok(),
        None => std::future::pending().await,
    }
}

struct Muxing {
    stream: Arc<Stream>,
    container: &'static Container,
    mux: Box<dyn Mux>,
    timeline: Timeline,
    /// Sound that was looked at and belongs behind the latest picture.
    ahead: Option<Arc<Item<AudioPacket>>>,
    chunks: Publisher<Chunk>,
}

impl Muxing {
    fn picture(&mut self, item: &Arc<Item<Packet>>, sound: Option<&mut Subscriber<AudioPacket>>) {
        let packet = &item.value;
        // The source has come to be coded otherwise: viewers are about to move.
        if packet.codec != self.container.codec {
            return;
        }
        if let Some(sound) = sound {
            self.sound_before(packet, sound);
        }
        let decoded = packet.decoded();
        self.timeline
            .begin(decoded, || self.stream.began().unwrap_or(decoded));
        let timing = self.timeline.place(packet.captured, packet.composition);
        if let Some(data) = self.mux.video(item, timing) {
            self.chunks.publish(Chunk {
                captured: packet.captured,
                decoded: timing.decode(),
                shown: timing.time,
                key: packet.key,
                picture: true,
                data,
            });
        }
    }

    /// Wraps the sound that is there and belongs before a picture; what is older than the first
    /// picture is left out.
    fn sound_before(&mut self, packet: &Packet, sound: &mut Subscriber<AudioPacket>) {
        while let Some(piece) = self.ahead.take().or_else(|| sound.take()) {
            if piece.value.captured >= packet.decoded() {
                self.ahead = Some(piece);
                return;
            }
            if self.timeline.has_begun() {
                self.sound(&piece.value);
            }
        }
    }

    fn sound(&mut self, packet: &AudioPacket) {
        if let Some(piece) = self.ahead.take() {
            self.wrap(&piece.value);
        }
        self.wrap(packet);
    }

    fn wrap(&mut self, packet: &AudioPacket) {
        let format = &packet.format;
        if !self.container.audio.contains(&format.codec) {
            return;
        }
        let time = self
            .timeline
            .sound(packet.captured, packet.samples, format.sample_rate);
        let Some(time) = time else { return };
        if let Some(data) = self.mux.audio(packet, time) {
            self.chunks.publish(Chunk {
                captured: packet.captured,
                decoded: time,
                shown: time,
                key: false,
                picture: false,
                data,
            });
        }
    }
}
