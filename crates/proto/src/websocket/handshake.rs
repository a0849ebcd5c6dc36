//! The opening handshake (RFC 6455, 4): what a request must say, and what proves to
//! the client that it was understood.
//!
//! Not here: origins and tokens, which are the server's business, and HTTP itself.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha1::{Digest as _, Sha1};

/// The version of the protocol, the only one there is: the value of
/// `Sec-WebSocket-Version`.
pub const VERSION: &str = "13";

/// What every server adds to a client's key (RFC 6455, 1.3).
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Bytes of a client's nonce.
const NONCE_BYTES: usize = 16;

/// What matters in a request. A header that comes several times is to be joined with
/// commas, as HTTP allows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'a> {
    /// The method.
    pub method: &'a str,
    /// Whether there is a `Host`.
    pub has_host: bool,
    /// `Upgrade`.
    pub upgrade: Option<&'a str>,
    /// `Connection`.
    pub connection: Option<&'a str>,
    /// `Sec-WebSocket-Version`.
    pub version: Option<&'a str>,
    /// `Sec-WebSocket-Key`.
    pub key: Option<&'a str>,
}

/// Why a request opens no WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Another method than GET.
    #[error("a WebSocket is opened with GET")]
    Method,
    /// No `Host`.
    #[error("the Host header is missing")]
    Host,
    /// `Upgrade` does not name `websocket`.
    #[error("this address is for WebSocket: the request needs \"Upgrade: websocket\"")]
    Upgrade,
    /// `Connection` does not name `Upgrade`.
    #[error("the request needs \"Connection: Upgrade\"; a proxy may have taken it away")]
    Connection,
    /// Another version than 13, or none.
    #[error("the request needs \"Sec-WebSocket-Version: {VERSION}\"")]
    Version,
    /// The key is missing or not 16 bytes in base64.
    #[error("the request needs a Sec-WebSocket-Key of 16 bytes in base64")]
    Key,
}

impl Error {
    /// The header that is missing or wrong, in lower case; `None` if it is the method.
    #[must_use]
    pub const fn header(self) -> Option<&'static str> {
        match self {
            Self::Method => None,
            Self::Host => Some("host"),
            Self::Upgrade => Some("upgrade"),
            Self::Connection => Some("connection"),
            Self::Version => Some("sec-websocket-version"),
            Self::Key => Some("sec-websocket-key"),
        }
    }

    /// The status of the answer: 426 for the wrong version, which must go with
    /// `Sec-WebSocket-Version:` [`VERSION`] (RFC 6455, 4.2.2), else 400.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Version => 426,
            _ => 400,
        }
    }
}

/// The value of `Sec-WebSocket-Accept` for the 101 that answers this request.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn accept(request: &Request<'_>) -> Result<String, Error> {
    let names = |header: Option<&str>, token: &str| {
        let mut tokens = header.unwrap_or_default().split(',');
        tokens.any(|found| found.trim().eq_ignore_ascii_case(token))
    };
    if request.method != "GET" {
        return Err(Error::Method);
    }
    if !request.has_host {
        return Err(Error::Host);
    }
    if !names(request.upgrade, "websocket") {
        return Err(Error::Upgrade);
    }
    if !names(request.connection, "upgrade") {
        return Err(Error::Connection);
    }
    if request.version.map(str::trim) != Some(VERSION) {
        return Err(Error::Version);
    }
    let key = request.key.map(str::trim).filter(|key| is_key(key));
    Ok(accept_for(key.ok_or(Error::Key)?))
}

/// What a server must answer to `key` in `Sec-WebSocket-Accept`: for a client to
/// compare.
#[must_use]
pub fn accept_for(key: &str) -> String {
    BASE64.encode(Sha1::new().chain_update(key).chain_update(GUID).finalize())
}

/// A client's `Sec-WebSocket-Key`, of a random nonce.
#[must_use]
pub fn key(nonce: [u8; NONCE_BYTES]) -> String {
    BASE64.encode(nonce)
}

fn is_key(key: &str) -> bool {
    let mut nonce = [0; NONCE_BYTES];
    BASE64.decode_slice(key, &mut nonce) == Ok(NONCE_BYTES)
}
