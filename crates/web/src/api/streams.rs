//! `/api/streams`: the streams there are, and making, changing and ending them.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use eyeline_auth::Access;
use eyeline_media::StreamId;
use eyeline_source::Origin;
use http::header::LOCATION;
use http::{StatusCode, Uri};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::definition::{Change, QualityName, Settings};
use super::json::{Body, OptionalBody, whole};
use super::manage::{self, Made};
use super::page::Page;
use super::{Problem, StreamName, TAG_STREAMS};
use crate::access::Admitted;
use crate::app::Server;
use crate::errors::Error;
use crate::info::Info;

/// Some streams.
#[derive(Serialize, ToSchema)]
pub(crate) struct Streams {
    streams: Vec<Info>,
    /// How many there are, on all pages.
    total: usize,
}

/// A stream that was made, and what became of the wish.
#[derive(Serialize, ToSchema)]
pub(crate) struct Created {
    #[serde(flatten)]
    info: Info,
    /// What was done, in a sentence.
    message: String,
}

/// What was done, in a sentence.
#[derive(Serialize, ToSchema)]
pub(crate) struct Done {
    message: String,
}

impl Done {
    pub(crate) fn new(message: String) -> Self {
        Self { message }
    }
}

/// A stream to be made. Without a source and a camera it is the first camera there is, or
/// else the test pattern.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct New {
    /// Its name in addresses; made from the source if left out.
    #[schema(pattern = "^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}$")]
    pub(crate) id: Option<String>,
    /// A camera of this machine, by number, instead of a source.
    #[serde(deserialize_with = "whole")]
    #[schema(minimum = 0)]
    pub(crate) camera_index: Option<u32>,
    /// Where the pictures come from.
    pub(crate) source: Option<String>,
    /// A name for people.
    #[schema(max_length = 100, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]*$")]
    pub(crate) name: Option<String>,
    /// What viewers get who do not ask for a quality.
    pub(crate) quality: Option<QualityName>,
    /// Frames a second.
    #[serde(deserialize_with = "whole")]
    #[schema(minimum = 1, maximum = 120)]
    pub(crate) fps: Option<u32>,
    /// Width and height.
    #[schema(example = "1280x720", pattern = "^[1-9][0-9]{0,4}x[1-9][0-9]{0,4}$")]
    pub(crate) size: Option<String>,
    /// JPEG quality of what is encoded.
    #[serde(deserialize_with = "whole")]
    #[schema(minimum = 1, maximum = 100)]
    pub(crate) jpeg_quality: Option<u32>,
    /// Whether the source is open only while somebody looks.
    pub(crate) on_demand: Option<bool>,
    /// Whether sound is carried. This version carries none: only `false` is taken.
    pub(crate) audio: Option<bool>,
    /// Whether the stream is recorded. This version records nothing: only `false` is taken.
    pub(crate) record: Option<bool>,
}

/// List the streams, by name.
#[utoipa::path(get, path = "/api/streams", tag = TAG_STREAMS, operation_id = "list_streams",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "Most streams to tell of"),
        ("offset" = Option<u32>, Query, maximum = 2147483647, description = "How many to leave out before"),
    ),
    responses((status = 200, body = Streams), (status = 400, body = Problem)))]
pub(crate) async fn list(
    State(server): State<Arc<Server>>,
    _admitted: Admitted,
    uri: Uri,
) -> Result<Json<Streams>, Error> {
    let page = Page::of(uri.query())?;
    let all = server.app.hub.stats();
    let (streams, total) = page.cut_with(all, |stats| Info::of(&server, stats));
    Ok(Json(Streams { streams, total }))
}

/// Tell of one stream.
#[utoipa::path(get, path = "/api/streams/{id}", tag = TAG_STREAMS, operation_id = "get_stream",
    params(("id" = StreamName, Path, description = "Name of the stream")),
    responses((status = 200, body = Info), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn get(
    State(server): State<Arc<Server>>,
    Admitted(access): Admitted,
    Path(id): Path<String>,
) -> Result<Json<Info>, Error> {
    info(&server, &access, &id.parse()?).map(Json)
}

/// Make a stream.
///
/// It is kept, and made again after a restart. A source that is not there at the moment is
/// no error: the stream shows why, and goes on by itself.
#[utoipa::path(post, path = "/api/streams", tag = TAG_STREAMS, operation_id = "create_stream",
    request_body = Option<New>,
    responses(
        (status = 201, body = Created, headers(("Location" = String, description = "The new stream, relative to this address"))),
        (status = 400, body = Problem), (status = 403, body = Problem, description = "A source that may not come from the API"),
        (status = 409, body = Problem, description = "The name is taken"), (status = 413, body = Problem),
        (status = 415, body = Problem), (status = 422, body = Problem, description = "Understood, but impossible"),
        (status = 503, body = Problem, description = "There are as many streams as allowed")))]
pub(crate) async fn create(
    State(server): State<Arc<Server>>,
    Admitted(access): Admitted,
    OptionalBody(new): OptionalBody<New>,
) -> Result<Response, Error> {
    let made = manage::create(&server, &access, new).await?;
    created(&server, &access, made)
}

/// Make a stream of this name, or give it a new definition.
///
/// Doing it again changes nothing. Viewers of a stream that is there already stay.
#[utoipa::path(put, path = "/api/streams/{id}", tag = TAG_STREAMS, operation_id = "put_stream",
    params(("id" = StreamName, Path, description = "Name of the stream")),
    request_body = Settings,
    responses(
        (status = 200, body = Info, description = "It was there"), (status = 201, body = Created),
        (status = 400, body = Problem), (status = 403, body = Problem),
        (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem),
        (status = 503, body = Problem)))]
pub(crate) async fn put(
    State(server): State<Arc<Server>>,
    Admitted(access): Admitted,
    Path(id): Path<String>,
    Body(settings): Body<Settings>,
) -> Result<Response, Error> {
    let id: StreamId = id.parse()?;
    match manage::put(&server, &access, &id, &settings).await? {
        Some(made) => created(&server, &access, made),
        None => Ok(Json(info(&server, &access, &id)?).into_response()),
    }
}

/// Change a running stream. Its viewers stay.
///
/// What is left out stays as it is; `null` sets back to the default.
#[utoipa::path(patch, path = "/api/streams/{id}", tag = TAG_STREAMS, operation_id = "change_stream",
    params(("id" = StreamName, Path, description = "Name of the stream")),
    request_body = Change,
    responses(
        (status = 200, body = Info), (status = 400, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem),
        (status = 422, body = Problem)))]
pub(crate) async fn change(
    State(server): State<Arc<Server>>,
    Admitted(access): Admitted,
    Path(id): Path<String>,
    Body(change): Body<Change>,
) -> Result<Json<Info>, Error> {
    let id: StreamId = id.parse()?;
    manage::change(&server, &access, &id, change).await?;
    info(&server, &access, &id).map(Json)
}

/// End a stream and forget it.
#[utoipa::path(delete, path = "/api/streams/{id}", tag = TAG_STREAMS, operation_id = "delete_stream",
    params(("id" = StreamName, Path, description = "Name of the stream")),
    responses((status = 200, body = Done), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn delete(
    State(server): State<Arc<Server>>,
    Admitted(access): Admitted,
    Path(id): Path<String>,
) -> Result<Json<Done>, Error> {
    let id: StreamId = id.parse()?;
    let origin = manage::delete(&server, &access, &id).await?;
    let message = match origin {
        Origin::Configuration => {
            format!("{id} has ended; the configuration makes it again at the next start")
        }
        Origin::Api | Origin::Publisher => format!("{id} has ended"),
    };
    Ok(Json(Done::new(message)))
}

fn info(server: &Server, access: &Access, id: &StreamId) -> Result<Info, Error> {
    let stream = server.app.hub.watch(&access.view(id))?;
    Ok(Info::of(server, stream.stats()))
}

fn created(server: &Server, access: &Access, made: Made) -> Result<Response, Error> {
    let Made { id, message } = made;
    let location = [(LOCATION, format!("streams/{id}"))];
    let info = info(server, access, &id)?;
    let body = Json(Created { info, message });
    Ok((StatusCode::CREATED, location, body).into_response())
}
