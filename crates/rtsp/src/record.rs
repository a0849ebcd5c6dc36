//! Publishing: a client's packets become pictures and sound of a stream.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use eyeline_auth::Access;
use eyeline_hub::Faults;
use eyeline_media::{AudioFormat, StreamId};
use eyeline_proto::rtp::rtcp::{self, Report};
use eyeline_proto::rtp::{DecodeTimes, Media, Receiver, Sync};
use eyeline_proto::rtsp::{Carrier, SetUp, Target};
use eyeline_proto::sdp::{Coded, Description, Track};
use eyeline_source::{Content, IngestError, Producer, Times};

use crate::app::App;
use crate::datagrams::Datagrams;
use crate::limits::REPORT_EVERY;
use crate::refusal::Refusal;

/// Somebody who publishes a stream.
pub(crate) struct Recording {
    pub(crate) producer: Producer,
    pub(crate) stream: StreamId,
    tracks: Vec<Incoming>,
    /// Where tracks are in `sync`, the pictures first.
    sync: Sync,
    times: DecodeTimes,
    /// Which track a channel of the connection belongs to, and whether its reports.
    channels: HashMap<u8, (usize, bool)>,
    report_at: Duration,
    lost: u64,
}

/// One of the tracks that were announced.
struct Incoming {
    control: String,
    /// `None` of what is not taken: it is set up and passed over.
    track: Option<Track>,
    /// Its place in `sync`.
    place: usize,
    receiver: Option<Receiver>,
    /// Where to say what was lost.
    reports: Option<SocketAddr>,
}

impl Recording {
    /// Takes the place of the one who publishes.
    pub(crate) async fn announced(
        app: &App,
        access: &Access,
        target: &Target,
        description: &Description,
    ) -> Result<Self, Refusal> {
        let id: StreamId = target.path.parse()?;
        let (tracks, rates) = tracks(description)?;
        let grant = access.publish(&id);
        let mut producer = app.streams.publish(&grant, Content::media(), None).await?;
        for format in tracks.iter().filter_map(Incoming::sound) {
            producer.announce(format).await?;
        }
        Ok(Self {
            producer,
            stream: id,
            tracks,
            sync: Sync::new(rates),
            times: DecodeTimes::default(),
            channels: HashMap::new(),
            report_at: Duration::ZERO,
            lost: 0,
        })
    }

    /// Which track a URL means: its control is the last of it. The whole stream means the only one.
    pub(crate) fn track(&self, url: &str) -> Option<usize> {
        let url = url.trim_end_matches('/');
        let fits = |track: &Incoming| {
            let control = track.control.as_str();
            !control.is_empty() && (url == control || url.ends_with(&format!("/{control}")))
        };
        let only = || (self.tracks.len() == 1).then_some(0);
        self.tracks.iter().position(fits).or_else(only)
    }

    /// A track comes so from now on.
    pub(crate) fn set_up(&mut self, set_up: SetUp, peer: SocketAddr) {
        let Some(incoming) = self.tracks.get_mut(set_up.track) else {
            return;
        };
        let ordered = matches!(set_up.carrier, Carrier::Interleaved { .. });
        incoming.receiver = incoming
            .track
            .as_ref()
            .map(|track| Receiver::new(track.payload_type, track.depacketizer(), ordered));
        self.channels.retain(|_, (track, _)| *track != set_up.track);
        match set_up.carrier {
            Carrier::Interleaved { channels } => {
                let (rtp, rtcp) = channels.unwrap_or_default();
                self.channels.insert(rtp, (set_up.track, false));
                self.channels.insert(rtcp, (set_up.track, true));
            }
            Carrier::Datagrams { client_ports } => {
                incoming.reports = Some(SocketAddr::new(peer.ip(), client_ports.1));
            }
        }
    }

    /// Takes what came over the connection.
    pub(crate) async fn interleaved(
        &mut self,
        now: Duration,
        channel: u8,
        data: Bytes,
    ) -> Result<(), IngestError> {
        match self.channels.get(&channel) {
            Some(&(track, is_report)) => self.take(now, track, is_report, data).await,
            None => Ok(()),
        }
    }

    /// Takes a packet or a report of a track.
    pub(crate) async fn take(
        &mut self,
        now: Duration,
        track: usize,
        is_report: bool,
        data: Bytes,
    ) -> Result<(), IngestError> {
        let Some(incoming) = self.tracks.get_mut(track) else {
            return Ok(());
        };
        let (place, Some(receiver)) = (incoming.place, &mut incoming.receiver) else {
            return Ok(());
        };
        if is_report {
            for report in rtcp::reports(&data) {
                if let Report::Sender(report) = report {
                    self.sync.report(place, receiver.latest(), &report);
                }
            }
            return Ok(());
        }
        receiver.push(now, data);
        self.give(now, track).await
    }

    /// Publishes what is whole by now.
    async fn give(&mut self, now: Duration, track: usize) -> Result<(), IngestError> {
        let Some(incoming) = self.tracks.get_mut(track) else {
            return Ok(());
        };
        let sound = incoming.sound().cloned();
        let (place, Some(receiver)) = (incoming.place, &mut incoming.receiver) else {
            return Ok(());
        };
        loop {
            let output = receiver.poll(now);
            let Some(output) = output.map_err(|e| IngestError::Malformed(e.to_string()))? else {
                break;
            };
            let present = self.sync.time(place, output.ticks, now);
            match (output.media, &sound) {
                (Media::Picture(unit), _) => {
                    let decode = self.times.of(&unit, present);
                    self.producer.video(unit, Times { present, decode }).await?;
                }
                (Media::Sound { samples, data }, Some(format)) => {
                    self.producer
                        .audio(format, present, (samples, data))
                        .await?;
                }
                (Media::Sound { .. }, None) => {}
            }
        }
        self.count_lost();
        Ok(())
    }

    fn count_lost(&mut self) {
        let receivers = self
            .tracks
            .iter()
            .filter_map(|track| track.receiver.as_ref());
        let lost: u64 = receivers.map(|receiver| receiver.counts().lost).sum();
        let new = lost.saturating_sub(self.lost);
        if new > 0 {
            self.lost = lost;
            self.producer.fault(Faults {
                packets_lost: new,
                times_repaired: 0,
            });
        }
    }

    /// When there is something to do though nothing came.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        let tracks = self.tracks.iter();
        let waiting = tracks.filter_map(|track| track.receiver.as_ref()?.deadline());
        let reports = self.tracks.iter().any(|track| track.reports.is_some());
        waiting.chain(reports.then_some(self.report_at)).min()
    }

    /// Does what is due: gives up packets that do not come, and says what was lost.
    pub(crate) async fn tick(
        &mut self,
        now: Duration,
        ports: Option<&Datagrams>,
    ) -> Result<(), IngestError> {
        for track in 0..self.tracks.len() {
            self.give(now, track).await?;
        }
        if now >= self.report_at {
            self.report_at = now + REPORT_EVERY;
            for track in &mut self.tracks {
                let report = track.receiver.as_mut().and_then(Receiver::report);
                if let (Some(ports), Some(to), Some(report)) = (ports, track.reports, report) {
                    ports.report(to, &report.to_bytes(report.ssrc.wrapping_add(1)));
                }
            }
        }
        Ok(())
    }
}

impl Incoming {
    fn sound(&self) -> Option<&Arc<AudioFormat>> {
        match &self.track.as_ref()?.coded {
            Coded::Sound(format) => Some(format),
            Coded::H264(_) => None,
        }
    }
}

/// What is taken of what was announced, and the clocks' rates, the pictures' first.
fn tracks(description: &Description) -> Result<(Vec<Incoming>, Vec<NonZeroU32>), Refusal> {
    let mut rates: Vec<NonZeroU32> = Vec::new();
    let mut refused = None;
    let (mut has_video, mut has_sound) = (false, false);
    let mut tracks = Vec::new();
    for (at, media) in description.media.iter().enumerate() {
        let mut track = Track::of(media)
            .inspect_err(|error| {
                tracing::debug!(%error, "a track is passed over");
                if media.kind == "video" || refused.is_none() {
                    refused = Some(error.to_string());
                }
            })
            .ok();
        let taken = match track.as_ref().map(|track| &track.coded) {
            Some(Coded::H264(_)) => &mut has_video,
            _ => &mut has_sound,
        };
        // One of each; others are passed over.
        if track.is_some() && std::mem::replace(taken, true) {
            track = None;
        }
        let mut place = 0;
        if let Some(track) = &track {
            match track.coded {
                Coded::H264(_) => rates.insert(0, track.hz),
                Coded::Sound(_) => {
                    rates.push(track.hz);
                    place = 1;
                }
            }
        }
        tracks.push(Incoming {
            control: media
                .control
                .clone()
                .unwrap_or_else(|| format!("trackID={at}")),
            track,
            place,
            receiver: None,
            reports: None,
        });
    }
    if has_video {
        return Ok((tracks, rates));
    }
    let why = refused.unwrap_or_else(|| "no video is announced; send H.264".to_owned());
    Err(Refusal::Announced(why))
}
