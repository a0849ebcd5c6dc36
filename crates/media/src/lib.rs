//! What flows through Eyeline: packets, timestamps, picture sizes, pixel formats,
//! the memory of packets, and the little parsing needed to know what a packet is.
//!
//! Not here: IO, clocks, async, protocols, and anything that decodes pixels.

mod audio;
mod id;
pub mod jpeg;
mod media_time;
mod packet;
mod pixel_format;
mod pool;
mod resolution;
pub mod timecode;
mod timestamp;

pub use audio::{AudioCodec, AudioFormat, AudioPacket};
pub use id::{InvalidStreamId, StreamId};
pub use media_time::MediaTime;
pub use packet::{Codec, Packet};
pub use pixel_format::{PixelFormat, SampleRange, UnknownPixelFormat};
pub use pool::Pool;
pub use resolution::{InvalidResolution, Resolution};
pub use timestamp::Timestamp;
