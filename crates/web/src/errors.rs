//! Every error of every layer below, as HTTP says it: one table.

use axum::Json;
use axum::response::{IntoResponse, Response};
use eyeline_auth::Denied;
use eyeline_hub::{InvalidWish, ViewError};
use eyeline_media::InvalidStreamId;
use eyeline_output::OutputError;
use eyeline_source::{IngestError, SpecError};
use http::StatusCode;
use http::header::{HeaderValue, RETRY_AFTER};
use serde_json::json;

/// Why a request gets no answer but this.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    StreamId(#[from] InvalidStreamId),
    #[error(transparent)]
    Output(#[from] OutputError),
    #[error(transparent)]
    Ingest(#[from] IngestError),
    #[error(transparent)]
    Format(#[from] SpecError),
    #[error("there is nothing at this address")]
    NotFound,
    #[error("this address does not take that method")]
    Method,
    #[error("the server has too many connections")]
    TooManyConnections,
    #[error("the server forgot to ask who this is; please report it")]
    NotAsked,
}

impl From<ViewError> for Error {
    fn from(error: ViewError) -> Self {
        Self::Output(error.into())
    }
}

impl From<InvalidWish> for Error {
    fn from(error: InvalidWish) -> Self {
        Self::Output(error.into())
    }
}

impl Error {
    /// The status, a word for programs that stays the same, and after how many
    /// seconds to try again, if that may help.
    pub(crate) fn meaning(&self) -> (StatusCode, &'static str, Option<u32>) {
        use StatusCode as S;
        match self {
            Self::Denied(Denied::TokenNeeded) => (S::UNAUTHORIZED, "token_needed", None),
            Self::Denied(Denied::WrongToken) => (S::UNAUTHORIZED, "wrong_token", None),
            Self::Denied(Denied::UnknownHost) => (S::FORBIDDEN, "unknown_host", None),
            Self::Denied(Denied::ForeignOrigin) => (S::FORBIDDEN, "foreign_origin", None),
            Self::StreamId(_) => (S::BAD_REQUEST, "bad_stream_id", None),
            Self::Output(error) => Self::meaning_of_output(error),
            Self::Ingest(error) => Self::meaning_of_ingest(error),
            Self::Format(_) => (S::BAD_REQUEST, "bad_parameter", None),
            Self::NotFound => (S::NOT_FOUND, "not_found", None),
            Self::Method => (S::METHOD_NOT_ALLOWED, "method_not_allowed", None),
            Self::TooManyConnections => (S::SERVICE_UNAVAILABLE, "too_many_connections", Some(10)),
            Self::NotAsked => (S::INTERNAL_SERVER_ERROR, "internal", None),
        }
    }

    fn meaning_of_output(error: &OutputError) -> (StatusCode, &'static str, Option<u32>) {
        use StatusCode as S;
        match error {
            OutputError::View(ViewError::Unknown(_)) => (S::NOT_FOUND, "unknown_stream", None),
            OutputError::View(ViewError::Ended(_)) => (S::NOT_FOUND, "stream_ended", Some(1)),
            OutputError::View(ViewError::TooManyRenditions { .. }) => {
                (S::SERVICE_UNAVAILABLE, "too_many_renditions", Some(10))
            }
            OutputError::View(ViewError::TooManyViewers { .. }) => {
                (S::SERVICE_UNAVAILABLE, "too_many_viewers", Some(10))
            }
            OutputError::Wish(_) | OutputError::Parameter { .. } => {
                (S::BAD_REQUEST, "bad_parameter", None)
            }
            OutputError::NoPicture { .. } => (S::SERVICE_UNAVAILABLE, "no_picture", Some(1)),
        }
    }

    fn meaning_of_ingest(error: &IngestError) -> (StatusCode, &'static str, Option<u32>) {
        use StatusCode as S;
        match error {
            IngestError::UnsupportedType(_) => {
                (S::UNSUPPORTED_MEDIA_TYPE, "unsupported_type", None)
            }
            IngestError::FormatMissing => (S::BAD_REQUEST, "format_missing", None),
            IngestError::Malformed(_) => (S::BAD_REQUEST, "malformed", None),
            IngestError::TooLarge(_) => (S::PAYLOAD_TOO_LARGE, "too_large", None),
            IngestError::Busy(_) => (S::CONFLICT, "busy", Some(5)),
            IngestError::NotPush(_) => (S::CONFLICT, "not_push", None),
            IngestError::Replaced(_) => (S::CONFLICT, "replaced", None),
            IngestError::TooManyStreams { .. } => {
                (S::SERVICE_UNAVAILABLE, "too_many_streams", Some(10))
            }
            IngestError::Ended(_) => (S::SERVICE_UNAVAILABLE, "stream_ended", Some(1)),
            IngestError::Body(_) => (S::BAD_REQUEST, "broken_off", None),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, code, retry_after) = self.meaning();
        let body = Json(json!({ "error": self.to_string(), "code": code }));
        let mut response = (status, body).into_response();
        if let Some(seconds) = retry_after {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
