//! `TCP_INFO` as Linux lays it out.

use std::io;
use std::os::fd::{AsRawFd as _, BorrowedFd};
use std::time::Duration;

use crate::TcpInfo;

/// Bytes of `struct tcp_info` up to and with `tcpi_rwnd_limited` (Linux 4.10). Newer kernels
/// know more and fill in no more than asked for; older ones fill in less.
const LEN: usize = 184;

/// Reads the fields at their places in `struct tcp_info` of `linux/tcp.h`, which never
/// change; the C library's own declaration ends before most of them.
pub(crate) fn tcp_info(socket: BorrowedFd<'_>) -> io::Result<TcpInfo> {
    let raw = raw(socket)?;
    Ok(TcpInfo {
        app_limited: raw[7] & APP_LIMITED != 0,
        segment_bytes: u32_at(&raw, 16),
        unacked_segments: u32_at(&raw, 24),
        rtt: Duration::from_micros(u32_at(&raw, 68).into()),
        acked_bytes: u64_at(&raw, 120),
        unsent_bytes: u32_at(&raw, 144),
        min_rtt: min_rtt(u32_at(&raw, 148)),
        delivery_rate: u64_at(&raw, 160),
        busy: Duration::from_micros(u64_at(&raw, 168)),
        window_limited: Duration::from_micros(u64_at(&raw, 176)),
    })
}

/// The bit of `tcpi_delivery_rate_app_limited`, the first of its byte as the compiler lays
/// out bit fields.
const APP_LIMITED: u8 = if cfg!(target_endian = "little") {
    1
} else {
    0x80
};

/// All ones say that none was seen.
fn min_rtt(micros: u32) -> Duration {
    match micros {
        u32::MAX => Duration::ZERO,
        micros => Duration::from_micros(micros.into()),
    }
}

fn u32_at(raw: &[u8; LEN], at: usize) -> u32 {
    let mut bytes = [0; 4];
    bytes.copy_from_slice(&raw[at..at + 4]);
    u32::from_ne_bytes(bytes)
}

fn u64_at(raw: &[u8; LEN], at: usize) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&raw[at..at + 8]);
    u64::from_ne_bytes(bytes)
}

#[expect(unsafe_code, reason = "no safe library asks for TCP_INFO")]
fn raw(socket: BorrowedFd<'_>) -> io::Result<[u8; LEN]> {
    let mut raw = [0; LEN];
    let mut len = LEN as libc::socklen_t;
    // SAFETY: the descriptor is open for as long as it is borrowed, and the kernel writes at
    // most `len` bytes to `raw`, which has as many, and the number of them to `len`.
    let outcome = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_INFO,
            raw.as_mut_ptr().cast(),
            &raw mut len,
        )
    };
    if outcome == 0 {
        Ok(raw)
    } else {
        Err(io::Error::last_os_error())
    }
}
