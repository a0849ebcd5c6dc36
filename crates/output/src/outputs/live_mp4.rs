//! `live.mp4`: H.264 as the source gives it, or made of its JPEGs, as fragmented MP4 without an end:
//! for players and recorders. It begins with a key picture, and there is one at once.
//!
//! The initialisation segment is sent once: of
//! another, players would not know what to do with it. Should the pictures change their size
//! meanwhile, their own parameter sets, which stay in them, say so.

use bytes::{Buf as _, Bytes};
use eyeline_proto::fmp4::init_bytes;
use http::Response;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};

use super::{Output, Serving};
use crate::{Body, OutputError, Request, View, Viewing, fmp4};

/// This output.
pub const OUTPUT: Output = Output {
    name: "mp4",
    path: "live.mp4",
    serve: |request| -> Serving { Box::pin(serve(request)) },
};

/// Tells nginx not to collect the stream before it hands it on.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

async fn serve(request: Request) -> Result<Response<Body>, OutputError> {
    if request.head_only {
        return Ok(answer(Body::unsaid()));
    }
    let view = View::open(Viewing {
        stream: request.stream,
        container: &fmp4::FILE,
        wish: request.wish,
        viewer: request.visitor.by(OUTPUT.name),
        link: request.link,
        sent: request.sent,
        clock: request.clock,
    })?;
    let viewer = view.viewer();
    let mut started = false;
    let body = Body::chunks(Bytes::new(), view, Bytes::new()).map(move |chunk| {
        let again = std::mem::replace(&mut started, true);
        if again { without_init(chunk) } else { chunk }
    });
    let mut response = answer(body);
    if let Some(viewer) = viewer {
        response.extensions_mut().insert(viewer);
    }
    Ok(response)
}

fn without_init(mut chunk: Bytes) -> Bytes {
    chunk.advance(init_bytes(&chunk));
    chunk
}

fn answer(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("video/mp4"));
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("no-cache, no-store, must-revalidate, private"),
    );
    headers.insert(X_ACCEL_BUFFERING, HeaderValue::from_static("no"));
    response
}
