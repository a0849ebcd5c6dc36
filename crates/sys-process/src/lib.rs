//! The fence around child processes: they live in their own session and group, are stopped
//! politely, and never outlive their parent, not even one that is killed with `SIGKILL`, and
//! neither do their own children (`sh -c 'a | b'`) or those that tried to become daemons.
//!
//! **How.** Between the parent and each program stands a *guard*: a small process that is the
//! parent of the program, the reaper of everything the program leaves behind
//! (`PR_SET_CHILD_SUBREAPER`), and the only one that sends signals, so that no signal meets a
//! recycled process id. Guard and parent hold the two ends of a socket. Orders go down it;
//! the news that the program started, could not start, or has ended come up. When the parent dies, however it
//! dies, the kernel closes its end: the guard reads end-of-file, sends `SIGINT`, 3 s later `SIGTERM`, and a second
//! later `SIGKILL` to every descendant. `SIGINT` comes first because it is what programs that capture close a
//! camera on; killed at once, some leave the driver behind so that only a restart of the machine helps. For the same reason the guard then reads
//! what the program still writes. If somebody kills the guard itself, the program dies by
//! `PR_SET_PDEATHSIG`, and the parent kills the rest of the group.
//!
//! **Why not simpler.** `PR_SET_PDEATHSIG` alone fires when the spawning *thread* ends and is not
//! inherited by grandchildren. A guard that is a mere fork of the parent would keep the parent's
//! memory alive, and its mapped camera buffers with it, so that the camera stays locked.
//! So the guard is this very program (`/proc/self/exe`) executed afresh under the name
//! [`GUARD_NAME`], which a start-up hook in the `guard` module recognises before `main`; programs need
//! no code of their own for it, and neither do their tests.
//!
//! Linux only, and `/proc` must be mounted. What does *not* belong here: which programs to run, restarts and
//! backoff, and what the bytes mean.

#![allow(unsafe_code)] // the fence: signal masks, a start-up hook, code between fork and exec

mod child;
mod drain;
mod family;
mod guard;
mod signals;
mod spec;
mod wire;

pub use child::{Child, Grace, Stderr, Stdin, Stdout, Step, Stopped};
pub use guard::GUARD_NAME;
pub use spec::{Input, SpawnError, Spec, shell};
