//! What is built for the guest: the program, and the tests that want a real driver.
//!
//! Not here: how it gets there (`image`).

use std::io::BufReader;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};
use cargo_metadata::{Message, Metadata};

/// The integration tests that need a driver, by name, in whichever crate.
const TESTS: &[&str] = &["vivid", "real_driver"];

/// Builds the program and says where it is.
///
/// # Errors
/// When it does not build.
pub(super) fn program(metadata: &Metadata) -> anyhow::Result<PathBuf> {
    let built = Command::new(env!("CARGO"))
        .args(["build", "-p", "eyeline"])
        .current_dir(&metadata.workspace_root)
        .status()
        .context("cannot run cargo")?;
    ensure!(built.success(), "the program does not build");
    Ok(metadata.target_directory.join("debug/eyeline").into())
}

/// Builds the tests that need a driver and says where they are, with their names.
///
/// # Errors
/// When one does not build.
pub(super) fn tests(metadata: &Metadata) -> anyhow::Result<Vec<PathBuf>> {
    let mut executables = Vec::new();
    for package in metadata.workspace_packages() {
        for target in &package.targets {
            if target.is_test() && TESTS.contains(&target.name.as_str()) {
                executables.push(test(metadata, &package.name, &target.name)?);
            }
        }
    }
    Ok(executables)
}

fn test(metadata: &Metadata, package: &str, name: &str) -> anyhow::Result<PathBuf> {
    let mut cargo = Command::new(env!("CARGO"))
        .args(["test", "--no-run", "-p", package, "--test", name])
        .arg("--message-format=json-render-diagnostics")
        .current_dir(&metadata.workspace_root)
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot run cargo")?;
    let mut executable = None;
    if let Some(messages) = cargo.stdout.take() {
        for message in Message::parse_stream(BufReader::new(messages)) {
            match message? {
                Message::CompilerArtifact(made) if made.target.name == name => {
                    executable = made.executable.or(executable);
                }
                _ => {}
            }
        }
    }
    ensure!(
        cargo.wait()?.success(),
        "the test {name} of {package} does not build"
    );
    let executable = executable.with_context(|| format!("cargo built no {name} of {package}"))?;
    Ok(executable.into())
}
