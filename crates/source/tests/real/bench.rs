//! A supervised stream with real sources, and how tests look at it.

use std::sync::Arc;
use std::time::Duration;

use eyeline_auth::Access;
use eyeline_clock::RealClock;
use eyeline_hub::{
    Hub, Limits, Publisher, RenditionKey, State, Stream, Subscriber, Transcode, Wish,
};
use eyeline_media::{Codec, Packet, StreamId, jpeg};
use eyeline_source::{Definition, Options, Origin, Spec, Streams};
use eyeline_testkit::wait::PATIENCE;
use tokio::sync::watch;
use tokio::time::timeout;

struct NoTranscode;

pub(crate) fn no_transcode() -> Box<dyn Transcode> {
    Box::new(NoTranscode)
}

impl Transcode for NoTranscode {
    fn start(&self, _: &StreamId, _: RenditionKey, _: Subscriber<Packet>, _: Publisher<Packet>) {}
}

/// The operator's own.
pub(crate) fn access() -> Access {
    Access::by_configuration()
}

pub(crate) fn options() -> Options {
    Options::new(RealClock::shared())
}

fn hub(options: &Options) -> Hub {
    Hub::new(
        Arc::clone(&options.clock),
        Limits::default(),
        Box::new(NoTranscode),
    )
}

pub(crate) fn id(name: &str) -> StreamId {
    name.parse().unwrap()
}

/// The stream that most tests are about.
pub(crate) fn front() -> StreamId {
    id("front")
}

/// Streams, the hub they are in, and what keeps them running: at first none, as in a server.
pub(crate) struct House {
    pub(crate) streams: Streams,
    pub(crate) hub: Hub,
    stop: watch::Sender<bool>,
}

impl House {
    pub(crate) fn new() -> Self {
        Self::with(&options())
    }

    fn with(options: &Options) -> Self {
        let hub = hub(options);
        let (stop, stopped) = watch::channel(false);
        Self {
            streams: Streams::new(hub.clone(), stopped),
            hub,
            stop,
        }
    }

    pub(crate) fn watch(&self, name: &str) -> Arc<Stream> {
        self.hub.watch(&access().view(&id(name))).unwrap()
    }

    pub(crate) fn look(&self, name: &str) -> Pictures {
        Pictures(self.watch(name).packets(&Wish::default()).unwrap())
    }

    /// Stops every stream and waits until everything is closed.
    pub(crate) async fn end(self) {
        self.stop.send(true).unwrap();
        timeout(PATIENCE, self.streams.ended()).await.unwrap();
        assert!(self.streams.ids().is_empty());
    }
}

/// A supervised stream named `front`.
pub(crate) struct Bench {
    pub(crate) stream: Arc<Stream>,
    pub(crate) streams: Streams,
    house: House,
}

impl Bench {
    pub(crate) fn start(source: &str) -> Self {
        Self::start_with(source, |_| {})
    }

    pub(crate) fn start_with(source: &str, change: impl Fn(&mut Options)) -> Self {
        let mut options = options();
        change(&mut options);
        let house = House::with(&options);
        let specs = Spec::parse_list(source).unwrap();
        let definition = Definition::new(specs, options, Origin::Configuration);
        let grant = access().publish(&front());
        house.streams.start(&grant, definition).unwrap();
        Self {
            stream: house.watch("front"),
            streams: house.streams.clone(),
            house,
        }
    }

    pub(crate) fn look(&self) -> Pictures {
        Pictures(self.stream.packets(&Wish::default()).unwrap())
    }

    /// Waits for the stream to be away, and gives the reason.
    pub(crate) async fn reason(&self) -> String {
        let away = async {
            loop {
                if let State::Away { reason, .. } = self.stream.stats().state {
                    return reason;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, away).await.expect("the source goes away")
    }

    pub(crate) async fn wait_live(&self) {
        let live = async {
            while !matches!(self.stream.stats().state, State::Live { .. }) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, live).await.expect("the source is live");
    }

    /// Stops the stream and waits until everything is closed.
    pub(crate) async fn end(self) {
        self.house.end().await;
    }
}

/// What a viewer sees.
pub(crate) struct Pictures(pub(crate) Subscriber<Packet>);

impl Pictures {
    /// The next item, slate or not.
    pub(crate) async fn item(&mut self) -> Packet {
        let item = timeout(PATIENCE, self.0.next()).await;
        item.expect("something comes")
            .expect("the stream goes on")
            .value
            .clone()
    }

    /// The next picture of the source.
    pub(crate) async fn picture(&mut self) -> Packet {
        loop {
            let packet = self.item().await;
            if !packet.slate {
                let header = jpeg::parse_header(&packet.data).unwrap();
                assert_eq!(header.resolution, packet.resolution);
                return packet;
            }
        }
    }

    /// So many pictures.
    pub(crate) async fn take(&mut self, count: usize) -> Vec<Packet> {
        let mut taken = Vec::new();
        for _ in 0..count {
            taken.push(self.picture().await);
        }
        taken
    }

    /// So many pictures of H.264.
    pub(crate) async fn coded(&mut self, count: usize) -> Vec<Packet> {
        let mut taken = Vec::new();
        while taken.len() < count {
            let packet = self.item().await;
            taken.extend(Some(packet).filter(|packet| packet.codec == Codec::H264));
        }
        taken
    }

    /// The next slate.
    pub(crate) async fn slate(&mut self) -> Packet {
        loop {
            let packet = self.item().await;
            if packet.slate {
                return packet;
            }
        }
    }
}
