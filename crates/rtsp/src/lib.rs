//! The RTSP server (RFC 2326): who connects plays streams, or publishes them.
//!
//! Not here: messages and what may follow what (`proto::rtsp`), packets (`proto::rtp`), and
//! configuration.

mod accept;
mod access;
mod adapt;
mod app;
mod connection;
mod containers;
mod datagrams;
mod describe;
mod limits;
mod line;
mod play;
mod record;
mod refusal;
mod tls;

pub use accept::serve;
pub use app::App;
pub use datagrams::Datagrams;
pub use tls::{Tls, TlsError};
