//! Calls of the kernel: a number and a structure that it reads and writes.

use std::io;
use std::os::fd::{AsRawFd as _, BorrowedFd};

use crate::error::Error;
use crate::raw::{self, Plain};

/// A call: its name for errors, its number, and what it takes.
pub(crate) struct Call<T> {
    name: &'static str,
    number: u64,
    takes: std::marker::PhantomData<fn(&mut T)>,
}

/// Directions, as `asm-generic/ioctl.h` puts them into the number.
const WRITE: u64 = 1;
const READ: u64 = 2;

impl<T: Plain> Call<T> {
    const fn new(name: &'static str, direction: u64, number: u64) -> Self {
        let number = direction << 30 | (size_of::<T>() as u64) << 16 | (b'V' as u64) << 8 | number;
        Self {
            name,
            number,
            takes: std::marker::PhantomData,
        }
    }
}

pub(crate) const QUERYCAP: Call<raw::Capability> = Call::new("VIDIOC_QUERYCAP", READ, 0);
pub(crate) const ENUM_FMT: Call<raw::FmtDesc> = Call::new("VIDIOC_ENUM_FMT", READ | WRITE, 2);
pub(crate) const S_FMT: Call<raw::Format> = Call::new("VIDIOC_S_FMT", READ | WRITE, 5);
pub(crate) const REQBUFS: Call<raw::RequestBuffers> = Call::new("VIDIOC_REQBUFS", READ | WRITE, 8);
pub(crate) const QUERYBUF: Call<raw::Buffer> = Call::new("VIDIOC_QUERYBUF", READ | WRITE, 9);
pub(crate) const QBUF: Call<raw::Buffer> = Call::new("VIDIOC_QBUF", READ | WRITE, 15);
pub(crate) const DQBUF: Call<raw::Buffer> = Call::new("VIDIOC_DQBUF", READ | WRITE, 17);
pub(crate) const STREAMON: Call<u32> = Call::new("VIDIOC_STREAMON", WRITE, 18);
pub(crate) const STREAMOFF: Call<u32> = Call::new("VIDIOC_STREAMOFF", WRITE, 19);
pub(crate) const G_PARM: Call<raw::StreamParm> = Call::new("VIDIOC_G_PARM", READ | WRITE, 21);
pub(crate) const S_PARM: Call<raw::StreamParm> = Call::new("VIDIOC_S_PARM", READ | WRITE, 22);
pub(crate) const QUERYMENU: Call<raw::QueryMenu> = Call::new("VIDIOC_QUERYMENU", READ | WRITE, 37);
pub(crate) const G_EXT_CTRLS: Call<raw::ExtControls> =
    Call::new("VIDIOC_G_EXT_CTRLS", READ | WRITE, 71);
pub(crate) const S_EXT_CTRLS: Call<raw::ExtControls> =
    Call::new("VIDIOC_S_EXT_CTRLS", READ | WRITE, 72);
pub(crate) const ENUM_FRAMESIZES: Call<raw::FrmSizeEnum> =
    Call::new("VIDIOC_ENUM_FRAMESIZES", READ | WRITE, 74);
pub(crate) const ENUM_FRAMEINTERVALS: Call<raw::FrmIvalEnum> =
    Call::new("VIDIOC_ENUM_FRAMEINTERVALS", READ | WRITE, 75);
pub(crate) const QUERY_EXT_CTRL: Call<raw::QueryExtCtrl> =
    Call::new("VIDIOC_QUERY_EXT_CTRL", READ | WRITE, 103);

/// Calls the kernel, again where a signal interrupted it.
///
/// Structures with pointers in them are the caller's affair: what they point to must be
/// alive, and as large as the structure says.
pub(crate) fn call<T: Plain>(
    fd: BorrowedFd<'_>,
    call: &Call<T>,
    value: &mut T,
) -> Result<(), Error> {
    loop {
        #[expect(unsafe_code, reason = "no safe library knows these calls")]
        // SAFETY: the descriptor is open for as long as it is borrowed; the kernel reads and
        // writes at most the bytes that the number names, which are those of `value`.
        let outcome = unsafe { libc::ioctl(fd.as_raw_fd(), call.number as _, &raw mut *value) };
        if outcome >= 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(Error::new(call.name, error));
        }
    }
}

/// A structure of zeros, to be filled in.
pub(crate) fn zeroed<T: Plain>() -> T {
    #[expect(unsafe_code, reason = "the kernel wants what is not used to be zero")]
    // SAFETY: any bytes are valid for a `Plain`, zeros included.
    unsafe {
        std::mem::zeroed()
    }
}

/// Enumerates: asks with rising indices until the kernel knows no more (`EINVAL`).
pub(crate) fn list<T: Plain, U>(
    fd: BorrowedFd<'_>,
    number: &Call<T>,
    most: u32,
    ask: impl Fn(u32) -> T,
    mut take: impl FnMut(&T) -> U,
) -> Result<Vec<U>, Error> {
    let mut found = Vec::new();
    for index in 0..most {
        let mut value = ask(index);
        match call(fd, number, &mut value) {
            Ok(()) => found.push(take(&value)),
            Err(error) if matches!(error.number(), Some(libc::EINVAL | libc::ENOTTY)) => break,
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// Text as the kernel gives it, up to the first zero.
pub(crate) fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|&b| b == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}
