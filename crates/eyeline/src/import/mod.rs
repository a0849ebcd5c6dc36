//! `eyeline import ffserver.conf`: makes a configuration out of one for ffserver, the
//! streaming server that came with FFmpeg until version 4.
//!
//! What has no equivalent here becomes a comment that says so, with its line and what to do
//! instead, and a warning. Not here: what our own configuration means (`config`).

mod commands;
mod keywords;
mod model;
mod parse;
mod remarks;
mod sizes;
mod write;

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, anyhow};

use crate::cli::ImportArgs;

/// Largest file that is read.
const MAX_BYTES: u64 = 1024 * 1024;

pub(crate) fn run(args: &ImportArgs) -> anyhow::Result<()> {
    let name = args.file.display().to_string();
    let text = read(&args.file).with_context(|| format!("cannot read {name}"))?;
    let made = convert(&text).map_err(|mistake| anyhow!("{name}:{mistake}"))?;
    match &args.output {
        Some(path) => {
            let shown = path.display();
            let file = OpenOptions::new().write(true).create_new(true).open(path);
            let mut file = file.with_context(|| format!("cannot make the file {shown}"))?;
            file.write_all(made.text.as_bytes())?;
        }
        None => std::io::stdout().write_all(made.text.as_bytes())?,
    }
    let mut warnings = std::io::stderr().lock();
    for (line, warning) in &made.warnings {
        writeln!(warnings, "{name}:{line}: {warning}")?;
    }
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<String> {
    let bytes = fs::metadata(path)?.len();
    if bytes > MAX_BYTES {
        return Err(anyhow!(
            "it has {bytes} bytes, and at most {MAX_BYTES} are taken"
        ));
    }
    // Old files may be in any encoding; only comments and titles are not ASCII.
    Ok(String::from_utf8_lossy(&fs::read(path)?).into_owned())
}

/// What was made of a configuration.
pub(crate) struct Made {
    /// Our own configuration.
    pub(crate) text: String,
    /// What should not go unnoticed, each with its line.
    pub(crate) warnings: Vec<(usize, String)>,
}

/// Makes our configuration out of ffserver's.
pub(crate) fn convert(text: &str) -> Result<Made, parse::Mistake> {
    let model = model::Model::read(&parse::parse(text)?)?;
    Ok(write::write(&model))
}

#[cfg(test)]
mod tests;
