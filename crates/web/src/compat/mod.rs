//! Doors for programs that were written for other servers: their addresses, answered with
//! our streams. One file for each server that is imitated; what users are told of them is
//! in `docs/existing-clients.md`.
//!
//! A door translates, and nothing more: which stream is meant, and what the parameters are
//! called here. Who may enter, limits and accounts are those of our own addresses.

pub(crate) mod flask;
pub(crate) mod mjpg_streamer;
mod remote_camera;
pub(crate) mod ustreamer;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use eyeline_media::StreamId;

use crate::app::Server;
use crate::errors::Error;

/// The parameter of ours that names a stream at an address that has none.
const STREAM: &str = "stream";

/// Every door.
pub(crate) fn router() -> Router<Arc<Server>> {
    Router::new()
        .route("/", get(mjpg_streamer::root))
        .route("/stream", get(ustreamer::stream))
        .route("/snapshot", get(ustreamer::snapshot))
        .route("/state", get(ustreamer::state))
        .route("/video_feed", get(flask::default))
        .route("/video_feed/", get(flask::default))
        .route("/video_feed/{id}", get(flask::named))
        .route("/video_feed/{id}/", get(flask::named))
        .route("/cameras_list", get(remote_camera::list))
        .route("/video_remote_source/{id}", get(remote_camera::publish))
        .route("/websocket_handler_site", get(remote_camera::view_first))
        .route("/websocket_handler_site/{id}", get(remote_camera::view))
}

/// The stream of this number, counted from 0 in the order of names. A server that knew
/// one camera only always means number 0.
fn nth(server: &Server, number: usize) -> Result<StreamId, Error> {
    let mut streams = server.app.hub.stats().into_iter().map(|stats| stats.id);
    streams.nth(number).ok_or(Error::NoStream(number))
}

/// The stream of this name, or else of this number.
fn named(server: &Server, name: &str) -> Result<StreamId, Error> {
    let id: StreamId = name.parse()?;
    match name.parse() {
        Ok(number) if server.app.hub.stats_of(&id).is_none() => nth(server, number),
        _ => Ok(id),
    }
}

/// The stream that is named beside the address, or number 0.
fn some(server: &Server, name: Option<&str>) -> Result<StreamId, Error> {
    name.map_or_else(|| nth(server, 0), |name| named(server, name))
}
