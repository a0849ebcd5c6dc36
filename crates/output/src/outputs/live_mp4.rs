//! `live.mp4`: H.264 as the source gives it, or made of its JPEGs, and its sound if that is AAC or
//! Opus, as fragmented MP4 without an end: for players and recorders. It begins with a key picture,
//! and there is one at once.
//!
//! The initialisation segment is sent once: of
//! another, players would not know what to do with it. Should the pictures change their size
//! meanwhile, their own parameter sets, which stay in them, say so; who began without sound stays
//! without.

use bytes::{Buf as _, Bytes};
use eyeline_proto::fmp4::{Track, describes_sound, fragment_track, init_bytes};
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
    let mut file = File::begun_with(&[]);
    let body = Body::chunks(Bytes::new(), view, Bytes::new()).map(move |chunk| file.go_on(chunk));
    let mut response = answer(body);
    if let Some(viewer) = viewer {
        response.extensions_mut().insert(viewer);
    }
    Ok(response)
}

/// A file as one viewer has it so far.
struct File {
    begun: bool,
    /// Whether it began with sound beside the pictures.
    sound: bool,
}

impl File {
    fn begun_with(head: &[u8]) -> Self {
        Self {
            begun: !head.is_empty(),
            sound: describes_sound(head),
        }
    }

    /// The next piece: without another initialisation segment, and without sound if the first
    /// said nothing of it.
    fn go_on(&mut self, mut chunk: Bytes) -> Bytes {
        if !self.begun {
            *self = Self::begun_with(&chunk);
            return chunk;
        }
        chunk.advance(init_bytes(&chunk));
        if !self.sound && fragment_track(&chunk) == Some(Track::Audio) {
            chunk.clear();
        }
        chunk
    }
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
