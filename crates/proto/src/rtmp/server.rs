//! The server's end of a conversation (RTMP 1.0, 7.2): commands in, answers out.

use bytes::{BufMut, Bytes};

use super::amf0::Value;
use super::command::Command;
use super::connection::{Connection, STREAM};
use super::control::Control;
use super::error::Error;
use super::handshake::Role;
use super::limits::{Limits, MAX_AGENT_CHARS};
use super::message::{Kind, Message};
use super::target::Target;

/// What a client does.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// It wants to publish: [`accept`](Server::accept) or [`refuse`](Server::refuse).
    Publish(Target),
    /// It wants to play: [`accept`](Server::accept) or [`refuse`](Server::refuse).
    Play(Target),
    /// It publishes this; of kind audio or video.
    Media(Message),
    /// It wants no more for now, or goes on.
    Pause(bool),
    /// It is done publishing or playing.
    Stop,
}

/// Why a client may not do what it asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It may not.
    Denied,
    /// There is no such stream.
    NotFound,
    /// Somebody else publishes it, or the name is no name.
    BadName,
    /// Anything else.
    Failed,
}

/// The codecs that are understood by the names of Enhanced RTMP.
pub(super) const FOURCC: [&str; 3] = ["avc1", "mp4a", "Opus"];

/// One client's conversation.
#[derive(Debug)]
pub struct Server {
    connection: Connection,
    app: Option<App>,
    state: State,
}

#[derive(Debug)]
struct App {
    name: String,
    url: String,
    agent: String,
    opus: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle,
    /// Asked for and not yet answered; whether that is to publish.
    Asked {
        publish: bool,
    },
    Publishing,
    Playing,
}

impl Server {
    /// A connection that was just opened. `seed` need only differ from that of others.
    #[must_use]
    pub fn new(seed: u32, limits: Limits) -> Self {
        Self {
            connection: Connection::new(Role::Server, seed, limits),
            app: None,
            state: State::Idle,
        }
    }

    /// Where to read the next bytes to.
    pub fn input(&mut self) -> impl BufMut {
        self.connection.input()
    }

    /// Takes in what came, by copying it.
    pub fn push(&mut self, piece: &[u8]) {
        self.connection.push(piece);
    }

    /// What is to be sent; often nothing.
    pub fn take_output(&mut self) -> Bytes {
        self.connection.take_output()
    }

    /// Whether the client knows Opus by the name that Enhanced RTMP gives it.
    #[must_use]
    pub fn knows_opus(&self) -> bool {
        self.app.as_ref().is_some_and(|app| app.opus)
    }

    /// What the client does next, or `None` when more has to come.
    ///
    /// # Errors
    /// [`Error`]; the connection is to be closed.
    #[expect(
        clippy::should_implement_trait,
        reason = "None is not the end, and all parsers of the crate share the name"
    )]
    pub fn next(&mut self) -> Result<Option<Event>, Error> {
        // What follows a question is looked at when that is answered.
        while !matches!(self.state, State::Asked { .. })
            && let Some(message) = self.connection.next()?
        {
            let event = match message.kind {
                Kind::AUDIO | Kind::VIDEO if self.state == State::Publishing => {
                    Some(Event::Media(message))
                }
                Kind::COMMAND | Kind::COMMAND_AMF3 => self.obey(&Command::read(&message)?)?,
                _ => None,
            };
            if event.is_some() {
                return Ok(event);
            }
        }
        Ok(None)
    }

    /// Lets the client do what it asked for.
    pub fn accept(&mut self) {
        let State::Asked { publish } = self.state else {
            return;
        };
        self.connection.control(Control::StreamBegin(STREAM));
        if publish {
            self.state = State::Publishing;
            self.status("status", "NetStream.Publish.Start", "Go ahead.");
            return;
        }
        self.state = State::Playing;
        self.status("status", "NetStream.Play.Reset", "Another stream follows.");
        self.status("status", "NetStream.Play.Start", "Here it comes.");
    }

    /// Says in a sentence why not; the connection is to be closed.
    pub fn refuse(&mut self, why: Refusal, sentence: &str) {
        let publish = match self.state {
            State::Asked { publish } => publish,
            state => state == State::Publishing,
        };
        let code = match (publish, why) {
            (true, Refusal::Denied) => "NetStream.Publish.Denied",
            (true, Refusal::NotFound | Refusal::BadName) => "NetStream.Publish.BadName",
            (true, Refusal::Failed) => "NetStream.Publish.Failed",
            (false, Refusal::Denied) => "NetStream.Play.Denied",
            (false, Refusal::NotFound | Refusal::BadName) => "NetStream.Play.StreamNotFound",
            (false, Refusal::Failed) => "NetStream.Play.Failed",
        };
        self.state = State::Idle;
        self.status("error", code, sentence);
    }

    /// Says that no more will come of what is played.
    pub fn end(&mut self, sentence: &str) {
        if self.state == State::Playing {
            self.connection.control(Control::StreamEnd(STREAM));
            self.status("status", "NetStream.Play.UnpublishNotify", sentence);
            self.status("status", "NetStream.Play.Stop", sentence);
            self.state = State::Idle;
        }
    }

    fn obey(&mut self, command: &Command) -> Result<Option<Event>, Error> {
        match command.name.as_str() {
            "connect" => self.connect(command),
            "createStream" => {
                let number = Value::Number(STREAM.into());
                self.answer("_result", command, [Value::Null, number]);
            }
            "publish" | "play" => return self.ask(command).map(Some),
            "FCUnpublish" | "deleteStream" | "closeStream" if self.state != State::Idle => {
                self.state = State::Idle;
                return Ok(Some(Event::Stop));
            }
            "pause" | "pauseRaw" if self.state == State::Playing => {
                let pause = *command.argument(0) != Value::Boolean(false);
                let code = if pause {
                    "NetStream.Pause.Notify"
                } else {
                    "NetStream.Unpause.Notify"
                };
                self.status("status", code, "As you wish.");
                return Ok(Some(Event::Pause(pause)));
            }
            "FCPublish" => {
                self.answer("_result", command, [Value::Null, Value::Null]);
                let mut status = Command::status("status", "NetStream.Publish.Start", "Go ahead.");
                status.name = "onFCPublish".to_owned();
                self.connection.command(0, &status);
            }
            "getStreamLength" => {
                // It has no end that is known.
                self.answer("_result", command, [Value::Null, Value::Number(0.0)]);
            }
            "releaseStream" | "FCUnpublish" | "FCSubscribe" | "_checkbw" | "deleteStream" => {
                self.answer("_result", command, [Value::Null, Value::Null]);
            }
            _ => {}
        }
        Ok(None)
    }

    fn connect(&mut self, command: &Command) {
        let said = command.object();
        let text = |name| {
            said.get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        self.app = Some(App {
            name: text("app"),
            url: text("tcUrl"),
            agent: text("flashVer").chars().take(MAX_AGENT_CHARS).collect(),
            opus: knows_opus(said),
        });
        self.connection.set_windows();
        self.connection.enlarge_chunks();
        let server = Value::object([
            ("fmsVer", Value::text("FMS/3,0,1,123")),
            ("capabilities", Value::Number(31.0)),
        ]);
        let status = Value::object([
            ("level", Value::text("status")),
            ("code", Value::text("NetConnection.Connect.Success")),
            ("description", Value::text("Welcome.")),
            ("objectEncoding", Value::Number(0.0)),
            ("fourCcList", Value::Array(FOURCC.map(Value::text).into())),
        ]);
        self.answer("_result", command, [server, status]);
    }

    fn ask(&mut self, command: &Command) -> Result<Event, Error> {
        let publish = command.name == "publish";
        let name = if publish { "publish" } else { "play" };
        let out_of_order = |when| Error::OutOfOrder { name, when };
        if self.state != State::Idle {
            return Err(out_of_order("while another stream is played or published"));
        }
        let app = self.app.as_ref().ok_or(out_of_order("before connect"))?;
        let stream = command.argument(0).as_str().unwrap_or_default();
        let mut target = Target::new(&app.name, &app.url, stream);
        target.agent = Some(app.agent.clone()).filter(|agent| !agent.is_empty());
        self.state = State::Asked { publish };
        Ok(if publish {
            Event::Publish(target)
        } else {
            Event::Play(target)
        })
    }

    fn answer<const N: usize>(&mut self, name: &str, to: &Command, values: [Value; N]) {
        // 0 asks for no answer.
        if to.transaction != 0.0 {
            let answer = Command::new(name, to.transaction, values.into());
            self.connection.command(0, &answer);
        }
    }

    fn status(&mut self, level: &str, code: &str, description: &str) {
        let status = Command::status(level, code, description);
        self.connection.command(STREAM, &status);
    }
}

/// Enhanced RTMP, *Enhancing NetConnection connect command*: a list of names, or names with what can be
/// done by them; `*` is all.
fn knows_opus(said: &Value) -> bool {
    let is = |name: &str| name == "Opus" || name == "*";
    let list = match said.get("fourCcList") {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).any(is),
        _ => false,
    };
    let map = match said.get("audioFourCcInfoMap") {
        Some(Value::Object(map) | Value::Map(map)) => map.iter().any(|(name, _)| is(name)),
        _ => false,
    };
    list || map
}
