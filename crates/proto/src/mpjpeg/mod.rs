//! Motion JPEG as bytes: `multipart/x-mixed-replace`, JPEGs one after the other,
//! and raw pictures, out of a pipe or a socket; and multipart back into one.
//!
//! Every parser works the same way: `push` bytes as they come, in pieces of any
//! size; call `next` until it gives `None`; at the end of input call `finish`
//! until it gives `None`. How the input was cut into pieces never changes the
//! outcome. After an error a parser holds nothing and repeats the error. Between
//! a `next` that gave `None` and the next `push`, a parser holds at most what
//! [`Limits`] allow.
//!
//! Quirks of cameras and programs that are accepted on purpose, each with a test
//! of its name in `tests.rs`:
//! - a `boundary` parameter with dashes that the body does not repeat, or
//!   without those that it has; quoted or not; missing; or plainly another one
//!   than the body's first line;
//! - lines that end in LF only; a preamble; blank lines before the boundary or
//!   before the picture; no line end between a picture and the boundary;
//! - no `Content-Length`, no headers, not even the blank line after them;
//! - pictures padded after their end, or without Huffman tables;
//! - between concatenated JPEGs: padding, and pictures cut short (skipped).
//!
//! Not here: HTTP, and what to do with a picture.

mod boundary;
mod demux;
mod error;
mod input;
mod jpeg_stream;
mod limits;
mod multipart;
pub mod mux;
mod part_headers;
mod picture;
mod raw;

pub use boundary::{Boundary, BoundaryError, BoundaryName, boundary_from_content_type};
pub use demux::Demux;
pub use error::Error;
pub use jpeg_stream::JpegStream;
pub use limits::Limits;
pub use multipart::{Parser, Part};
pub use picture::{Kind, Picture};
pub use raw::RawFrames;

#[cfg(test)]
mod tests;
