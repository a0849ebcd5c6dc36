//! Sources and pushing, with real programs, files and connections.

mod bench;
mod http;
mod inputs;
mod pushing;
