//! Where an input's pictures go: checked, stamped, encoded if they are raw, and handed
//! to the supervisor, which publishes them.

use bytes::Bytes;
use eyeline_clock::SharedClock;
use eyeline_hub::Faults;
use eyeline_media::{AudioFormat, AudioPacket, Codec, Packet, Resolution, Timestamp, jpeg};
use eyeline_proto::h264::AccessUnit;
use eyeline_proto::mpjpeg::{Kind, Limits, Picture};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

use crate::encoder::{RawEncoder, RawPicture};
use crate::error::{InputError, PictureError};

/// How many pictures in a row may be unusable before the input is given up.
pub(crate) const MAX_BAD_IN_A_ROW: u32 = 16;
/// How far a capture time that comes with a picture may be from this machine's clock
/// to be believed.
pub(crate) const MAX_CLOCK_DIFFERENCE: Duration = Duration::from_secs(10);
/// How many events may wait for the supervisor. It never waits for anyone, so this
/// only covers the time until it runs.
pub(crate) const EVENTS: usize = 16;

/// What a run says to the supervisor.
#[derive(Debug)]
pub(crate) enum Event {
    /// A picture to publish.
    Picture(Packet),
    /// A piece of sound that goes beside the pictures.
    Sound(AudioPacket),
    /// How the sound will be coded that goes beside the pictures.
    Audio(Arc<AudioFormat>),
    /// What went wrong on the way and was mended, or left out.
    Faults(Faults),
    /// A picture came that was not encoded, because nobody looks.
    Unseen,
    /// A picture came that cannot be shown, and why.
    Skipped(PictureError),
    /// No pictures for the time being, though the input is still open.
    Away(&'static str),
    /// The input has stopped; what it left behind may still be closing.
    Lost(InputError),
}

/// An event, and which run says it.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) run: u64,
    pub(crate) event: Event,
}

/// Sends one run's events to the supervisor.
#[derive(Clone)]
pub(crate) struct Outlet {
    run: u64,
    reports: mpsc::Sender<Report>,
}

impl Outlet {
    pub(crate) fn new(run: u64, reports: mpsc::Sender<Report>) -> Self {
        Self { run, reports }
    }

    /// Waits for room if there is none.
    pub(crate) async fn send(&self, event: Event) -> Result<(), InputError> {
        let report = Report {
            run: self.run,
            event,
        };
        self.reports
            .send(report)
            .await
            .map_err(|_| InputError::Gone)
    }

    /// As [`send`](Self::send), for threads of their own.
    pub(crate) fn send_blocking(&self, event: Event) -> Result<(), InputError> {
        let report = Report {
            run: self.run,
            event,
        };
        self.reports
            .blocking_send(report)
            .map_err(|_| InputError::Gone)
    }

    /// Drops the event if there is no room.
    pub(crate) fn hint(&self, event: Event) {
        let _ = self.reports.try_send(Report {
            run: self.run,
            event,
        });
    }

    /// Whether nobody listens any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.reports.is_closed()
    }
}

/// Takes the pictures of one run of an input.
#[derive(Clone)]
pub(crate) struct Sink {
    pub(crate) outlet: Outlet,
    pub(crate) clock: SharedClock,
    pub(crate) encoder: RawEncoder,
    bad_in_a_row: u32,
    last_bad: Option<PictureError>,
}

impl Sink {
    pub(crate) fn new(outlet: Outlet, clock: SharedClock, encoder: RawEncoder) -> Self {
        Self {
            outlet,
            clock,
            encoder,
            bad_in_a_row: 0,
            last_bad: None,
        }
    }

    /// The time by the wall clock, for a picture that arrives now.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_nanos(self.clock.wall_nanos())
    }

    /// Takes a picture. `arrived` is when it came, for pictures that do not say
    /// believably when they were captured.
    ///
    /// # Errors
    /// [`InputError::BadPictures`] after too many that cannot be shown,
    /// [`InputError::Gone`] when the stream is being closed.
    pub(crate) async fn picture(
        &mut self,
        picture: Picture,
        arrived: Timestamp,
    ) -> Result<(), InputError> {
        let captured = believable(picture.captured, arrived);
        match picture.kind {
            Kind::Raw { format, resolution } => {
                let data = picture.data;
                self.encoder.push(
                    RawPicture {
                        format,
                        size: resolution,
                        data,
                        captured,
                    },
                    &self.outlet,
                );
                if self.outlet.is_closed() {
                    Err(InputError::Gone)
                } else {
                    Ok(())
                }
            }
            Kind::Jpeg => {
                let checked = check_jpeg(&picture.data);
                let packet = checked.map(|size| jpeg_packet(picture.data, size, captured));
                let event = self.judge(packet)?;
                self.outlet.send(event).await
            }
        }
    }

    /// What to say of a picture, or of why it cannot be shown.
    ///
    /// # Errors
    /// [`InputError::BadPictures`] after too many in a row that cannot be shown.
    pub(crate) fn judge(
        &mut self,
        picture: Result<Packet, PictureError>,
    ) -> Result<Event, InputError> {
        let error = match picture {
            Ok(packet) => {
                self.bad_in_a_row = 0;
                self.last_bad = None;
                return Ok(Event::Picture(packet));
            }
            Err(error) => error,
        };
        self.bad_in_a_row += 1;
        if self.bad_in_a_row >= MAX_BAD_IN_A_ROW {
            return Err(InputError::BadPictures {
                count: self.bad_in_a_row,
                last: error,
            });
        }
        self.last_bad = Some(error.clone());
        Ok(Event::Skipped(error))
    }

    /// Takes a picture of H.264, which came then.
    ///
    /// # Errors
    /// [`InputError::Gone`] when the stream is being closed.
    pub(crate) async fn access_unit(
        &mut self,
        unit: AccessUnit,
        arrived: Timestamp,
    ) -> Result<(), InputError> {
        self.coded(unit, arrived, Duration::ZERO).await
    }

    /// Takes a picture of H.264 that is shown `composition` after it is decoded.
    pub(crate) async fn coded(
        &mut self,
        unit: AccessUnit,
        captured: Timestamp,
        composition: Duration,
    ) -> Result<(), InputError> {
        let packet = Packet {
            composition,
            ..h264_packet(unit, captured)
        };
        let event = self.judge(Ok(packet))?;
        self.outlet.send(event).await
    }

    /// A picture came that cannot be shown.
    ///
    /// # Errors
    /// As [`picture`](Self::picture).
    pub(crate) async fn damaged(&mut self, why: PictureError) -> Result<(), InputError> {
        let event = self.judge(Err(why))?;
        self.outlet.send(event).await
    }

    /// What is wrong with the latest picture, if it could not be shown.
    pub(crate) fn last_bad(&self) -> Option<&PictureError> {
        self.last_bad.as_ref()
    }

    /// Why a run ended that ended properly: for `otherwise`, unless its last pictures
    /// could not be shown.
    pub(crate) fn ended(&self, otherwise: InputError) -> InputError {
        match &self.last_bad {
            Some(last) => InputError::BadPictures {
                count: self.bad_in_a_row,
                last: last.clone(),
            },
            None => otherwise,
        }
    }
}

/// A packet of a JPEG that was checked.
pub(crate) fn jpeg_packet(data: Bytes, resolution: Resolution, captured: Timestamp) -> Packet {
    Packet {
        captured,
        composition: Duration::ZERO,
        codec: Codec::Jpeg,
        resolution,
        key: true,
        slate: false,
        data,
    }
}

/// A packet of H.264.
pub(crate) fn h264_packet(unit: AccessUnit, captured: Timestamp) -> Packet {
    Packet {
        captured,
        composition: Duration::ZERO,
        codec: Codec::H264,
        resolution: unit.resolution,
        key: unit.key,
        slate: false,
        data: unit.data,
    }
}

/// The size of a JPEG that may be shown.
fn check_jpeg(data: &Bytes) -> Result<Resolution, PictureError> {
    let limit = Limits::MAX_PART_BYTES;
    if data.len() > limit {
        return Err(PictureError::TooLarge {
            len: data.len(),
            limit,
        });
    }
    Ok(jpeg::parse_header(data)?.resolution)
}

/// The time the picture claims, if that is near enough to when it came.
fn believable(claimed: Option<Timestamp>, arrived: Timestamp) -> Timestamp {
    let near = |claimed: &Timestamp| {
        claimed.since(arrived).max(arrived.since(*claimed)) <= MAX_CLOCK_DIFFERENCE
    };
    claimed.filter(near).unwrap_or(arrived)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capture_times_far_from_this_machines_clock_are_not_believed() {
        let at = |secs: u64| Timestamp::from_micros(secs * 1_000_000);
        let check = |claimed: Option<u64>, expected: u64| {
            assert_eq!(
                believable(claimed.map(at), at(1000)),
                at(expected),
                "{claimed:?}"
            );
        };
        check(Some(995), 995);
        check(Some(1010), 1010);
        check(Some(990), 990);
        check(Some(989), 1000);
        check(Some(1011), 1000);
        check(Some(0), 1000);
        check(None, 1000);
    }
}
