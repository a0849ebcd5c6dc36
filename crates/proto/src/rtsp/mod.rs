//! RTSP 1.0 (RFC 2326), as a server speaks it: messages and interleaved packets out of bytes,
//! transports, credentials, and what may follow what in a session.
//!
//! Not here: sockets, who is let in, where pictures come from, and the packets themselves (`rtp`).

mod auth;
mod error;
mod limits;
mod message;
mod reader;
mod session;
mod target;
#[cfg(test)]
mod tests;
mod transport;

pub use auth::{Credentials, challenges};
pub use error::Error;
pub use message::{Method, Request, Response};
pub use reader::{Incoming, Reader};
pub use session::{Mode, Session, SetUp, Step, TIMEOUT};
pub use target::Target;
pub use transport::{Carrier, Transport};
