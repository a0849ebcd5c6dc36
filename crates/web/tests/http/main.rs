//! The server over real sockets: a hub with hand-made pictures, and a client that
//! sees every byte.

#![expect(clippy::unwrap_used, reason = "a test that fails may panic")]

mod access;
mod api;
mod api_errors;
mod compat_cameras;
mod compat_http;
mod ends;
mod events;
mod harness;
mod limits;
mod pages;
mod push;
mod streams;
mod ws_producing;
mod ws_sockets;
mod ws_viewing;
