//! What may follow what (RFC 2326, A.2), on one connection: a session ends with it.

use std::time::Duration;

use super::limits::MAX_TRACKS;
use super::message::{Method, Request, Response};
use super::transport::{Carrier, Transport};
use crate::sdp::Description;

/// A session of which nothing was heard for so long has ended, unless its connection carries its packets.
pub const TIMEOUT: Duration = Duration::from_secs(60);

/// Which way the packets go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// To the client.
    Play,
    /// From the client.
    Record,
}

/// What is to be done about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Answer so.
    Answer(Response),
    /// Say what there is.
    Describe,
    /// The client says what it will send: see whether that is taken, and tell with [`Session::announce`].
    Announce(Description),
    /// Prepare a track; then say what carries it with [`Session::set_up`].
    SetUp(Transport),
    /// Begin to send, and tell with [`Session::begin`].
    Play,
    /// Stop sending, and tell with [`Session::pause`].
    Pause,
    /// Begin to receive, and tell with [`Session::begin`].
    Record,
    /// End, with this answer.
    Teardown(Response),
}

/// A track that was set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetUp {
    /// Its number in the description.
    pub track: usize,
    /// What carries it, with all that was left open.
    pub carrier: Carrier,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Init,
    Announced,
    Ready,
    Running,
}

/// The session of a connection.
#[derive(Debug)]
pub struct Session {
    id: String,
    state: State,
    mode: Mode,
    tracks: Vec<SetUp>,
    heard: Duration,
}

impl Session {
    /// None yet; it will have this name.
    #[must_use]
    pub const fn new(id: String, now: Duration) -> Self {
        Self {
            id,
            state: State::Init,
            mode: Mode::Play,
            tracks: Vec::new(),
            heard: now,
        }
    }

    /// Looks at a request.
    pub fn request(&mut self, now: Duration, request: &Request) -> Step {
        self.heard = now;
        let answer = |status| Step::Answer(Response::new(status));
        if let Some(option) = request.field("Require").or(request.field("Proxy-Require")) {
            return Step::Answer(Response::new(551).with("Unsupported", option));
        }
        let named = request.field("Session").map(|field| {
            let (id, _) = field.split_once(';').unwrap_or((field, ""));
            id.trim() == self.id
        });
        let exists = matches!(self.state, State::Ready | State::Running);
        match (request.method, named) {
            (_, Some(true)) if exists => {}
            (_, Some(_)) => return answer(454),
            (Method::Play | Method::Pause | Method::Record, None) => return answer(454),
            (_, None) => {}
        }
        match (request.method, self.state) {
            (Method::Options, _) => Step::Answer(Response::ok().with("Public", Method::all())),
            (Method::GetParameter | Method::SetParameter, _) => Step::Answer(self.ok()),
            (Method::Describe, _) => Step::Describe,
            (Method::Announce, State::Init | State::Announced) => Self::announced(request),
            (Method::Setup, State::Init | State::Announced | State::Ready) => {
                self.transport(request)
            }
            (Method::Play, State::Ready | State::Running) if self.mode == Mode::Play => Step::Play,
            (Method::Pause, State::Running) if self.mode == Mode::Play => Step::Pause,
            (Method::Pause, State::Ready) => Step::Answer(self.ok()),
            (Method::Record, State::Ready) if self.mode == Mode::Record => Step::Record,
            (Method::Teardown, _) => Step::Teardown(Response::ok()),
            (Method::Other, _) => Step::Answer(Response::new(501).with("Allow", Method::all())),
            _ => answer(455),
        }
    }

    fn announced(request: &Request) -> Step {
        let kind = request.field("Content-Type").unwrap_or("application/sdp");
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/sdp") {
            let refused = Response::new(415).because("a stream is announced by application/sdp");
            return Step::Answer(refused);
        }
        match Description::parse(&request.body) {
            Ok(description) => Step::Announce(description),
            Err(error) => Step::Answer(Response::new(400).because(error)),
        }
    }

    fn transport(&self, request: &Request) -> Step {
        let wanted = Transport::parse(request.field("Transport").unwrap_or_default());
        let recording = self.state == State::Announced || self.mode == Mode::Record;
        let free = |transport: &&Transport| match transport.carrier {
            Carrier::Interleaved { channels } => !channels.is_some_and(|two| self.takes(two)),
            Carrier::Datagrams { .. } => true,
        };
        // Who announced will send, whether it says so or not.
        let found = wanted
            .iter()
            .filter(|one| recording || !one.record)
            .find(free);
        match found {
            Some(found) if self.tracks.len() < MAX_TRACKS => Step::SetUp(Transport {
                record: recording,
                ..*found
            }),
            _ => Step::Answer(Response::new(461).because(
                "packets are carried by RTP/AVP/TCP;interleaved=… or RTP/AVP;unicast;client_port=…",
            )),
        }
    }

    /// Whether one of these channels is in use.
    fn takes(&self, (one, other): (u8, u8)) -> bool {
        self.tracks.iter().any(|track| match track.carrier {
            Carrier::Interleaved { channels } => channels
                .is_some_and(|(a, b)| [a, b].iter().any(|known| [one, other].contains(known))),
            Carrier::Datagrams { .. } => false,
        })
    }

    /// What the client announced is taken.
    pub fn announce(&mut self) -> Response {
        (self.state, self.mode) = (State::Announced, Mode::Record);
        Response::ok()
    }

    /// This track is carried so. `server_ports` are ours, for datagrams. A track that was set up
    /// before gets another carrier.
    pub fn set_up(
        &mut self,
        track: usize,
        transport: Transport,
        server_ports: Option<(u16, u16)>,
    ) -> Response {
        self.tracks.retain(|known| known.track != track);
        let mode = if transport.record { "RECORD" } else { "PLAY" };
        let (carrier, said) = match transport.carrier {
            Carrier::Interleaved { channels } => {
                let (one, other) = channels.unwrap_or_else(|| self.free_channels(track));
                let said = format!("RTP/AVP/TCP;unicast;interleaved={one}-{other};mode=\"{mode}\"");
                let channels = Some((one, other));
                (Carrier::Interleaved { channels }, said)
            }
            carrier @ Carrier::Datagrams {
                client_ports: (one, other),
            } => {
                let (rtp, rtcp) = server_ports.unwrap_or_default();
                let said = format!(
                    "RTP/AVP;unicast;client_port={one}-{other};server_port={rtp}-{rtcp};mode=\"{mode}\""
                );
                (carrier, said)
            }
        };
        self.tracks.push(SetUp { track, carrier });
        self.state = State::Ready;
        self.ok().with("Transport", said)
    }

    fn free_channels(&self, track: usize) -> (u8, u8) {
        let own = u8::try_from(track * 2).unwrap_or(0) & 0xfe;
        let pairs = (0..=127_u8).map(|n| n * 2).map(|one| (one, one + 1));
        let free = [(own, own + 1)]
            .into_iter()
            .chain(pairs)
            .find(|two| !self.takes(*two));
        free.unwrap_or((own, own + 1))
    }

    /// Packets flow from now on.
    pub fn begin(&mut self) -> Response {
        self.state = State::Running;
        self.ok()
    }

    /// Packets do not flow any more.
    pub fn pause(&mut self) -> Response {
        self.state = State::Ready;
        self.ok()
    }

    /// All is well, and the session has this name.
    fn ok(&self) -> Response {
        match self.state {
            State::Init | State::Announced => Response::ok(),
            State::Ready | State::Running => {
                let session = format!("{};timeout={}", self.id, TIMEOUT.as_secs());
                Response::ok().with("Session", session)
            }
        }
    }

    /// The tracks that were set up.
    #[must_use]
    pub fn tracks(&self) -> &[SetUp] {
        &self.tracks
    }

    /// Which way packets go.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether packets flow.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.state == State::Running
    }

    /// Whether any track is carried by datagrams.
    #[must_use]
    pub fn has_datagrams(&self) -> bool {
        let datagrams = |track: &SetUp| matches!(track.carrier, Carrier::Datagrams { .. });
        self.tracks.iter().any(datagrams)
    }

    /// Something came of the client that is no request: a report, or a packet.
    pub fn heard(&mut self, now: Duration) {
        self.heard = now;
    }

    /// When the session ends if nothing is heard until then; `None` while its connection carries
    /// its packets, for that says itself when the client is gone.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        let carried = self.is_running() && !self.has_datagrams();
        (!carried).then_some(self.heard + TIMEOUT)
    }
}
