//! Somebody plays a stream.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use eyeline_hub::{ViewError, ViewerInfo, Wish};
use eyeline_output::{Container, View, Viewing};
use eyeline_proto::rtmp::{Event, Refusal, metadata};
use tokio::net::TcpStream;

use crate::container::{CLASSIC, WITH_OPUS, heard};
use crate::limits::{GATHER_BYTES, GATHER_PIECES};
use crate::line::Line;
use crate::session::{Asked, Refused, Session};
use eyeline_tcp::stopped;

/// Name of the transport in viewers' accounts.
const TRANSPORT: &str = "rtmp";
const STOPPING: &str = "the server is stopping";

/// Plays until the stream ends or the client has enough; why not, if it is refused.
///
/// # Errors
/// When the connection is broken or stalls.
pub(crate) async fn run(
    session: &mut Session,
    line: &mut Line<TcpStream>,
    asked: Asked,
) -> io::Result<Option<Refused>> {
    let container = if line.server.knows_opus() {
        &WITH_OPUS
    } else {
        &CLASSIC
    };
    let view = match open(session, asked, container) {
        Ok(view) => view,
        Err(refused) => return Ok(Some(refused)),
    };
    line.server.accept();
    let mut playing = Playing {
        line,
        view,
        container,
        begun: false,
        paused: false,
    };
    let ended = tokio::select! {
        ended = poll_fn(|cx| playing.poll(cx)) => ended?,
        () = stopped(&mut session.stopping) => Ended::Told(STOPPING.to_owned()),
    };
    match ended {
        Ended::Gone => Ok(None),
        Ended::Told(why) => {
            line.server.end(&why);
            Ok(None)
        }
    }
}

fn open(session: &Session, asked: Asked, container: &'static Container) -> Result<View, Refused> {
    let hub = &session.app.hub;
    let stream = hub
        .watch(&asked.access.view(&asked.stream))
        .map_err(|e| refused(&e))?;
    let wish = asked
        .query
        .wish()
        .map_err(|e| Refused::because(Refusal::Failed, e))?;
    let viewing = Viewing {
        stream,
        container,
        wish,
        viewer: ViewerInfo {
            remote: session.peer.ip(),
            transport: TRANSPORT,
            agent: asked.agent,
        },
        link: Arc::clone(&session.link),
        sent: session.app.traffic.sent(&asked.stream),
        clock: Arc::clone(hub.clock()),
    };
    View::open(viewing).map_err(|e| refused(&e))
}

fn refused(error: &ViewError) -> Refused {
    let why = match error {
        ViewError::Unknown(_) => Refusal::NotFound,
        _ => Refusal::Failed,
    };
    Refused::because(why, error)
}

/// Why nothing more is played.
enum Ended {
    /// The client is gone, or wants nothing more.
    Gone,
    /// There is no more; in a sentence.
    Told(String),
}

struct Playing<'a> {
    line: &'a mut Line<TcpStream>,
    view: View,
    container: &'static Container,
    /// Whether something was sent of the stream.
    begun: bool,
    paused: bool,
}

impl Playing<'_> {
    /// Goes on until the end. A picture is taken only when the socket took everything before.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Ended>> {
        loop {
            while let Poll::Ready(event) = self.line.poll_heard(cx)? {
                match event {
                    Some(Event::Pause(pause)) => self.paused = pause,
                    Some(Event::Stop) | None => return Poll::Ready(Ok(Ended::Gone)),
                    Some(_) => {}
                }
            }
            ready!(self.line.poll_written(cx))?;
            if self.paused {
                return Poll::Pending;
            }
            if let Some(ended) = ready!(self.poll_gather(cx)) {
                return Poll::Ready(Ok(ended));
            }
        }
    }

    /// Ready when there is something to write, or no more will come, which is said.
    fn poll_gather(&mut self, cx: &mut Context<'_>) -> Poll<Option<Ended>> {
        let (mut bytes, mut pieces) = (0, 0);
        while bytes < GATHER_BYTES && pieces + 1 < GATHER_PIECES {
            match self.view.poll_chunk(cx) {
                Poll::Ready(Some(chunk)) => {
                    self.begin();
                    (bytes, pieces) = (bytes + chunk.len(), pieces + 1);
                    self.line.push(chunk);
                }
                // What was gathered is written first; the end is seen again after it.
                _ if pieces > 0 => break,
                Poll::Ready(None) => {
                    let why = self.view.close_reason().unwrap_or("the stream has ended");
                    return Poll::Ready(Some(Ended::Told(why.to_owned())));
                }
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(None)
    }

    /// Says before the first picture what there is; it is known by now.
    fn begin(&mut self) {
        if !std::mem::replace(&mut self.begun, true) {
            let stream = self.view.stream();
            let audio = stream.audio();
            // Of a rendition the source's size is not the one.
            let is_source = self.view.delivery().sent == Wish::default();
            let size = stream.stats().resolution.filter(|_| is_source);
            let said = metadata(size, heard(self.container, audio.as_deref()));
            self.line.push(said);
        }
    }
}
