//! `live.mp4`: H.264 as the source gives it, as fragmented MP4 without an end: for players and
//! recorders. It begins with the newest key picture, so there is a picture at once.
//!
//! Only streams whose source is H.264 have it. The initialisation segment is sent once: of
//! another, players would not know what to do with it. Should the pictures change their size
//! meanwhile, their own parameter sets, which stay in them, say so.

use std::future::poll_fn;
use std::task::Poll;

use bytes::{Buf as _, Bytes};
use eyeline_hub::Stream;
use eyeline_media::Codec;
use eyeline_proto::fmp4::init_bytes;
use http::Response;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};

use super::{Output, Serving};
use crate::limits::CODEC_WAIT;
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
    if is_other(&request.stream) {
        return Err(OutputError::NotH264);
    }
    if request.head_only {
        return Ok(answer(Body::unsaid()));
    }
    let known = request.stream.codec().is_some();
    let mut view = View::open(Viewing {
        stream: request.stream,
        container: &fmp4::FILE,
        wish: request.wish,
        viewer: request.visitor.by(OUTPUT.name),
        link: request.link,
        sent: request.sent,
        clock: request.clock,
    })?;
    let viewer = view.viewer();
    let head = if known {
        Bytes::new()
    } else {
        first(&mut view).await?
    };
    let mut started = !head.is_empty();
    let body = Body::chunks(head, view, Bytes::new()).map(move |chunk| {
        let again = std::mem::replace(&mut started, true);
        if again { without_init(chunk) } else { chunk }
    });
    let mut response = answer(body);
    if let Some(viewer) = viewer {
        response.extensions_mut().insert(viewer);
    }
    Ok(response)
}

/// The first piece of a stream that has just been started; nothing if it takes its time.
///
/// # Errors
/// [`OutputError::NotH264`] if that is how it turns out.
async fn first(view: &mut View) -> Result<Bytes, OutputError> {
    let first = poll_fn(|cx| match view.poll_chunk(cx) {
        Poll::Ready(chunk) => Poll::Ready(Ok(chunk.unwrap_or_default())),
        Poll::Pending if is_other(view.stream()) => Poll::Ready(Err(OutputError::NotH264)),
        Poll::Pending => Poll::Pending,
    });
    tokio::time::timeout(CODEC_WAIT, first)
        .await
        .unwrap_or_else(|_| Ok(Bytes::new()))
}

/// Whether the source is known not to be H.264.
fn is_other(stream: &Stream) -> bool {
    stream.codec().is_some_and(|codec| codec != Codec::H264)
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
