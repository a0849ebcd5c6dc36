//! One rendition: what its thread does.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use eyeline_clock::Clock;
use eyeline_hub::{Demand, End, Item, Pace, Publisher, RenditionKey, Subscriber, Wanted};
use eyeline_media::{Codec, Packet, Resolution};
use eyeline_sys_codec::{Bridge, Transcoder};

use crate::park::Parker;

/// Of many pictures in a row that cannot be decoded, one in this many is logged.
const LOG_ONE_ERROR_IN: u64 = 300;
/// Of inter-coded video what is older than the newest by more than this is decoded, as what
/// follows needs it, but not encoded: who joins late catches up.
const STALE: Duration = Duration::from_millis(150);

pub(crate) struct Rendition {
    name: String,
    key: RenditionKey,
    source: Subscriber<Packet>,
    into: Publisher<Packet>,
    pace: Option<Pace>,
    transcoder: Transcoder,
    /// There once H.264 has come.
    bridge: Option<Bridge>,
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
            pace: key.pace(),
            transcoder: Transcoder::new()?,
            bridge: None,
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
                Some(Woken::Picture(item)) => self.make(&item),
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

    fn make(&mut self, item: &Item<Packet>) {
        let picture = &item.value;
        let passes = |pace: &mut Pace| pace.passes(picture.captured);
        let made = match picture.codec {
            Codec::Jpeg if !self.pace.as_mut().is_none_or(passes) => Ok(None),
            Codec::Jpeg => self.of_jpeg(picture),
            Codec::H264 => {
                let stale = self.source.behind(item) > STALE;
                self.of_h264(picture, stale)
            }
        };
        match made {
            Ok(Some(packet)) => self.into.publish(packet),
            Ok(None) => {}
            Err(error) => {
                if self.errors.is_multiple_of(LOG_ONE_ERROR_IN) {
                    tracing::warn!(rendition = self.name, "a picture was left out: {error}");
                }
                self.errors += 1;
            }
        }
    }

    fn size(&self, of: Resolution) -> Resolution {
        self.key.height.map_or(of, |height| of.at_height(height))
    }

    fn of_jpeg(&mut self, picture: &Packet) -> Result<Option<Packet>, eyeline_sys_codec::Error> {
        let resolution = self.size(picture.resolution);
        if resolution == picture.resolution && !self.key.always {
            return Ok(Some(picture.clone()));
        }
        let quality = self.key.jpeg_quality.get();
        let data = self
            .transcoder
            .transcode(&picture.data, resolution, quality)?;
        Ok(Some(Packet {
            resolution,
            data,
            ..picture.clone()
        }))
    }

    fn of_h264(
        &mut self,
        picture: &Packet,
        stale: bool,
    ) -> Result<Option<Packet>, eyeline_sys_codec::Error> {
        let mut bridge = match self.bridge.take() {
            Some(bridge) => bridge,
            None => Bridge::new()?,
        };
        let decoded = bridge.decode(&picture.data);
        let bridge = self.bridge.insert(bridge);
        let Some(size) = decoded? else {
            return Ok(None);
        };
        let passes = |pace: &mut Pace| pace.passes(picture.captured);
        if stale || !self.pace.as_mut().is_none_or(passes) {
            return Ok(None);
        }
        let resolution = self
            .key
            .height
            .map_or(size, |height| size.at_height(height));
        let data = bridge.encode(resolution, self.key.jpeg_quality.get())?;
        Ok(Some(Packet {
            codec: Codec::Jpeg,
            key: true,
            resolution,
            data,
            ..picture.clone()
        }))
    }
}
