//! JSON bodies of requests: read whole, with a limit, and refused in a sentence.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use http::header::CONTENT_TYPE;
use serde::de::{Deserialize as _, DeserializeOwned, Deserializer, Error as _};

use crate::errors::Error;
use crate::limits::JSON_BYTES;

/// A body of JSON, parsed.
pub(crate) struct Body<T>(pub(crate) T);

/// The same where no body at all says nothing in particular.
pub(crate) struct OptionalBody<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        parse(&collect(request, state).await?).map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Default> FromRequest<S> for OptionalBody<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        let bytes = collect(request, state).await?;
        let empty = matches!(bytes.trim_ascii(), b"" | b"null");
        if empty {
            Ok(T::default())
        } else {
            parse(&bytes)
        }
        .map(Self)
    }
}

async fn collect<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Error> {
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
    Ok(bytes)
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    essence == "application/json"
        || essence == "application/merge-patch+json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    // A list would be taken for the members in their order.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(Error::Malformed("it must be a JSON object".to_owned()));
    }
    serde_json::from_slice(bytes).map_err(|error| Error::Malformed(error.to_string()))
}

/// A whole number, or nothing. `30.0` is one, too: JSON does not tell it from `30`.
pub(crate) fn whole<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u32>, D::Error> {
    let Some(number) = Option::<serde_json::Number>::deserialize(from)? else {
        return Ok(None);
    };
    let whole = number.as_f64().filter(|number| number.fract() == 0.0);
    let fits = whole.filter(|number| (0.0..=f64::from(u32::MAX)).contains(number));
    let error = || D::Error::custom(format!("{number} is no whole number from 0 on"));
    fits.map(|number| Some(number as u32)).ok_or_else(error)
}

/// As [`whole`], telling `null` from nothing said.
pub(crate) fn said_whole<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<Option<u32>>, D::Error> {
    whole(from).map(Some)
}
