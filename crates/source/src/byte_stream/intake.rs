//! Pieces of a stream on their way to a sink.

use bytes::Bytes;
use eyeline_hub::Faults;
use eyeline_proto::mp4;
use eyeline_proto::mpegts::{Sound, Unit, Video};

use super::arrivals::Arrivals;
use super::cutting::{Cut, Cutting};
use super::{Content, Pace};
use crate::container;
use crate::error::InputError;
use crate::sink::{Event, Sink};
use crate::tracks::{Times, Tracks};

/// Cuts pieces of a stream into pictures and gives them to a sink.
pub(crate) struct Intake<'a> {
    cutting: Cutting,
    pace: Option<&'a mut Pace>,
    pictures: u64,
    arrivals: Arrivals,
    /// Of what carries times: what they are passed on by, and the pace that they are to have.
    tracks: Tracks,
    own_pace: Option<container::Pace>,
    /// Packets that were missing and are counted.
    missing: u64,
    /// Whether it was said what is not taken.
    said: bool,
}

impl<'a> Intake<'a> {
    pub(crate) fn new(content: Content) -> Self {
        Self {
            cutting: Cutting::new(content),
            pace: None,
            pictures: 0,
            arrivals: Arrivals::default(),
            tracks: Tracks::new(),
            own_pace: None,
            missing: 0,
            said: false,
        }
    }

    /// Of what is read faster than it is to be shown.
    pub(crate) fn paced(content: Content, pace: &'a mut Pace) -> Self {
        Self {
            pace: Some(pace),
            ..Self::new(content)
        }
    }

    /// Lets what carries times pass no faster than they say.
    pub(crate) fn keep_pace(&mut self) {
        self.own_pace = Some(container::Pace::default());
    }

    /// Takes in a piece, and gives on every picture that it completes.
    pub(crate) async fn push(&mut self, piece: Bytes, sink: &mut Sink) -> Result<(), InputError> {
        self.arrivals.note(piece.len(), sink.now());
        self.cutting.push(piece);
        while let Some(cut) = self.cutting.cut()? {
            self.give(cut, sink).await?;
        }
        self.tell(sink);
        Ok(())
    }

    /// Whether it says something that whoever writes the stream pauses.
    pub(crate) fn heeds_pause(&self) -> bool {
        self.cutting.heeds_pause()
    }

    /// Gives on what is whole because the writer pauses.
    pub(crate) async fn pause(&mut self, sink: &mut Sink) -> Result<(), InputError> {
        match self.cutting.pause()? {
            Some(cut) => self.give(cut, sink).await,
            None => Ok(()),
        }
    }

    /// Gives on what is left at the end of the stream.
    pub(crate) async fn finish(&mut self, sink: &mut Sink) -> Result<(), InputError> {
        while let Some(cut) = self.cutting.finish()? {
            self.give(cut, sink).await?;
        }
        Ok(())
    }

    /// Pictures found so far, good or bad.
    pub(crate) fn pictures(&self) -> u64 {
        self.pictures
    }

    async fn give(&mut self, cut: Cut, sink: &mut Sink) -> Result<(), InputError> {
        match cut {
            Cut::Timed(unit) => self.give_timed(unit, sink).await,
            Cut::Mp4(item) => self.give_mp4(item, sink).await,
            Cut::Picture(picture) => {
                let now = self.due(sink).await;
                sink.picture(picture, now).await
            }
            Cut::H264(unit, began) => {
                let came = self.arrivals.of(began).filter(|_| self.pace.is_none());
                let now = self.due(sink).await;
                sink.access_unit(unit, came.unwrap_or(now)).await
            }
            Cut::Damaged(why) => {
                self.pictures += 1;
                sink.damaged(why).await
            }
        }
    }

    /// Waits until a picture without a time is due; when that is.
    async fn due(&mut self, sink: &Sink) -> eyeline_media::Timestamp {
        self.pictures += 1;
        if let Some(pace) = &mut self.pace {
            pace.tick().await;
        }
        sink.now()
    }

    async fn give_timed(&mut self, unit: Unit, sink: &mut Sink) -> Result<(), InputError> {
        match unit {
            Unit::Video(Video {
                unit,
                present,
                decode,
            }) => {
                self.pictures += 1;
                if let Some(pace) = &mut self.pace {
                    pace.until(decode).await;
                }
                if let Some(pace) = &mut self.own_pace {
                    pace.due(decode, 0).await;
                }
                let at = Times { present, decode };
                self.tracks.video(unit, at, sink).await
            }
            Unit::Sound(Sound {
                format,
                at,
                samples,
                data,
            }) => {
                let sound = (samples, data);
                self.tracks.audio(&format, at, sound, sink).await
            }
        }
    }

    async fn give_mp4(&mut self, item: mp4::Item, sink: &mut Sink) -> Result<(), InputError> {
        self.pictures += u64::from(item.is_picture());
        if let Some(format) = self.cutting.sound() {
            self.tracks.announce(format, sink).await?;
        }
        if let (Some(pace), Some(at)) = (&mut self.own_pace, item.decode()) {
            pace.due(at, 0).await;
        }
        container::give(item, &mut self.tracks, sink).await
    }

    /// Says what was missing and what is not taken.
    fn tell(&mut self, sink: &Sink) {
        let Some(demux) = self.cutting.as_transport() else {
            return;
        };
        let missing = demux.missing_packets();
        if missing > self.missing {
            let packets_lost = missing - std::mem::replace(&mut self.missing, missing);
            sink.outlet.hint(Event::Faults(Faults {
                packets_lost,
                ..Faults::default()
            }));
        }
        if demux.is_known() && !std::mem::replace(&mut self.said, true) {
            for name in demux.left_out() {
                tracing::info!("{name} is left out of the MPEG-TS: it cannot be passed on");
            }
        }
    }

    /// Whether it is a transport stream whose tables say that it has something to show.
    pub(crate) fn is_known_transport(&self) -> bool {
        let transport = self.cutting.as_transport();
        transport.is_some_and(eyeline_proto::mpegts::Demux::is_known)
    }
}
