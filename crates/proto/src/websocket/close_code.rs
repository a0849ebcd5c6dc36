//! The codes of Close frames (RFC 6455, 7.4).

use std::fmt;

/// Why a connection is closed: a code that may stand in a Close frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CloseCode(u16);

impl CloseCode {
    /// The purpose is fulfilled.
    pub const NORMAL: Self = Self(1000);
    /// The server shuts down, or the page was left.
    pub const GOING_AWAY: Self = Self(1001);
    /// Against the protocol.
    pub const PROTOCOL_ERROR: Self = Self(1002);
    /// A kind of data that is not accepted.
    pub const UNSUPPORTED_DATA: Self = Self(1003);
    /// Text that is not UTF-8.
    pub const INVALID_PAYLOAD: Self = Self(1007);
    /// Against the rules of the place; for want of a better code.
    pub const POLICY_VIOLATION: Self = Self(1008);
    /// A message longer than accepted.
    pub const MESSAGE_TOO_BIG: Self = Self(1009);
    /// The server cannot go on.
    pub const INTERNAL_ERROR: Self = Self(1011);
    /// The server is overloaded or at a limit for now.
    pub const TRY_AGAIN_LATER: Self = Self(1013);

    /// This code, if it may be sent: 1000–1003, 1007–1014 and 3000–4999. The others
    /// are not assigned, or mean that no code came (1005, 1006, 1015).
    #[must_use]
    pub const fn new(code: u16) -> Option<Self> {
        match code {
            1000..=1003 | 1007..=1014 | 3000..=4999 => Some(Self(code)),
            _ => None,
        }
    }

    /// The number.
    #[must_use]
    pub const fn as_u16(self) -> u16 {
        self.0
    }
}

impl fmt::Display for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
