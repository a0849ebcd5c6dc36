//! A stream of this program's own, outside any server: a source and one cursor.

use std::sync::Arc;

use eyeline_auth::Access;
use eyeline_hub::{
    Hub, Limits, PublishError, Publisher, RenditionKey, State, Stream, Subscriber, Transcode,
    ViewError, Wish,
};
use eyeline_media::{Packet, StreamId};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::definition::{Definition, Origin};
use crate::ingest::Port;
use crate::options::Options;
use crate::spec::Spec;
use crate::supervise::{Orders, supervise};

/// Why a stream of this program's own could not be made or looked at; a defect.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// It cannot be made.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// It cannot be looked at.
    #[error(transparent)]
    View(#[from] ViewError),
}

/// A source that runs into a hub of its own.
pub(crate) struct Local {
    stream: Arc<Stream>,
    stop: watch::Sender<bool>,
    supervisor: JoinHandle<()>,
}

/// No renditions: what is looked at here is the source itself.
pub(crate) struct NoTranscode;

impl Transcode for NoTranscode {
    fn start(&self, _: &StreamId, _: RenditionKey, _: Subscriber<Packet>, _: Publisher<Packet>) {}
}

impl Local {
    /// Starts the sources, and a cursor on what they give.
    pub(crate) fn start(
        specs: Vec<Spec>,
        options: Options,
        access: &Access,
        limits: Limits,
    ) -> Result<(Self, Subscriber<Packet>), LocalError> {
        let id: StreamId = "source".parse().expect("letters are a valid name");
        let hub = Hub::new(Arc::clone(&options.clock), limits, Box::new(NoTranscode));
        let definition = Definition::new(specs, options, Origin::Configuration);
        let publisher = hub.publish(&access.publish(&id), definition.source())?;
        let stream = hub.watch(&access.view(&id))?;
        let packets = stream.packets(&Wish::default())?;
        let (stop, stopped) = watch::channel(false);
        let (orders, port) = (Orders::fixed(definition), Arc::new(Port::of(&stream)));
        let supervisor = tokio::spawn(supervise(publisher, orders, port, stopped));
        Ok((
            Self {
                stream,
                stop,
                supervisor,
            },
            packets,
        ))
    }

    /// How the source is doing.
    pub(crate) fn state(&self) -> State {
        self.stream.stats().state
    }

    /// Another cursor on what the sources give.
    pub(crate) fn packets(&self) -> Result<Subscriber<Packet>, ViewError> {
        self.stream.packets(&Wish::default())
    }

    /// Tells the sources to stop.
    pub(crate) fn stop(&self) {
        let _ = self.stop.send(true);
    }

    /// Stops the sources and waits until they are closed.
    pub(crate) async fn end(self) {
        self.stop();
        let _ = self.supervisor.await;
    }
}
