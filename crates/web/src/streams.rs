//! `/streams/{id}/…`: the outputs, each below the path it names.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use eyeline_output::{Output, Query, Request, Visitor};
use http::header::{HeaderMap, USER_AGENT};
use http::{Method, Uri};

use crate::access::Admitted;
use crate::app::Server;
use crate::connection::Via;
use crate::errors::Error;
use crate::limits::AGENT_CHARS;

/// The handler of one output.
pub(crate) fn route(output: &'static Output) -> MethodRouter<Arc<Server>> {
    get(
        move |State(server): State<Arc<Server>>, asked: Asked, head: (Method, Uri, HeaderMap)| {
            watch(output, server, asked, head)
        },
    )
}

/// Who asks for which stream, over which connection.
type Asked = (Admitted, Extension<Via>, Path<String>);

/// `GET /streams/{id}/{output.path}`
async fn watch(
    output: &'static Output,
    server: Arc<Server>,
    (Admitted(access), Extension(Via(connection)), Path(id)): Asked,
    (method, uri, headers): (Method, Uri, HeaderMap),
) -> Result<Response, Error> {
    let id = id.parse()?;
    let stream = server.app.hub.watch(&access.view(&id))?;
    let query = Query::parse(uri.query().unwrap_or_default());
    // For the log: the first stream a connection looks at, and mostly the only one.
    let _ = connection.stream.set(id.clone());
    let request = Request {
        wish: query.wish()?,
        stream,
        query,
        head_only: method == Method::HEAD,
        visitor: Visitor {
            remote: connection.peer.ip(),
            agent: agent(&headers),
        },
        headers,
        link: Arc::clone(&connection.link),
        sent: server.metrics.sent(&id),
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
