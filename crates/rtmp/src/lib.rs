//! The RTMP server: encoders publish streams to it, players play them.
//!
//! [`serve`] takes listening sockets and an [`App`] and runs until it is told to stop. Not here: the
//! protocol itself (`proto::rtmp`), how pictures come in (`source`) and how viewers are paced
//! (`output`), configuration.

mod accept;
mod access;
mod app;
mod container;
mod limits;
mod line;
mod play;
mod publish;
mod session;

pub use accept::serve;
pub use app::App;
pub use limits::Limits;
