//! `/ws/stream/{id}`: a program or a browser publishes its pictures, and is told how much
//! they are wanted.
//!
//! While a picture waits to be taken, the client is not heard: it is slowed down by TCP,
//! and nothing queues here. Not here: what is done with the pictures (`source`).

use std::future::pending;
use std::io;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use bytes::Bytes;
use eyeline_auth::Access;
use eyeline_media::StreamId;
use eyeline_proto::websocket::picture;
use eyeline_source::{Content, Demand, IngestError, Producer, Settings};
use http::request::Parts;
use tokio::io::{AsyncRead, AsyncWrite};

use super::limits::{OF_A_PRODUCER, PRODUCER_MESSAGES};
use super::messages::{Message, Refusal, unknown_type};
use super::socket::{Accepts, Goodbye, Heard, Socket};
use super::{accept, open, replies};
use crate::access::Admitted;
use crate::api::definition;
use crate::app::Server;
use crate::connection::Via;
use crate::errors::Error;
use crate::takeover::Taken;
use eyeline_tcp::stopped;

pub(crate) const ACCEPTS: Accepts = Accepts {
    limits: OF_A_PRODUCER,
    messages: PRODUCER_MESSAGES,
};

const MESSAGES: &str = "start_stream, stop_stream and clock";

/// `GET /ws/stream/{id}`
pub(crate) async fn publish(
    State(server): State<Arc<Server>>,
    (Admitted(access), Extension(Via(connection))): (Admitted, Extension<Via>),
    Path(id): Path<String>,
    request: Parts,
) -> Result<Response, Error> {
    let accepted = accept(&request)?;
    let id: StreamId = id.parse()?;
    let _ = connection.stream.set(id.clone());
    let publisher = Publisher { server, access, id };
    Ok(open(accepted, |taken| Box::pin(run(taken, publisher))))
}

async fn run(taken: Taken, publisher: Publisher) -> io::Result<()> {
    let Taken {
        io,
        read_buf,
        mut stopping,
    } = taken;
    let mut session = Session {
        socket: Socket::new(io, &read_buf, ACCEPTS),
        publisher,
        stage: Stage::Fresh,
    };
    drop(read_buf);
    let goodbye = tokio::select! {
        goodbye = session.converse() => goodbye?,
        () = stopped(&mut stopping) => Goodbye::STOPPING,
    };
    session.into_socket().end(goodbye).await
}

/// Who publishes into which stream.
struct Publisher {
    server: Arc<Server>,
    access: Access,
    id: StreamId,
}

struct Session<S> {
    socket: Socket<S>,
    publisher: Publisher,
    stage: Stage,
}

/// How far the client is.
enum Stage {
    /// It has said nothing: a picture starts the stream.
    Fresh,
    Publishing(Box<Publishing>),
    /// What it published ended. Whether it was told that pictures are of no use any more.
    Stopped {
        told: bool,
    },
}

struct Publishing {
    producer: Producer,
    form: Form,
}

/// What a binary message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Jpeg,
    /// A JPEG behind a header.
    Headed,
    /// A piece of a stream.
    Chunk,
}

/// What `start_stream` says.
#[derive(Debug)]
struct Start {
    content: Content,
    form: Form,
    settings: Option<Settings>,
}

impl Start {
    fn by_default() -> Self {
        Self {
            content: Content::pictures(),
            form: Form::Jpeg,
            settings: None,
        }
    }

    fn read(message: &Message) -> Result<Self, Refusal> {
        let content_type = message.text("content_type")?.unwrap_or("image/jpeg");
        let pictures = content_type.trim().eq_ignore_ascii_case("image/jpeg");
        let form = match message.text("format")? {
            None if !pictures => Form::Chunk,
            None | Some("jpeg") => Form::Jpeg,
            Some("binary") if pictures => Form::Headed,
            Some(_) => {
                let why = "\"format\" is \"jpeg\" or \"binary\", and for image/jpeg only";
                return Err(Refusal::new("bad_parameter", why));
            }
        };
        let content = if pictures {
            Content::pictures()
        } else {
            Content::stream(Some(content_type), None)?
        };
        let name = definition::name(message.text("name")?)?;
        let settings = Settings {
            name,
            defaults: message.wish()?,
        };
        Ok(Self {
            content,
            form,
            settings: Some(settings).filter(|settings| *settings != Settings::default()),
        })
    }
}

/// What happens next.
enum Next {
    Heard(Heard),
    Demand(Result<Demand, IngestError>),
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Gives up the place of the one who publishes.
    fn into_socket(self) -> Socket<S> {
        self.socket
    }

    /// Goes on until the session is to end.
    async fn converse(&mut self) -> io::Result<Goodbye> {
        loop {
            let next = tokio::select! {
                heard = self.socket.heard() => Next::Heard(heard?),
                demand = self.stage.demand_changed() => Next::Demand(demand),
            };
            let done = match next {
                Next::Heard(Heard::End(goodbye)) => return Ok(goodbye),
                Next::Heard(Heard::Binary(message)) => self.take(message).await,
                Next::Heard(Heard::Text(text)) => match Message::parse(&text) {
                    Ok(message) => self.act(message).await,
                    Err(refusal) => Err(refusal),
                },
                Next::Demand(Ok(demand)) => {
                    self.socket
                        .reply(replies::demand(&self.publisher.id, demand));
                    Ok(())
                }
                Next::Demand(Err(lost)) => {
                    self.stage = Stage::Stopped { told: true };
                    Err(lost.into())
                }
            };
            if let Err(refusal) = done {
                self.refuse(refusal);
            }
        }
    }

    async fn act(&mut self, mut message: Message) -> Result<(), Refusal> {
        match message.kind() {
            "start_stream" => {
                let start = Start::read(&message)?;
                self.start(start).await
            }
            "stop_stream" => self.stop().await,
            "clock" => {
                let clock = self.publisher.server.app.hub.clock();
                let reply = replies::clock(clock, message.take("sent"));
                self.socket.reply(reply);
                Ok(())
            }
            other => Err(unknown_type(other, MESSAGES)),
        }
    }

    async fn start(&mut self, start: Start) -> Result<(), Refusal> {
        let Publisher { server, access, id } = &self.publisher;
        if let Stage::Publishing(_) = self.stage {
            // It starts again as something else; the place is free for it then.
            self.stage = Stage::Stopped { told: false };
        }
        let grant = access.publish(id);
        let publishing = server
            .app
            .streams
            .publish(&grant, start.content, start.settings);
        let producer = publishing.await?;
        let stream = server.app.hub.watch(&access.view(id))?;
        self.socket
            .reply(replies::published(server, stream.stats()));
        self.stage = Stage::Publishing(Box::new(Publishing {
            producer,
            form: start.form,
        }));
        Ok(())
    }

    async fn stop(&mut self) -> Result<(), Refusal> {
        let stopped = Stage::Stopped { told: false };
        let Stage::Publishing(publishing) = std::mem::replace(&mut self.stage, stopped) else {
            return Err(Refusal::new("not_started", "nothing is being published"));
        };
        let producer = publishing.producer;
        let mut frames = producer.frames();
        match producer.finish().await {
            Ok(accepted) => frames = accepted.frames,
            Err(error) => self.refuse(error.into()),
        }
        let stopped = replies::stream_stopped(&self.publisher.id, frames);
        self.socket.reply(stopped);
        Ok(())
    }

    /// Takes a picture, or a piece of a stream of them.
    async fn take(&mut self, message: Bytes) -> Result<(), Refusal> {
        if let Stage::Fresh = self.stage {
            self.start(Start::by_default()).await?;
        }
        let Publishing { producer, form } = match &mut self.stage {
            Stage::Publishing(publishing) => publishing.as_mut(),
            Stage::Stopped { told: false } => {
                self.stage = Stage::Stopped { told: true };
                let why = "nothing is being published; begin with start_stream";
                return Err(Refusal::new("not_started", why));
            }
            Stage::Fresh | Stage::Stopped { told: true } => return Ok(()),
        };
        let taken = match form {
            Form::Jpeg => producer.picture(message, None).await,
            Form::Headed => {
                let parsed = picture::parse_binary(&message);
                let (header, jpeg) =
                    parsed.map_err(|error| Refusal::new("malformed", error.to_string()))?;
                producer.picture(jpeg, header.timestamp).await
            }
            Form::Chunk => producer.chunk(message).await,
        };
        taken.map_err(|error| {
            if !error.is_passing() {
                self.stage = Stage::Stopped { told: true };
            }
            error.into()
        })
    }

    fn refuse(&mut self, refusal: Refusal) {
        let Publisher { server, id, .. } = &self.publisher;
        server.metrics.ingest_errors.inc();
        tracing::debug!(stream = %id, code = refusal.code, error = %refusal.error, "a publisher was refused");
        self.socket.reply(replies::error(refusal.of(id)));
    }
}

impl Stage {
    /// Waits for the demand to change while something is published.
    async fn demand_changed(&mut self) -> Result<Demand, IngestError> {
        match self {
            Self::Publishing(publishing) => publishing.producer.demand_changed().await,
            Self::Fresh | Self::Stopped { .. } => pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(members: &str, expected: Result<Form, &str>) {
        let text = format!(r#"{{"type":"start_stream","data":{{{members}}}}}"#);
        let read = Message::parse(&text).and_then(|message| Start::read(&message));
        let form = read.map(|start| start.form).map_err(|refusal| refusal.code);
        assert_eq!(form, expected, "{members}");
    }

    #[test]
    fn a_start_says_what_will_come() {
        check("", Ok(Form::Jpeg));
        check(r#""content_type":"image/jpeg""#, Ok(Form::Jpeg));
        check(
            r#""content_type":"IMAGE/JPEG","format":"jpeg""#,
            Ok(Form::Jpeg),
        );
        check(r#""format":"binary""#, Ok(Form::Headed));
        check(
            r#""content_type":"multipart/x-mixed-replace; boundary=b""#,
            Ok(Form::Chunk),
        );
        check(r#""format":"json""#, Err("bad_parameter"));
        check(r#""format":1"#, Err("bad_parameter"));
        check(r#""content_type":7"#, Err("bad_parameter"));
        check(r#""content_type":"text/html""#, Err("unsupported_type"));
        check(
            r#""content_type":"multipart/x-mixed-replace; boundary=b","format":"binary""#,
            Err("bad_parameter"),
        );
    }

    #[test]
    fn settings_are_only_what_is_said() {
        let check = |members: &str, expected: Result<Option<&str>, &str>| {
            let text = format!(r#"{{"type":"start_stream"{members}}}"#);
            let start = Message::parse(&text).and_then(|message| Start::read(&message));
            let name = match &start {
                Ok(start) => Ok(start.settings.as_ref().and_then(|s| s.name.as_deref())),
                Err(refusal) => Err(refusal.code),
            };
            assert_eq!(name, expected, "{members}");
            start.ok().and_then(|start| start.settings)
        };
        assert_eq!(check("", Ok(None)), None);
        assert!(check(r#","name":" Porch ""#, Ok(Some("Porch"))).is_some());
        assert!(check(r#","quality":"low""#, Ok(None)).is_some());
        check(r#","name":"""#, Ok(None));
        check(r#","name":"a\nb""#, Err("bad_parameter"));
        check(r#","fps":0"#, Err("bad_parameter"));
    }
}
