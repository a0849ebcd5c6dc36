//! Every address of the server.

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::{get, put};
use eyeline_output::OUTPUTS;
use http::header::{HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};

use crate::app::Server;
use crate::errors::Error;
use crate::{access, api, assets, compat, cors, health, ingest, metrics, pages, streams, ws};

/// The routes. Those in the second part are for those who were let in.
pub(crate) fn router(server: &Arc<Server>) -> Router {
    let for_everybody = Router::new()
        .route("/health", get(health::health))
        .route("/ready", get(health::ready))
        .route("/time", get(health::time))
        .route("/assets/{*path}", get(assets::asset))
        .route("/player.js", get(assets::player));
    let mut for_the_admitted = Router::new()
        .merge(compat::router())
        .route("/metrics", get(metrics::metrics))
        .merge(api::router())
        .route("/api/docs", get(pages::docs))
        .route("/streams/{id}", get(pages::stream))
        .route("/ws/viewer", get(ws::join_later))
        .route("/ws/viewer/{id}", get(ws::view))
        .route("/ws/stream/{id}", get(ws::publish))
        .route("/streams/{id}/mse", get(ws::watch_by_mse))
        .route("/streams/{id}/ingest", put(ingest::push).post(ingest::push));
    for output in OUTPUTS {
        let path = format!("/streams/{{id}}/{}", output.path);
        for_the_admitted = for_the_admitted.route(&path, streams::route(output));
    }
    let for_the_admitted = for_the_admitted
        .fallback(async || Error::NotFound)
        .layer(from_fn_with_state(Arc::clone(server), access::check));
    for_everybody
        .merge(for_the_admitted)
        .method_not_allowed_fallback(async || Error::Method)
        .layer(from_fn(cors::preflight))
        .layer(map_response(add_headers))
        .with_state(Arc::clone(server))
}

/// What every answer says: do not guess what this is, and do not tell other sites
/// the address of this page, which may hold the token.
async fn add_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
