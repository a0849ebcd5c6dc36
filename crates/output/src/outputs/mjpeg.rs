//! `mjpeg`: JPEG pictures as `multipart/x-mixed-replace`, for browsers, players and
//! OpenCV. Each part has `Content-Length` and `X-Timestamp` (capture time), and goes
//! out together with the boundary that ends it, because browsers show a part only
//! once they have seen its end. Chromium and Safari even wait for the headers of the next part:
//! their image elements get those ahead, and without what is yet unknown. `?framing=ahead`
//! and `?framing=exact` ask for one or the other.
//!
//! `?quality=`, `?fps=`, `?jpeg_quality=` choose the rendition.

use bytes::Bytes;
use eyeline_media::Codec;
use eyeline_proto::mpjpeg::mux as mpjpeg;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, PRAGMA, USER_AGENT};
use http::{HeaderMap, HeaderName, Response};

use super::{Output, Serving};
use crate::mux::each;
use crate::{Body, Container, OutputError, Request, View, Viewing};

/// This output.
pub const OUTPUT: Output = Output {
    name: "mjpeg",
    path: "mjpeg",
    serve: |request| -> Serving { Box::pin(async move { serve(request) }) },
};

/// Tells nginx not to collect the stream before it hands it on.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// How the headers of the parts lie between the pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    /// Each part has its own, with its length and capture time.
    Exact,
    /// They go out with the part before; see [`mpjpeg::ahead`].
    Ahead,
}

impl Framing {
    fn asked_for(request: &Request) -> Result<Self, OutputError> {
        match request.query.get("framing") {
            None => Ok(Self::suiting(&request.headers)),
            Some("exact") => Ok(Self::Exact),
            Some("ahead") => Ok(Self::Ahead),
            Some(other) => Err(OutputError::Parameter {
                name: "framing",
                value: other.chars().take(20).collect(),
                hint: "use exact or ahead",
            }),
        }
    }

    /// What suits the one who asks: the image elements of Chromium and Safari show a
    /// picture one late otherwise. Their scripts, which accept anything, and all other
    /// programs get each part with its own headers.
    fn suiting(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let browser = text(USER_AGENT).is_some_and(|agent| agent.contains("AppleWebKit/"));
        let script = text(ACCEPT).is_none_or(|accept| accept.starts_with("*/*"));
        if browser && !script {
            Self::Ahead
        } else {
            Self::Exact
        }
    }

    const fn container(self) -> &'static Container {
        match self {
            Self::Exact => &EXACT,
            Self::Ahead => &AHEAD,
        }
    }

    const fn preamble(self) -> &'static [u8] {
        match self {
            Self::Exact => mpjpeg::PREAMBLE,
            Self::Ahead => mpjpeg::ahead::PREAMBLE,
        }
    }
}

static EXACT: Container = Container {
    name: "mpjpeg",
    codec: Codec::Jpeg,
    audio: &[],
    backlog: None,
    start: |labels| {
        each(labels, |_, item, _| {
            let packet = &item.value;
            let make = if packet.slate {
                mpjpeg::slate_part
            } else {
                mpjpeg::part
            };
            make(&packet.data, packet.captured)
        })
    },
};

static AHEAD: Container = Container {
    name: "mpjpeg, headers ahead",
    codec: Codec::Jpeg,
    audio: &[],
    backlog: None,
    start: |labels| each(labels, |_, item, _| mpjpeg::ahead::part(&item.value.data)),
};

fn serve(request: Request) -> Result<Response<Body>, OutputError> {
    let framing = Framing::asked_for(&request)?;
    if request.head_only {
        return Ok(answer(Body::unsaid()));
    }
    let view = View::open(Viewing {
        stream: request.stream,
        container: framing.container(),
        wish: request.wish,
        viewer: request.visitor.by(OUTPUT.name),
        link: request.link,
        sent: request.sent,
        clock: request.clock,
    })?;
    let viewer = view.viewer();
    let mut response = answer(Body::chunks(
        Bytes::from_static(framing.preamble()),
        view,
        Bytes::from_static(mpjpeg::CLOSE),
    ));
    if let Some(viewer) = viewer {
        response.extensions_mut().insert(viewer);
    }
    Ok(response)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn check(agent: &'static str, accept: Option<&'static str>, expected: Framing) {
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::from_static(agent));
        if let Some(accept) = accept {
            headers.insert(ACCEPT, HeaderValue::from_static(accept));
        }
        assert_eq!(Framing::suiting(&headers), expected, "{agent} {accept:?}");
    }

    #[test]
    fn only_image_elements_of_chromium_and_safari_get_headers_ahead() {
        const CHROMIUM: &str =
            "Mozilla/5.0 (X11; Linux) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0";
        const FIREFOX: &str = "Mozilla/5.0 (X11; Linux; rv:140.0) Gecko/20100101 Firefox/140.0";
        check(
            CHROMIUM,
            Some("image/avif,image/webp,*/*;q=0.8"),
            Framing::Ahead,
        );
        check(
            CHROMIUM,
            Some("text/html,application/xhtml+xml"),
            Framing::Ahead,
        );
        check(CHROMIUM, Some("*/*"), Framing::Exact);
        check(
            FIREFOX,
            Some("image/avif,image/webp,*/*;q=0.8"),
            Framing::Exact,
        );
        check("Lavf/59.27.100", Some("*/*"), Framing::Exact);
        check("curl/8", None, Framing::Exact);
    }
}
