//! What goes wrong with a device, with the step it went wrong at.

use std::io;

/// A step that failed.
#[derive(Debug, thiserror::Error)]
#[error("{step}: {source}")]
pub struct Error {
    /// The step, such as `VIDIOC_STREAMON` or `open`.
    pub step: &'static str,
    /// What the system says.
    pub source: io::Error,
}

impl Error {
    pub(crate) fn new(step: &'static str, source: impl Into<io::Error>) -> Self {
        Self {
            step,
            source: source.into(),
        }
    }

    /// The system's error number, if it is one.
    #[must_use]
    pub fn number(&self) -> Option<i32> {
        self.source.raw_os_error()
    }

    /// Whether somebody else has the device.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.number() == Some(libc::EBUSY)
    }

    /// Whether this user may not open it.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        matches!(self.number(), Some(libc::EACCES | libc::EPERM))
    }

    /// Whether the device is no more: it was unplugged.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        matches!(
            self.number(),
            Some(libc::ENODEV | libc::ENXIO | libc::ENOENT)
        )
    }
}
