//! What tests share: pictures with a readable time, the real program as a child, a
//! plain HTTP client, waiting for conditions. Dev only.

pub mod death;
pub mod files;
pub mod hls;
pub mod http;
pub mod pictures;
pub mod processes;
pub mod rtsp;
pub mod server;
pub mod stand_ins;
pub mod thin;
pub mod tools;
pub mod wait;
pub mod websocket;
