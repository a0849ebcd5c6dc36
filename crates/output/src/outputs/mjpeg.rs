//! `mjpeg`: JPEG pictures as `multipart/x-mixed-replace`, for browsers, players and
//! OpenCV. Each part has `Content-Length` and `X-Timestamp` (capture time), and goes
//! out together with the boundary that ends it, because browsers show a part only
//! once they have seen its end.
//!
//! `?quality=`, `?fps=`, `?jpeg_quality=` choose the rendition.

use bytes::Bytes;
use eyeline_proto::mpjpeg::mux as mpjpeg;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, PRAGMA};
use http::{HeaderName, Response};

use super::{Output, Serving};
use crate::{Body, OutputError, Request, mux};

pub(super) const OUTPUT: Output = Output {
    name: "mjpeg",
    path: "mjpeg",
    serve: |request| -> Serving { Box::pin(async move { serve(request) }) },
};

/// Tells nginx not to collect the stream before it hands it on.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

fn serve(request: Request) -> Result<Response<Body>, OutputError> {
    if request.head_only {
        return Ok(answer(Body::unsaid()));
    }
    let stream = &request.stream;
    let account = stream.seat(request.visitor.by(OUTPUT.name))?;
    let cursor = stream.chunks(&request.wish, "mpjpeg", |packets, chunks| {
        let part = |packet: &eyeline_media::Packet| mpjpeg::part(&packet.data, packet.captured);
        tokio::spawn(mux::run(packets, chunks, part));
    })?;
    Ok(answer(Body::chunks(
        Bytes::from_static(mpjpeg::PREAMBLE),
        cursor.with_account(account),
        Bytes::from_static(mpjpeg::CLOSE),
        request.sent,
    )))
}

fn answer(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(mpjpeg::CONTENT_TYPE));
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("no-cache, no-store, must-revalidate, private"),
    );
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    headers.insert(X_ACCEL_BUFFERING, HeaderValue::from_static("no"));
    response
}
