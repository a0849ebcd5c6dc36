//! What a program still writes when nobody is there any more to read it. Without a reader it would die by
//! `SIGPIPE` in the middle of what it does on `SIGINT`, such as closing a camera.

use std::os::fd::OwnedFd;

use rustix::event::{PollFd, PollFlags};
use rustix::io::{Errno, ioctl_fionbio, read};

/// Bytes of one read.
const READ_BYTES: usize = 64 * 1024;

/// The ends of the program's output and errors that are read from. While the parent lives, reading is its
/// affair.
pub(crate) struct Drain {
    open: Vec<OwnedFd>,
}

impl Drain {
    pub(crate) fn new(ends: [OwnedFd; 2]) -> Self {
        Self { open: ends.into() }
    }

    /// What to wait for.
    pub(crate) fn events(&self) -> impl Iterator<Item = PollFd<'_>> {
        self.open.iter().map(|end| PollFd::new(end, PollFlags::IN))
    }

    /// Reads what there is and throws it away; does not block.
    pub(crate) fn read(&mut self) {
        let mut buffer = [0; READ_BYTES];
        self.open.retain(|end| {
            // The parent's runtime has done so already, unless it died before.
            if ioctl_fionbio(end, true).is_err() {
                return false;
            }
            match read(end, &mut buffer) {
                Ok(length) => length > 0,
                Err(error) => error == Errno::AGAIN || error == Errno::INTR,
            }
        });
    }
}
