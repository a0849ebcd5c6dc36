//! Every limit of RTSP, named, in one place.

/// Most bytes of a message's head.
pub(super) const MAX_HEAD_BYTES: usize = 16 * 1024;
/// Most bytes of a message's body.
pub(super) const MAX_BODY_BYTES: usize = 64 * 1024;
/// Most header fields of a message.
pub(super) const MAX_FIELDS: usize = 64;
/// Most transports of a list that are looked at.
pub(super) const MAX_TRANSPORTS: usize = 16;
/// Most tracks of a session.
pub(super) const MAX_TRACKS: usize = 8;
