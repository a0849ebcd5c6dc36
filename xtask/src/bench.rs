//! `cargo xtask bench`: builds the server and the benchmarks as they are released, and
//! runs one of the benchmarks.
//!
//! Not here: what is measured (`bench/`).

use std::process::{Command, ExitCode};

use anyhow::Context as _;
use cargo_metadata::MetadataCommand;

/// Builds, then runs `eyeline-bench` with these arguments.
///
/// # Errors
/// When the build fails or the program cannot be run.
pub(crate) fn run(args: &[String]) -> anyhow::Result<ExitCode> {
    let metadata = MetadataCommand::new().no_deps().exec()?;
    let built = Command::new(env!("CARGO"))
        .args(["build", "--release", "-p", "eyeline", "-p", "eyeline-bench"])
        .current_dir(&metadata.workspace_root)
        .status()
        .context("cannot run cargo")?;
    anyhow::ensure!(built.success(), "the build failed");
    let program = metadata.target_directory.join("release/eyeline-bench");
    let status = Command::new(&program)
        .args(args)
        .status()
        .with_context(|| format!("cannot run {program}"))?;
    // Killed by a signal, it has no code.
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
