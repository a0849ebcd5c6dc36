//! `PUT|POST /streams/{id}/ingest`: whoever publishes. The body may be endless; it is
//! handed on as it comes, and what is too large in it is for `source` to say.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use eyeline_auth::{Grant, Publish};
use eyeline_media::StreamId;
use eyeline_output::Query;
use eyeline_source::RawFormat;
use http::Uri;
use http::header::{CONTENT_TYPE, HeaderMap};
use serde::Serialize;

use crate::access::Admitted;
use crate::app::Server;
use crate::errors::Error;

/// What is said to a publisher who has finished.
#[derive(Serialize)]
pub(crate) struct Taken {
    /// Pictures that were taken from the body.
    frames: u64,
}

/// `PUT|POST /streams/{id}/ingest`
pub(crate) async fn push(
    State(server): State<Arc<Server>>,
    Admitted(access): Admitted,
    Path(id): Path<String>,
    (uri, headers): (Uri, HeaderMap),
    body: Body,
) -> Result<Json<Taken>, Error> {
    let id: StreamId = id.parse()?;
    let taken = ingest(&server, &access.publish(&id), &uri, &headers, body).await;
    if let Err(error) = &taken {
        server.metrics.ingest_errors.inc();
        tracing::info!(stream = %id, %error, "a publisher was refused");
    }
    taken
}

async fn ingest(
    server: &Server,
    grant: &Grant<Publish>,
    uri: &Uri,
    headers: &HeaderMap,
    body: Body,
) -> Result<Json<Taken>, Error> {
    let query = Query::parse(uri.query().unwrap_or_default());
    let format = RawFormat::from_query(query.get("format"), query.get("size"))?;
    let content_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let streams = &server.app.streams;
    let accepted = streams
        .ingest(grant, content_type, format, body.into_data_stream())
        .await?;
    let frames = accepted.frames;
    Ok(Json(Taken { frames }))
}
