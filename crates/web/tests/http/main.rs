//! The server over real sockets: a hub with hand-made pictures, and a client that
//! sees every byte.

mod access;
mod ends;
mod harness;
mod limits;
mod pages;
mod push;
mod streams;
