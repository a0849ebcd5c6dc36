//! Somebody publishes a stream.

use std::io;
use std::pin::pin;

use eyeline_proto::rtmp::{Event, Incoming, Message, Refusal, TagError, Unit};
use eyeline_source::{Content, IngestError, Producer, Times};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::limits::MAX_BAD_IN_A_ROW;
use crate::line::Line;
use crate::session::{Asked, Refused, Session};
use eyeline_tcp::stopped;

/// Takes what is published until it ends; why not, if it is refused.
///
/// # Errors
/// When the connection is broken.
pub(crate) async fn run(
    session: &mut Session,
    line: &mut Line<TcpStream>,
    asked: Asked,
) -> io::Result<Option<Refused>> {
    let grant = asked.access.publish(&asked.stream);
    let taken = tokio::select! {
        () = stopped(&mut session.stopping) => return Ok(None),
        taken = session.app.streams.publish(&grant, Content::media(), None) => taken,
    };
    let producer = match taken {
        Ok(producer) => producer,
        Err(error) => return Ok(Some(refused(&error))),
    };
    line.server.accept();
    let (peer, stream) = (session.peer, &asked.stream);
    tracing::info!(%peer, %stream, "publishes by RTMP");
    let mut publishing = Publishing {
        producer,
        incoming: Incoming::default(),
        bad_in_a_row: 0,
        is_mute: false,
    };
    let ended = publishing.run(session, line).await;
    let frames = publishing.producer.frames();
    tracing::info!(%peer, %stream, frames, "publishes no more");
    ended
}

struct Publishing {
    producer: Producer,
    incoming: Incoming,
    /// Messages that could not be read.
    bad_in_a_row: u32,
    /// Whether the sound is left out because of how it is coded.
    is_mute: bool,
}

impl Publishing {
    async fn run(
        &mut self,
        session: &mut Session,
        line: &mut Line<TcpStream>,
    ) -> io::Result<Option<Refused>> {
        let silence = session.app.limits.silence_timeout;
        let mut stop = pin!(stopped(&mut session.stopping));
        loop {
            let event = tokio::select! {
                biased;
                () = &mut stop => return Ok(None),
                lost = self.producer.lost() => return Ok(Some(refused(&lost))),
                heard = timeout(silence, line.heard()) => match heard {
                    Ok(event) => event?,
                    Err(_) => {
                        let sentence = format!("nothing came for {} s", silence.as_secs());
                        return Ok(Some(Refused::because(Refusal::Failed, sentence)));
                    }
                },
            };
            match event {
                Some(Event::Media(message)) => {
                    if let Err(refused) = self.take(&message).await {
                        return Ok(Some(refused));
                    }
                }
                Some(Event::Stop) | None => return Ok(None),
                Some(_) => {}
            }
        }
    }

    async fn take(&mut self, message: &Message) -> Result<(), Refused> {
        let unit = match self.incoming.read(message) {
            Ok(unit) => unit,
            Err(error) => return self.put_up_with(&error),
        };
        self.bad_in_a_row = 0;
        let Some(unit) = unit else { return Ok(()) };
        let producer = &mut self.producer;
        let taken = match unit {
            Unit::Picture {
                unit,
                present,
                decode,
            } => producer.video(unit, Times { present, decode }).await,
            Unit::Format(format) => producer.announce(&format).await,
            Unit::Sound {
                format,
                at,
                samples,
                data,
            } => producer.audio(&format, at, (samples, data)).await,
        };
        taken.map_err(|error| refused(&error))
    }

    /// A message that is of no use costs only itself, unless nothing better will come.
    fn put_up_with(&mut self, error: &TagError) -> Result<(), Refused> {
        if let TagError::Audio(_) = error {
            if !std::mem::replace(&mut self.is_mute, true) {
                tracing::warn!(%error, "a publisher's sound is left out");
            }
            return Ok(());
        }
        self.bad_in_a_row += 1;
        if error.is_passing() && self.bad_in_a_row < MAX_BAD_IN_A_ROW {
            return Ok(());
        }
        Err(Refused::because(Refusal::Failed, error))
    }
}

fn refused(error: &IngestError) -> Refused {
    let why = match error {
        IngestError::Busy(_) | IngestError::NotPush(_) | IngestError::Replaced(_) => {
            Refusal::BadName
        }
        _ => Refusal::Failed,
    };
    Refused::because(why, error)
}
