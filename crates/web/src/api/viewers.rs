//! `/api/streams/{id}/viewers`: who looks, by which way, how fast; and closing one.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use http::Uri;
use serde::Serialize;
use utoipa::ToSchema;

use super::page::Page;
use super::streams::Done;
use super::{Problem, StreamName, TAG_VIEWERS};
use crate::access::Admitted;
use crate::app::Server;
use crate::errors::Error;
use crate::info::Viewer;

/// What a viewer is told who is closed over the API.
const CLOSED: &str = "closed by the operator";

/// Some viewers of a stream.
#[derive(Serialize, ToSchema)]
pub(crate) struct Viewers {
    viewers: Vec<Viewer>,
    /// How many there are, on all pages.
    total: usize,
}

/// List the viewers of a stream, by number.
#[utoipa::path(get, path = "/api/streams/{id}/viewers", tag = TAG_VIEWERS, operation_id = "list_viewers",
    params(
        ("id" = StreamName, Path, description = "Name of the stream"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "Most viewers to tell of"),
        ("offset" = Option<u32>, Query, maximum = 2147483647, description = "How many to leave out before"),
    ),
    responses((status = 200, body = Viewers), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn list(
    State(server): State<Arc<Server>>,
    Admitted(access): Admitted,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Json<Viewers>, Error> {
    let stream = server.app.hub.watch(&access.view(&id.parse()?))?;
    let (viewers, total) = Page::of(uri.query())?.cut(stream.viewers());
    Ok(Json(Viewers { viewers, total }))
}

/// Close a viewer. It is told why, and may come back.
#[utoipa::path(delete, path = "/api/streams/{id}/viewers/{viewer}", tag = TAG_VIEWERS, operation_id = "close_viewer",
    params(
        ("id" = StreamName, Path, description = "Name of the stream"),
        ("viewer" = u64, Path, description = "Number of the viewer, from the list"),
    ),
    responses((status = 200, body = Done), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn close(
    State(server): State<Arc<Server>>,
    Admitted(access): Admitted,
    Path((id, viewer)): Path<(String, String)>,
) -> Result<Json<Done>, Error> {
    let stream = server.app.hub.watch(&access.view(&id.parse()?))?;
    let number = viewer.parse();
    let number = number.map_err(|_| Error::Member("viewer", "use a viewer's number".to_owned()))?;
    if stream.close_viewer(number, CLOSED) {
        Ok(Json(Done::new(format!(
            "viewer {number} of {} was closed",
            stream.id()
        ))))
    } else {
        Err(Error::UnknownViewer(number))
    }
}
