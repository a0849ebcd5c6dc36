//! `/api/…`: the streams as JSON.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;

use crate::access::Admitted;
use crate::app::Server;
use crate::errors::Error;
use crate::info::{Info, Viewer};

#[derive(Serialize)]
pub(crate) struct Streams {
    streams: Vec<Info>,
    total: usize,
}

#[derive(Serialize)]
pub(crate) struct Viewers {
    viewers: Vec<Viewer>,
    total: usize,
}

/// `GET /api/streams`
pub(crate) async fn streams(
    State(server): State<Arc<Server>>,
    Admitted(_): Admitted,
) -> Json<Streams> {
    let streams: Vec<Info> = server.app.hub.stats().into_iter().map(Info::from).collect();
    let total = streams.len();
    Json(Streams { streams, total })
}

/// `GET /api/streams/{id}`
pub(crate) async fn stream(
    State(server): State<Arc<Server>>,
    Admitted(access): Admitted,
    Path(id): Path<String>,
) -> Result<Json<Info>, Error> {
    let stream = server.app.hub.watch(&access.view(&id.parse()?))?;
    Ok(Json(stream.stats().into()))
}

/// `GET /api/streams/{id}/viewers`
pub(crate) async fn viewers(
    State(server): State<Arc<Server>>,
    Admitted(access): Admitted,
    Path(id): Path<String>,
) -> Result<Json<Viewers>, Error> {
    let stream = server.app.hub.watch(&access.view(&id.parse()?))?;
    let viewers: Vec<Viewer> = stream.viewers().into_iter().map(Viewer::from).collect();
    let total = viewers.len();
    Ok(Json(Viewers { viewers, total }))
}
