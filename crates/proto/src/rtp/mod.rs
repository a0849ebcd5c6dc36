//! RTP (RFC 3550) and how it carries pictures and sound: H.264 (RFC 6184), JPEG (RFC 2435), AAC
//! (RFC 3640), Opus (RFC 7587) and G.711 (RFC 3551); and the reports of RTCP.
//!
//! What is sent is framed as RTSP interleaves it with its messages (RFC 2326, 10.12), so that
//! the same bytes serve all who read over TCP; whoever sends datagrams takes the frames apart.
//!
//! Not here: sockets, and what is said about a session (`sdp`, `rtsp`).

pub mod aac;
mod decode_times;
mod depacketizer;
mod error;
pub mod h264;
pub mod jpeg;
pub mod latm;
pub mod limits;
mod packet;
mod receiver;
mod reorder;
pub mod rtcp;
pub mod sender;
mod sound;
mod sync;

#[cfg(test)]
mod tests;

pub use decode_times::DecodeTimes;
pub use depacketizer::{Depacketizer, Media, Output};
pub use error::Error;
pub use packet::{HEADER_BYTES, Packet};
pub use receiver::{Counts, Receiver};
pub use reorder::{Arrival, Reorder};
pub use sender::Sender;
pub use sound::{opus_samples, pack as pack_sound};
pub use sync::Sync;
