//! TCP connections to viewers, whatever is spoken over them: set up so that little waits in the
//! kernel to grow old, measured, and closed when nothing gets through.
//!
//! Not here: accepting connections, protocols, and what follows from a slow link for the
//! pictures that are sent (`output`).

mod limits;
mod meter;
mod stall;
mod tune;

pub use limits::Patience;
pub use meter::{Meter, Probe};
pub use stall::{Backlog, StallGuard, Stalled};
pub use tune::tune;
