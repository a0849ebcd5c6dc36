//! A stream of this program's own, outside any server: a source and one cursor.

use std::sync::Arc;
use std::task::{Context, Poll, ready};

use eyeline_auth::Access;
use eyeline_hub::{
    End, Hub, Item, Limits, PublishError, State, Stream, Subscriber, Transcode, ViewError, Wish,
};
use eyeline_media::{Codec, Packet, StreamId};
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

/// No renditions: for tests, which look at the source itself.
#[cfg(test)]
pub(crate) struct NoTranscode;

#[cfg(test)]
impl eyeline_hub::Transcode for NoTranscode {
    fn start(
        &self,
        _: &StreamId,
        _: eyeline_hub::RenditionKey,
        _: Subscriber<Packet>,
        _: eyeline_hub::Publisher<Packet>,
    ) {
    }
}

/// What the sources give as JPEGs, whichever way it is coded.
pub(crate) struct Jpegs {
    stream: Arc<Stream>,
    packets: Subscriber<Packet>,
}

impl Jpegs {
    /// The next one; [`End`] when no more will come.
    pub(crate) fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Arc<Item<Packet>>, End>> {
        loop {
            let item = ready!(self.packets.poll_next(cx))?;
            if item.value.codec == Codec::Jpeg {
                return Poll::Ready(Ok(item));
            }
            // By now the stream knows how its source is coded, and has JPEGs made.
            self.packets = self.stream.packets(&Wish::default()).map_err(|_| End)?;
        }
    }

    /// As [`poll_next`](Self::poll_next). Cancel-safe.
    pub(crate) async fn next(&mut self) -> Result<Arc<Item<Packet>>, End> {
        std::future::poll_fn(|cx| self.poll_next(cx)).await
    }
}

impl Local {
    /// Starts the sources, and a cursor on what they give, however that is coded. `transcode`
    /// makes JPEGs of what is none.
    pub(crate) fn start(
        specs: Vec<Spec>,
        options: Options,
        access: &Access,
        transcode: Box<dyn Transcode>,
    ) -> Result<(Self, Subscriber<Packet>), LocalError> {
        let id: StreamId = "source".parse().expect("letters are a valid name");
        let hub = Hub::new(Arc::clone(&options.clock), Limits::default(), transcode);
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

    /// What the sources give, as JPEGs.
    pub(crate) fn jpegs(&self) -> Result<Jpegs, ViewError> {
        Ok(Jpegs {
            stream: Arc::clone(&self.stream),
            packets: self.stream.packets(&Wish::default())?,
        })
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
