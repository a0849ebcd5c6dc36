//! The client's end of a conversation that plays a stream.

use bytes::{BufMut, Bytes};

use super::amf0::Value;
use super::command::Command;
use super::connection::{Connection, WINDOW_BYTES};
use super::control::Control;
use super::error::Error;
use super::handshake::Role;
use super::limits::Limits;
use super::message::{Kind, Message};

/// What a server says.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// The stream follows.
    Playing,
    /// A piece of it; of kind audio or video.
    Media(Message),
    /// It cannot be had; what the server says.
    Refused(String),
    /// No more will come; what the server says.
    Ended(String),
}

/// One conversation.
#[derive(Debug)]
pub struct Client {
    connection: Connection,
    wanted: Wanted,
    asked: Asked,
}

/// What is to be played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The application: most often the first part of the address's path.
    pub app: String,
    /// The address up to the application.
    pub url: String,
    /// The stream: what is left of the path, with parameters.
    pub stream: String,
}

/// The last question, by which the answer is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Nothing,
    Connect,
    CreateStream,
    Play,
}

const CONNECT: f64 = 1.0;
const CREATE_STREAM: f64 = 2.0;
const PLAY: f64 = 3.0;
/// What is live, or else what is recorded (7.2.2.1).
const LIVE_FIRST: f64 = -2_000.0;
/// For how long servers may send in advance, in milliseconds.
const BUFFER_MS: u32 = 1_000;
/// All kinds of sound and pictures that Flash Player knew: servers may choose by it.
const FLASH_AUDIO: f64 = 4_071.0;
const FLASH_VIDEO: f64 = 252.0;

impl Client {
    /// A connection that was just opened. `seed` need only differ from that of others.
    #[must_use]
    pub fn new(wanted: Wanted, seed: u32, limits: Limits) -> Self {
        Self {
            connection: Connection::new(Role::Client, seed, limits),
            wanted,
            asked: Asked::Nothing,
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

    /// What the server says next, or `None` when more has to come.
    ///
    /// # Errors
    /// [`Error`]; the connection is to be closed.
    #[expect(
        clippy::should_implement_trait,
        reason = "None is not the end, and all parsers of the crate share the name"
    )]
    pub fn next(&mut self) -> Result<Option<Heard>, Error> {
        loop {
            let message = self.connection.next()?;
            if self.asked == Asked::Nothing && self.connection.is_open() {
                self.connect();
            }
            let Some(message) = message else {
                return Ok(None);
            };
            let heard = match message.kind {
                Kind::AUDIO | Kind::VIDEO => Some(Heard::Media(message)),
                Kind::COMMAND | Kind::COMMAND_AMF3 => self.hear(&Command::read(&message)?),
                Kind::USER_CONTROL => Some(Heard::Ended("the stream has ended".to_owned())),
                _ => None,
            };
            if heard.is_some() {
                return Ok(heard);
            }
        }
    }

    fn hear(&mut self, command: &Command) -> Option<Heard> {
        match (command.name.as_str(), self.asked) {
            ("_error", _) if command.transaction <= PLAY => {
                Some(Heard::Refused(description(command.argument(0))))
            }
            ("_result", Asked::Connect) if command.transaction == CONNECT => {
                self.connection.number(Kind::WINDOW_SIZE, WINDOW_BYTES);
                let create = Command::new("createStream", CREATE_STREAM, vec![Value::Null]);
                self.connection.command(0, &create);
                self.asked = Asked::CreateStream;
                None
            }
            ("_result", Asked::CreateStream) if command.transaction == CREATE_STREAM => {
                self.play(command.argument(0).as_number().unwrap_or(1.0) as u32);
                None
            }
            ("onStatus", _) => hear_status(command.argument(0)),
            ("close", _) => Some(Heard::Ended("the server closes the connection".to_owned())),
            _ => None,
        }
    }

    fn connect(&mut self) {
        let Wanted { app, url, .. } = &self.wanted;
        let said = Value::object([
            ("app", Value::text(app)),
            ("flashVer", Value::text("LNX 9,0,124,2")),
            ("tcUrl", Value::text(url)),
            ("fpad", Value::Boolean(false)),
            ("capabilities", Value::Number(15.0)),
            ("audioCodecs", Value::Number(FLASH_AUDIO)),
            ("videoCodecs", Value::Number(FLASH_VIDEO)),
            ("videoFunction", Value::Number(1.0)),
            (
                "fourCcList",
                Value::Array(super::server::FOURCC.map(Value::text).into()),
            ),
        ]);
        self.connection
            .command(0, &Command::new("connect", CONNECT, vec![said]));
        self.asked = Asked::Connect;
    }

    fn play(&mut self, stream: u32) {
        let arguments = vec![
            Value::Null,
            Value::text(&self.wanted.stream),
            Value::Number(LIVE_FIRST),
        ];
        self.connection
            .command(stream, &Command::new("play", PLAY, arguments));
        self.connection
            .control(Control::BufferLength(stream, BUFFER_MS));
        self.asked = Asked::Play;
    }
}

fn hear_status(status: &Value) -> Option<Heard> {
    let text = |name| status.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("level") == "error" {
        return Some(Heard::Refused(description(status)));
    }
    match text("code") {
        "NetStream.Play.Start" => Some(Heard::Playing),
        "NetStream.Play.Stop" | "NetStream.Play.Complete" | "NetStream.Play.UnpublishNotify" => {
            Some(Heard::Ended(description(status)))
        }
        _ => None,
    }
}

/// What a server says of itself, with the code in front.
fn description(status: &Value) -> String {
    let text = |name| status.get(name).and_then(Value::as_str).unwrap_or_default();
    let said = [text("code"), text("description")];
    let said: Vec<&str> = said.into_iter().filter(|text| !text.is_empty()).collect();
    let said: String = said.join(": ").chars().take(200).collect();
    if said.is_empty() {
        "no reason was given".to_owned()
    } else {
        said
    }
}
