//! Answers without an end that carry H.264 in a container that can be joined at any key picture:
//! what such outputs have in common.

use bytes::Bytes;
use http::Response;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};

use crate::{Body, Container, OutputError, Request, View, Viewing};

/// Tells nginx not to collect the stream before it hands it on.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// How such an output answers.
pub(crate) struct Progressive {
    /// Name of the transport, as it stands in viewers' accounts.
    pub(crate) name: &'static str,
    pub(crate) content_type: &'static str,
    pub(crate) container: &'static Container,
}

impl Progressive {
    /// Answers a request with the pictures from the newest key picture on.
    pub(crate) fn serve(&'static self, request: Request) -> Result<Response<Body>, OutputError> {
        self.serve_as(request, |body| body)
    }

    /// As [`serve`](Self::serve), with what is to be done to this viewer's body.
    pub(crate) fn serve_as(
        &'static self,
        request: Request,
        shape: impl FnOnce(Body) -> Body,
    ) -> Result<Response<Body>, OutputError> {
        if request.head_only {
            return Ok(self.answer(Body::unsaid()));
        }
        let view = View::open(Viewing {
            stream: request.stream,
            container: self.container,
            wish: request.wish,
            viewer: request.visitor.by(self.name),
            link: request.link,
            sent: request.sent,
            clock: request.clock,
        })?;
        let viewer = view.viewer();
        let body = shape(Body::chunks(Bytes::new(), view, Bytes::new()));
        let mut response = self.answer(body);
        if let Some(viewer) = viewer {
            response.extensions_mut().insert(viewer);
        }
        Ok(response)
    }

    fn answer(&self, body: Body) -> Response<Body> {
        let mut response = Response::new(body);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(
            CACHE_CONTROL,
            HeaderValue::from_static("no-cache, no-store, must-revalidate, private"),
        );
        headers.insert(X_ACCEL_BUFFERING, HeaderValue::from_static("no"));
        response
    }
}
