//! Measures what Eyeline costs. Source, server and viewers are processes apart, so
//! that the server's CPU time and memory are its own; beside it runs the floor, a
//! program that only writes the same bytes to the same number of sockets.
//!
//! Not here: the server itself (a program among others, found beside this one) and
//! checks of what is correct, which are tests.

mod capture;
mod codec;
mod coded;
mod device;
mod fanout;
mod floor;
mod picture;
mod process;
mod report;
mod slow;
mod source;
mod transport;
mod viewers;

use std::alloc::System;

use clap::{Args, Parser};
use eyeline_media::Resolution;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

/// Counts allocations for `capture`; the others pay a few nanoseconds for each of theirs.
#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

#[derive(Debug, Parser)]
#[command(about = "Measures what Eyeline costs", disable_help_subcommand = true)]
enum Command {
    /// What fan-out costs for 1 to 500 viewers, beside the floor
    Fanout(fanout::Options),
    /// What slow viewers do to the others, to memory and to themselves
    Slow(slow::Options),
    /// CPU time of encoding, decoding and scaling one picture, and of messages with it
    Codec(codec::Options),
    /// What one picture of a camera costs: CPU time and allocations, beside the floor
    Capture(capture::Options),
    /// A camera: multipart MJPEG over TCP, with the time in headers and pixels
    Source(source::Options),
    /// An audience: many viewers in one process
    Viewers(viewers::Options),
    /// A server that does nothing but write
    Floor(floor::Options),
}

/// What the pictures of a run look like.
#[derive(Clone, Debug, Args)]
struct Shape {
    /// Pictures a second
    #[arg(long, default_value_t = 30)]
    fps: u32,
    /// Size of a picture
    #[arg(long, default_value = "1280x720")]
    size: Resolution,
    /// About so many bytes a picture
    #[arg(long, default_value_t = 100_000)]
    bytes: usize,
}

impl Shape {
    /// The same on the command line of another process.
    fn args(&self) -> [String; 3] {
        [
            format!("--fps={}", self.fps),
            format!("--size={}", self.size),
            format!("--bytes={}", self.bytes),
        ]
    }

    /// Nanoseconds from one picture to the next.
    fn interval_nanos(&self) -> u64 {
        1_000_000_000 / u64::from(self.fps.max(1))
    }

    /// Bytes a second.
    fn rate(&self) -> f64 {
        self.bytes as f64 * f64::from(self.fps)
    }
}

fn main() -> anyhow::Result<()> {
    match Command::parse() {
        Command::Fanout(options) => fanout::run(&options),
        Command::Slow(options) => slow::run(&options),
        Command::Codec(options) => codec::run(&options),
        Command::Capture(options) => capture::run(&options),
        Command::Source(options) => source::run(&options),
        Command::Viewers(options) => viewers::run(&options),
        Command::Floor(options) => floor::run(&options),
    }
}
