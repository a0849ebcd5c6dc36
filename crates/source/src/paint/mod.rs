//! Pictures that Eyeline paints itself, as `yuv420p`: the test pattern, and the slate
//! that is shown while a source is away.
//!
//! Not here: cameras, pacing, JPEG. What is painted goes to an encoder as raw video.

mod canvas;
mod dial;
mod layout;
mod palette;
mod slate;
mod test_pattern;
mod text;

pub use slate::{SlateText, paint_slate};
pub use test_pattern::TestPattern;

#[cfg(test)]
mod tests;
