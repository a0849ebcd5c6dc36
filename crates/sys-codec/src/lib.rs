//! The fence around the codecs: JPEG encode, scaled decode, plane scaling, H.264 both ways.
//!
//! Everything stays in YUV from end to end: a camera's YUV is compressed as it is, and
//! a JPEG is scaled without becoming RGB. Each worker thread owns one [`Encoder`],
//! [`Decoder`] or [`Transcoder`]; they keep their buffers from picture to picture.
//!
//! Samples are full-range BT.601, as JPEG (JFIF) has them; raw pictures of the limited range
//! are stretched on the way in. What is to become H.264 is of the limited range instead.
//!
//! Not here: threads, queues, streams, and which rendition is worth making.

mod bridge;
mod decoder;
mod encoder;
mod error;
mod h264;
mod h264_encoder;
mod planes;
mod raw;
mod resize;
mod transcoder;

pub use bridge::Bridge;
pub use decoder::{Decoder, Luma};
pub use encoder::Encoder;
pub use error::Error;
pub use h264::H264Decoder;
pub use h264_encoder::{Coded, H264Encoder, H264Settings};
pub use planes::{Component, Plane, PlaneMut, Planes, Subsampling};
pub use resize::Resizer;
pub use transcoder::Transcoder;

#[cfg(test)]
mod h264_encoder_tests;
#[cfg(test)]
mod h264_tests;
#[cfg(test)]
mod tests;
