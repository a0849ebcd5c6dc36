//! TCP connections to viewers, whatever is spoken over them: accepted, set up so that little waits in
//! the kernel to grow old, measured, and closed when nothing gets through.
//!
//! Not here: protocols, and what follows from a slow link for the
//! pictures that are sent (`output`).

mod bell;
mod door;
mod limits;
mod meter;
mod stall;
mod tune;

pub use bell::{Bell, seldom};
pub use door::{Door, serve, stopped};
pub use limits::Patience;
pub use meter::{Meter, Probe};
pub use stall::{Backlog, StallGuard, Stalled};
pub use tune::tune;
