//! The hand of one who publishes into a stream: pictures and pieces in, demand out.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use eyeline_hub::{Event, Faults, Hub, Subscriber, What};
use eyeline_media::{AudioFormat, MediaTime, StreamId, Timestamp};
use eyeline_proto::h264::AccessUnit;
use eyeline_proto::mp4;
use eyeline_proto::mpegts;
use eyeline_proto::mpjpeg::{Kind as PictureKind, Picture};
use tokio::sync::watch;

use super::content::{Content, Kind};
use super::converter::{Container, Converter};
use super::port::Lease;
use super::{Accepted, IngestError};
use crate::byte_stream::{self, Intake};
use crate::error::InputError;
use crate::sink::Event as SinkEvent;
use crate::tracks::{Times, Tracks};

/// Somebody who publishes into a stream. Dropping it gives the place up.
pub struct Producer {
    id: StreamId,
    lease: Lease,
    feeding: Feeding,
    hub: Hub,
    frames: u64,
    /// What [`demand_changed`](Self::demand_changed) follows, once it was asked.
    followed: Option<Followed>,
}

/// How much the pictures of a producer are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    /// Number of viewers of the stream.
    pub viewers: usize,
    /// Whether pictures go anywhere at all. This stays for a few seconds after the last
    /// viewer has left, and is so for what is no viewer, such as a snapshot.
    pub watched: bool,
}

enum Feeding {
    Pictures,
    Stream(Box<Intake<'static>>),
    /// MP4, as long as no picture of it has come: what came of it so far, for the program that
    /// takes apart what cannot be carried as it is.
    Mp4(Box<Intake<'static>>, BytesMut),
    /// A transport stream of which it is not known yet who takes it apart, and its pieces so far.
    Transport(Box<Intake<'static>>, Vec<Bytes>),
    Media(Box<Tracks>),
    Converter(Converter),
}

/// The program that takes containers apart.
const CONVERTER: &str = "ffmpeg";

struct Followed {
    watched: watch::Receiver<bool>,
    events: Option<Subscriber<Event>>,
    told: Option<Demand>,
}

impl Producer {
    pub(super) async fn start(
        id: StreamId,
        mut lease: Lease,
        content: Content,
        hub: Hub,
    ) -> Result<Self, IngestError> {
        let feeding = match content.0 {
            Kind::Pictures => Feeding::Pictures,
            Kind::Stream(content @ byte_stream::Content::Mp4) => {
                Feeding::Mp4(Box::new(Intake::new(content)), BytesMut::new())
            }
            Kind::Stream(content) => Feeding::Stream(Box::new(Intake::new(content))),
            Kind::Transport => {
                let intake = Intake::new(byte_stream::Content::Transport);
                Feeding::Transport(Box::new(intake), Vec::new())
            }
            Kind::Media => Feeding::Media(Box::default()),
            Kind::Container(container) => {
                let started = Converter::start(CONVERTER, container, &id, &mut lease).await;
                Feeding::Converter(started?)
            }
        };
        Ok(Self {
            id,
            lease,
            feeding,
            hub,
            frames: 0,
            followed: None,
        })
    }

    /// Publishes one JPEG. `captured` counts if it is near enough to this machine's clock.
    /// Cancelled, the picture may be lost.
    ///
    /// # Errors
    /// [`IngestError::Picture`] if it cannot be shown, after which the producer may go on;
    /// others are final: too many such pictures in a row, or the place is lost.
    pub async fn picture(
        &mut self,
        jpeg: Bytes,
        captured: Option<Timestamp>,
    ) -> Result<(), IngestError> {
        self.check_place()?;
        let picture = Picture {
            data: jpeg,
            captured,
            kind: PictureKind::Jpeg,
        };
        self.frames += 1;
        self.lease.touch();
        let sink = self.lease.sink();
        let arrived = sink.now();
        let taken = sink.picture(picture, arrived).await;
        taken.map_err(|error| IngestError::of(error, &self.id))?;
        match self.lease.sink().last_bad() {
            Some(bad) => Err(IngestError::Picture(bad.to_string())),
            None => Ok(()),
        }
    }

    /// Takes a picture of H.264 with its times, of [`Content::media`]. Not cancel-safe.
    ///
    /// # Errors
    /// [`IngestError`]: the place is lost, or this is another content.
    pub async fn video(&mut self, unit: AccessUnit, at: Times) -> Result<(), IngestError> {
        self.frames += 1;
        self.lease.touch();
        let (tracks, lease) = self.media()?;
        let taken = tracks.video(unit, at, lease.sink()).await;
        taken.map_err(|error| IngestError::of(error, &self.id))
    }

    /// Says how the sound will be coded. Said before the first picture, viewers know it from the
    /// beginning. Not cancel-safe.
    ///
    /// # Errors
    /// As [`video`](Self::video).
    pub async fn announce(&mut self, format: &Arc<AudioFormat>) -> Result<(), IngestError> {
        let (tracks, lease) = self.media()?;
        let taken = tracks.announce(format, lease.sink()).await;
        taken.map_err(|error| IngestError::of(error, &self.id))
    }

    /// Takes sound, `samples` of each channel. Not cancel-safe.
    ///
    /// # Errors
    /// As [`video`](Self::video).
    pub async fn audio(
        &mut self,
        format: &Arc<AudioFormat>,
        at: MediaTime,
        sound: (u32, Bytes),
    ) -> Result<(), IngestError> {
        let (tracks, lease) = self.media()?;
        let taken = tracks.audio(format, at, sound, lease.sink()).await;
        taken.map_err(|error| IngestError::of(error, &self.id))
    }

    /// Counts what went wrong on the way here.
    pub fn fault(&mut self, faults: Faults) {
        self.lease.sink().outlet.hint(SinkEvent::Faults(faults));
    }

    fn media(&mut self) -> Result<(&mut Tracks, &mut Lease), IngestError> {
        if let Some(loss) = self.lease.is_lost() {
            return Err(IngestError::lost(loss, &self.id));
        }
        match &mut self.feeding {
            Feeding::Media(tracks) => Ok((tracks, &mut self.lease)),
            _ => Err(IngestError::Malformed(
                "pictures with times came where something else was announced".to_owned(),
            )),
        }
    }

    /// Takes in a piece of a stream of pictures. Waits while they cannot be taken as fast
    /// as they come. Not cancel-safe: what follows may make no sense.
    ///
    /// # Errors
    /// [`IngestError`]: what is wrong and at which byte, or the place is lost. All are final.
    pub async fn chunk(&mut self, piece: Bytes) -> Result<(), IngestError> {
        self.check_place()?;
        match &mut self.feeding {
            Feeding::Pictures => self.picture(piece, None).await,
            Feeding::Media(_) => Err(IngestError::Malformed(
                "pieces of bytes came where pictures with times were announced".to_owned(),
            )),
            Feeding::Transport(_, kept) => {
                kept.push(piece.clone());
                self.transport(piece).await
            }
            Feeding::Stream(intake) => {
                let taken = intake.push(piece, self.lease.sink()).await;
                let more = intake.pictures() > self.frames;
                self.frames = intake.pictures();
                if more {
                    self.lease.touch();
                }
                taken.map_err(|error| IngestError::of(error, &self.id))
            }
            Feeding::Mp4(..) => self.first_of_mp4(piece).await,
            Feeding::Converter(converter) => tokio::select! {
                biased;
                loss = self.lease.lost() => Err(IngestError::lost(loss, &self.id)),
                written = converter.write(&piece) => written,
            },
        }
    }

    /// Takes in a piece of MP4, of which no picture has come yet.
    async fn first_of_mp4(&mut self, piece: Bytes) -> Result<(), IngestError> {
        let Feeding::Mp4(mut intake, mut first) =
            std::mem::replace(&mut self.feeding, Feeding::Pictures)
        else {
            return Ok(());
        };
        first.extend_from_slice(&piece);
        match intake.push(piece, self.lease.sink()).await {
            Err(InputError::Mp4(why @ mp4::Error::Codec { .. })) => {
                let started =
                    Converter::start(CONVERTER, Container::Mp4, &self.id, &mut self.lease);
                let mut converter = started
                    .await
                    .map_err(|missing| IngestError::Malformed(format!("{why}; {missing}")))?;
                let written = converter.write(&first.freeze()).await;
                self.feeding = Feeding::Converter(converter);
                written
            }
            Err(error) => Err(IngestError::of(error, &self.id)),
            Ok(()) if intake.pictures() == 0 => {
                self.feeding = Feeding::Mp4(intake, first);
                Ok(())
            }
            Ok(()) => {
                self.frames = intake.pictures();
                self.lease.touch();
                self.feeding = Feeding::Stream(intake);
                Ok(())
            }
        }
    }

    /// Takes in a piece of a transport stream, until its tables say what is in it: if it is not
    /// H.264, another program gets it from its beginning.
    async fn transport(&mut self, piece: Bytes) -> Result<(), IngestError> {
        let Feeding::Transport(intake, kept) = &mut self.feeding else {
            return Ok(());
        };
        let kept = match intake.push(piece, self.lease.sink()).await {
            Err(InputError::MpegTs(mpegts::Error::Unsupported { .. })) => std::mem::take(kept),
            Err(error) => return Err(IngestError::of(error, &self.id)),
            Ok(()) => {
                if intake.is_known_transport() {
                    self.frames = intake.pictures();
                    let nothing = Intake::new(byte_stream::Content::Transport);
                    let intake = std::mem::replace(&mut **intake, nothing);
                    self.feeding = Feeding::Stream(Box::new(intake));
                }
                return Ok(());
            }
        };
        let program = Converter::start(CONVERTER, Container::MpegTs, &self.id, &mut self.lease);
        let mut converter = program.await?;
        for piece in &kept {
            converter.write(piece).await?;
        }
        self.feeding = Feeding::Converter(converter);
        Ok(())
    }

    /// Pictures so far, those that could not be shown included.
    #[must_use]
    pub fn frames(&self) -> u64 {
        match &self.feeding {
            Feeding::Converter(converter) => converter.frames(),
            Feeding::Pictures
            | Feeding::Media(_)
            | Feeding::Stream(_)
            | Feeding::Mp4(..)
            | Feeding::Transport(..) => self.frames,
        }
    }

    /// Waits for the demand to change, and at first gives it at once. From the first call
    /// on this producer counts as one that may pause while nobody looks: it keeps its
    /// place and its stream though no pictures come. Cancel-safe.
    ///
    /// # Errors
    /// As [`lost`](Self::lost), when the place is lost.
    pub async fn demand_changed(&mut self) -> Result<Demand, IngestError> {
        let (lease, hub) = (&mut self.lease, &self.hub);
        let followed = self.followed.get_or_insert_with(|| {
            lease.heed_demand();
            Followed {
                watched: lease.watched(),
                events: hub.events(),
                told: None,
            }
        });
        loop {
            let demand = Demand {
                viewers: lease.stream().stats().viewers,
                watched: *followed.watched.borrow_and_update(),
            };
            if followed.told != Some(demand) {
                followed.told = Some(demand);
                return Ok(demand);
            }
            tokio::select! {
                error = lost(lease, &mut self.feeding, &self.id) => return Err(error),
                Ok(()) = followed.watched.changed() => {}
                () = viewers_change(&mut followed.events, &self.id) => {}
            }
        }
    }

    /// Waits until nothing more can be published, and says why: another took the place,
    /// the stream ended, or what came cannot be taken apart. Cancel-safe.
    pub async fn lost(&mut self) -> IngestError {
        lost(&mut self.lease, &mut self.feeding, &self.id).await
    }

    /// Ends publishing, when everything that came is published.
    ///
    /// # Errors
    /// [`IngestError`]: what came last was not whole, or there was no picture in a stream.
    pub async fn finish(mut self) -> Result<Accepted, IngestError> {
        let mut intake = match self.feeding {
            Feeding::Pictures | Feeding::Media(_) => {
                let frames = self.frames;
                return Ok(Accepted { frames });
            }
            Feeding::Converter(converter) => {
                let frames = converter.finish().await?;
                return Ok(Accepted { frames });
            }
            Feeding::Stream(intake) | Feeding::Mp4(intake, _) | Feeding::Transport(intake, _) => {
                intake
            }
        };
        let finished = intake.finish(self.lease.sink()).await;
        finished.map_err(|error| IngestError::of(error, &self.id))?;
        let frames = intake.pictures();
        match (frames, self.lease.sink().last_bad()) {
            (0, _) => Err(IngestError::Malformed(
                "there is no picture in the body".to_owned(),
            )),
            (1, Some(bad)) => Err(IngestError::Malformed(bad.to_string())),
            (1, None) => {
                self.lease.leave_quietly();
                Ok(Accepted { frames })
            }
            _ => Ok(Accepted { frames }),
        }
    }

    fn check_place(&self) -> Result<(), IngestError> {
        match self.lease.is_lost() {
            Some(loss) => Err(IngestError::lost(loss, &self.id)),
            None => Ok(()),
        }
    }
}

async fn lost(lease: &mut Lease, feeding: &mut Feeding, id: &StreamId) -> IngestError {
    let Feeding::Converter(converter) = feeding else {
        return IngestError::lost(lease.lost().await, id);
    };
    tokio::select! {
        biased;
        loss = lease.lost() => IngestError::lost(loss, id),
        error = converter.ended() => error,
    }
}

/// Waits until a viewer of the stream comes or goes.
async fn viewers_change(events: &mut Option<Subscriber<Event>>, id: &StreamId) {
    while let Some(following) = events {
        match following.next().await {
            Ok(event) => {
                let viewer = matches!(
                    event.value.what,
                    What::ViewerJoined(_) | What::ViewerLeft(_)
                );
                if viewer && event.value.stream == *id {
                    return;
                }
            }
            // The hub is gone; nothing more will happen.
            Err(_) => *events = None,
        }
    }
    std::future::pending().await
}
