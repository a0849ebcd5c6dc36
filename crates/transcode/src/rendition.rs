//! One rendition: what its thread does.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use eyeline_clock::Clock;
use eyeline_hub::{Demand, End, Item, Publisher, RenditionKey, Subscriber, Wanted};
use eyeline_media::Packet;
use eyeline_sys_codec::Transcoder as Codec;

use crate::park::Parker;

/// Of many pictures in a row that cannot be decoded, one in this many is logged.
const LOG_ONE_ERROR_IN: u64 = 300;

pub(crate) struct Rendition {
    name: String,
    key: RenditionKey,
    source: Subscriber<Packet>,
    into: Publisher<Packet>,
    codec: Codec,
    errors: u64,
}

enum Woken {
    Picture(Arc<Item<Packet>>),
    Ended,
    Demand(Demand),
}

impl Rendition {
    pub(crate) fn new(
        name: String,
        key: RenditionKey,
        source: Subscriber<Packet>,
        into: Publisher<Packet>,
    ) -> Result<Self, eyeline_sys_codec::Error> {
        Ok(Self {
            name,
            key,
            source,
            into,
            codec: Codec::new()?,
            errors: 0,
        })
    }

    /// Works until nobody has looked for `grace`, or the source ends.
    pub(crate) fn run(mut self, clock: &dyn Clock, grace: Duration) {
        tracing::debug!(rendition = self.name, "started");
        let parker = Parker::new();
        let mut demand = self.into.demand();
        loop {
            let patience = match demand.wanted(clock.now(), grace) {
                Wanted::Now => None,
                Wanted::Until(end) => Some(end.saturating_sub(clock.now())),
                Wanted::No if self.into.close_if_idle(grace) => break,
                // Somebody came at this very moment.
                Wanted::No => None,
            };
            match parker.wait(patience, |cx| self.poll(cx)) {
                Some(Woken::Picture(item)) => self.make(&item.value),
                Some(Woken::Demand(now)) => demand = now,
                Some(Woken::Ended) => break,
                None => demand = self.into.demand(),
            }
        }
        tracing::debug!(rendition = self.name, "ended");
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Woken> {
        if let Poll::Ready(demand) = self.into.poll_demand(cx) {
            return Poll::Ready(Woken::Demand(demand));
        }
        self.source.poll_next(cx).map(|next| match next {
            Ok(item) => Woken::Picture(item),
            Err(End) => Woken::Ended,
        })
    }

    fn make(&mut self, picture: &Packet) {
        let size = match self.key.height {
            Some(height) => picture.resolution.at_height(height),
            None => picture.resolution,
        };
        if size == picture.resolution && !self.key.always {
            self.into.publish(picture.clone());
            return;
        }
        match self
            .codec
            .transcode(&picture.data, size, self.key.jpeg_quality.get())
        {
            Ok(data) => self.into.publish(Packet {
                resolution: size,
                data,
                ..picture.clone()
            }),
            Err(error) => {
                if self.errors.is_multiple_of(LOG_ONE_ERROR_IN) {
                    tracing::warn!(rendition = self.name, "a picture was left out: {error}");
                }
                self.errors += 1;
            }
        }
    }
}
