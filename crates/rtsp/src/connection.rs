//! One client, from its first request to its end.

mod requests;

use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use eyeline_auth::Access;
use eyeline_output::Link;
use eyeline_proto::rtsp::{Incoming, Request, Response, Session, Step};
use eyeline_source::IngestError;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::app::App;
use crate::datagrams::{Datagram, Mailbox};
use crate::describe::Described;
use crate::limits::{LAST_WORDS, MAX_DENIED};
use crate::line::{Line, Turn};
use crate::play::Sending;
use crate::record::Recording;
use eyeline_tcp::stopped;

/// A connection to a client, and what goes on over it.
pub(crate) struct Connection<S> {
    app: Arc<App>,
    peer: SocketAddr,
    link: Arc<Link>,
    line: Line<S>,
    session: Session,
    nonce: String,
    access: Option<Access>,
    denied: u32,
    agent: Option<String>,
    described: Option<Described>,
    sending: Option<Sending>,
    recording: Option<Recording>,
    mailbox: Option<Mailbox>,
}

/// Why a connection ends.
enum Ending {
    /// As is proper.
    Done,
    /// The client is gone or takes nothing.
    Lost(io::Error),
    /// Something is wrong.
    Wrong(String),
}

/// What there is to do.
enum Next {
    Turn(io::Result<Turn>),
    Datagram(Datagram),
    Lost(IngestError),
    Ended,
    Due,
    Stop,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Connection<S> {
    pub(crate) fn new(app: Arc<App>, peer: SocketAddr, link: Arc<Link>, io: S) -> Self {
        let now = app.hub.clock().now();
        Self {
            app,
            peer,
            link,
            line: Line::new(io),
            session: Session::new(random(), now),
            nonce: random(),
            access: None,
            denied: 0,
            agent: None,
            described: None,
            sending: None,
            recording: None,
            mailbox: None,
        }
    }

    /// Serves the client until it goes or the server stops.
    pub(crate) async fn run(mut self, mut stopping: watch::Receiver<bool>) {
        let mut stop = pin!(stopped(&mut stopping));
        let ending = loop {
            let next = self.next(stop.as_mut()).await;
            if let Err(ending) = self.follow(next).await {
                break ending;
            }
        };
        let peer = self.peer;
        match ending {
            Ending::Done => {}
            Ending::Lost(error) => tracing::debug!(%peer, %error, "an RTSP client is gone"),
            Ending::Wrong(why) => tracing::info!(%peer, %why, "an RTSP client was closed"),
        }
        (self.sending, self.recording) = (None, None);
        // For the last answer to arrive; a client that takes nothing has gone anyway.
        let _ = timeout(LAST_WORDS, self.line.finish()).await;
    }

    async fn next(&mut self, stop: Pin<&mut impl Future<Output = ()>>) -> Next {
        let now = self.now();
        let recording = self.recording.as_ref().and_then(Recording::deadline);
        let due = recording.into_iter().chain(self.session.deadline()).min();
        let wait = async {
            match due {
                Some(due) => tokio::time::sleep(due.saturating_sub(now)).await,
                None => std::future::pending().await,
            }
        };
        let (mailbox, recording, sending) =
            (&mut self.mailbox, &mut self.recording, &mut self.sending);
        tokio::select! {
            turn = self.line.turn() => Next::Turn(turn),
            Some(datagram) = async { mailbox.as_mut()?.next().await }, if mailbox.is_some() => {
                Next::Datagram(datagram)
            }
            lost = async {
                match recording {
                    Some(recording) => recording.producer.lost().await,
                    None => std::future::pending().await,
                }
            } => Next::Lost(lost),
            () = async {
                match sending {
                    Some(sending) => sending.ended().await,
                    None => std::future::pending().await,
                }
            } => Next::Ended,
            () = wait => Next::Due,
            () = stop => Next::Stop,
        }
    }

    async fn follow(&mut self, next: Next) -> Result<(), Ending> {
        let now = self.now();
        let wrong = |error: IngestError| Ending::Wrong(error.to_string());
        match next {
            Next::Turn(Ok(Turn::Incoming(Incoming::Request(request)))) => {
                self.answer(&request).await
            }
            Next::Turn(Ok(Turn::Incoming(Incoming::Packet { channel, data }))) => {
                self.session.heard(now);
                match &mut self.recording {
                    Some(recording) if self.session.is_running() => recording
                        .interleaved(now, channel, data)
                        .await
                        .map_err(wrong),
                    _ => Ok(()),
                }
            }
            Next::Turn(Ok(Turn::Incoming(Incoming::Response))) => Ok(()),
            Next::Turn(Ok(Turn::Malformed(error))) => {
                let response = Response::new(400).because(&error);
                self.line.answer(&response.to_bytes(None));
                Err(Ending::Wrong(error.to_string()))
            }
            Next::Turn(Ok(Turn::Closed)) => Err(Ending::Done),
            Next::Turn(Ok(Turn::Ended)) | Next::Ended => {
                let playing = self.line.playing.as_ref();
                let reason = playing.and_then(|playing| playing.0.close_reason());
                Err(Ending::Wrong(
                    reason.unwrap_or("the stream has ended").to_owned(),
                ))
            }
            Next::Turn(Err(error)) => Err(Ending::Lost(error)),
            Next::Datagram(datagram) => {
                self.session.heard(now);
                let Some(recording) = &mut self.recording else {
                    return Ok(());
                };
                let Datagram {
                    track,
                    is_report,
                    data,
                } = datagram;
                let taken = recording.take(now, track, is_report, data).await;
                taken.map_err(wrong)
            }
            Next::Lost(error) => Err(wrong(error)),
            Next::Due => {
                if self
                    .session
                    .deadline()
                    .is_some_and(|deadline| deadline <= now)
                {
                    return Err(Ending::Wrong("nothing was heard of it".to_owned()));
                }
                let ports = self.app.datagrams.as_ref();
                match &mut self.recording {
                    Some(recording) => recording.tick(now, ports).await.map_err(wrong),
                    None => Ok(()),
                }
            }
            Next::Stop => Err(Ending::Done),
        }
    }

    /// Does what a request asks for, and answers it.
    async fn answer(&mut self, request: &Request) -> Result<(), Ending> {
        let step = self.session.request(self.now(), request);
        let (response, ends) = match step {
            Step::Answer(response) => (response, false),
            Step::Teardown(response) => {
                self.line.playing = None;
                (self.sending, self.recording) = (None, None);
                (response, true)
            }
            step => (self.act(step, request).await, false),
        };
        self.line.answer(&response.to_bytes(request.field("CSeq")));
        if ends || self.denied > MAX_DENIED {
            return Err(Ending::Done);
        }
        Ok(())
    }

    fn now(&self) -> Duration {
        self.app.hub.clock().now()
    }
}

/// A name that nobody can guess.
fn random() -> String {
    let mut bytes = [0; 16];
    if let Err(error) = getrandom::fill(&mut bytes) {
        tracing::error!(%error, "there is no randomness");
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
