//! Makes packets of what a camera sends: pictures that are whole, with the sound beside them.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use eyeline_hub::Faults;
use eyeline_media::AudioFormat;
use eyeline_proto::h264::{Assembler, Limits};
use eyeline_proto::rtp::rtcp::{self, Report};
use eyeline_proto::rtp::{DecodeTimes, Sync};
use retina::client::Demuxed;
use retina::codec::{AudioFrame, VideoFrame, VideoParameters, VideoParametersCodec};
use retina::rtcp::ReceivedCompoundPacket;

use super::Chosen;
use crate::error::InputError;
use crate::sink::{Event, Sink};
use crate::tracks::{Times, Tracks};

/// How long the length before a NAL unit is.
const LENGTH: usize = 4;
/// Where the tracks are among the clocks.
const VIDEO: usize = 0;
const SOUND: usize = 1;
/// Ticks of the pictures' clock in a second.
const VIDEO_HZ: NonZeroU32 = NonZeroU32::new(90_000).unwrap();

pub(super) struct Pictures {
    chosen: Chosen,
    assembler: Assembler,
    tracks: Tracks,
    times: DecodeTimes,
    sync: Sync,
    /// The ticks of the latest packet of each track.
    latest: [i64; 2],
    format: Option<Arc<AudioFormat>>,
    /// Packets were lost: what comes builds on something that did not, until the next key picture.
    broken: bool,
}

impl Pictures {
    pub(super) fn new(chosen: Chosen) -> Self {
        let sound = chosen.sound.map(|sound| sound.hz);
        Self {
            chosen,
            assembler: Assembler::new(Limits::default()),
            tracks: Tracks::new(),
            times: DecodeTimes::default(),
            sync: Sync::new([VIDEO_HZ].into_iter().chain(sound)),
            latest: [0; 2],
            format: None,
            broken: false,
        }
    }

    /// Takes the parameter sets that came beside the pictures.
    pub(super) fn set(&mut self, parameters: &VideoParameters) -> Result<(), InputError> {
        if let VideoParametersCodec::H264 { sps, pps } = parameters.codec_params() {
            self.assembler.push(sps)?;
            self.assembler.push(pps)?;
        }
        Ok(())
    }

    /// Takes a picture.
    pub(super) async fn give(
        &mut self,
        frame: &VideoFrame,
        sink: &mut Sink,
    ) -> Result<(), InputError> {
        self.latest[VIDEO] = frame.timestamp().timestamp();
        let present = self.sync.time(VIDEO, self.latest[VIDEO], now(sink));
        self.count_lost(frame.loss(), sink).await?;
        self.broken |= frame.loss() > 0;
        for nal in nal_units(frame.data()) {
            self.assembler.push(nal)?;
        }
        let Some(unit) = self.assembler.finish() else {
            return Ok(());
        };
        self.broken &= !unit.key;
        if self.broken {
            return Ok(());
        }
        let decode = self.times.of(&unit, present);
        self.tracks
            .video(unit, Times { present, decode }, sink)
            .await
    }

    /// Takes sound.
    pub(super) async fn hear(
        &mut self,
        frame: &AudioFrame,
        playing: &Demuxed,
        sink: &Sink,
    ) -> Result<(), InputError> {
        let sound = self
            .chosen
            .sound
            .filter(|sound| sound.media == frame.stream_id());
        let Some(sound) = sound else { return Ok(()) };
        self.count_lost(frame.loss(), sink).await?;
        if self.format.is_none() {
            self.format = sound.format(playing).map(Arc::new);
        }
        let Some(format) = self.format.clone() else {
            return Ok(());
        };
        self.latest[SOUND] = frame.timestamp().timestamp();
        let at = self.sync.time(SOUND, self.latest[SOUND], now(sink));
        let samples = frame.frame_length().get();
        let data = Bytes::copy_from_slice(frame.data());
        self.tracks.audio(&format, at, (samples, data), sink).await
    }

    /// Takes in what the camera says of its clocks.
    pub(super) fn report(&mut self, reports: &ReceivedCompoundPacket) {
        let stream = reports.stream_id();
        let sound = self.chosen.sound.map(|sound| sound.media);
        let track = if stream == self.chosen.video {
            VIDEO
        } else if Some(stream) == sound {
            SOUND
        } else {
            return;
        };
        for report in rtcp::reports(reports.raw()) {
            if let Report::Sender(report) = report {
                self.sync.report(track, self.latest[track], &report);
            }
        }
    }

    async fn count_lost(&self, packets: u16, sink: &Sink) -> Result<(), InputError> {
        if packets == 0 {
            return Ok(());
        }
        let faults = Faults {
            packets_lost: packets.into(),
            times_repaired: 0,
        };
        sink.outlet.send(Event::Faults(faults)).await
    }
}

fn now(sink: &Sink) -> Duration {
    sink.clock.now()
}

/// The NAL units of a picture, each behind its length; what is cut short is left out.
pub(super) fn nal_units(mut data: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, rest) = data.split_first_chunk::<LENGTH>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (nal, rest) = rest.split_at_checked(length)?;
        data = rest;
        Some(nal)
    })
}
