//! The writing end of a stream.

use std::sync::Arc;

use eyeline_media::{AudioFormat, AudioPacket, Packet, Resolution, StreamId};

use crate::demand::Demand;
use crate::numbers::Faults;
use crate::profile::Profile;
use crate::publisher::Publisher;
use crate::state::State;
use crate::stream::Stream;

/// The writing end of a stream; dropping it ends the stream and takes it off the hub.
pub struct StreamPublisher {
    stream: Arc<Stream>,
    feed: Publisher<Packet>,
    sound: Publisher<AudioPacket>,
}

impl StreamPublisher {
    pub(crate) fn new(
        stream: Arc<Stream>,
        feed: Publisher<Packet>,
        sound: Publisher<AudioPacket>,
    ) -> Self {
        Self {
            stream,
            feed,
            sound,
        }
    }

    /// Name of the stream.
    #[must_use]
    pub fn id(&self) -> &StreamId {
        self.stream.id()
    }

    /// The stream as those who look at it see it.
    #[must_use]
    pub fn stream(&self) -> &Arc<Stream> {
        &self.stream
    }

    /// Publishes a picture to everyone who looks. Never waits for any of them.
    pub fn publish(&mut self, packet: Packet) {
        self.stream.count(&packet);
        self.feed.publish(packet);
    }

    /// Publishes sound to everyone who listens.
    pub fn publish_audio(&mut self, packet: AudioPacket) {
        self.stream.set_audio(Some(&packet.format));
        self.sound.publish(packet);
    }

    /// Says how the sound is coded that goes beside the pictures from now on; what was held of
    /// other sound is forgotten.
    pub fn set_audio(&mut self, format: Option<&Arc<AudioFormat>>) {
        if self.stream.audio().as_ref() != format {
            self.sound.clear();
        }
        self.stream.set_audio(format);
    }

    /// Counts what went wrong on the way from the source.
    pub fn fault(&self, faults: Faults) {
        self.stream.fault(faults);
    }

    /// Says how the source is doing. Going idle forgets the pictures held, so that
    /// the next viewer does not start with an old one.
    pub fn set_state(&mut self, state: State) {
        if state == State::Idle {
            self.feed.clear();
            self.sound.clear();
        }
        self.stream.set_state(state);
    }

    /// Says something else of the stream from now on. Viewers stay; those who left the
    /// choice to the stream get what it gives now.
    pub fn set_profile(&mut self, profile: Profile) {
        self.stream.set_profile(profile);
    }

    /// What is said of the stream.
    #[must_use]
    pub fn profile(&self) -> Profile {
        self.stream.profile()
    }

    /// How the source was last said to be doing.
    #[must_use]
    pub fn state(&self) -> State {
        self.stream.state()
    }

    /// Size of the latest picture, for a slate to match.
    #[must_use]
    pub fn resolution(&self) -> Option<Resolution> {
        self.stream.stats().resolution
    }

    /// What is wanted now.
    #[must_use]
    pub fn demand(&self) -> Demand {
        self.feed.demand()
    }

    /// Waits for the demand to change; see [`Publisher::demand_changed`].
    pub async fn demand_changed(&mut self) -> Demand {
        self.feed.demand_changed().await
    }
}

impl Drop for StreamPublisher {
    fn drop(&mut self) {
        self.stream.forget();
    }
}
