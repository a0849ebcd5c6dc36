//! Transports, one file each in `outputs/`: pictures of a stream in, the answer to
//! an HTTP request out. What goes out is made once and shared by every viewer.
//!
//! Not here: sockets, routes, sessions, who may look (a [`Stream`](eyeline_hub::Stream)
//! is only to be had with a grant), where pictures come from.

mod backlog;
mod behind;
mod body;
mod error;
pub mod fmp4;
mod ladder;
mod limits;
mod link;
mod mux;
mod outputs;
mod progressive;
mod request;
mod rungs;
mod segments;
mod sent;
mod switch;
mod timeline;
mod view;
pub mod websocket;

pub use backlog::{Backlog, Press};
pub use body::Body;
pub use error::OutputError;
pub use ladder::{Feedback, Ladder, Look, Rung};
pub use link::Link;
pub use mux::{Container, Labels, Mux};
pub use outputs::{
    ANNEX_B, DASH, HLS, LIVE_H264, LIVE_MP4, LIVE_TS, MJPEG, OUTPUTS, Output, SNAPSHOT, Serving,
};
pub use request::{Query, Request, Visitor};
pub use sent::{Sent, Traffic};
pub use timeline::Timing;
pub use view::{View, ViewerId, Viewing, chunks};
