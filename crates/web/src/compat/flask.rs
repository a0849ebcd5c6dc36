//! `/video_feed`, as tutorials with Flask and its kin call the address of their camera,
//! and `/video_feed/0` of those with several.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use eyeline_output::MJPEG;

use crate::app::Server;
use crate::errors::Error;
use crate::streams::{Asked, watch};

/// `GET /video_feed`
pub(crate) async fn default(
    State(server): State<Arc<Server>>,
    asked: Asked,
) -> Result<Response, Error> {
    let id = super::some(&server, asked.query.get(super::STREAM))?;
    watch(&MJPEG, &server, &id, asked).await
}

/// `GET /video_feed/{id}`
pub(crate) async fn named(
    State(server): State<Arc<Server>>,
    Path(name): Path<String>,
    asked: Asked,
) -> Result<Response, Error> {
    let id = super::named(&server, &name)?;
    watch(&MJPEG, &server, &id, asked).await
}
