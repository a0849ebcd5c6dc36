//! `/health` and `/ready`, for whoever restarts the server or sends it traffic, and `/time`, for
//! players that go by the server's clock. They need no access and tell nothing else.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use eyeline_hub::State as StreamState;
use eyeline_media::Timestamp;
use eyeline_proto::date::iso8601;
use http::StatusCode;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE};
use serde_json::{Value, json};

use crate::app::Server;

/// `GET /time`: what time it is, as DASH asks for it (`urn:mpeg:dash:utc:http-iso:2014`).
pub(crate) async fn time(State(server): State<Arc<Server>>) -> Response {
    let now = Timestamp::from_nanos(server.app.hub.clock().wall_nanos());
    let headers = [
        (CONTENT_TYPE, "text/plain"),
        (CACHE_CONTROL, "no-store"),
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    (headers, iso8601(now)).into_response()
}

/// `GET /health`: the server runs.
pub(crate) async fn health() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// `GET /ready`: every stream was started. A camera that is away does not count
/// against it; that is for the metrics.
pub(crate) async fn ready(State(server): State<Arc<Server>>) -> (StatusCode, Json<Value>) {
    let stats = server.app.hub.stats();
    let is_starting = |stream: &&eyeline_hub::StreamStats| stream.state == StreamState::Starting;
    let starting = stats.iter().filter(is_starting).count();
    let (status, word) = match starting {
        0 => (StatusCode::OK, "ready"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "starting"),
    };
    let body = json!({ "status": word, "streams": stats.len(), "starting": starting });
    (status, Json(body))
}
