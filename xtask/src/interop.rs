//! `cargo xtask interop`: which program works with which protocol, as a table or as a check.
//!
//! Not here: the programs and what is looked at (`crates/eyeline/tests/interop`).

use std::process::{Command, ExitCode};

use anyhow::Context as _;
use clap::Args;

/// What to run, and whether the table is written.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only fail when something does not work that docs/interop.md says works
    #[arg(long)]
    check: bool,
    /// Run only what contains this, such as `VLC` or `plays RTMP`; writes nothing
    #[arg(long, default_value = "")]
    only: String,
}

/// Runs every program against the server as it is built for tests.
///
/// # Errors
/// When cargo cannot be run.
pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let mut command = Command::new(env!("CARGO"));
    command.args([
        "nextest",
        "run",
        "-p",
        "eyeline",
        "--test",
        "interop",
        "--no-capture",
    ]);
    command.env("INTEROP_ONLY", &options.only);
    if !options.check {
        command.env("INTEROP", "write");
    }
    let status = command.status().context("cannot run cargo nextest")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
