//! RTMP (Adobe, *Real-Time Messaging Protocol 1.0*, and Veovera, *Enhanced RTMP v2*): the handshake, messages in
//! chunks, commands, and the video and audio that messages carry (*Adobe Flash Video File Format* 10.1, annex E).
//!
//! [`Server`] and [`Client`] hold a conversation; [`Incoming`] reads what is published, [`Outgoing`]
//! writes what is played. Not here: sockets, timeouts, who may publish, and what becomes of
//! the pictures.
//!
//! Deviations and what is put up with:
//! - The handshake is the simple one, without digests, which only Flash Player asks for.
//! - Senders that do not repeat the extended timestamp in chunks of type 3 are understood, and so are
//!   those that repeat the time of the message instead of the difference.
//! - A message that is begun anew before it was whole is dropped.
//! - There is one message stream a connection, number 1.

mod aggregate;
mod amf0;
mod audio;
mod client;
mod command;
mod configuration;
mod connection;
mod control;
mod error;
mod flv;
mod handshake;
mod incoming;
mod limits;
mod message;
mod outgoing;
mod reader;
mod server;
mod target;
mod video;
mod writer;

#[cfg(test)]
mod tests;

pub use amf0::Value;
pub use client::{Client, Heard, Wanted};
pub use command::Command;
pub use error::Error;
pub use flv::TagError;
pub use incoming::{Incoming, Unit};
pub use limits::Limits;
pub use message::{Kind, Message};
pub use outgoing::{Outgoing, metadata, moved};
pub use reader::Reader;
pub use server::{Event, Refusal, Server};
pub use target::Target;
pub use writer::write_message;
