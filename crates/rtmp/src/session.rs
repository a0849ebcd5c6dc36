//! One connection: from its first byte to its end, and what is logged about it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use eyeline_auth::Access;
use eyeline_media::StreamId;
use eyeline_output::{Link, Query};
use eyeline_proto::rtmp::{Event, Limits as Sizes, Refusal, Server, Target};
use eyeline_tcp::{Meter, StallGuard, Stalled, tune};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::access::access;
use crate::app::App;
use crate::line::Line;
use crate::{play, publish};
use eyeline_tcp::stopped;

/// What one connection is about.
pub(crate) struct Session {
    pub(crate) app: Arc<App>,
    pub(crate) peer: SocketAddr,
    pub(crate) link: Arc<Link>,
    pub(crate) stopping: watch::Receiver<bool>,
}

/// What a client asked for, and may do.
pub(crate) struct Asked {
    pub(crate) access: Access,
    pub(crate) stream: StreamId,
    pub(crate) query: Query,
    pub(crate) agent: Option<String>,
}

/// Why a client is refused, in a sentence.
pub(crate) struct Refused {
    pub(crate) why: Refusal,
    pub(crate) sentence: String,
}

/// Serves one connection until it ends or the server stops.
pub(crate) async fn run(
    tcp: TcpStream,
    peer: SocketAddr,
    app: Arc<App>,
    stopping: watch::Receiver<bool>,
) {
    tune(&tcp);
    let link = Arc::<Link>::default();
    let meter = Meter::new(Arc::clone(&link), Arc::clone(app.hub.clock()));
    let guard = StallGuard::new(tcp, Arc::default(), meter, app.limits.patience);
    let line = Line::new(guard, Server::new(seed(), Sizes::default()));
    let session = Session {
        app,
        peer,
        link,
        stopping,
    };
    if let Err(error) = session.talk(line).await {
        log(peer, &error);
    }
}

impl Session {
    async fn talk(mut self, mut line: Line<TcpStream>) -> io::Result<()> {
        let ask_timeout = self.app.limits.ask_timeout;
        let event = tokio::select! {
            () = stopped(&mut self.stopping) => return Ok(()),
            event = timeout(ask_timeout, line.heard()) => match event {
                Ok(event) => event?,
                Err(_) => {
                    tracing::info!(peer = %self.peer, "a client did not say what it wants in time");
                    return Ok(());
                }
            },
        };
        let refused = match event {
            Some(Event::Publish(target)) => match self.admit(&target) {
                Ok(asked) => publish::run(&mut self, &mut line, asked).await?,
                Err(refused) => Some(refused),
            },
            Some(Event::Play(target)) => match self.admit(&target) {
                Ok(asked) => play::run(&mut self, &mut line, asked).await?,
                Err(refused) => Some(refused),
            },
            _ => None,
        };
        if let Some(Refused { why, sentence }) = refused {
            tracing::info!(peer = %self.peer, %sentence, "a client was refused");
            line.server.refuse(why, &sentence);
        }
        line.end().await;
        Ok(())
    }

    /// Whether a client may do what it asks for.
    fn admit(&self, target: &Target) -> Result<Asked, Refused> {
        let query = Query::parse(&target.query);
        let access = access(&self.app.policy, self.peer.ip(), target, &query);
        let access = access.map_err(|denied| Refused::because(Refusal::Denied, denied))?;
        let stream: StreamId = target.stream.parse().map_err(|error| {
            let name = &target.stream;
            Refused {
                why: Refusal::BadName,
                sentence: format!(
                    "{name:?} is not the name of a stream: {error}; use rtmp://host/live/NAME"
                ),
            }
        })?;
        Ok(Asked {
            access,
            stream,
            query,
            agent: target.agent.clone(),
        })
    }
}

impl Refused {
    pub(crate) fn because(why: Refusal, error: impl std::fmt::Display) -> Self {
        Self {
            why,
            sentence: error.to_string(),
        }
    }
}

fn log(peer: SocketAddr, error: &io::Error) {
    let cause = error.get_ref();
    if let Some(stalled) = cause.and_then(|cause| cause.downcast_ref::<Stalled>()) {
        tracing::info!(%peer, reason = %stalled, "a viewer was closed");
    } else if error.kind() == io::ErrorKind::InvalidData {
        tracing::info!(%peer, %error, "a client was closed");
    } else {
        tracing::debug!(%peer, %error, "a connection ended early");
    }
}

/// Blocks of the handshake are to differ; nothing depends on it.
fn seed() -> u32 {
    getrandom::u32().unwrap_or(1)
}
