//! `/ws/viewer`: who looks, and how the session begins and ends.

mod requests;
mod session;

use std::future::poll_fn;
use std::io;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use eyeline_auth::Access;
use eyeline_clock::SharedClock;
use eyeline_hub::Wish;
use eyeline_media::StreamId;
use eyeline_output::{Container, OutputError, Query, View, Viewing, Visitor, websocket};
use http::HeaderMap;
use http::request::Parts;

use self::session::Session;
use super::limits::{OF_A_VIEWER, VIEWER_MESSAGES};
use super::socket::{Accepts, Goodbye, Socket};
use super::{accept, open};
use crate::access::Admitted;
use crate::app::Server;
use crate::connection::Via;
use crate::connections::Connection;
use crate::errors::Error;
use crate::streams::agent;
use crate::takeover::Taken;
use eyeline_tcp::stopped;

pub(crate) const ACCEPTS: Accepts = Accepts {
    limits: OF_A_VIEWER,
    messages: VIEWER_MESSAGES,
};

/// Who asks, over which connection.
pub(crate) type Asked = (Admitted, Extension<Via>);

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
    asked: Asked,
    id: Option<StreamId>,
    request: &Parts,
) -> Result<Response, Error> {
    let accepted = accept(request)?;
    let query = Query::parse(request.uri.query().unwrap_or_default());
    let container = container(query.get("format"))?;
    let viewer = Viewer::of(server, asked, &request.headers, container);
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
    } = taken;
    let mut session = Session::new(Socket::new(io, &read_buf, ACCEPTS), viewer);
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
pub(crate) struct Viewer {
    server: Arc<Server>,
    access: Access,
    visitor: Visitor,
    connection: Arc<Connection>,
    container: &'static Container,
}

impl Viewer {
    pub(crate) fn of(
        server: Arc<Server>,
        (Admitted(access), Extension(Via(connection))): Asked,
        headers: &HeaderMap,
        container: &'static Container,
    ) -> Self {
        let visitor = Visitor {
            remote: connection.peer.ip(),
            agent: agent(headers),
        };
        Self {
            server,
            access,
            visitor,
            connection,
            container,
        }
    }

    /// The clock of the hub.
    pub(crate) fn clock(&self) -> &SharedClock {
        self.server.app.hub.clock()
    }

    /// Why no more comes of a stream.
    pub(crate) fn why_ended(&self, view: &View) -> String {
        if let Some(reason) = view.close_reason() {
            return reason.to_owned();
        }
        if self.is_there(view) {
            // What re-encodes it gave up.
            return "this quality is not made any more; the stream may be joined again".to_owned();
        }
        "the stream has ended".to_owned()
    }

    /// Whether the stream that is looked at has not ended.
    pub(crate) fn is_there(&self, view: &View) -> bool {
        let stream = view.stream();
        let listed = self.server.app.hub.watch(&self.access.view(stream.id()));
        listed.is_ok_and(|listed| Arc::ptr_eq(&listed, stream))
    }

    /// Looks at a stream from now on.
    pub(crate) fn look(&self, id: &StreamId, wish: Wish) -> Result<View, Error> {
        self.look_by("websocket", id, wish)
    }

    /// As [`look`](Self::look), by a transport of this name.
    pub(crate) fn look_by(
        &self,
        transport: &'static str,
        id: &StreamId,
        wish: Wish,
    ) -> Result<View, Error> {
        let hub = &self.server.app.hub;
        let stream = hub.watch(&self.access.view(id))?;
        // For the log: the first stream a connection looks at, and mostly the only one.
        let _ = self.connection.stream.set(id.clone());
        Ok(View::open(Viewing {
            stream,
            container: self.container,
            wish,
            viewer: self.visitor.clone().by(transport),
            link: Arc::clone(&self.connection.link),
            sent: self.server.app.traffic.sent(id),
            clock: Arc::clone(hub.clock()),
        })?)
    }
}
