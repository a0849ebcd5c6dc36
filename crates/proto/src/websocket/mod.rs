//! WebSocket (RFC 6455) without a socket: the opening handshake, frames out,
//! messages in, and how a picture is put into a message.
//!
//! A [`Parser`] works as those of `mpjpeg` do: give it bytes in pieces of any size,
//! call `next` until it gives `None`. How the input was cut never changes the
//! outcome. After an error it holds nothing and repeats the error. Between a `next`
//! that gave `None` and more input it holds at most [`Limits::max_buffered`].
//!
//! Extensions (so compression, too) and subprotocols are never agreed on; a client
//! that uses one all the same gets an error. A length that is written longer than
//! necessary is accepted.
//!
//! Not here: HTTP, sockets, when to ping and when to give up, and what a message means
//! (but for the pictures in it).

mod close_code;
mod error;
pub mod frame;
pub mod handshake;
mod head;
mod limits;
mod mask;
mod message;
mod parser;
pub mod picture;

pub use close_code::CloseCode;
pub use error::Error;
pub use frame::Opcode;
pub use limits::{Limits, MAX_CONTROL_BYTES, MAX_REASON_BYTES};
pub use message::Message;
pub use parser::{Parser, Role};

#[cfg(test)]
mod tests;
