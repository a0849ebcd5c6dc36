//! Cameras of this machine that speak Video4Linux: which there are, what to ask of one,
//! reading its pictures, and setting its controls.
//!
//! Not here: calling the kernel (`sys-v4l2`), and opening a camera again after a fault (the
//! supervisor does).

mod choose;
mod controls;
mod format;
mod picture;
mod plug;
mod reader;
mod trouble;
mod which;

pub(crate) use choose::Wish;
pub(crate) use controls::Controlled;
pub use format::Format;
pub use picture::Converter;
pub(crate) use plug::changes;
pub(crate) use reader::Reader;
pub(crate) use which::{Which, found, plugged_in};
