//! Turns the packets of a rendition into the chunks of a container: once, whoever
//! looks, for as long as somebody does.

use std::time::Duration;

use eyeline_clock::SharedClock;
use eyeline_hub::{Chunk, Publisher, Subscriber, Wanted};
use eyeline_media::Packet;

/// Publishes the chunk of each packet until the packets end or nobody has looked
/// for `grace`.
pub(crate) async fn run(
    mut packets: Subscriber<Packet>,
    mut chunks: Publisher<Chunk>,
    clock: SharedClock,
    grace: Duration,
    make: impl Fn(&Packet) -> bytes::Bytes,
) {
    loop {
        tokio::select! {
            // Pictures first: while they come, one look at the demand each is enough.
            biased;
            item = packets.next() => {
                let Ok(item) = item else { return };
                let packet = &item.value;
                chunks.publish(Chunk {
                    captured: packet.captured,
                    key: packet.key,
                    data: make(packet),
                });
                if chunks.close_if_idle(grace) {
                    return;
                }
            }
            () = unwatched(&mut chunks, &clock, grace) => {
                if chunks.close_if_idle(grace) {
                    return;
                }
            }
        }
    }
}

/// Waits until nobody has looked for `grace`.
async fn unwatched(chunks: &mut Publisher<Chunk>, clock: &SharedClock, grace: Duration) {
    loop {
        match chunks.demand().wanted(clock.now(), grace) {
            Wanted::No => return,
            Wanted::Now => {
                chunks.demand_changed().await;
            }
            Wanted::Until(then) => {
                let rest = then.saturating_sub(clock.now());
                tokio::select! {
                    _ = chunks.demand_changed() => {}
                    () = tokio::time::sleep(rest) => {}
                }
            }
        }
    }
}
