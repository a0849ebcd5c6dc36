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
    /// RTSP, interleaved in its connection
    Rtsp,
    /// RTMP
    Rtmp,
    /// Fragments of MP4 over WebSocket, for Media Source
    Mse,
    /// Fragments of MP4 over HTTP
    Mp4,
    /// A transport stream over HTTP
    Ts,
    /// Low-latency HLS: playlists and parts
    Hls,
}

impl Transport {
    /// Whether it carries H.264, and not JPEGs.
    pub(crate) fn is_coded(self) -> bool {
        !matches!(self, Self::Mjpeg | Self::Ws | Self::WsJson)
    }

    /// Where the stream `bench` of a server is watched so.
    pub(crate) fn url(self, server: &Doors) -> String {
        let addr = server.http;
        match self {
            Self::Mjpeg => format!("http://{addr}/streams/bench/mjpeg"),
            Self::Ws => format!("ws://{addr}/ws/viewer/bench?format=binary"),
            Self::WsJson => format!("ws://{addr}/ws/viewer/bench?format=json"),
            Self::Rtsp => format!("rtsp://{}/bench", server.rtsp),
            Self::Rtmp => format!("rtmp://{}/bench", server.rtmp),
            Self::Mse => format!("mse://{addr}/streams/bench/mse"),
            Self::Mp4 => format!("marked://{addr}/streams/bench/live.mp4"),
            Self::Ts => format!("marked://{addr}/streams/bench/live.ts"),
            Self::Hls => format!("hls://{addr}/streams/bench/hls"),
        }
    }
}

/// Where a server listens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Doors {
    pub(crate) http: SocketAddr,
    pub(crate) rtsp: SocketAddr,
    pub(crate) rtmp: SocketAddr,
}

impl Doors {
    /// Of a server that only speaks HTTP.
    pub(crate) fn http(http: SocketAddr) -> Self {
        Self {
            http,
            rtsp: http,
            rtmp: http,
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mjpeg => "mjpeg",
            Self::Ws => "ws",
            Self::WsJson => "ws-json",
            Self::Rtsp => "rtsp",
            Self::Rtmp => "rtmp",
            Self::Mse => "mse",
            Self::Mp4 => "mp4",
            Self::Ts => "ts",
            Self::Hls => "hls",
        })
    }
}
