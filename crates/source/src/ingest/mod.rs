//! Publishing into a stream from elsewhere: who may at the moment, and what they send.
//!
//! Not here: HTTP. The web layer hands over a grant, what the headers say and the
//! body's bytes.

mod content;
mod converter;
mod port;
mod producer;

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use eyeline_auth::{Grant, Publish};
use eyeline_hub::{PublishError, Wish};
use eyeline_media::StreamId;
use futures_core::Stream;

pub use crate::byte_stream::RawFormat;
use crate::definition::{Definition, Origin};
use crate::error::InputError;
use crate::spec::Spec;
use crate::streams::{Running, Streams};
pub use content::Content;
pub(crate) use port::Port;
use port::{Loss, Refusal};
pub use producer::{Demand, Producer};

/// A publisher's upload that came to a proper end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Pictures it held, those that could not be shown included.
    pub frames: u64,
}

/// What a publisher says of the stream, beside its pictures. What is left open stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// A name for people.
    pub name: Option<String>,
    /// What viewers get who leave it to the stream.
    pub defaults: Wish,
}

/// Why a publisher's upload was refused or broken off.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// Not a type of content that can be taken.
    #[error(
        "{0} is not taken here; send multipart/x-mixed-replace or image/jpeg, video/h264, \
         video/webm, video/mp4 or video/mp2t, or raw pictures with ?format=bgr24&size=640x480"
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
    /// One picture cannot be shown. The publisher may go on with the next.
    #[error("{0}")]
    Picture(String),
    /// The program that is needed to take this type of content apart is not installed.
    #[error("{content_type} needs the program ffmpeg (5.1 or newer) on the server: {why}")]
    ConverterMissing {
        /// What was to be sent.
        content_type: &'static str,
        /// What the system says.
        why: String,
    },
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

impl Streams {
    /// How long a stream that a publisher made stays when nobody publishes or looks.
    pub const REMOVE_UNUSED_AFTER: Duration = Duration::from_secs(60);

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
        let content = Content::stream(content_type, format)?;
        let mut producer = self.publish(grant, content, None).await?;
        let mut body = pin!(body);
        loop {
            let piece = tokio::select! {
                piece = next(body.as_mut()) => piece,
                lost = producer.lost() => return Err(lost),
            };
            let Some(piece) = piece else { break };
            let piece = piece.map_err(|error| IngestError::Body(error.to_string()))?;
            producer.chunk(piece).await?;
        }
        producer.finish().await
    }

    /// Takes the place of the one who publishes into a stream, and is ready for `content`.
    /// A stream that does not exist is made, with the source `push:`.
    ///
    /// # Errors
    /// [`IngestError`]: who is in the way, or what is missing.
    pub async fn publish(
        &self,
        grant: &Grant<Publish>,
        content: Content,
        settings: Option<Settings>,
    ) -> Result<Producer, IngestError> {
        let id = grant.stream();
        let mut running = self.find_or_make(grant)?;
        let mut leased = running.port.lease().await;
        if matches!(leased, Err(Refusal::Ended)) {
            // It ended in this moment; the next one is another.
            running = self.find_or_make(grant)?;
            leased = running.port.lease().await;
        }
        let lease = leased.map_err(|refusal| match refusal {
            Refusal::Ended => IngestError::Ended(id.clone()),
            Refusal::Closed | Refusal::Held { .. } => IngestError::Busy(id.clone()),
        })?;
        if let Some(settings) = settings {
            // If the stream has ended meanwhile, the lease says so.
            let _ = self.modify(id, |old| settings.apply(old)).await;
        }
        Producer::start(id.clone(), lease, content, self.hub().clone()).await
    }

    fn find_or_make(&self, grant: &Grant<Publish>) -> Result<Arc<Running>, IngestError> {
        let id = grant.stream();
        let of_publishers = |running: Arc<Running>| {
            let not_push = || IngestError::NotPush(id.clone());
            running.is_push().then_some(running).ok_or_else(not_push)
        };
        if let Some(running) = self.find(id) {
            return of_publishers(running);
        }
        let push = Spec::parse("push:").map_err(|e| IngestError::Malformed(e.to_string()))?;
        let mut options = self.options();
        options.remove_unused_after = Some(Self::REMOVE_UNUSED_AFTER);
        let definition = Definition::new(vec![push], options, Origin::Publisher);
        match self.launch(grant, definition) {
            Ok(running) => Ok(running),
            Err(PublishError::Exists(id)) => {
                let running = self.find(&id).ok_or(IngestError::NotPush(id))?;
                of_publishers(running)
            }
            Err(PublishError::TooMany { most }) => Err(IngestError::TooManyStreams { most }),
        }
    }
}

impl Settings {
    fn apply(self, to: &mut Definition) {
        let (wish, old) = (self.defaults, to.defaults);
        to.name = self.name.or(to.name.take());
        to.defaults = Wish {
            quality: wish.quality.or(old.quality),
            fps: wish.fps.or(old.fps),
            jpeg_quality: wish.jpeg_quality.or(old.jpeg_quality),
            height: wish.height.or(old.height),
            codec: wish.codec.or(old.codec),
            bitrate: wish.bitrate.or(old.bitrate),
        };
    }
}

async fn next<S: Stream>(mut body: Pin<&mut S>) -> Option<S::Item> {
    std::future::poll_fn(|cx| body.as_mut().poll_next(cx)).await
}

impl IngestError {
    /// Whether the publisher may go on after this.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Picture(_))
    }

    fn lost(loss: Loss, id: &StreamId) -> Self {
        match loss {
            Loss::Replaced => Self::Replaced(id.clone()),
            Loss::Closed => Self::NotPush(id.clone()),
            Loss::Ended => Self::Ended(id.clone()),
        }
    }

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
