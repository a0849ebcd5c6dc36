//! Publishing into a stream from elsewhere: who may at the moment, and what they send.
//!
//! Not here: HTTP. The web layer hands over a grant, what the headers say and the
//! body's bytes.

mod body;
mod port;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use eyeline_auth::{Grant, Publish};
use eyeline_hub::{Hub, PublishError, StreamPublisher};
use eyeline_media::StreamId;
use futures_core::Stream;

pub use crate::byte_stream::RawFormat;
use crate::error::InputError;
use crate::spec::Spec;
pub(crate) use port::Port;

/// A publisher's upload that came to a proper end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Pictures it held, those that could not be shown included.
    pub frames: u64,
}

/// Why a publisher's upload was refused or broken off.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// Not a type of content that can be taken.
    #[error(
        "{0} is not taken here; send multipart/x-mixed-replace or image/jpeg, \
         or raw pictures with ?format=bgr24&size=640x480"
    )]
    UnsupportedType(String),
    /// Raw pictures without their format and size.
    #[error("raw pictures need their format and size: add ?format=bgr24&size=640x480")]
    FormatMissing,
    /// The body is not what it should be; says what and at which byte.
    #[error("{0}")]
    Malformed(String),
    /// A picture in the body is larger than allowed.
    #[error("{0}")]
    TooLarge(String),
    /// Somebody else publishes into this stream.
    #[error("somebody else publishes to {0} at the moment")]
    Busy(StreamId),
    /// The stream has a source of its own.
    #[error("{0} has a source of its own; nobody can publish to it")]
    NotPush(StreamId),
    /// As many streams as allowed exist.
    #[error("{most} streams exist already; that is the limit")]
    TooManyStreams {
        /// The limit.
        most: usize,
    },
    /// Somebody else took over after this publisher had been silent for long.
    #[error("somebody else publishes to {0} now, as nothing came from here for a while")]
    Replaced(StreamId),
    /// The stream is being closed.
    #[error("the stream {0} is being closed")]
    Ended(StreamId),
    /// The body could not be received to its end.
    #[error("the body broke off: {0}")]
    Body(String),
}

type Start = dyn Fn(&Ingests, StreamPublisher, Vec<Spec>) + Send + Sync;

/// The streams that others publish into. Clones are the same.
#[derive(Clone)]
pub struct Ingests {
    shared: Arc<Shared>,
}

struct Shared {
    hub: Hub,
    start: Box<Start>,
    ports: Mutex<HashMap<StreamId, Arc<Port>>>,
}

impl Ingests {
    /// How long a stream that a publisher made stays when nobody publishes or looks;
    /// for [`Options::remove_unused_after`](crate::Options::remove_unused_after).
    pub const REMOVE_UNUSED_AFTER: Duration = Duration::from_secs(60);

    /// No streams yet. `start` is called when somebody publishes to a stream that does
    /// not exist: it is to run [`supervise`](crate::supervise) with what it is given.
    pub fn new(
        hub: Hub,
        start: impl Fn(&Self, StreamPublisher, Vec<Spec>) + Send + Sync + 'static,
    ) -> Self {
        let shared = Shared {
            hub,
            start: Box::new(start),
            ports: Mutex::default(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// No streams, and none that publishers could make: for a hub that only this
    /// program publishes into.
    #[must_use]
    pub fn none(hub: Hub) -> Self {
        Self::new(hub, |_, _, _| {})
    }

    /// Publishes the pictures in a body as they come, until it ends. `format` is for
    /// raw pictures and wins over `content_type`, the header's value. A stream that does
    /// not exist is made, with the source `push:`.
    ///
    /// # Errors
    /// [`IngestError`]: who is in the way, or what is wrong with the body and where.
    pub async fn ingest<E: std::fmt::Display>(
        &self,
        grant: &Grant<Publish>,
        content_type: Option<&str>,
        format: Option<RawFormat>,
        body: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<Accepted, IngestError> {
        let id = grant.stream();
        let content = body::content(content_type, format)?;
        let port = self.find_or_make(grant)?;
        let leased = port.lease().await;
        let lease = leased.ok_or_else(|| IngestError::Busy(id.clone()))?;
        body::receive(id, lease, content, body).await
    }

    fn find_or_make(&self, grant: &Grant<Publish>) -> Result<Arc<Port>, IngestError> {
        let id = grant.stream();
        if let Some(port) = self.ports().get(id) {
            return Ok(Arc::clone(port));
        }
        let specs =
            vec![Spec::parse("push:").map_err(|error| IngestError::Malformed(error.to_string()))?];
        match self.shared.hub.publish(grant, "push:".to_owned()) {
            Ok(publisher) => {
                let port = Arc::clone(self.ports().entry(id.clone()).or_default());
                (self.shared.start)(self, publisher, specs);
                Ok(port)
            }
            Err(PublishError::Exists(id)) => {
                let port = self.ports().get(&id).cloned();
                port.ok_or(IngestError::NotPush(id))
            }
            Err(PublishError::TooMany { most }) => Err(IngestError::TooManyStreams { most }),
        }
    }

    /// The port of a stream whose supervisor has just begun; it is gone when the
    /// claim is.
    pub(crate) fn claim(&self, id: &StreamId) -> Claim {
        let port = Arc::clone(self.ports().entry(id.clone()).or_default());
        Claim {
            ingests: self.clone(),
            id: id.clone(),
            port,
        }
    }

    fn ports(&self) -> MutexGuard<'_, HashMap<StreamId, Arc<Port>>> {
        self.shared
            .ports
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// A supervisor's hold on its stream's port.
pub(crate) struct Claim {
    ingests: Ingests,
    id: StreamId,
    pub(crate) port: Arc<Port>,
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut ports = self.ingests.ports();
        if ports
            .get(&self.id)
            .is_some_and(|port| Arc::ptr_eq(port, &self.port))
        {
            ports.remove(&self.id);
        }
    }
}

impl IngestError {
    fn of(error: InputError, id: &StreamId) -> Self {
        use eyeline_proto::mpjpeg::Error as Stream;

        use crate::error::PictureError;
        let text = error.to_string();
        match error {
            InputError::Gone => Self::Ended(id.clone()),
            InputError::Stream(Stream::TooLong { .. } | Stream::ContentLengthTooLarge { .. })
            | InputError::BadPictures {
                last: PictureError::TooLarge { .. },
                ..
            } => Self::TooLarge(text),
            _ => Self::Malformed(text),
        }
    }
}
