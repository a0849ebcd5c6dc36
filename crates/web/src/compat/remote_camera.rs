//! The WebSockets of small remote-camera servers: processes with a camera send JPEGs to
//! `/video_remote_source/{id}`, browsers take them from `/websocket_handler_site/{id}`, and
//! `/cameras_list` tells which there are.
//!
//! A binary message is a picture, either way. To a camera the server says every two seconds
//! whether somebody looks: one byte, `1` or `0`; and here also at once when that changes.
//! Nothing else is said, and what else is heard is passed over.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use eyeline_hub::{Event, Subscriber, ViewError, Wish};
use eyeline_media::StreamId;
use eyeline_output::{OutputError, Query, View, websocket};
use eyeline_proto::websocket::{CloseCode, frame};
use eyeline_source::{Content, Demand, IngestError, Producer};
use http::request::Parts;
use serde::Serialize;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::access::Admitted;
use crate::app::Server;
use crate::errors::Error;
use crate::takeover::Taken;
use crate::ws::{self, Asked, Goodbye, Heard, OF_A_PRODUCER, OF_A_VIEWER, Socket, Viewer};
use eyeline_tcp::stopped;

/// How often a camera is told whether somebody looks.
const TELL_EVERY: Duration = Duration::from_secs(2);

/// The cameras there are.
#[derive(Serialize)]
pub(crate) struct Cameras {
    cameras: Vec<String>,
}

/// `GET /cameras_list`
pub(crate) async fn list(State(server): State<Arc<Server>>, _: Admitted) -> Json<Cameras> {
    let streams = server.app.hub.stats();
    let cameras = streams.iter().map(|stats| stats.id.to_string()).collect();
    Json(Cameras { cameras })
}

/// `GET /websocket_handler_site`
pub(crate) async fn view_first(
    State(server): State<Arc<Server>>,
    asked: Asked,
    request: Parts,
) -> Result<Response, Error> {
    let id = super::nth(&server, 0)?;
    start(server, asked, id, &request)
}

/// `GET /websocket_handler_site/{id}`
pub(crate) async fn view(
    State(server): State<Arc<Server>>,
    asked: Asked,
    Path(name): Path<String>,
    request: Parts,
) -> Result<Response, Error> {
    let id = name.parse()?;
    start(server, asked, id, &request)
}

fn start(
    server: Arc<Server>,
    asked: Asked,
    id: StreamId,
    request: &Parts,
) -> Result<Response, Error> {
    let accepted = ws::accept(request)?;
    let wish = Query::parse(request.uri.query().unwrap_or_default()).wish()?;
    let events = server.app.hub.events();
    let viewer = Viewer::of(server, asked, &request.headers, &websocket::JPEG);
    let mut site = Site {
        viewer,
        id,
        wish,
        view: None,
        events,
    };
    site.look()?;
    Ok(ws::open(accepted, |taken| Box::pin(site.run(taken))))
}

/// A browser that looks at a camera, or waits for it to come: the page that opens these
/// sockets may well be there before the camera is.
struct Site {
    viewer: Viewer,
    id: StreamId,
    wish: Wish,
    view: Option<View>,
    events: Option<Subscriber<Event>>,
}

impl Site {
    async fn run(mut self, taken: Taken) -> io::Result<()> {
        let mut stopping = taken.stopping;
        let mut socket = Socket::new(taken.io, &taken.read_buf, OF_A_VIEWER);
        let goodbye = tokio::select! {
            goodbye = poll_fn(|cx| self.poll(&mut socket, cx)) => goodbye?,
            () = stopped(&mut stopping) => Goodbye::STOPPING,
        };
        drop(self);
        socket.end(goodbye).await
    }

    /// Looks at the camera, if it is there.
    fn look(&mut self) -> Result<(), Error> {
        match self.viewer.look(&self.id, self.wish) {
            Ok(view) => self.view = Some(view),
            Err(Error::Output(OutputError::View(ViewError::Unknown(_) | ViewError::Ended(_)))) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn poll<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        socket: &mut Socket<S>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<Goodbye>> {
        loop {
            while !socket.is_full() {
                match socket.poll_heard(cx)? {
                    Poll::Ready(Heard::End(goodbye)) => return Poll::Ready(Ok(goodbye)),
                    Poll::Ready(Heard::Text(_) | Heard::Binary(_)) => {}
                    Poll::Pending => break,
                }
            }
            ready!(socket.poll_ready(cx))?;
            let Some(view) = &mut self.view else {
                if let Some(goodbye) = ready!(self.poll_waiting(cx)) {
                    return Poll::Ready(Ok(goodbye));
                }
                continue;
            };
            match ready!(view.poll_chunk(cx)) {
                Some(picture) => socket.send(picture),
                None => {
                    if let Some(goodbye) = self.ended() {
                        return Poll::Ready(Ok(goodbye));
                    }
                }
            }
        }
    }

    /// Leaves a view that has ended. Unless the viewer was closed or what it looks at is not
    /// made any more, the camera may come back.
    fn ended(&mut self) -> Option<Goodbye> {
        let view = self.view.take()?;
        let final_word = view.close_reason().is_some() || self.viewer.is_there(&view);
        final_word.then(|| turned_away(&self.viewer.why_ended(&view)))
    }

    /// Waits until something happens, and looks whether the camera has come.
    fn poll_waiting(&mut self, cx: &mut Context<'_>) -> Poll<Option<Goodbye>> {
        if let Err(error) = self.look() {
            return Poll::Ready(Some(turned_away(&error.to_string())));
        }
        if self.view.is_some() {
            return Poll::Ready(None);
        }
        let happened = match &mut self.events {
            Some(events) => ready!(events.poll_next(cx)).is_ok(),
            None => false,
        };
        Poll::Ready((!happened).then(|| turned_away("there are no streams any more")))
    }
}

fn turned_away(why: &str) -> Goodbye {
    Goodbye::Close(CloseCode::POLICY_VIOLATION, why.to_owned().into())
}

/// `GET /video_remote_source/{id}`
pub(crate) async fn publish(
    State(server): State<Arc<Server>>,
    (Admitted(access), via): Asked,
    Path(name): Path<String>,
    request: Parts,
) -> Result<Response, Error> {
    let accepted = ws::accept(&request)?;
    let id: StreamId = name.parse()?;
    let grant = access.publish(&id);
    let publishing = server
        .app
        .streams
        .publish(&grant, Content::pictures(), None);
    let producer = publishing.await.inspect_err(|_| {
        server.metrics.ingest_errors.inc();
    })?;
    let _ = via.0.0.stream.set(id);
    Ok(ws::open(accepted, |taken| {
        Box::pin(serve_camera(taken, server, producer))
    }))
}

async fn serve_camera(taken: Taken, server: Arc<Server>, producer: Producer) -> io::Result<()> {
    let mut stopping = taken.stopping;
    let mut camera = Camera {
        socket: Socket::new(taken.io, &taken.read_buf, OF_A_PRODUCER),
        producer,
        wanted: true,
    };
    let goodbye = tokio::select! {
        goodbye = camera.converse(&server) => goodbye?,
        () = stopped(&mut stopping) => Goodbye::STOPPING,
    };
    // The place is free for another before this one is told.
    let Camera { socket, .. } = camera;
    socket.end(goodbye).await
}

/// A process with a camera.
struct Camera<S> {
    socket: Socket<S>,
    producer: Producer,
    /// What it was told last; it begins as if it was wanted.
    wanted: bool,
}

/// What happens next.
enum Next {
    Heard(Heard),
    Demand(Result<Demand, IngestError>),
    Tell,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Camera<S> {
    /// Goes on until the session is to end.
    async fn converse(&mut self, server: &Server) -> io::Result<Goodbye> {
        let mut ticks = interval_at(Instant::now() + TELL_EVERY, TELL_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let next = tokio::select! {
                heard = self.socket.heard() => Next::Heard(heard?),
                demand = self.producer.demand_changed() => Next::Demand(demand),
                _ = ticks.tick() => Next::Tell,
            };
            let done = match next {
                Next::Heard(Heard::End(goodbye)) => return Ok(goodbye),
                Next::Heard(Heard::Text(_)) => Ok(()),
                Next::Heard(Heard::Binary(jpeg)) => self.producer.picture(jpeg, None).await,
                Next::Demand(Ok(demand)) => {
                    let changed = std::mem::replace(&mut self.wanted, demand.watched);
                    if changed != demand.watched {
                        self.tell();
                    }
                    Ok(())
                }
                Next::Demand(Err(lost)) => Err(lost),
                Next::Tell => {
                    self.tell();
                    Ok(())
                }
            };
            if let Err(error) = done {
                server.metrics.ingest_errors.inc();
                if !error.is_passing() {
                    return Ok(turned_away(&error.to_string()));
                }
            }
        }
    }

    fn tell(&mut self) {
        // A camera that takes no answers is not told more of them.
        if !self.socket.is_full() {
            let word: &[u8] = if self.wanted { b"1" } else { b"0" };
            self.socket.reply(frame::binary(&[word]));
        }
    }
}
