//! The HTTP surface: routes, who is let in, limits, pages, metrics.
//!
//! [`serve`] takes listening sockets and an [`App`] and runs until it is told to
//! stop. Not here: how pictures are framed (`output`), how they come in (`source`),
//! configuration, printing.

mod accept;
mod access;
mod api;
mod app;
mod assets;
mod compat;
mod connection;
mod connections;
mod cors;
mod errors;
mod health;
mod info;
mod ingest;
mod limits;
mod metrics;
mod pages;
mod routes;
mod streams;
mod takeover;
mod visit;
mod ws;

pub use accept::serve;
pub use api::cameras::cameras_json;
pub use api::controls::kept_controls;
pub use api::manage::restore;
pub use app::App;
pub use eyeline_tcp::Patience;
pub use limits::Limits;
