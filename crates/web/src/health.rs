//! `/health` and `/ready`, for whoever restarts the server or sends it traffic.
//! They need no access and tell nothing else.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use eyeline_hub::State as StreamState;
use http::StatusCode;
use serde_json::{Value, json};

use crate::app::Server;

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
