//! Cameras of the kernel's own virtual driver, watched through the program, in the machine
//! that `cargo xtask vm` makes. Its first camera has one plane, its second several.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

mod camera;
mod controls;
mod faults;
mod killed;
mod plugging;
mod watching;

/// The program.
const EYELINE: &str = env!("CARGO_BIN_EXE_eyeline");
/// A stream of the first camera, and of the second.
const ONE: &str = "one=v4l2:/dev/video0?size=640x360&format=yuyv422";
const TWO: &str = "two=v4l2:/dev/video1?size=320x180&format=nv12";
