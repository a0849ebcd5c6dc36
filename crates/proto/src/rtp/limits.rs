//! Every limit of RTP, named, in one place.

use std::time::Duration;

/// Most bytes of a packet that is sent, its header included: what fits into an Ethernet frame
/// that went through a tunnel.
pub const MAX_SENT_BYTES: usize = 1_400;

/// Most packets that wait for one that is missing.
pub const MAX_WAITING: usize = 64;

/// How long they wait.
pub const MAX_WAIT: Duration = Duration::from_millis(100);

/// A sequence number that is off by more than this belongs to a sender that began anew
/// (`MAX_DROPOUT` of RFC 3550, A.1).
pub const MAX_DROPOUT: i64 = 3_000;

/// Most bytes of one piece of coded sound.
pub const MAX_SOUND_BYTES: usize = 64 * 1024;

/// Most pieces of coded sound in one packet.
pub const MAX_SOUNDS: usize = 64;

/// Most pictures that may be shown in another order than they are decoded in: H.264 allows 16.
pub const MAX_REORDERED: usize = 16;

/// The largest width and height of RTP/JPEG, in pixels (RFC 2435, 3.1).
pub const MAX_JPEG_SIDE: u32 = 2_040;

/// Most reports in one packet of RTCP that are looked at.
pub const MAX_REPORTS: usize = 32;
