//! Renditions: a stream's pictures decoded, scaled and encoded again, once for each
//! distinct wish and only while somebody looks. Each rendition has a thread of its
//! own, so that no codec runs where sockets are served.
//!
//! Not here: which rendition a viewer gets (`hub`), the codecs themselves
//! (`sys-codec`), sources, sockets.

mod command;
mod encoders;
mod h264;
mod jpeg;
mod load;
mod order;
mod park;
mod pictures;
mod rendition;

use std::sync::Arc;
use std::time::Duration;

use eyeline_clock::SharedClock;
use eyeline_hub::{Publisher, RenditionKey, Subscriber, Transcode};
use eyeline_media::{Packet, StreamId};

pub use command::{Command, RawLayout};
use encoders::{Encoders, MakeEncoder};
use rendition::Rendition;

/// Starts a thread for every rendition the hub wants.
pub struct Transcoder {
    clock: SharedClock,
    grace: Duration,
    encoders: Arc<dyn MakeEncoder>,
}

impl Transcoder {
    /// A transcoder whose renditions end when nobody has looked for `grace`.
    #[must_use]
    pub fn new(clock: SharedClock, grace: Duration) -> Self {
        Self {
            clock,
            grace,
            encoders: Arc::new(Encoders { command: None }),
        }
    }

    /// Lets this program encode H.264 as long as it can.
    #[must_use]
    pub fn with_encoder(mut self, command: Command) -> Self {
        let command = Some(Arc::new(command));
        self.encoders = Arc::new(Encoders { command });
        self
    }
}

impl Transcode for Transcoder {
    fn start(
        &self,
        stream: &StreamId,
        key: RenditionKey,
        source: Subscriber<Packet>,
        into: Publisher<Packet>,
    ) {
        let height = key.height.map_or("source".into(), |h| format!("{h}p"));
        let name = format!("{stream} {height} {}", key.codec().name());
        let (clock, encoders) = (self.clock.clone(), Arc::clone(&self.encoders));
        // Where either step fails, the publisher is dropped: the feed closes, viewers end.
        let rendition = match Rendition::new(name.clone(), key, (source, into), clock, encoders) {
            Ok(rendition) => rendition,
            Err(error) => return tracing::error!(rendition = name, "no codec: {error}"),
        };
        let grace = self.grace;
        // Linux shows the first 15 bytes of the name.
        let thread = std::thread::Builder::new().name(name.chars().take(15).collect());
        if let Err(error) = thread.spawn(move || rendition.run(grace)) {
            tracing::error!(rendition = name, "no thread: {error}");
        }
    }
}

#[cfg(test)]
mod tests;
