//! Pictures from a device: buffers of the driver's that are mapped here, lent out one at a
//! time, and given back. Dropping the capture stops it and frees the buffers.

use std::cell::Cell;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::ptr::NonNull;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};
use rustix::time::{ClockId, clock_gettime};

use crate::device::Device;
use crate::error::Error;
use crate::ioctl;
use crate::raw::{self, MAX_PLANES};

/// Pictures are taken within moments; a time further off than this is a mistake of the driver's.
const OLDEST: Duration = Duration::from_secs(10);
/// Most buffers that are asked for.
const MOST_BUFFERS: u32 = 32;

/// A device that captures.
#[derive(Debug)]
pub struct Capture {
    device: Device,
    buffers: Vec<Vec<Mapping>>,
    /// Buffers that the driver did not take back, a bit each.
    refused: Cell<u32>,
}

/// Why waiting for a picture ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ready {
    /// There may be a picture.
    Picture,
    /// The other descriptor was written to.
    Woken,
    /// Nothing came in time.
    Late,
}

impl Capture {
    /// Starts to capture in the format that was set, with about so many buffers.
    ///
    /// # Errors
    /// When the driver gives no buffers, or cannot start; then everything is as before.
    pub fn start(device: Device, buffers: u32) -> Result<Self, Error> {
        let mut capture = Self {
            device,
            buffers: Vec::new(),
            refused: Cell::new(0),
        };
        let count = capture.request(buffers.min(MOST_BUFFERS))?;
        for index in 0..count {
            let planes = capture.map(index)?;
            capture.buffers.push(planes);
        }
        for index in 0..count {
            give_back(&capture.device, index)?;
        }
        let mut kind = capture.device.buffer_kind();
        ioctl::call(capture.device.as_fd(), &ioctl::STREAMON, &mut kind)?;
        Ok(capture)
    }

    /// The device, for its controls.
    #[must_use]
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Waits until there may be a picture, until `wake` can be read from, or for so long.
    ///
    /// # Errors
    /// When waiting fails.
    pub fn wait(&self, wake: BorrowedFd<'_>, most: Duration) -> Result<Ready, Error> {
        let mut both = [
            PollFd::new(&self.device, PollFlags::IN),
            PollFd::from_borrowed_fd(wake, PollFlags::IN),
        ];
        let most = Timespec::try_from(most).ok();
        match poll(&mut both, most.as_ref()) {
            Ok(0) => Ok(Ready::Late),
            Ok(_) if !both[1].revents().is_empty() => Ok(Ready::Woken),
            // A broken device says so when it is asked for a picture.
            Ok(_) => Ok(Ready::Picture),
            Err(rustix::io::Errno::INTR) => Ok(Ready::Late),
            Err(error) => Err(Error::new("poll", error)),
        }
    }

    /// The oldest picture that is ready, if one is.
    ///
    /// # Errors
    /// When the device is gone (`ENODEV`), or broken (`EIO`).
    pub fn frame(&mut self) -> Result<Option<Frame<'_>>, Error> {
        self.offer_again()?;
        let mut planes = [ioctl::zeroed::<raw::PlaneBuffer>(); MAX_PLANES];
        let mut buffer = describe(&self.device, 0, &mut planes);
        match ioctl::call(self.device.as_fd(), &ioctl::DQBUF, &mut buffer) {
            Ok(()) => {}
            Err(error) if error.number() == Some(libc::EAGAIN) => return Ok(None),
            Err(error) => return Err(error),
        }
        let Some(mappings) = self.buffers.get(buffer.index as usize) else {
            let why = std::io::Error::from_raw_os_error(libc::EINVAL);
            return Err(Error::new("VIDIOC_DQBUF gave an unknown buffer", why));
        };
        let mut used = [(0, 0); MAX_PLANES];
        if self.device.is_multiplanar() {
            for (used, plane) in used.iter_mut().zip(&planes) {
                *used = (plane.data_offset as usize, plane.bytesused as usize);
            }
        } else {
            used[0] = (0, buffer.bytesused as usize);
        }
        Ok(Some(Frame {
            device: &self.device,
            refused: &self.refused,
            mappings,
            used,
            index: buffer.index,
            sequence: buffer.sequence,
            damaged: buffer.flags & raw::BUF_ERROR != 0,
            age: age(&buffer),
        }))
    }

    /// Offers the driver what it did not take back. Once more only: without all its buffers it
    /// falls behind, and in the end has none.
    fn offer_again(&self) -> Result<(), Error> {
        let refused = self.refused.take();
        for index in (0..MOST_BUFFERS).filter(|index| refused & (1 << index) != 0) {
            give_back(&self.device, index)?;
        }
        Ok(())
    }

    /// Asks for buffers; how many there are.
    fn request(&self, count: u32) -> Result<u32, Error> {
        let mut request: raw::RequestBuffers = ioctl::zeroed();
        request.count = count;
        request.kind = self.device.buffer_kind();
        request.memory = raw::MMAP;
        ioctl::call(self.device.as_fd(), &ioctl::REQBUFS, &mut request)?;
        Ok(request.count)
    }

    fn map(&self, index: u32) -> Result<Vec<Mapping>, Error> {
        let mut planes = [ioctl::zeroed::<raw::PlaneBuffer>(); MAX_PLANES];
        let mut buffer = describe(&self.device, index, &mut planes);
        ioctl::call(self.device.as_fd(), &ioctl::QUERYBUF, &mut buffer)?;
        let fd = self.device.as_fd();
        if !self.device.is_multiplanar() {
            #[expect(unsafe_code, reason = "a union of the kernel's")]
            // SAFETY: the kernel has filled in the offset, and any bytes are a number.
            let offset = unsafe { buffer.m.offset };
            return Ok(vec![Mapping::new(fd, offset, buffer.length)?]);
        }
        let planes = planes.iter().take(buffer.length as usize);
        planes
            .map(|plane| {
                #[expect(unsafe_code, reason = "a union of the kernel's")]
                // SAFETY: as above.
                let offset = unsafe { plane.m.mem_offset };
                Mapping::new(fd, offset, plane.length)
            })
            .collect()
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        // A device that is gone fails here, and frees everything when it is closed.
        let mut kind = self.device.buffer_kind();
        let _ = ioctl::call(self.device.as_fd(), &ioctl::STREAMOFF, &mut kind);
        self.buffers.clear();
        let _ = self.request(0);
    }
}

/// A picture in a buffer of the driver's, which is given back when this is dropped.
#[derive(Debug)]
pub struct Frame<'a> {
    device: &'a Device,
    refused: &'a Cell<u32>,
    mappings: &'a [Mapping],
    /// Offset and length of what is used of each plane.
    used: [(usize, usize); MAX_PLANES],
    index: u32,
    sequence: u32,
    damaged: bool,
    age: Option<Duration>,
}

impl Frame<'_> {
    /// The bytes of a plane; none where there is no such plane, or the driver is wrong
    /// about its length.
    #[must_use]
    pub fn plane(&self, index: usize) -> &[u8] {
        let (Some(mapping), Some(&(offset, end))) =
            (self.mappings.get(index), self.used.get(index))
        else {
            return &[];
        };
        // What is used counts from the start of the buffer, the offset included.
        mapping.bytes().get(offset..end).unwrap_or_default()
    }

    /// Number of planes.
    #[must_use]
    pub fn planes(&self) -> usize {
        self.mappings.len()
    }

    /// Whether a newer picture is ready already.
    #[must_use]
    pub fn is_followed(&self) -> bool {
        let mut device = [PollFd::new(self.device, PollFlags::IN)];
        poll(&mut device, Some(&Timespec::default())).is_ok_and(|ready| ready > 0)
    }

    /// Counts frames; a gap says how many the device has lost.
    #[must_use]
    pub fn sequence(&self) -> u32 {
        self.sequence
    }

    /// Whether the driver says that the data may be damaged.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        self.damaged
    }

    /// How long ago it was captured when it was taken from the driver; `None` when the driver
    /// does not say by a clock that is known.
    #[must_use]
    pub fn age(&self) -> Option<Duration> {
        self.age
    }
}

impl Drop for Frame<'_> {
    fn drop(&mut self) {
        if give_back(self.device, self.index).is_err() {
            let bit = 1_u32.checked_shl(self.index).unwrap_or_default();
            self.refused.set(self.refused.get() | bit);
        }
    }
}

/// A buffer for the kernel to look at; `planes` must outlive it.
fn describe(
    device: &Device,
    index: u32,
    planes: &mut [raw::PlaneBuffer; MAX_PLANES],
) -> raw::Buffer {
    let mut buffer: raw::Buffer = ioctl::zeroed();
    buffer.index = index;
    buffer.kind = device.buffer_kind();
    buffer.memory = raw::MMAP;
    if device.is_multiplanar() {
        buffer.length = MAX_PLANES as u32;
        buffer.m.planes = planes.as_mut_ptr();
    }
    buffer
}

fn give_back(device: &Device, index: u32) -> Result<(), Error> {
    let mut planes = [ioctl::zeroed::<raw::PlaneBuffer>(); MAX_PLANES];
    let mut buffer = describe(device, index, &mut planes);
    // The kernel wants to know of as many planes as there are, and may know of fewer.
    ioctl::call(device.as_fd(), &ioctl::QBUF, &mut buffer)
}

/// How long ago the driver says that it captured; drivers that count by another clock
/// than the monotonic one say so.
fn age(buffer: &raw::Buffer) -> Option<Duration> {
    if buffer.flags & raw::BUF_TIMESTAMP_MASK != raw::BUF_TIMESTAMP_MONOTONIC {
        return None;
    }
    let captured = Duration::new(
        u64::try_from(buffer.timestamp.tv_sec).ok()?,
        u32::try_from(buffer.timestamp.tv_usec)
            .ok()?
            .checked_mul(1_000)?,
    );
    let now = clock_gettime(ClockId::Monotonic);
    let now = Duration::new(
        u64::try_from(now.tv_sec).ok()?,
        u32::try_from(now.tv_nsec).ok()?,
    );
    // A counter that wrapped, or that nobody set.
    let known = !captured.is_zero() && now.abs_diff(captured) <= OLDEST;
    known.then(|| now.saturating_sub(captured))
}

/// A buffer's memory, or that of one of its planes.
#[derive(Debug)]
struct Mapping {
    start: NonNull<u8>,
    len: usize,
}

#[expect(unsafe_code, reason = "the memory belongs to no thread")]
// SAFETY: the mapping is shared memory that is only read, and unmapped by its one owner.
unsafe impl Send for Mapping {}

impl Mapping {
    fn new(fd: BorrowedFd<'_>, offset: u32, len: u32) -> Result<Self, Error> {
        let len = len as usize;
        #[expect(
            unsafe_code,
            reason = "the driver's buffers are reached by mapping them"
        )]
        // SAFETY: the kernel chooses where, so that nothing that is in use is replaced.
        let start = unsafe {
            mmap(
                std::ptr::null_mut(),
                len,
                ProtFlags::READ,
                MapFlags::SHARED,
                fd,
                offset.into(),
            )
        };
        let start = start.map_err(|error| Error::new("mmap", error))?;
        let why = || std::io::Error::from_raw_os_error(libc::ENOMEM);
        let start = NonNull::new(start.cast()).ok_or_else(|| Error::new("mmap", why()))?;
        Ok(Self { start, len })
    }

    /// What is in the buffer. The driver writes to it only while it has it; a frame is lent
    /// out after the driver has given it up and before it gets it back.
    fn bytes(&self) -> &[u8] {
        #[expect(unsafe_code, reason = "the kernel has made the slice")]
        // SAFETY: `len` bytes are mapped from `start` for as long as this lives.
        unsafe {
            std::slice::from_raw_parts(self.start.as_ptr(), self.len)
        }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        #[expect(unsafe_code, reason = "what was mapped is unmapped")]
        // SAFETY: mapped by `new` with this length, and no slice of it outlives this.
        let _ = unsafe { munmap(self.start.as_ptr().cast(), self.len) };
    }
}
