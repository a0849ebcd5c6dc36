//! WebSockets, as `docs/websocket.md` describes them: who may open one, and the sessions.
//!
//! Not here: frames and how pictures are put into them (`proto::websocket`), which
//! picture comes next (`output::View`), where pictures go to (`source`).

mod limits;
mod messages;
mod mse;
mod producer;
mod replies;
mod socket;
mod viewer;

use axum::response::Response;
use eyeline_proto::websocket::handshake;
use http::header::{
    CONNECTION, HOST, HeaderMap, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::request::Parts;
use http::{HeaderName, Version};

use crate::errors::Error;
use crate::takeover::{self, Running, Taken};

pub(crate) use mse::watch as watch_by_mse;
pub(crate) use producer::{ACCEPTS as OF_A_PRODUCER, publish};
pub(crate) use socket::{Goodbye, Heard, Socket};
pub(crate) use viewer::{ACCEPTS as OF_A_VIEWER, Asked, Viewer, join_later, view};

/// What proves to the client that its handshake was understood.
pub(crate) struct Accepted(HeaderValue);

/// Checks the handshake (RFC 6455, 4.2.1).
pub(crate) fn accept(request: &Parts) -> Result<Accepted, Error> {
    let joined = |name: HeaderName| {
        let values = request.headers.get_all(name).into_iter();
        let values: Vec<_> = values.filter_map(|value| value.to_str().ok()).collect();
        (!values.is_empty()).then(|| values.join(","))
    };
    let [upgrade, connection, version, key] = [
        joined(UPGRADE).filter(|_| request.version >= Version::HTTP_11),
        joined(CONNECTION),
        joined(SEC_WEBSOCKET_VERSION),
        joined(SEC_WEBSOCKET_KEY),
    ];
    let accept = handshake::accept(&handshake::Request {
        method: request.method.as_str(),
        has_host: request.headers.contains_key(HOST),
        upgrade: upgrade.as_deref(),
        connection: connection.as_deref(),
        version: version.as_deref(),
        key: key.as_deref(),
    })?;
    let value = HeaderValue::from_str(&accept).map_err(|_| handshake::Error::Key)?;
    Ok(Accepted(value))
}

/// The answer that opens the WebSocket for a session.
pub(crate) fn open(
    Accepted(accept): Accepted,
    session: impl FnOnce(Taken) -> Running + Send + 'static,
) -> Response {
    let headers = HeaderMap::from_iter([
        (UPGRADE, HeaderValue::from_static("websocket")),
        (CONNECTION, HeaderValue::from_static("Upgrade")),
        (SEC_WEBSOCKET_ACCEPT, accept),
    ]);
    takeover::respond(headers, session)
}
