//! `rtmp://…`: plays what an RTMP server has, H.264 and the sound beside it.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use eyeline_proto::rtmp::{Client, Heard, Incoming, Limits, Message, TagError, Unit, Wanted};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use url::{Host, Url};

use super::{Input, Risk, Run, Running};
use crate::error::InputError;
use crate::reach::Reach;
use crate::redact;
use crate::session::Session;
use crate::sink::{MAX_BAD_IN_A_ROW, Sink};
use crate::spec::{SpecError, Written};
use crate::tracks::{Times, Tracks};

/// This input.
pub const INPUT: Input = Input {
    schemes: &["rtmp"],
    example: "rtmp://192.168.1.30/live/cam",
    help: "Plays a stream of an RTMP server: H.264, passed on as it is, with AAC, Opus or G.711 beside it. \
           What stands behind a `?` goes to the server. Other codecs are refused by name.",
    params: &[],
    wish: false,
    risk: Risk::None,
    parse,
};

const DEFAULT_PORT: u16 = 1935;
/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the server may take from then on to say that the stream follows. Together less than what a
/// source has.
const ASK_TIMEOUT: Duration = Duration::from_secs(6);

struct Rtmp {
    host: String,
    port: u16,
    wanted: Wanted,
}

fn parse(written: &Written<'_>) -> Result<Arc<dyn Run>, SpecError> {
    let read = Rtmp::read(written.text);
    let read = read.map_err(|why| SpecError::Malformed(format!("{}: {why}", redact(written.text))));
    Ok(Arc::new(read?))
}

impl Run for Rtmp {
    fn address(&self) -> Option<IpAddr> {
        self.host.trim_matches(['[', ']']).parse().ok()
    }

    fn run<'a>(&'a self, session: &'a mut Session) -> Running<'a> {
        Box::pin(self.play(session))
    }
}

impl Rtmp {
    /// Divides an address as other programs do: the first part of the path is the application, or
    /// the first two if there are more, and the rest is the stream.
    fn read(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("not a URL: {error}"))?;
        if url.cannot_be_a_base() {
            return Err("the URL must begin with rtmp://".to_owned());
        }
        let host = match url.host() {
            Some(Host::Domain("")) | None => return Err("there is no host in it".to_owned()),
            Some(host) => host.to_string(),
        };
        let path: Vec<&str> = url
            .path()
            .split('/')
            .filter(|part| !part.is_empty())
            .collect();
        let (app, stream) = match path.len() {
            0 => return Err("it does not say which stream, as in rtmp://host/live/cam".to_owned()),
            1 => path.split_at(0),
            2 => path.split_at(1),
            _ => path.split_at(2),
        };
        let (app, mut stream) = (app.join("/"), stream.join("/"));
        if let Some(query) = url.query() {
            stream = format!("{stream}?{query}");
        }
        let port = url.port().unwrap_or(DEFAULT_PORT);
        let user = match (url.username(), url.password()) {
            ("", None) => String::new(),
            (user, password) => format!("{user}:{}@", password.unwrap_or_default()),
        };
        let url = format!("rtmp://{user}{host}:{port}/{app}");
        Ok(Self {
            host,
            port,
            wanted: Wanted { app, url, stream },
        })
    }

    fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    async fn play(&self, session: &mut Session) -> Result<Infallible, InputError> {
        let mut tcp = self.connect_in_time(session.reach).await?;
        let seed = getrandom::u32().unwrap_or(1);
        let mut client = Client::new(self.wanted.clone(), seed, Limits::default());
        let asked = timeout(ASK_TIMEOUT, hear(&mut tcp, &mut client)).await;
        let mut next = asked.map_err(|_| {
            let (host, within) = (self.authority(), ASK_TIMEOUT.as_secs());
            InputError::Rtmp(format!("{host} did not play the stream within {within} s"))
        })??;
        let mut playing = Playing::default();
        loop {
            match next {
                Some(Heard::Playing) => {}
                Some(Heard::Media(message)) => playing.take(&message, &mut session.sink).await?,
                Some(Heard::Refused(why)) => {
                    let why = format!("{} refuses: {}", self.authority(), redact(&why));
                    return Err(InputError::Rtmp(why));
                }
                Some(Heard::Ended(why)) => {
                    let why = format!("{} ended the stream: {}", self.authority(), redact(&why));
                    return Err(session.sink.ended(InputError::Rtmp(why)));
                }
                None => return Err(session.sink.ended(InputError::Closed(self.authority()))),
            }
            next = hear(&mut tcp, &mut client).await?;
        }
    }

    async fn connect_in_time(&self, reach: Reach) -> Result<TcpStream, InputError> {
        let connected = timeout(CONNECT_TIMEOUT, self.connect(reach)).await;
        connected.map_err(|_| InputError::connect_timeout(&self.authority(), CONNECT_TIMEOUT))?
    }

    async fn connect(&self, reach: Reach) -> Result<TcpStream, InputError> {
        let failed = |why: String| InputError::Connect {
            to: self.authority(),
            why,
        };
        let found = lookup_host(self.authority()).await;
        let found = found.map_err(|error| failed(error.to_string()))?;
        let addresses = reach
            .among(found)
            .map_err(|error| failed(error.to_string()))?;
        let tcp = TcpStream::connect(addresses.as_slice()).await;
        let tcp = tcp.map_err(|error| failed(error.to_string()))?;
        // What is asked is small, and answered before the next.
        let _ = tcp.set_nodelay(true);
        Ok(tcp)
    }
}

/// What the server says next; `None` if it closed the connection.
async fn hear(tcp: &mut TcpStream, client: &mut Client) -> Result<Option<Heard>, InputError> {
    loop {
        let heard = client.next();
        let output = client.take_output();
        if !output.is_empty() {
            tcp.write_all(&output).await?;
        }
        match heard {
            Ok(Some(heard)) => return Ok(Some(heard)),
            Ok(None) => {}
            Err(error) => return Err(InputError::Rtmp(error.to_string())),
        }
        if tcp.read_buf(&mut client.input()).await? == 0 {
            return Ok(None);
        }
    }
}

#[derive(Default)]
struct Playing {
    incoming: Incoming,
    tracks: Tracks,
    /// Messages that could not be read.
    bad_in_a_row: u32,
    /// Whether the sound is left out because of how it is coded.
    is_mute: bool,
}

impl Playing {
    async fn take(&mut self, message: &Message, sink: &mut Sink) -> Result<(), InputError> {
        let unit = match self.incoming.read(message) {
            Ok(unit) => unit,
            Err(error) => return self.put_up_with(&error),
        };
        self.bad_in_a_row = 0;
        match unit {
            Some(Unit::Picture {
                unit,
                present,
                decode,
            }) => {
                self.tracks
                    .video(unit, Times { present, decode }, sink)
                    .await
            }
            Some(Unit::Format(format)) => self.tracks.announce(&format, sink).await,
            Some(Unit::Sound {
                format,
                at,
                samples,
                data,
            }) => self.tracks.audio(&format, at, (samples, data), sink).await,
            None => Ok(()),
        }
    }

    /// A message that is of no use costs only itself, unless nothing better will come.
    fn put_up_with(&mut self, error: &TagError) -> Result<(), InputError> {
        if let TagError::Audio(_) = error {
            if !std::mem::replace(&mut self.is_mute, true) {
                tracing::warn!(%error, "the sound of a source is left out");
            }
            return Ok(());
        }
        self.bad_in_a_row += 1;
        if error.is_passing() && self.bad_in_a_row < MAX_BAD_IN_A_ROW {
            return Ok(());
        }
        Err(InputError::Rtmp(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Spec;

    #[test]
    fn an_address_is_divided_as_other_programs_do() {
        let check = |text: &str, url: &str, app: &str, stream: &str| {
            let read = Rtmp::read(text).unwrap();
            let wanted = Wanted {
                app: app.into(),
                url: url.into(),
                stream: stream.into(),
            };
            assert_eq!(read.wanted, wanted, "{text}");
        };
        check("rtmp://h/live/cam", "rtmp://h:1935/live", "live", "cam");
        check("rtmp://h:99/cam?a=b", "rtmp://h:99/", "", "cam?a=b");
        check(
            "rtmp://[::1]/a/b/c/d",
            "rtmp://[::1]:1935/a/b",
            "a/b",
            "c/d",
        );
        check(
            "rtmp://u:p@h/live/cam/",
            "rtmp://u:p@h:1935/live",
            "live",
            "cam",
        );
    }

    #[test]
    fn what_is_wrong_with_a_source_is_said_without_its_password() {
        let check = |text: &str, expected: &str| {
            let error = Spec::parse(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
            assert!(!error.contains("s3cret"), "{error}");
        };
        check("rtmp://u:s3cret@h/", "which stream");
        check("rtmp:live", "rtmp://");
        check("rtmp:///live/cam?token=s3cret", "host");
    }
}
