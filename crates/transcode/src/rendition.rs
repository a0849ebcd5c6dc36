//! One rendition: what its thread does.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use eyeline_clock::SharedClock;
use eyeline_hub::{Demand, End, Item, Making, Publisher, RenditionKey, Subscriber, Wanted};
use eyeline_media::{Codec, Packet};

use crate::encoders::MakeEncoder;
use crate::park::Parker;
use crate::{h264, jpeg};

/// Of many pictures in a row that cannot be decoded, one in this many is logged.
const LOG_ONE_ERROR_IN: u64 = 300;
/// Of inter-coded video what is older than the newest by more than this is decoded, as what
/// follows needs it, but not encoded: who joins late catches up.
const STALE: Duration = Duration::from_millis(150);

pub(crate) struct Rendition {
    name: String,
    source: Subscriber<Packet>,
    into: Publisher<Packet>,
    clock: SharedClock,
    maker: Maker,
    told: Making,
    errors: u64,
}

enum Maker {
    Jpeg(Box<jpeg::Maker>),
    H264(Box<h264::Maker>),
}

enum Woken {
    Picture(Arc<Item<Packet>>),
    Made(Packet),
    Ended,
    Demand(Demand),
}

impl Rendition {
    pub(crate) fn new(
        name: String,
        key: RenditionKey,
        (source, into): (Subscriber<Packet>, Publisher<Packet>),
        clock: SharedClock,
        encoders: Arc<dyn MakeEncoder>,
    ) -> Result<Self, eyeline_sys_codec::Error> {
        let maker = match key.codec() {
            Codec::Jpeg => Maker::Jpeg(Box::new(jpeg::Maker::new(key)?)),
            Codec::H264 => {
                let clock = clock.clone();
                let maker = h264::Maker::new(name.clone(), key, clock, encoders);
                Maker::H264(Box::new(maker))
            }
        };
        Ok(Self {
            name,
            source,
            into,
            clock,
            maker,
            told: Making::default(),
            errors: 0,
        })
    }

    /// Works until nobody has looked for `grace`, or the source ends.
    pub(crate) fn run(mut self, grace: Duration) {
        tracing::debug!(rendition = self.name, "started");
        let parker = Parker::new();
        let mut demand = self.into.demand();
        loop {
            let now = self.clock.now();
            let patience = match demand.wanted(now, grace) {
                Wanted::Now => None,
                Wanted::Until(end) => Some(end.saturating_sub(now)),
                Wanted::No if self.into.close_if_idle(grace) => break,
                // Somebody came at this very moment.
                Wanted::No => None,
            };
            match parker.wait(patience, |cx| self.poll(cx)) {
                Some(Woken::Picture(item)) => self.make(&item),
                Some(Woken::Made(packet)) => self.into.publish(packet),
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
        if let Maker::H264(maker) = &mut self.maker
            && let Poll::Ready(packet) = maker.poll_packet(cx)
        {
            return Poll::Ready(Woken::Made(packet));
        }
        self.source.poll_next(cx).map(|next| match next {
            Ok(item) => Woken::Picture(item),
            Err(End) => Woken::Ended,
        })
    }

    fn make(&mut self, item: &Item<Packet>) {
        let stale = self.source.behind(item) > STALE;
        let made = match &mut self.maker {
            Maker::Jpeg(maker) => maker.make(&item.value, stale),
            Maker::H264(maker) => {
                let key_wanted = self.into.demand().key_frame_wanted;
                let taken = maker.take(&item.value, stale, key_wanted);
                let making = maker.making();
                if making != self.told {
                    self.into.set_making(making);
                    self.told = making;
                }
                taken.map(|()| None)
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
}
