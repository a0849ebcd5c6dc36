//! Sources and pushing, with real programs, files and connections.

#![allow(clippy::unwrap_used, reason = "tests may")]

mod bench;
mod containers;
mod files;
mod http;
mod inputs;
mod producing;
mod pushing;
mod sending;
mod streams;
