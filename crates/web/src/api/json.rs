//! JSON bodies of requests: read whole, with a limit, and refused in a sentence.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;

use crate::errors::Error;
use crate::limits::JSON_BYTES;

/// A body of JSON, parsed.
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        let (parts, body) = request.into_parts();
        let said = parts.headers.get(CONTENT_TYPE);
        let said = said.map(|value| value.to_str().unwrap_or_default().to_owned());
        let body = http_body_util::Limited::new(body, JSON_BYTES);
        let request = Request::from_parts(parts, axum::body::Body::new(body));
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|error| Error::of_body(&error))?;
        // Without a type it may be JSON; a form or a picture is not.
        if said.as_deref().is_some_and(|said| !is_json(said)) {
            return Err(Error::NotJson);
        }
        read(&bytes).map(Self)
    }
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    essence == "application/json"
        || essence == "application/merge-patch+json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// No body at all is an empty object: every member may be left out.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    let bytes = if bytes.is_empty() { b"{}" } else { bytes };
    // A list would be taken for the members in their order.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(Error::Malformed("it must be a JSON object".to_owned()));
    }
    serde_json::from_slice(bytes).map_err(|error| Error::Malformed(error.to_string()))
}
