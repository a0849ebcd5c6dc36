//! What a client asks for, done and answered.

use std::net::SocketAddr;
use std::sync::Arc;

use eyeline_auth::{Access, Denied};
use eyeline_hub::ViewerInfo;
use eyeline_media::Timestamp;
use eyeline_output::{View, Viewing};
use eyeline_proto::rtsp::{Carrier, Request, Response, SetUp, Step, Target, Transport};
use eyeline_proto::sdp::{Description, sound_rate};
use tokio::time::timeout;

use super::Connection;
use crate::access::admit;
use crate::adapt::{Adapter, TRACKS, first_packet};
use crate::containers::{VIDEO_HZ, ticks};
use crate::describe::Described;
use crate::limits::{AGENT_CHARS, FIRST_PACKET};
use crate::play::{Interleaved, Playing, Sending};
use crate::record::Recording;
use crate::refusal::Refusal;

impl<S> Connection<S> {
    pub(super) async fn act(&mut self, step: Step, request: &Request) -> Response {
        let done = match self.admit(request) {
            Ok((access, target)) => self.step(step, request, &access, &target).await,
            Err(refusal) => Err(refusal),
        };
        done.unwrap_or_else(|refusal| {
            tracing::debug!(peer = %self.peer, url = request.uri.split('?').next(), %refusal, "refused");
            refusal.response(&self.nonce)
        })
    }

    fn admit(&mut self, request: &Request) -> Result<(Access, Target), Refusal> {
        let target = Target::parse(&request.uri).ok_or(Refusal::Url)?;
        if let Some(access) = &self.access {
            return Ok((access.clone(), target));
        }
        let (policy, peer) = (&self.app.policy, self.peer.ip());
        match admit(policy, peer, request, &target, &self.nonce) {
            Ok(access) => {
                self.access = Some(access.clone());
                self.agent = request
                    .field("User-Agent")
                    .map(|agent| agent.chars().take(AGENT_CHARS).collect());
                Ok((access, target))
            }
            Err(denied) => {
                self.denied += u32::from(denied == Denied::WrongToken);
                Err(denied.into())
            }
        }
    }

    async fn step(
        &mut self,
        step: Step,
        request: &Request,
        access: &Access,
        target: &Target,
    ) -> Result<Response, Refusal> {
        match step {
            Step::Describe => {
                let described = Described::of(&self.app, access, target).await?;
                let body = described.text(&request.uri);
                self.described = Some(described);
                let mut response = Response::ok();
                if target.query.is_empty() {
                    // With a query in between, tracks are told by their whole URLs.
                    let base = format!("{}/", request.uri.trim_end_matches('/'));
                    response = response.with("Content-Base", base);
                }
                Ok(response.with_body("application/sdp", body))
            }
            Step::Announce(description) => self.announced(access, target, &description).await,
            Step::SetUp(transport) => self.set_up(transport, request, access, target).await,
            Step::Play => self.play(request).await,
            Step::Pause => {
                self.line.playing = None;
                self.sending = None;
                Ok(self.session.pause())
            }
            Step::Record => {
                tracing::info!(peer = %self.peer, stream = self.recording.as_ref().map(|r| r.stream.as_str()), "published over RTSP");
                Ok(self.session.begin())
            }
            Step::Answer(response) | Step::Teardown(response) => Ok(response),
        }
    }

    async fn announced(
        &mut self,
        access: &Access,
        target: &Target,
        description: &Description,
    ) -> Result<Response, Refusal> {
        // Whoever announces again does not stand in its own way.
        self.recording = None;
        let recording = Recording::announced(&self.app, access, target, description).await?;
        self.recording = Some(recording);
        Ok(self.session.announce())
    }

    async fn set_up(
        &mut self,
        transport: Transport,
        request: &Request,
        access: &Access,
        target: &Target,
    ) -> Result<Response, Refusal> {
        let track = match &self.recording {
            Some(recording) => recording.track(&request.uri).ok_or(Refusal::NoTrack)?,
            None => {
                if self
                    .described
                    .as_ref()
                    .is_none_or(|known| !known.is_of(target))
                {
                    self.described = Some(Described::of(&self.app, access, target).await?);
                }
                let tracks = self.described.as_ref().map_or(0, Described::tracks);
                let track = target.track.unwrap_or(0);
                Some(track)
                    .filter(|n| *n < tracks)
                    .ok_or(Refusal::NoTrack)?
            }
        };
        let mut server_ports = None;
        if let Carrier::Datagrams { client_ports } = transport.carrier {
            let ports = self.app.datagrams.as_ref().ok_or(Refusal::NoDatagrams)?;
            let mailbox = self.mailbox.get_or_insert_with(|| ports.mailbox());
            mailbox.take(self.peer.ip(), client_ports, track);
            server_ports = Some(ports.ports());
        }
        let response = self.session.set_up(track, transport, server_ports);
        let set_up = self.session.tracks().iter().find(|one| one.track == track);
        if let (Some(recording), Some(set_up)) = (&mut self.recording, set_up) {
            recording.set_up(*set_up, self.peer);
        }
        Ok(response)
    }

    async fn play(&mut self, request: &Request) -> Result<Response, Refusal> {
        if self.session.is_running() {
            // It plays already, and there is nothing to seek in.
            return Ok(self.session.begin().with("Range", "npt=now-"));
        }
        let described = self.described.as_ref().ok_or(Refusal::NoTrack)?;
        let mut channels = [None; TRACKS];
        let mut addresses = [None; TRACKS];
        for SetUp { track, carrier } in self.session.tracks().iter().copied() {
            match carrier {
                Carrier::Interleaved { channels: two } => channels[track] = two,
                Carrier::Datagrams {
                    client_ports: (rtp, rtcp),
                } => {
                    let at = |port| SocketAddr::new(self.peer.ip(), port);
                    addresses[track] = Some((at(rtp), at(rtcp)));
                    // As they are: they are told apart when they are sent.
                    channels[track] = Some((track as u8 * 2, track as u8 * 2 + 1));
                }
            }
        }
        let view = View::open(Viewing {
            stream: Arc::clone(&described.stream),
            container: described.container,
            wish: described.wish,
            viewer: ViewerInfo {
                remote: self.peer.ip(),
                transport: "rtsp",
                agent: self.agent.clone(),
            },
            link: Arc::clone(&self.link),
            sent: self.app.traffic.sent(described.stream.id()),
            clock: Arc::clone(self.app.hub.clock()),
        })?;
        let mut playing = Playing::new(view, Adapter::new(channels), described.sound.clone());
        let first = timeout(FIRST_PACKET, playing.first()).await.ok().flatten();
        let info = first.and_then(|chunk| self.info(&chunk, described, &request.uri));
        if let Some(described) = &mut self.described {
            described.warm = None;
        }
        match &self.app.datagrams {
            Some(ports) if self.session.has_datagrams() => {
                self.sending = Some(Sending::start(playing, ports.clone(), addresses));
            }
            _ => self.line.playing = Some(Box::new(Interleaved(playing))),
        }
        let mut response = self.session.begin().with("Range", "npt=now-");
        if let Some(info) = info {
            response = response.with("RTP-Info", info);
        }
        Ok(response)
    }

    /// Where each track begins (RFC 2326, 12.33). Of sound only the time is known.
    fn info(&self, chunk: &[u8], described: &Described, url: &str) -> Option<String> {
        let (number, timestamp) = first_packet(chunk)?;
        let base = url.split('?').next().unwrap_or(url).trim_end_matches('/');
        let query = url
            .split_once('?')
            .map(|(_, query)| format!("?{query}"))
            .unwrap_or_default();
        let tracks = self.session.tracks().iter().map(|set_up| {
            let url = format!("url={base}/trackID={}{query}", set_up.track);
            match (set_up.track, &described.sound) {
                (1, Some(format)) => {
                    // Both count from the same moment; where the wall clock is in it, the
                    // pictures' clock says to within half its range.
                    let now = self.app.hub.clock().wall_nanos();
                    let now = Timestamp::from_nanos(now);
                    let late = ticks(now, VIDEO_HZ).wrapping_sub(timestamp);
                    let hz = sound_rate(format);
                    let late = u64::from(late) * u64::from(hz) / u64::from(VIDEO_HZ);
                    let at = ticks(now, hz).wrapping_sub(late as u32);
                    format!("{url};rtptime={at}")
                }
                _ => format!("{url};seq={number};rtptime={timestamp}"),
            }
        });
        Some(tracks.collect::<Vec<_>>().join(","))
    }
}
