//! `snapshot.jpg`: the newest picture. One that is held serves if it came at most
//! `?max_age_ms=` ago (default 1000); else the next one is waited for, up to 5 s.
//! `?quality=` and `?jpeg_quality=` choose the rendition.
//!
//! While the source is away the picture is the slate that says so; whoever embeds a
//! snapshot expects a picture, so it comes with status 200, and programs tell it by
//! `X-Eyeline-Slate: 1`.
//!
//! `Last-Modified` is the capture time; it counts whole seconds, so only the `ETag`
//! tells two pictures apart and `If-Modified-Since` is not honoured.

use std::sync::Arc;
use std::time::Duration;

use eyeline_hub::{End, Item, Subscriber, ViewError};
use eyeline_media::{Codec, Packet, Timestamp};
use http::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH, LAST_MODIFIED,
};
use http::{HeaderName, Response, StatusCode};
use jiff::fmt::rfc2822::DateTimePrinter;

use super::{Output, Serving};
use crate::limits::{SNAPSHOT_MAX_AGE, SNAPSHOT_WAIT};
use crate::{Body, OutputError, Query, Request};

/// This output.
pub const OUTPUT: Output = Output {
    name: "snapshot",
    path: "snapshot.jpg",
    serve: |request| -> Serving { Box::pin(serve(request)) },
};

const X_TIMESTAMP: HeaderName = HeaderName::from_static("x-timestamp");
const X_EYELINE_SLATE: HeaderName = HeaderName::from_static("x-eyeline-slate");

async fn serve(request: Request) -> Result<Response<Body>, OutputError> {
    let max_age = max_age(&request.query)?;
    let account = request
        .stream
        .seat(request.visitor.clone().by(OUTPUT.name))?;
    let mut cursor = request
        .stream
        .packets(&request.stream.granted(&request.wish))?
        .with_account(account);
    // What comes after the question is young enough, however little is asked for.
    let asked = request.clock.now();
    let young_enough = |item: &Item<Packet>| {
        item.value.codec == Codec::Jpeg && item.published.saturating_add(max_age) >= asked
    };
    let found = tokio::time::timeout(SNAPSHOT_WAIT, first(&mut cursor, young_enough)).await;
    let item = match found {
        Ok(Ok(item)) => item,
        Ok(Err(End)) => return Err(ViewError::Ended(request.stream.id().clone()).into()),
        Err(_) => {
            return Err(OutputError::NoPicture {
                waited: SNAPSHOT_WAIT,
            });
        }
    };
    request.sent.count(item.value.data.len(), true);
    Ok(answer(&item.value, &request.headers))
}

async fn first(
    cursor: &mut Subscriber<Packet>,
    accept: impl Fn(&Item<Packet>) -> bool,
) -> Result<Arc<Item<Packet>>, End> {
    loop {
        let item = cursor.next().await?;
        if accept(&item) {
            return Ok(item);
        }
    }
}

fn max_age(query: &Query) -> Result<Duration, OutputError> {
    let Some(text) = query.get("max_age_ms") else {
        return Ok(SNAPSHOT_MAX_AGE);
    };
    let parsed = text.parse().map(Duration::from_millis);
    parsed.map_err(|_| OutputError::Parameter {
        name: "max_age_ms",
        value: text.chars().take(20).collect(),
        hint: "use a whole number of milliseconds",
    })
}

fn answer(packet: &Packet, request: &HeaderMap) -> Response<Body> {
    let tag = format!("\"{:x}\"", packet.captured.as_nanos());
    let unchanged = is_known(request, &tag);
    let mut response = if unchanged {
        Response::new(Body::empty())
    } else {
        Response::new(Body::whole(packet.data.clone()))
    };
    let headers = response.headers_mut();
    if !unchanged {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("image/jpeg"));
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, private"));
    let mut insert = |name: HeaderName, text: Option<String>| {
        if let Some(value) = text.and_then(|text| HeaderValue::from_str(&text).ok()) {
            headers.insert(name, value);
        }
    };
    insert(ETAG, Some(tag));
    insert(LAST_MODIFIED, http_date(packet.captured));
    insert(X_TIMESTAMP, Some(packet.captured.to_string()));
    insert(X_EYELINE_SLATE, packet.slate.then(|| "1".to_owned()));
    if unchanged {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    response
}

/// Whether the visitor has the picture of this tag (RFC 9110, 13.1.2).
fn is_known(request: &HeaderMap, tag: &str) -> bool {
    request
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .map(|known| known.trim().trim_start_matches("W/"))
        .any(|known| known == tag || known == "*")
}

/// A time as RFC 9110, 5.6.7 writes it.
fn http_date(time: Timestamp) -> Option<String> {
    let time = jiff::Timestamp::from_nanosecond(i128::from(time.as_nanos())).ok()?;
    DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&time)
        .ok()
}
