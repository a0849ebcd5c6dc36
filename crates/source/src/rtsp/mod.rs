//! Playing the H.264 and the sound of an RTSP server (RFC 2326, RTP payloads of RFC 6184, 3640 and
//! 3551): which of its media, over what, and what comes of it. The protocol itself is the library's.
//!
//! Not here: how a source is written, opening it again.

mod pictures;
mod sound;
mod target;
mod trouble;

use std::convert::Infallible;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use retina::client::{
    Demuxed, Described, InitialTimestampPolicy, PlayOptions, SessionGroup, SessionOptions,
    SetupOptions, TeardownPolicy, Transport,
};
use retina::codec::{CodecItem, FrameFormat, ParametersRef, VideoParameters};
use tokio::time::timeout;

use crate::error::InputError;
use crate::reach::Reach;
use crate::session::Session;
use crate::sink::Sink;
use pictures::Pictures;
use sound::Sound;
pub(crate) use target::Camera;
use trouble::Asked;

/// How long a camera may take to begin: connection, description, setup.
const OPEN_TIMEOUT: Duration = Duration::from_secs(6);
/// How long its first packet may take after that. Together less than what a source has.
const FIRST_TIMEOUT: Duration = Duration::from_secs(6);
/// How long a camera may take to hear that nobody listens any more.
const TEARDOWN_TIMEOUT: Duration = Duration::from_secs(1);

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
        let (mut playing, chosen) = self.open_in_time(session.reach, group).await?;
        self.watch(&mut playing, chosen, &mut session.sink).await
    }

    async fn open_in_time(
        &self,
        reach: Reach,
        group: Arc<SessionGroup>,
    ) -> Result<(Demuxed, Chosen), InputError> {
        let opened = timeout(OPEN_TIMEOUT, self.open(reach, group)).await;
        opened.map_err(|_| InputError::connect_timeout(self.authority(), OPEN_TIMEOUT))?
    }

    /// A session that plays, and which of its media.
    async fn open(
        &self,
        reach: Reach,
        group: Arc<SessionGroup>,
    ) -> Result<(Demuxed, Chosen), InputError> {
        if self.carrier == Carrier::Udp && reach != Reach::Everywhere {
            return Err(self.udp_leads_anywhere());
        }
        let mut described = self.describe(reach, &group).await?;
        let video = trouble::video(&self.shown(), described.streams())?;
        let mut sound = sound::choose(described.streams());
        let setup = described.setup(video, self.options()).await;
        setup.map_err(|error| self.failed(Asked::Setup, &error))?;
        if let Some(chosen) = &sound
            && let Err(error) = described.setup(chosen.media, self.options()).await
        {
            tracing::info!(camera = self.authority(), %error, "its sound cannot be had");
            sound = None;
        }
        // Cameras are apt not to say where their tracks begin; what they report later says it too.
        let options = PlayOptions::default();
        let options = options.initial_timestamp(InitialTimestampPolicy::Permissive);
        let playing = described.play(options).await;
        let playing = playing.and_then(retina::client::Session::demuxed);
        let playing = playing.map_err(|error| self.failed(Asked::Play, &error))?;
        Ok((playing, Chosen { video, sound }))
    }

    fn options(&self) -> SetupOptions {
        SetupOptions::default()
            .transport(match self.carrier {
                Carrier::Tcp => Transport::Tcp(retina::client::TcpTransportOptions::default()),
                Carrier::Udp => Transport::Udp(retina::client::UdpTransportOptions::default()),
            })
            .frame_format(FrameFormat::MP4)
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
        chosen: Chosen,
        sink: &mut Sink,
    ) -> Result<Infallible, InputError> {
        let video = chosen.video;
        let mut pictures = Pictures::new(chosen);
        if let Some(known) = parameters(playing, video) {
            pictures.set(known)?;
        }
        let first = timeout(FIRST_TIMEOUT, playing.next()).await;
        let mut next = first.map_err(|_| self.silent())?;
        while let Some(item) = next {
            match item.map_err(|error| self.failed(Asked::Play, &error))? {
                CodecItem::VideoFrame(frame) => {
                    if frame.has_new_parameters()
                        && let Some(new) = parameters(playing, video)
                    {
                        pictures.set(new)?;
                    }
                    pictures.give(&frame, sink).await?;
                }
                CodecItem::AudioFrame(frame) => pictures.hear(&frame, playing, sink).await?,
                CodecItem::Rtcp(reports) => pictures.report(&reports),
                _ => {}
            }
            next = playing.next().await;
        }
        Err(sink.ended(InputError::Closed(self.authority().to_owned())))
    }
}

/// Which of the media are played.
#[derive(Clone, Copy, Debug)]
struct Chosen {
    video: usize,
    sound: Option<Sound>,
}

fn parameters(playing: &Demuxed, media: usize) -> Option<&VideoParameters> {
    match playing.streams().get(media)?.parameters()? {
        ParametersRef::Video(video) => Some(video),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
