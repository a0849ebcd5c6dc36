//! The ways to watch a stream that are measured, and where each is to be had.
//!
//! Not here: how a viewer follows them.

use std::fmt;
use std::net::SocketAddr;

use clap::ValueEnum;

/// A way to watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Transport {
    /// Multipart over HTTP
    Mjpeg,
    /// WebSocket, binary messages: a header, then the JPEG
    Ws,
    /// WebSocket, text messages: JSON with the JPEG in base64
    WsJson,
}

impl Transport {
    /// Where the stream `bench` of a server is watched so.
    pub(crate) fn url(self, addr: SocketAddr) -> String {
        match self {
            Self::Mjpeg => format!("http://{addr}/streams/bench/mjpeg"),
            Self::Ws => format!("ws://{addr}/ws/viewer/bench?format=binary"),
            Self::WsJson => format!("ws://{addr}/ws/viewer/bench?format=json"),
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mjpeg => "mjpeg",
            Self::Ws => "ws",
            Self::WsJson => "ws-json",
        })
    }
}
