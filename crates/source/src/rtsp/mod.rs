//! Playing the H.264 of an RTSP server (RFC 2326, RTP payload of RFC 6184): which of its media,
//! over what, and what comes of it. The protocol itself is the library's.
//!
//! Not here: how a source is written, opening it again.

mod target;
mod trouble;

use std::convert::Infallible;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use eyeline_media::MediaTime;
use eyeline_proto::h264::{Assembler, Limits};
use futures_util::StreamExt as _;
use retina::client::{
    Demuxed, Described, PlayOptions, SessionGroup, SessionOptions, SetupOptions, TeardownPolicy,
    Transport,
};
use retina::codec::{
    CodecItem, FrameFormat, ParametersRef, VideoFrame, VideoParameters, VideoParametersCodec,
};
use tokio::time::timeout;

use crate::error::InputError;
use crate::reach::Reach;
use crate::session::Session;
use crate::sink::Sink;
use crate::tracks::{Times, Tracks};
pub(crate) use target::Camera;
use trouble::Asked;

/// How long a camera may take to begin: connection, description, setup.
const OPEN_TIMEOUT: Duration = Duration::from_secs(6);
/// How long its first packet may take after that. Together less than what a source has.
const FIRST_TIMEOUT: Duration = Duration::from_secs(6);
/// How long a camera may take to hear that nobody listens any more.
const TEARDOWN_TIMEOUT: Duration = Duration::from_secs(1);
/// How long the length before a NAL unit is.
const LENGTH: usize = 4;

/// What carries the packets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Carrier {
    /// The connection of RTSP itself, interleaved (RFC 2326, section 10.12).
    #[default]
    Tcp,
    /// Datagrams.
    Udp,
}

impl FromStr for Carrier {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "tcp" => Ok(Self::Tcp),
            "udp" => Ok(Self::Udp),
            _ => Err("use tcp or udp"),
        }
    }
}

impl Camera {
    /// Gives the camera's pictures to the session's sink.
    pub(crate) async fn play(&self, session: &mut Session) -> Result<Infallible, InputError> {
        let group = Arc::new(SessionGroup::default());
        let told = Arc::clone(&group);
        session.farewell = Some(Box::pin(async move {
            let _ = timeout(TEARDOWN_TIMEOUT, told.await_teardown()).await;
        }));
        let (mut playing, media) = self.open_in_time(session.reach, group).await?;
        self.watch(&mut playing, media, &mut session.sink).await
    }

    async fn open_in_time(
        &self,
        reach: Reach,
        group: Arc<SessionGroup>,
    ) -> Result<(Demuxed, usize), InputError> {
        let opened = timeout(OPEN_TIMEOUT, self.open(reach, group)).await;
        opened.map_err(|_| InputError::connect_timeout(self.authority(), OPEN_TIMEOUT))?
    }

    /// A session that plays, and which of its media is the video.
    async fn open(
        &self,
        reach: Reach,
        group: Arc<SessionGroup>,
    ) -> Result<(Demuxed, usize), InputError> {
        if self.carrier == Carrier::Udp && reach != Reach::Everywhere {
            return Err(self.udp_leads_anywhere());
        }
        let mut described = self.describe(reach, &group).await?;
        let media = trouble::video(&self.shown(), described.streams())?;
        let options = SetupOptions::default()
            .transport(match self.carrier {
                Carrier::Tcp => Transport::Tcp(retina::client::TcpTransportOptions::default()),
                Carrier::Udp => Transport::Udp(retina::client::UdpTransportOptions::default()),
            })
            .frame_format(FrameFormat::MP4);
        let setup = described.setup(media, options).await;
        setup.map_err(|error| self.failed(Asked::Setup, &error))?;
        let playing = described.play(PlayOptions::default()).await;
        let playing = playing.and_then(retina::client::Session::demuxed);
        let playing = playing.map_err(|error| self.failed(Asked::Play, &error))?;
        Ok((playing, media))
    }

    /// Asks what there is at the first of the addresses that answers.
    async fn describe(
        &self,
        reach: Reach,
        group: &Arc<SessionGroup>,
    ) -> Result<retina::client::Session<Described>, InputError> {
        let mut failed = None;
        for url in self.urls_within(reach).await? {
            let options = SessionOptions::default()
                .creds(self.credentials.clone())
                .user_agent("eyeline".to_owned())
                .session_group(Arc::clone(group))
                .teardown(self.teardown(reach));
            match retina::client::Session::describe(url, options).await {
                Ok(described) => return Ok(described),
                Err(error) => failed = Some(self.failed(Asked::Describe, &error)),
            }
        }
        Err(failed.unwrap_or_else(|| self.unknown_name()))
    }

    /// How to end a session. Sources that may not reach everything only close the connection,
    /// which ends what is carried by it: what a server says could lead a request elsewhere.
    fn teardown(&self, reach: Reach) -> TeardownPolicy {
        match reach {
            Reach::Everywhere => TeardownPolicy::Auto,
            _ => TeardownPolicy::Never,
        }
    }

    async fn watch(
        &self,
        playing: &mut Demuxed,
        media: usize,
        sink: &mut Sink,
    ) -> Result<Infallible, InputError> {
        let mut pictures = Pictures::new();
        if let Some(known) = parameters(playing, media) {
            pictures.set(known)?;
        }
        let first = timeout(FIRST_TIMEOUT, next_frame(playing)).await;
        let mut next = first.map_err(|_| self.silent())?;
        while let Some(frame) = next {
            let frame = frame.map_err(|error| self.failed(Asked::Play, &error))?;
            if frame.has_new_parameters()
                && let Some(new) = parameters(playing, media)
            {
                pictures.set(new)?;
            }
            pictures.give(&frame, sink).await?;
            next = next_frame(playing).await;
        }
        Err(sink.ended(InputError::Closed(self.authority().to_owned())))
    }
}

/// The next picture; reports of the sender in between are not looked at.
async fn next_frame(playing: &mut Demuxed) -> Option<Result<VideoFrame, retina::Error>> {
    loop {
        match playing.next().await? {
            Ok(CodecItem::VideoFrame(frame)) => return Some(Ok(frame)),
            Ok(_) => {}
            Err(error) => return Some(Err(error)),
        }
    }
}

fn parameters(playing: &Demuxed, media: usize) -> Option<&VideoParameters> {
    match playing.streams().get(media)?.parameters()? {
        ParametersRef::Video(video) => Some(video),
        _ => None,
    }
}

/// Makes access units of what comes.
struct Pictures {
    assembler: Assembler,
    tracks: Tracks,
}

impl Pictures {
    fn new() -> Self {
        Self {
            assembler: Assembler::new(Limits::default()),
            tracks: Tracks::new(),
        }
    }

    /// Takes the parameter sets that came beside the pictures.
    fn set(&mut self, parameters: &VideoParameters) -> Result<(), InputError> {
        if let VideoParametersCodec::H264 { sps, pps } = parameters.codec_params() {
            self.assembler.push(sps)?;
            self.assembler.push(pps)?;
        }
        Ok(())
    }

    async fn give(&mut self, frame: &VideoFrame, sink: &mut Sink) -> Result<(), InputError> {
        let at = frame.timestamp();
        let at = MediaTime::of_ticks(at.elapsed(), at.clock_rate());
        if frame.loss() > 0 {
            tracing::debug!(packets = frame.loss(), "lost on the way");
        }
        for nal in nal_units(frame.data()) {
            self.assembler.push(nal)?;
        }
        match self.assembler.finish() {
            Some(unit) => self.tracks.video(unit, Times::at(at), sink).await,
            None => Ok(()),
        }
    }
}

/// The NAL units of a picture, each behind its length; what is cut short is left out.
fn nal_units(mut data: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, rest) = data.split_first_chunk::<LENGTH>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (nal, rest) = rest.split_at_checked(length)?;
        data = rest;
        Some(nal)
    })
}

#[cfg(test)]
mod tests;
