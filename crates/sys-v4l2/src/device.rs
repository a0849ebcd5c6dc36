//! A device that gives pictures.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};

use crate::error::Error;
use crate::{ioctl, raw};

/// What a device says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// The driver, such as `uvcvideo`.
    pub driver: String,
    /// The camera's name, such as `HD Pro Webcam C920`.
    pub card: String,
    /// Where it is plugged in, such as `usb-0000:00:14.0-2`: stays over a replug.
    pub bus: String,
}

/// An open device that can capture pictures.
#[derive(Debug)]
pub struct Device {
    fd: OwnedFd,
    info: Info,
    /// Whether its buffers have several planes, as its driver sees it.
    multiplanar: bool,
}

impl Device {
    /// Opens a device, which leaves whoever captures from it alone.
    ///
    /// # Errors
    /// When it cannot be opened, and when it is no camera (`ENODEV`): an output, a
    /// memory-to-memory codec, or the second node of a webcam, which gives metadata.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let fd = rustix::fs::open(path, flags, Mode::empty())
            .map_err(|error| Error::new("open", error))?;
        let mut capability: raw::Capability = ioctl::zeroed();
        ioctl::call(fd.as_fd(), &ioctl::QUERYCAP, &mut capability)?;
        // What this node can do, and not the whole of the device.
        let can = if capability.capabilities & raw::CAP_DEVICE_CAPS != 0 {
            capability.device_caps
        } else {
            capability.capabilities
        };
        let captures = raw::CAP_VIDEO_CAPTURE | raw::CAP_VIDEO_CAPTURE_MPLANE;
        if can & captures == 0 || can & raw::CAP_STREAMING == 0 {
            let why = io::Error::from_raw_os_error(libc::ENODEV);
            return Err(Error::new("this device captures no pictures", why));
        }
        Ok(Self {
            fd,
            info: Info {
                driver: ioctl::text(&capability.driver),
                card: ioctl::text(&capability.card),
                bus: ioctl::text(&capability.bus_info),
            },
            multiplanar: can & raw::CAP_VIDEO_CAPTURE == 0,
        })
    }

    /// What it says of itself.
    #[must_use]
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// The kind of its buffers, for the kernel.
    pub(crate) fn buffer_kind(&self) -> u32 {
        if self.multiplanar {
            raw::CAPTURE_MPLANE
        } else {
            raw::CAPTURE
        }
    }

    pub(crate) fn is_multiplanar(&self) -> bool {
        self.multiplanar
    }
}

impl AsFd for Device {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// Paths of all video devices of this machine, cameras or not, in the order of their numbers.
///
/// # Errors
/// When the folder of devices cannot be read.
pub fn paths() -> io::Result<Vec<PathBuf>> {
    let mut numbers: Vec<u32> = Vec::new();
    for entry in std::fs::read_dir("/dev")? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix("video"));
        numbers.extend(number.and_then(|number| number.parse::<u32>().ok()));
    }
    numbers.sort_unstable();
    let path = |number| PathBuf::from(format!("/dev/video{number}"));
    Ok(numbers.into_iter().map(path).collect())
}
