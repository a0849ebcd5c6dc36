//! `/api/…`: the REST interface. Every handler carries its own description, from which the
//! OpenAPI document is made.
//!
//! Not here: pictures.

pub(crate) mod cameras;
pub(crate) mod controls;
pub(crate) mod definition;
mod events;
mod json;
pub(crate) mod manage;
mod page;
mod sources;
mod streams;
mod viewers;

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::CONTENT_TYPE;
use serde::Serialize;
use utoipa::openapi::OpenApi;
use utoipa::{OpenApi as _, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::Server;

const TAG_STREAMS: &str = "streams";
const TAG_VIEWERS: &str = "viewers";
const TAG_SOURCES: &str = "sources";
const TAG_EVENTS: &str = "events";

/// What every error looks like.
#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "only described here; `errors` writes it")]
pub(crate) struct Problem {
    /// What is wrong and what to do, in a sentence.
    error: String,
    /// The same in a word that stays the same.
    #[schema(example = "unknown_stream")]
    code: String,
}

/// What a stream may be named in addresses.
#[derive(ToSchema)]
#[schema(value_type = String, min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-][A-Za-z0-9_.-]*$")]
#[allow(dead_code, reason = "only described here; `StreamId` parses it")]
pub(crate) struct StreamName(String);

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Eyeline",
        description = "Any camera, on any screen, as it happens.\n\nVisitors from other machines bring the token as `?token=`, or as the password of `Authorization: Bearer` or `Basic`. Times are RFC 3339, in UTC.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    tags(
        (name = "streams", description = "Making, changing and ending streams"),
        (name = "viewers", description = "Who looks"),
        (name = "sources", description = "What can be made a stream of"),
        (name = "events", description = "What happens"),
    ),
    components(schemas(Problem, StreamName)),
)]
struct Document;

fn described() -> OpenApiRouter<Arc<Server>> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(streams::list, streams::create))
        .routes(routes!(
            streams::get,
            streams::put,
            streams::change,
            streams::delete
        ))
        .routes(routes!(controls::get, controls::set, controls::reset))
        .routes(routes!(viewers::list))
        .routes(routes!(viewers::close))
        .routes(routes!(sources::list))
        .routes(routes!(cameras::list))
        .routes(routes!(events::follow))
}

/// The routes of the API and of its description.
pub(crate) fn router() -> Router<Arc<Server>> {
    let (router, _) = described().split_for_parts();
    router.route("/api/openapi.json", get(document))
}

fn openapi() -> OpenApi {
    described().split_for_parts().1
}

/// `GET /api/openapi.json`
async fn document() -> Response {
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = TEXT.get_or_init(|| openapi().to_pretty_json().unwrap_or_default());
    ([(CONTENT_TYPE, "application/json")], text.as_str()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With `UPDATE_GOLDEN=1` in the environment the file is written anew.
    #[test]
    fn the_description_is_the_one_that_was_agreed_on() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
        let text = format!("{}\n", openapi().to_pretty_json().unwrap());
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(path, &text).unwrap();
        }
        let golden = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            golden == text,
            "openapi.json is not what the code says; UPDATE_GOLDEN=1 writes it"
        );
    }
}
