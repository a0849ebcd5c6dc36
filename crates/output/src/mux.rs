//! Turns the packets of a rendition into the chunks of a container: once, whoever
//! looks, for as long as somebody does.

use std::time::Duration;

use bytes::Bytes;
use eyeline_hub::{Chunk, Item, Publisher, Quality, Subscriber};
use eyeline_media::{Codec, Packet, StreamId};

use crate::timeline::{Timeline, Timing};

/// Starting to mux costs next to nothing, so it ends with the last viewer; what is
/// muxed has a grace period of its own.
const GRACE: Duration = Duration::ZERO;

/// A way to wrap pictures. What it makes is the same for every viewer of a rendition.
pub struct Container {
    /// Tells it from others; viewers of the same name share what is made.
    pub name: &'static str,
    /// How the pictures must be coded that it carries; others are left out.
    pub codec: Codec,
    /// Wraps one picture.
    pub make: fn(&Labels, &Item<Packet>) -> Bytes,
}

/// What a container may say of the rendition beside each picture.
#[derive(Clone, Debug)]
pub struct Labels {
    /// The stream.
    pub stream: StreamId,
    /// The rendition's quality.
    pub quality: Quality,
    /// When the picture is shown, in containers with times.
    pub timing: Timing,
}

/// Publishes the chunk of each packet until the packets end or nobody looks.
pub(crate) async fn run(
    container: &'static Container,
    stream: StreamId,
    quality: Quality,
    mut packets: Subscriber<Packet>,
    mut chunks: Publisher<Chunk>,
) {
    let mut timeline = Timeline::new();
    let mut labels = Labels {
        stream,
        quality,
        timing: timeline.now(),
    };
    loop {
        tokio::select! {
            item = packets.next() => {
                let Ok(item) = item else { return };
                // The source has come to be coded otherwise: viewers are about to move.
                if item.value.codec != container.codec {
                    continue;
                }
                labels.timing = timeline.place(item.value.captured);
                chunks.publish(Chunk {
                    captured: item.value.captured,
                    key: item.value.key,
                    data: (container.make)(&labels, &item),
                });
            }
            _ = chunks.demand_changed() => {
                if chunks.close_if_idle(GRACE) {
                    return;
                }
            }
        }
    }
}
