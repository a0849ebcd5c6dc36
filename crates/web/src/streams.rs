//! `/streams/{id}/…`: the outputs, each below the path it names.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{FromRequestParts, Path, State};
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use eyeline_auth::Access;
use eyeline_media::StreamId;
use eyeline_output::{Output, Query, Request, Visitor};
use http::Method;
use http::header::{HeaderMap, USER_AGENT};
use http::request::Parts;

use crate::access::Admitted;
use crate::app::Server;
use crate::connection::Via;
use crate::connections::Connection;
use crate::errors::Error;
use crate::limits::AGENT_CHARS;

/// The handler of one output.
pub(crate) fn route(output: &'static Output) -> MethodRouter<Arc<Server>> {
    get(
        async move |State(server): State<Arc<Server>>, asked: Asked| {
            let id = asked.in_path("id").parse()?;
            watch(output, &server, &id, asked).await
        },
    )
}

/// Who asks for a stream, over which connection, and how.
pub(crate) struct Asked {
    pub(crate) access: Access,
    pub(crate) query: Query,
    connection: Arc<Connection>,
    method: Method,
    headers: HeaderMap,
    /// What stands in the path for the names in its route.
    path: HashMap<String, String>,
}

impl Asked {
    fn in_path(&self, name: &str) -> String {
        self.path.get(name).cloned().unwrap_or_default()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let Admitted(access) = Admitted::from_request_parts(parts, state).await?;
        let path = Path::from_request_parts(parts, state).await;
        let Path(path) = path.map_err(|_| Error::NotFound)?;
        let via = Extension::<Via>::from_request_parts(parts, state).await;
        let Extension(Via(connection)) = via.map_err(|_| Error::NotAsked)?;
        Ok(Self {
            access,
            query: Query::parse(parts.uri.query().unwrap_or_default()),
            connection,
            method: parts.method.clone(),
            headers: parts.headers.clone(),
            path,
        })
    }
}

/// What an output answers.
pub(crate) async fn watch(
    output: &'static Output,
    server: &Server,
    id: &StreamId,
    asked: Asked,
) -> Result<Response, Error> {
    let file = asked.in_path("file");
    let Asked {
        access,
        query,
        connection,
        method,
        headers,
        path: _,
    } = asked;
    let stream = server.app.hub.watch(&access.view(id))?;
    // For the log: the first stream a connection looks at, and mostly the only one.
    let _ = connection.stream.set(id.clone());
    let request = Request {
        wish: query.wish()?,
        stream,
        file,
        query,
        head_only: method == Method::HEAD,
        visitor: Visitor {
            remote: connection.peer.ip(),
            agent: agent(&headers),
        },
        headers,
        link: Arc::clone(&connection.link),
        sent: server.app.traffic.sent(id),
        clock: Arc::clone(server.app.hub.clock()),
    };
    let response = (output.serve)(request).await?;
    Ok(response.map(axum::body::Body::new))
}

/// What the visitor's program says it is.
pub(crate) fn agent(headers: &HeaderMap) -> Option<String> {
    let agent = headers.get(USER_AGENT)?.to_str().ok()?;
    Some(agent.chars().take(AGENT_CHARS).collect())
}
