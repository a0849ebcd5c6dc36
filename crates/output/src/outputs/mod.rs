//! The list of outputs. A new one is a file in this folder and a line in [`OUTPUTS`].

mod dash;
mod hls;
mod live_h264;
mod live_mp4;
mod live_ts;
mod mjpeg;
mod snapshot;

#[cfg(test)]
mod tests;

use std::future::Future;
use std::pin::Pin;

use crate::{Body, OutputError, Request};

pub use dash::OUTPUT as DASH;
pub use hls::OUTPUT as HLS;
pub use live_h264::{CONTAINER as ANNEX_B, OUTPUT as LIVE_H264};
pub use live_mp4::OUTPUT as LIVE_MP4;
pub use live_ts::OUTPUT as LIVE_TS;
pub use mjpeg::OUTPUT as MJPEG;
pub use snapshot::OUTPUT as SNAPSHOT;

/// The answer of an output, when it is ready.
pub type Serving = Pin<Box<dyn Future<Output = Result<http::Response<Body>, OutputError>> + Send>>;

/// A way to look at a stream over HTTP, by `GET` and `HEAD`.
pub struct Output {
    /// Name of the transport, as it stands in viewers' accounts.
    pub name: &'static str,
    /// Path below `/streams/{id}/`; what a `{*file}` in it matches is the request's `file`.
    pub path: &'static str,
    /// Answers a request.
    pub serve: fn(Request) -> Serving,
}

/// Every output.
pub static OUTPUTS: &[Output] = &[
    mjpeg::OUTPUT,
    snapshot::OUTPUT,
    live_mp4::OUTPUT,
    hls::OUTPUT,
    dash::OUTPUT,
    live_ts::OUTPUT,
    live_h264::OUTPUT,
];
