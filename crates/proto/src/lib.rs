//! Protocol machines without IO: bytes in, events out, time as an argument.
//!
//! One folder per protocol. Not here: sockets, tokio, the clock, the hub.

pub mod dash;
pub mod date;
pub mod fmp4;
pub mod h264;
pub mod hls;
pub mod m3u8;
pub mod mp4;
pub mod mpegts;
pub mod mpjpeg;
pub mod rtmp;
pub mod rtp;
pub mod rtsp;
pub mod sdp;
pub mod unwrap;
pub mod websocket;
