//! Signal masks and actions of the guard, as libc has them. Sending signals is the family's affair.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{FromRawFd, OwnedFd};
use std::ptr;

/// Gives every signal its default action. What a parent ignores stays ignored across exec, but the
/// program must get its signals, and the guard its children's status.
pub(crate) fn reset_actions() {
    for signal in 1..=libc::SIGRTMAX() {
        // SAFETY: the default action runs no code of ours. Numbers that may not be changed are refused.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
}

/// From here on only `SIGKILL` ends this process.
pub(crate) fn block_all() -> io::Result<()> {
    set_mask(libc::sigfillset)
}

/// Undoes [`block_all`]. Async-signal-safe.
pub(crate) fn unblock_all() -> io::Result<()> {
    set_mask(libc::sigemptyset)
}

/// A descriptor that is readable when a child has ended since the last read; reading does not
/// block. `SIGCHLD` must be blocked.
pub(crate) fn child_ended() -> io::Result<OwnedFd> {
    let mut set = MaybeUninit::uninit();
    // SAFETY: the first call initialises the set, the others read it; -1 asks for a new descriptor.
    let descriptor = unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        libc::sigaddset(set.as_mut_ptr(), libc::SIGCHLD);
        libc::signalfd(-1, set.as_ptr(), libc::SFD_CLOEXEC | libc::SFD_NONBLOCK)
    };
    if descriptor < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: it was made above and belongs to nobody else.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

fn set_mask(fill: unsafe extern "C" fn(*mut libc::sigset_t) -> libc::c_int) -> io::Result<()> {
    let mut set = MaybeUninit::uninit();
    // SAFETY: `fill` initialises the set; a null pointer asks for no old mask.
    let result = unsafe {
        fill(set.as_mut_ptr());
        libc::sigprocmask(libc::SIG_SETMASK, set.as_ptr(), ptr::null_mut())
    };
    match result {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}
