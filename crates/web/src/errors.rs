//! Every error of every layer below, as HTTP says it: one table.

use axum::Json;
use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Response};
use eyeline_auth::Denied;
use eyeline_hub::{InvalidWish, PublishError, ViewError};
use eyeline_media::{InvalidStreamId, StreamId};
use eyeline_output::OutputError;
use eyeline_proto::websocket::handshake;
use eyeline_source::{ChangeError, ControlError, IngestError, NotAllowed, SpecError};
use eyeline_store::StoreError;
use http::StatusCode;
use http::header::{HeaderValue, RETRY_AFTER, SEC_WEBSOCKET_VERSION};
use serde_json::json;

use crate::limits::JSON_BYTES;

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
    #[error(transparent)]
    Handshake(#[from] handshake::Error),
    /// A body that is not what it should be.
    #[error("the body is not understood: {0}")]
    Malformed(String),
    #[error("the body is larger than {} KiB", JSON_BYTES / 1024)]
    BodyTooLarge,
    #[error("the body must be JSON: send Content-Type: application/json")]
    NotJson,
    /// A member or a parameter that has no such value.
    #[error("{0}: {1}")]
    Member(&'static str, String),
    /// A member that is understood, but cannot be had.
    #[error("{0}: {1}")]
    Impossible(&'static str, String),
    #[error("source: {0}")]
    Source(SpecError),
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    #[error("this machine has no camera number {0}; GET /api/sources lists what it has")]
    NoCamera(u32),
    #[error("{0}: {1}")]
    NotAvailable(&'static str, &'static str),
    #[error(transparent)]
    Publish(#[from] PublishError),
    #[error(transparent)]
    Change(#[from] ChangeError),
    #[error(transparent)]
    Controls(#[from] ControlError),
    #[error("there is no stream number {0}; GET /api/streams lists them, and they count from 0")]
    NoStream(usize),
    #[error("{0} cannot be changed: another part of the program made it")]
    NotManaged(StreamId),
    #[error("this stream has no viewer number {0}")]
    UnknownViewer(u64),
    #[error("this could not be kept for the next start: {0}")]
    Store(#[from] StoreError),
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
    /// Why a body could not be read.
    pub(crate) fn of_body(error: &BytesRejection) -> Self {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Self::BodyTooLarge
        } else {
            Self::Malformed(error.body_text())
        }
    }

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
            Self::Handshake(error) => (
                S::from_u16(error.status()).unwrap_or(S::BAD_REQUEST),
                "not_websocket",
                None,
            ),
            Self::Malformed(_) => (S::BAD_REQUEST, "malformed", None),
            Self::BodyTooLarge => (S::PAYLOAD_TOO_LARGE, "too_large", None),
            Self::Controls(ControlError::NoCamera(_)) => {
                (S::UNPROCESSABLE_ENTITY, "no_controls", None)
            }
            Self::Controls(ControlError::Camera(_)) => {
                (S::SERVICE_UNAVAILABLE, "camera_away", Some(5))
            }
            Self::Controls(
                ControlError::Unknown { .. }
                | ControlError::Value { .. }
                | ControlError::Refused { .. },
            ) => (S::UNPROCESSABLE_ENTITY, "bad_control", None),
            Self::NotJson => (S::UNSUPPORTED_MEDIA_TYPE, "unsupported_type", None),
            Self::Member(..) => (S::BAD_REQUEST, "bad_parameter", None),
            Self::Impossible(..) => (S::UNPROCESSABLE_ENTITY, "impossible", None),
            Self::Source(_) => (S::UNPROCESSABLE_ENTITY, "bad_source", None),
            Self::NotAllowed(_) => (S::FORBIDDEN, "source_not_allowed", None),
            Self::NoCamera(_) => (S::UNPROCESSABLE_ENTITY, "no_such_camera", None),
            Self::NotAvailable(..) => (S::UNPROCESSABLE_ENTITY, "not_available", None),
            Self::Publish(PublishError::Exists(_)) => (S::CONFLICT, "exists", None),
            Self::Publish(PublishError::TooMany { .. }) => {
                (S::SERVICE_UNAVAILABLE, "too_many_streams", Some(10))
            }
            Self::Controls(ControlError::Stream(_)) | Self::Change(_) | Self::NoStream(_) => {
                (S::NOT_FOUND, "unknown_stream", None)
            }
            Self::NotManaged(_) => (S::CONFLICT, "not_managed", None),
            Self::UnknownViewer(_) => (S::NOT_FOUND, "unknown_viewer", None),
            Self::Store(_) => (S::INTERNAL_SERVER_ERROR, "not_kept", None),
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
            OutputError::NotListed => (S::NOT_FOUND, "not_listed", None),
            OutputError::Reload(_) => (S::BAD_REQUEST, "bad_parameter", None),
            OutputError::TooFarAhead => (S::BAD_REQUEST, "too_far_ahead", None),
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
            IngestError::Malformed(_) | IngestError::Picture(_) => {
                (S::BAD_REQUEST, "malformed", None)
            }
            IngestError::ConverterMissing { .. } => {
                (S::UNSUPPORTED_MEDIA_TYPE, "ffmpeg_missing", None)
            }
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
        if let Self::Handshake(handshake::Error::Version) = self {
            let version = HeaderValue::from_static(handshake::VERSION);
            response
                .headers_mut()
                .insert(SEC_WEBSOCKET_VERSION, version);
        }
        response
    }
}
