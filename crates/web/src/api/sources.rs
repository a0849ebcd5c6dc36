//! `/api/sources`: what can be made a stream of.

use axum::Json;
use eyeline_source::inputs::INPUTS;
use eyeline_source::machine_sources;
use serde::Serialize;
use utoipa::ToSchema;

use super::TAG_SOURCES;
use crate::access::Admitted;

/// What can be made a stream of.
#[derive(Serialize, ToSchema)]
pub(crate) struct Sources {
    /// What this machine has.
    sources: Vec<Source>,
    /// The kinds of source that can be written.
    kinds: Vec<Kind>,
}

/// Something that this machine has.
#[derive(Serialize, ToSchema)]
pub(crate) struct Source {
    /// As it is written.
    source: String,
    /// A name for people.
    name: String,
    /// `camera`, or `test` for the test pattern.
    kind: String,
    /// What it is, in a sentence.
    hint: String,
}

/// A kind of source.
#[derive(Serialize, ToSchema)]
pub(crate) struct Kind {
    /// What it begins with, before the colon.
    scheme: &'static str,
    /// One that could be copied.
    example: &'static str,
    /// What it is, in a few sentences.
    help: &'static str,
}

/// List what this machine has, and the kinds of source there are.
#[utoipa::path(get, path = "/api/sources", tag = TAG_SOURCES, operation_id = "list_sources",
    responses((status = 200, body = Sources)))]
pub(crate) async fn list(_admitted: Admitted) -> Json<Sources> {
    // Drivers may take their time.
    let found = tokio::task::spawn_blocking(machine_sources).await;
    let sources = found.unwrap_or_default().into_iter().map(|source| Source {
        source: source.source,
        name: source.name,
        kind: source.kind.into(),
        hint: source.hint,
    });
    let kinds = INPUTS.iter().map(|input| Kind {
        scheme: input.schemes.first().unwrap_or(&""),
        example: input.example,
        help: input.help,
    });
    Json(Sources {
        sources: sources.collect(),
        kinds: kinds.collect(),
    })
}
