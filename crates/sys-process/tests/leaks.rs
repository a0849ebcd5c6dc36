//! What stays in the parent after many children: nothing. Alone in its program, for it
//! counts what belongs to the whole process.

#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

mod support;

use std::fs;
use std::time::Duration;

use eyeline_sys_process::{Grace, Spec, shell};
use support::processes;
use tokio::time::timeout;

const CHILDREN: usize = 50;
/// So many children end before one that was dropped must have been reaped.
const PATIENCE: usize = 1000;

fn open_descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

fn children_and_zombies() -> usize {
    let me = i32::try_from(std::process::id()).unwrap();
    processes()
        .iter()
        .filter(|process| process.parent == me)
        .count()
}

/// Starts a child and ends it in one of the ways there are.
async fn start_and_end(way: usize) {
    let long = shell("exec sleep 1000");
    match way {
        0 => drop(long.spawn().await.unwrap()),
        1 => drop(long.spawn().await.unwrap().stop(Grace::default()).await),
        2 => drop(shell("true").spawn().await.unwrap().wait().await),
        3 => drop(Spec::new("no-such-program").spawn().await.unwrap_err()),
        // Long enough to start the guard, too short to hear from it.
        _ => drop(timeout(Duration::ZERO, long.spawn()).await),
    }
}

#[tokio::test]
async fn fifty_children_leave_no_zombie_and_no_descriptor() {
    // The runtime opens descriptors of its own for the first child.
    start_and_end(2).await;
    let before = open_descriptors();
    for number in 0..CHILDREN {
        start_and_end(number % 5).await;
    }
    // The runtime reaps the guards of dropped children when it sees another child end.
    let mut left = usize::MAX;
    for _ in 0..PATIENCE {
        start_and_end(2).await;
        left = children_and_zombies();
        if left == 0 {
            break;
        }
    }
    assert_eq!((left, open_descriptors()), (0, before));
}
