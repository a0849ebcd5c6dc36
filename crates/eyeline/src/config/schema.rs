//! The keys there are.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use eyeline_auth::Token;
use eyeline_hub::{Fps, JpegQuality, Quality};
use eyeline_media::{Resolution, StreamId};
use eyeline_source::{Allow, Spec};
use serde::de::{Deserialize, Deserializer, Error};

/// What a configuration may say. Every key is optional.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Addresses and ports to listen on.
    pub(crate) listen: OneOrMany<Parsed<SocketAddr>>,
    /// Let everybody in, without a token.
    pub(crate) open: bool,
    /// Folder for what is kept from run to run (the token).
    pub(crate) state_dir: Option<PathBuf>,
    /// Threads that serve sockets.
    pub(crate) socket_threads: Option<Count>,
    /// Make a stream of every camera of this machine.
    pub(crate) auto: bool,
    pub(crate) auth: Auth,
    pub(crate) api: Api,
    pub(crate) limits: Limits,
    pub(crate) encoder: Encoder,
    pub(crate) log: Log,
    pub(crate) rtmp: Rtmp,
    pub(crate) rtsp: Rtsp,
    pub(crate) streams: BTreeMap<Parsed<StreamId>, Stream>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Auth {
    /// The token that visitors from other machines need, instead of a made one.
    #[serde(deserialize_with = "token")]
    pub(crate) token: Option<Token>,
    /// Host names, besides addresses and local names, that an open server answers to.
    pub(crate) hosts: Vec<String>,
    /// Origins of other sites whose pages may act like the server's own.
    pub(crate) origins: Vec<String>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Api {
    /// What sources may be asked for over the API: `exec`, `file`, `private`.
    pub(crate) allow: OneOrMany<Parsed<Allow>>,
}

impl Api {
    pub(crate) fn allow(&self) -> Allow {
        let all = self.allow.0.iter().map(|one| one.0);
        all.fold(Allow::default(), Allow::and)
    }
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Rtmp {
    /// Addresses and ports to listen on for RTMP, or `off`.
    #[serde(deserialize_with = "doors")]
    pub(crate) listen: Vec<Door>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Rtsp {
    /// Addresses and ports to listen on for RTSP, or `off`.
    #[serde(deserialize_with = "doors")]
    pub(crate) listen: Vec<Door>,
    /// The same for RTSP over TLS, which takes a certificate.
    #[serde(deserialize_with = "doors")]
    pub(crate) tls_listen: Vec<Door>,
    /// File with the certificate, and those that it hangs on, in PEM.
    pub(crate) certificate: Option<PathBuf>,
    /// File with the certificate's key, in PEM.
    pub(crate) key: Option<PathBuf>,
    /// The even UDP port for packets; reports go over the next one.
    #[serde(deserialize_with = "even_port")]
    pub(crate) udp_port: Option<u16>,
}

/// Where to listen for a protocol; `None` was written as `off`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Door(pub(crate) Option<SocketAddr>);

impl FromStr for Door {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.eq_ignore_ascii_case("off") {
            return Ok(Self(None));
        }
        let address = text
            .parse()
            .map_err(|_| "use an address with a port, such as 0.0.0.0:8554, or off")?;
        Ok(Self(Some(address)))
    }
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Limits {
    /// Most connections at a time.
    pub(crate) connections: Option<Count>,
    /// Most streams at a time.
    pub(crate) streams: Option<Count>,
    /// Most viewers of one stream at a time.
    pub(crate) viewers_per_stream: Option<Count>,
    /// Most re-encoded renditions of one stream at a time.
    pub(crate) renditions_per_stream: Option<Count>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Encoder {
    /// A command that encodes H.264 in place of this program.
    pub(crate) command: Option<String>,
    /// How the raw pictures are laid out that it reads.
    pub(crate) format: EncoderFormat,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum EncoderFormat {
    #[default]
    Yuv420p,
    Nv12,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Log {
    /// `error`, `warn`, `info`, `debug` or `trace`.
    pub(crate) level: Option<Parsed<tracing::Level>>,
    /// `text` or `json`.
    pub(crate) format: LogFormat,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    #[default]
    Text,
    Json,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Stream {
    /// Where the pictures come from; several are tried in order.
    pub(crate) source: Sources,
    /// A name for people.
    pub(crate) name: Option<Parsed<Name>>,
    /// What viewers get who do not ask for a quality.
    pub(crate) quality: Option<Parsed<Quality>>,
    /// Frames a second: asked of the source where it can choose, else pictures are left out.
    #[serde(deserialize_with = "fps")]
    pub(crate) fps: Option<Fps>,
    /// Asked of the source where it can choose, else pictures are scaled down to that height.
    pub(crate) size: Option<Parsed<Resolution>>,
    /// Open the source only while somebody looks.
    pub(crate) on_demand: Option<bool>,
    /// JPEG quality of pictures that come raw.
    #[serde(deserialize_with = "jpeg_quality")]
    pub(crate) jpeg_quality: Option<JpegQuality>,
    /// Seconds without a picture after which the source is opened anew.
    #[serde(deserialize_with = "seconds")]
    pub(crate) silence_timeout_s: Option<Duration>,
    /// What is set on a camera whenever it is opened, by the controls' ids.
    pub(crate) controls: BTreeMap<String, ControlValue>,
    /// Where its H.264 is given as a byte stream to whoever connects.
    pub(crate) tcp: Option<TcpPort>,
    /// Let everybody watch who can connect there, as no token can be brought.
    pub(crate) tcp_open: bool,
}

/// An address and a port, or a port of this machine alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TcpPort(pub(crate) SocketAddr);

#[derive(serde::Deserialize)]
#[serde(
    untagged,
    expecting = "expected a port, such as 9000, or an address with one, such as \"127.0.0.1:9000\""
)]
enum PortOrAddress {
    Port(u16),
    Address(SocketAddr),
}

impl<'de> Deserialize<'de> for TcpPort {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self(match PortOrAddress::deserialize(from)? {
            PortOrAddress::Port(port) => (Ipv4Addr::LOCALHOST, port).into(),
            PortOrAddress::Address(address) => address,
        }))
    }
}

/// A number, or `true` or `false` for 1 and 0.
#[derive(Clone, Copy, Debug, serde::Deserialize)]
#[serde(untagged, expecting = "expected a whole number, true or false")]
pub(crate) enum ControlValue {
    Switch(bool),
    Number(i64),
}

impl From<ControlValue> for i64 {
    fn from(value: ControlValue) -> Self {
        match value {
            ControlValue::Switch(on) => on.into(),
            ControlValue::Number(number) => number,
        }
    }
}

/// A stream's sources, in the order in which they are tried.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources(pub(crate) Vec<Spec>);

/// A stream's name for people: in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name(pub(crate) String);

/// Most characters of a name.
const NAME_CHARS: usize = 100;

impl FromStr for Name {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let chars = text.chars().count();
        if (1..=NAME_CHARS).contains(&chars) && !text.chars().any(char::is_control) {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!(
                "a name has 1 to {NAME_CHARS} characters, in one line"
            ))
        }
    }
}

/// A count of at least one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Count(pub(crate) usize);

/// A value that is written as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Parsed<T>(pub(crate) T);

/// One value, or a list of them.
#[derive(Clone, Debug)]
pub(crate) struct OneOrMany<T>(pub(crate) Vec<T>);

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

#[derive(serde::Deserialize)]
#[serde(untagged, expecting = "expected a text or a list of texts")]
enum Texts {
    One(String),
    Many(Vec<String>),
}

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Parsed<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse()
            .map(Self)
            .map_err(|error| D::Error::custom(format!("{text:?}: {error}")))
    }
}

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for OneOrMany<Parsed<T>> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let texts = match Texts::deserialize(from)? {
            Texts::One(text) => vec![text],
            Texts::Many(texts) => texts,
        };
        let parse = |text: String| {
            text.parse()
                .map(Parsed)
                .map_err(|error| D::Error::custom(format!("{text:?}: {error}")))
        };
        texts
            .into_iter()
            .map(parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl<'de> Deserialize<'de> for Sources {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let parsed = match Texts::deserialize(from)? {
            Texts::One(text) => Spec::parse_list(&text),
            Texts::Many(texts) => texts.iter().map(|text| Spec::parse(text)).collect(),
        };
        parsed.map(Self).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match i64::deserialize(from)? {
            count @ 1..=1_000_000 => Ok(Self(count as usize)),
            count => Err(D::Error::custom(format!(
                "{count} is out of range; use 1 to 1000000"
            ))),
        }
    }
}

fn doors<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Door>, D::Error> {
    let doors = OneOrMany::<Parsed<Door>>::deserialize(from)?;
    Ok(doors.0.into_iter().map(|door| door.0).collect())
}

fn even_port<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u16>, D::Error> {
    match i64::deserialize(from)? {
        port @ 1_024..=65_534 if port % 2 == 0 => Ok(u16::try_from(port).ok()),
        port => Err(D::Error::custom(format!(
            "{port} is none; use an even number from 1024 to 65534"
        ))),
    }
}

fn token<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Token>, D::Error> {
    let text = String::deserialize(from)?;
    Token::new(&text).map(Some).map_err(D::Error::custom)
}

fn jpeg_quality<'de, D: Deserializer<'de>>(from: D) -> Result<Option<JpegQuality>, D::Error> {
    let number = i64::deserialize(from)?;
    let quality = u8::try_from(number).ok().and_then(JpegQuality::new);
    let error = || D::Error::custom(format!("{number} is out of range; use 1 to 100"));
    quality.map(Some).ok_or_else(error)
}

fn fps<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Fps>, D::Error> {
    let number = i64::deserialize(from)?;
    let fps = u32::try_from(number)
        .ok()
        .and_then(|fps| Fps::new(fps).ok());
    let error = || D::Error::custom(format!("{number} is out of range; use 1 to 120"));
    fps.map(Some).ok_or_else(error)
}

fn seconds<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    let number = f64::deserialize(from)?;
    if (0.5..=3_600.0).contains(&number) {
        Ok(Some(Duration::from_secs_f64(number)))
    } else {
        Err(D::Error::custom(format!(
            "{number} is out of range; use 0.5 to 3600"
        )))
    }
}
