//! Turns the packets of a rendition into the chunks of a container: once, whoever
//! looks, for as long as somebody does.

use std::time::Duration;

use eyeline_hub::{Chunk, Publisher, Subscriber};
use eyeline_media::Packet;

/// Starting to mux costs next to nothing, so it ends with the last viewer; what is
/// muxed has a grace period of its own.
const GRACE: Duration = Duration::ZERO;

/// Publishes the chunk of each packet until the packets end or nobody looks.
pub(crate) async fn run(
    mut packets: Subscriber<Packet>,
    mut chunks: Publisher<Chunk>,
    make: impl Fn(&Packet) -> bytes::Bytes,
) {
    loop {
        tokio::select! {
            item = packets.next() => {
                let Ok(item) = item else { return };
                let packet = &item.value;
                chunks.publish(Chunk {
                    captured: packet.captured,
                    key: packet.key,
                    data: make(packet),
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
