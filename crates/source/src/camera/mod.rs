//! Cameras of this machine that speak Video4Linux: which there are, what to ask of one, and
//! reading its pictures.
//!
//! Not here: calling the kernel (`sys-v4l2`), and opening a camera again after a fault (the
//! supervisor does).

mod choose;
mod format;
mod reader;
mod trouble;
mod which;

pub(crate) use choose::Wish;
pub(crate) use format::Format;
pub(crate) use reader::Reader;
pub(crate) use which::{Which, found};
