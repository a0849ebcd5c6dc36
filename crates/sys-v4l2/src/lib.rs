//! The fence around Video4Linux: cameras, what they can do, and the buffers their pictures come
//! in, as `linux/videodev2.h` lays them out. Device nodes with one plane and with several are
//! the same to whoever uses this.
//!
//! Not here: which format is best, what becomes of the pictures, and coming back after a fault.

#![cfg(target_os = "linux")]

mod capture;
mod control;
mod device;
mod error;
mod format;
mod ioctl;
mod raw;

pub use capture::{Capture, Frame, Ready};
pub use control::{Control, Kind, MenuItem};
pub use device::{Device, Info, paths};
pub use error::Error;
pub use format::{Format, FormatInfo, FourCc, Interval, Intervals, Plane, Sizes};
