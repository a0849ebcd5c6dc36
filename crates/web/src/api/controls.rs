//! `/api/streams/{id}/controls`: what can be set on a stream's camera while it runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use eyeline_media::StreamId;
use eyeline_source::{self as source, ControlChanges, ControlError, ControlValues, Setting};
use eyeline_store::Store;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::cameras::Control;
use super::json::Body;
use super::{Problem, StreamName, TAG_STREAMS, manage};
use crate::access::Admitted;
use crate::app::Server;
use crate::errors::Error;

/// Beyond it, JSON's numbers skip whole ones.
const WHOLE: f64 = 9e15;

/// A stream's camera, and what can be set on it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Controls {
    /// Its device; `null` if the stream has no camera of this machine.
    #[schema(example = "/dev/video0")]
    camera: Option<String>,
    /// Its name.
    name: Option<String>,
    /// In the order of the driver.
    controls: Vec<Control>,
    /// What is set whenever the camera is opened.
    kept: BTreeMap<String, i64>,
}

/// What controls are to become, by their ids: a number, `true` or `false`, the name of a menu's
/// item, or `null` for the default. `true` presses a button.
#[derive(Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Object, example = json!({"brightness": 130, "auto_exposure": "Manual Mode", "gain": null}))]
pub(crate) struct Changes(BTreeMap<String, Value>);

/// Whether changes are to last.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Keep {
    /// Set these whenever the camera is opened, too, also after a restart.
    #[serde(default)]
    keep: bool,
}

/// Say what can be set on a stream's camera, and how it is set now.
#[utoipa::path(get, path = "/api/streams/{id}/controls", tag = TAG_STREAMS, operation_id = "get_controls",
    params(("id" = StreamName, Path, description = "Name of the stream")),
    responses(
        (status = 200, body = Controls), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 503, body = Problem, description = "The camera does not answer")))]
pub(crate) async fn get(
    State(server): State<Arc<Server>>,
    Admitted(access): Admitted,
    Path(id): Path<String>,
) -> Result<Json<Controls>, Error> {
    let id: StreamId = id.parse()?;
    manage::definition(&server, &access, &id)?;
    Ok(Json(Controls::of(server.app.streams.controls(&id).await?)))
}

/// Set controls of a stream's camera while it runs.
///
/// They are in force in the next pictures; nobody is disconnected. What is not named stays.
#[utoipa::path(patch, path = "/api/streams/{id}/controls", tag = TAG_STREAMS, operation_id = "set_controls",
    params(("id" = StreamName, Path, description = "Name of the stream"), Keep),
    request_body = Changes,
    responses(
        (status = 200, body = Controls), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 413, body = Problem), (status = 415, body = Problem),
        (status = 422, body = Problem, description = "There is no such control, or it has no such value"),
        (status = 503, body = Problem, description = "The camera does not answer")))]
pub(crate) async fn set(
    State(server): State<Arc<Server>>,
    Admitted(access): Admitted,
    Path(id): Path<String>,
    keep: Result<Query<Keep>, axum::extract::rejection::QueryRejection>,
    Body(Changes(changes)): Body<Changes>,
) -> Result<Json<Controls>, Error> {
    let id: StreamId = id.parse()?;
    let Query(Keep { keep }) =
        keep.map_err(|_| Error::Member("keep", "use true or false".to_owned()))?;
    let changes = changes
        .into_iter()
        .map(|(id, wanted)| setting(&id, wanted).map(|setting| (id, setting)));
    let changes: ControlChanges = changes.collect::<Result<_, ControlError>>()?;
    let set = manage::set_controls(&server, &access, &id, changes, keep).await?;
    Ok(Json(Controls::of(set)))
}

/// Set everything on a stream's camera to what the driver starts with, and keep nothing.
#[utoipa::path(delete, path = "/api/streams/{id}/controls", tag = TAG_STREAMS, operation_id = "reset_controls",
    params(("id" = StreamName, Path, description = "Name of the stream")),
    responses(
        (status = 200, body = Controls), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 422, body = Problem, description = "The stream has no camera of this machine"),
        (status = 503, body = Problem, description = "The camera does not answer")))]
pub(crate) async fn reset(
    State(server): State<Arc<Server>>,
    Admitted(access): Admitted,
    Path(id): Path<String>,
) -> Result<Json<Controls>, Error> {
    let id: StreamId = id.parse()?;
    let reset = manage::reset_controls(&server, &access, &id).await?;
    Ok(Json(Controls::of(reset)))
}

impl Controls {
    fn of(controls: source::Controls) -> Self {
        Self {
            camera: controls.device,
            name: controls.name,
            controls: controls.controls.iter().map(Control::of).collect(),
            kept: controls.kept,
        }
    }
}

fn setting(id: &str, wanted: Value) -> Result<Setting, ControlError> {
    let whole = |number: f64| number.fract() == 0.0 && number.abs() < WHOLE;
    let number = |number: serde_json::Number| {
        // JSON does not tell `1.0` from `1`.
        let float = number.as_f64().filter(|float| whole(*float));
        number.as_i64().or(float.map(|float| float as i64))
    };
    let why = "use a whole number, true or false, the name of a choice, or null for the default";
    let error = || ControlError::Value {
        id: id.to_owned(),
        why: why.to_owned(),
    };
    match wanted {
        Value::Null => Ok(Setting::Default),
        Value::Bool(on) => Ok(Setting::Value(on.into())),
        Value::Number(said) => number(said).map(Setting::Value).ok_or_else(error),
        Value::String(name) => Ok(Setting::Item(name)),
        Value::Array(_) | Value::Object(_) => Err(error()),
    }
}

/// What is set on the camera of a stream whenever it is opened, as it was kept.
#[must_use]
pub fn kept_controls(store: Option<&Store>, id: &StreamId) -> ControlValues {
    let kept = store.map_or(Ok(None), |store| store.controls(id));
    let read = |text: String| serde_json::from_str(&text).ok();
    match kept {
        Ok(kept) => kept.and_then(read).unwrap_or_default(),
        Err(error) => {
            tracing::error!(stream = %id, %error, "what is set on its camera cannot be read");
            ControlValues::default()
        }
    }
}

/// As [`kept_controls`] reads it.
pub(super) fn text(kept: &ControlValues) -> Result<String, Error> {
    if kept.is_empty() {
        return Ok(String::new());
    }
    serde_json::to_string(kept).map_err(|error| Error::Malformed(error.to_string()))
}
