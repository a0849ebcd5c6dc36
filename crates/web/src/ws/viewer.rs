//! `/ws/viewer`: pictures of one stream or several on one socket, and what the viewer
//! asks for meanwhile.
//!
//! A picture is taken from a [`View`] only when the socket took everything before, so
//! that a slow viewer gets the newest there is. Streams take turns.

use std::future::{Future as _, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use bytes::Bytes;
use eyeline_auth::Access;
use eyeline_hub::{Delivery, Event, StreamStats, Subscriber, What, Wish};
use eyeline_media::{Resolution, StreamId};
use eyeline_output::{Container, OutputError, Query, View, Viewing, Visitor, websocket};
use http::request::Parts;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Sleep, sleep};

use super::limits::{NEWS_DELAY, OF_A_VIEWER, STREAMS, VIEWER_MESSAGES};
use super::messages::{Message, Refusal, unknown_type};
use super::socket::{Accepts, Goodbye, Heard, Socket};
use super::{accept, open, replies};
use crate::accept::stopped;
use crate::access::Admitted;
use crate::app::Server;
use crate::connection::Via;
use crate::connections::Connection;
use crate::errors::Error;
use crate::streams::agent;
use crate::takeover::Taken;

const ACCEPTS: Accepts = Accepts {
    limits: OF_A_VIEWER,
    messages: VIEWER_MESSAGES,
};

const MESSAGES: &str = "join_stream, leave_stream, set_quality, feedback and clock";

/// Who asks, over which connection.
type Asked = (Admitted, Extension<Via>);

/// `GET /ws/viewer`
pub(crate) async fn join_later(
    State(server): State<Arc<Server>>,
    asked: Asked,
    request: Parts,
) -> Result<Response, Error> {
    start(server, asked, None, &request)
}

/// `GET /ws/viewer/{id}`
pub(crate) async fn view(
    State(server): State<Arc<Server>>,
    asked: Asked,
    Path(id): Path<String>,
    request: Parts,
) -> Result<Response, Error> {
    start(server, asked, Some(id.parse()?), &request)
}

fn start(
    server: Arc<Server>,
    (Admitted(access), Extension(Via(connection))): Asked,
    id: Option<StreamId>,
    request: &Parts,
) -> Result<Response, Error> {
    let accepted = accept(request)?;
    let query = Query::parse(request.uri.query().unwrap_or_default());
    let viewer = Viewer {
        container: container(query.get("format"))?,
        visitor: Visitor {
            remote: connection.peer.ip(),
            agent: agent(&request.headers),
        },
        server,
        access,
        connection,
    };
    let wish = query.wish()?;
    let first = id.map(|id| viewer.look(&id, wish)).transpose()?;
    Ok(open(accepted, |taken| Box::pin(run(taken, viewer, first))))
}

fn container(format: Option<&str>) -> Result<&'static Container, OutputError> {
    match format {
        None | Some("json") => Ok(&websocket::JSON),
        Some("jpeg") => Ok(&websocket::JPEG),
        Some("binary") => Ok(&websocket::BINARY),
        Some(other) => Err(OutputError::Parameter {
            name: "format",
            value: other.chars().take(20).collect(),
            hint: "use json, jpeg or binary",
        }),
    }
}

async fn run(taken: Taken, viewer: Viewer, first: Option<View>) -> io::Result<()> {
    let Taken {
        io,
        read_buf,
        mut stopping,
        ..
    } = taken;
    let mut session = Session {
        events: viewer.server.app.hub.events(),
        socket: Socket::new(io, &read_buf, ACCEPTS),
        viewer,
        joined: Vec::new(),
        turn: 0,
        missed: 0,
        news: None,
    };
    drop(read_buf);
    if let Some(view) = first {
        session.join(view);
    }
    let goodbye = tokio::select! {
        goodbye = poll_fn(|cx| session.poll(cx)) => goodbye?,
        () = stopped(&mut stopping) => Goodbye::STOPPING,
    };
    session.into_socket().end(goodbye).await
}

/// Who looks, and how.
struct Viewer {
    server: Arc<Server>,
    access: Access,
    visitor: Visitor,
    connection: Arc<Connection>,
    container: &'static Container,
}

impl Viewer {
    fn look(&self, id: &StreamId, wish: Wish) -> Result<View, Error> {
        let hub = &self.server.app.hub;
        let stream = hub.watch(&self.access.view(id))?;
        // For the log: the first stream a connection looks at, and mostly the only one.
        let _ = self.connection.stream.set(id.clone());
        Ok(View::open(Viewing {
            stream,
            container: self.container,
            wish,
            viewer: self.visitor.clone().by("websocket"),
            link: Arc::clone(&self.connection.link),
            sent: self.server.metrics.sent(id),
            clock: Arc::clone(hub.clock()),
        })?)
    }
}

struct Session<S> {
    socket: Socket<S>,
    viewer: Viewer,
    joined: Vec<Joined>,
    /// Which of the streams is asked first for the next picture.
    turn: usize,
    /// What happens to streams; none when the hub is gone.
    events: Option<Subscriber<Event>>,
    /// Events that were missed so far.
    missed: u64,
    /// When to tell what changed.
    news: Option<Pin<Box<Sleep>>>,
}

/// A stream on this socket.
struct Joined {
    view: View,
    told: Told,
    /// Whether something may be different from what was told.
    stale: bool,
}

/// What makes a new `stream_info` worth sending.
#[derive(PartialEq)]
struct Told {
    state: eyeline_hub::State,
    profile: eyeline_hub::Profile,
    resolution: Option<Resolution>,
    delivery: Delivery,
}

impl Told {
    fn of(stats: &StreamStats, delivery: Delivery) -> Self {
        Self {
            state: stats.state.clone(),
            profile: stats.profile.clone(),
            resolution: stats.resolution,
            delivery,
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Leaves all streams.
    fn into_socket(self) -> Socket<S> {
        self.socket
    }

    /// Goes on until the session is to end.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Goodbye>> {
        loop {
            let heard_all = loop {
                if self.socket.is_full() {
                    break false;
                }
                match self.socket.poll_heard(cx)? {
                    Poll::Ready(Heard::Text(text)) => self.hear(&text),
                    Poll::Ready(Heard::Binary(_)) => {
                        let why = "a viewer sends text messages only";
                        self.refuse(Refusal::new("malformed", why));
                    }
                    Poll::Ready(Heard::End(goodbye)) => return Poll::Ready(Ok(goodbye)),
                    Poll::Pending => break true,
                }
            };
            self.poll_news(cx);
            ready!(self.socket.poll_ready(cx))?;
            if heard_all {
                let next = ready!(self.poll_picture(cx));
                self.socket.send(next);
            }
        }
    }

    /// The next picture of the streams in turn, or the word that one has ended.
    fn poll_picture(&mut self, cx: &mut Context<'_>) -> Poll<Bytes> {
        for step in 0..self.joined.len() {
            let index = (self.turn + step) % self.joined.len();
            let joined = &mut self.joined[index];
            match joined.view.poll_chunk(cx) {
                Poll::Pending => {}
                Poll::Ready(Some(picture)) => {
                    self.turn = index + 1;
                    if joined.view.delivery() != joined.told.delivery {
                        joined.stale = true;
                        self.tell_soon();
                    }
                    return Poll::Ready(picture);
                }
                Poll::Ready(None) => {
                    let Joined { view, .. } = self.joined.remove(index);
                    let reason = view.close_reason().unwrap_or("the stream has ended");
                    return Poll::Ready(replies::stream_left(view.stream().id(), reason));
                }
            }
        }
        Poll::Pending
    }

    /// Follows what happens to the streams, and tells of it after a moment.
    fn poll_news(&mut self, cx: &mut Context<'_>) {
        while let Some(events) = &mut self.events
            && let Poll::Ready(event) = events.poll_next(cx)
        {
            let Ok(event) = event else {
                self.events = None;
                break;
            };
            let missed = std::mem::replace(&mut self.missed, events.skipped()) != self.missed;
            let changed = matches!(event.value.what, What::Changed);
            let mut any = false;
            for joined in &mut self.joined {
                if missed || changed && *joined.view.stream().id() == event.value.stream {
                    joined.stale = true;
                    any = true;
                }
            }
            if any {
                self.tell_soon();
            }
        }
        if let Some(timer) = &mut self.news
            && timer.as_mut().poll(cx).is_ready()
        {
            self.news = None;
            self.tell_news();
        }
    }

    fn tell_soon(&mut self) {
        self.news.get_or_insert_with(|| Box::pin(sleep(NEWS_DELAY)));
    }

    fn tell_news(&mut self) {
        for joined in &mut self.joined {
            if !std::mem::take(&mut joined.stale) {
                continue;
            }
            let stats = joined.view.stream().stats();
            let told = Told::of(&stats, joined.view.delivery());
            if told != joined.told {
                let info = replies::stream_info(&self.viewer.server, stats, &told.delivery);
                self.socket.reply(info);
                joined.told = told;
            }
        }
    }

    fn hear(&mut self, text: &str) {
        let done = Message::parse(text).and_then(|message| self.act(message));
        if let Err(refusal) = done {
            self.refuse(refusal);
        }
    }

    fn refuse(&mut self, refusal: Refusal) {
        self.socket.reply(replies::error(refusal));
    }

    fn act(&mut self, mut message: Message) -> Result<(), Refusal> {
        match message.kind() {
            "join_stream" => {
                let id = message.stream_id()?;
                let wish = message.wish().map_err(|refusal| refusal.of(&id))?;
                self.join_or_wish(&id, wish)
                    .map_err(|refusal| refusal.of(&id))
            }
            "leave_stream" => {
                let id = message.stream_id()?;
                let index = self.find(&id)?;
                self.leave(index, "the viewer left");
                Ok(())
            }
            "set_quality" => self.set_quality(&message),
            "feedback" => {
                let id = message.stream_id()?;
                let index = self.find(&id)?;
                let feedback = message.feedback().map_err(|refusal| refusal.of(&id))?;
                self.joined[index].view.report(feedback);
                Ok(())
            }
            "clock" => {
                let clock = self.viewer.server.app.hub.clock();
                let reply = replies::clock(clock, message.take("sent"));
                self.socket.reply(reply);
                Ok(())
            }
            other => Err(unknown_type(other, MESSAGES)),
        }
    }

    fn join_or_wish(&mut self, id: &StreamId, wish: Wish) -> Result<(), Refusal> {
        if let Ok(index) = self.find(id) {
            return self.set_wish(index, wish);
        }
        // One stream at a time where pictures do not say of which they are.
        let alone = std::ptr::eq(self.viewer.container, &raw const websocket::JPEG);
        if self.joined.len() >= STREAMS && !alone {
            let why = format!("{STREAMS} streams are joined on this socket; that is the limit");
            return Err(Refusal::new("too_many_streams", why));
        }
        let view = self.viewer.look(id, wish)?;
        if alone && !self.joined.is_empty() {
            self.leave(0, "another stream was joined");
        }
        self.join(view);
        Ok(())
    }

    fn set_quality(&mut self, message: &Message) -> Result<(), Refusal> {
        let id = message.some_stream_id()?;
        let wish = message.wish()?;
        if let Some(id) = id {
            let index = self.find(&id)?;
            return self.set_wish(index, wish);
        }
        if self.joined.is_empty() {
            let why = "no stream is joined on this socket";
            return Err(Refusal::new("unknown_stream", why));
        }
        for index in 0..self.joined.len() {
            if let Err(refusal) = self.set_wish(index, wish) {
                self.refuse(refusal);
            }
        }
        Ok(())
    }

    fn set_wish(&mut self, index: usize, wish: Wish) -> Result<(), Refusal> {
        let view = &mut self.joined[index].view;
        let id = view.stream().id().clone();
        let set = view.set_wish(wish);
        set.map_err(|error| Refusal::from(error).of(&id))?;
        self.tell(index);
        Ok(())
    }

    fn join(&mut self, view: View) {
        let told = Told::of(&view.stream().stats(), view.delivery());
        self.joined.push(Joined {
            view,
            told,
            stale: false,
        });
        self.tell(self.joined.len() - 1);
    }

    /// Tells of a stream, and remembers what was told.
    fn tell(&mut self, index: usize) {
        let joined = &mut self.joined[index];
        let stats = joined.view.stream().stats();
        joined.told = Told::of(&stats, joined.view.delivery());
        let info = replies::stream_info(&self.viewer.server, stats, &joined.told.delivery);
        self.socket.reply(info);
    }

    fn leave(&mut self, index: usize, reason: &str) {
        let Joined { view, .. } = self.joined.remove(index);
        self.socket
            .reply(replies::stream_left(view.stream().id(), reason));
    }

    fn find(&self, id: &StreamId) -> Result<usize, Refusal> {
        let mut joined = self.joined.iter();
        let found = joined.position(|joined| joined.view.stream().id() == id);
        found.ok_or_else(|| {
            let why = format!("{id} is not joined on this socket");
            Refusal::new("unknown_stream", why).of(id)
        })
    }
}
