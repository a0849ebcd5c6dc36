//! Reads the file and the environment into one [`Config`].

use std::path::Path;

use anyhow::{Context as _, anyhow};
use serde::Deserialize as _;
use toml::Table;

use super::environment::{concerns, merge, table};
use super::{Config, diagnose};

/// The file that is read when none is named and it exists.
pub(crate) const DEFAULT_FILE: &str = "eyeline.toml";

/// The configuration of a file and of the environment, which wins.
///
/// # Errors
/// Says what is wrong, where (file and line, or variable), and what was probably meant.
pub(crate) fn load(
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
) -> anyhow::Result<Config> {
    let (name, text) = read(file)?;
    // The text alone first: its errors know their line.
    let of_file: Result<Config, _> = toml::from_str(&text);
    of_file.map_err(|error| anyhow!(diagnose::in_file(&name, &text, &error)))?;
    let mut merged: Table = text.parse().context("the file was read a moment ago")?;
    for (variable, value) in environment {
        if concerns(&variable) {
            let one = table(&variable, &value).map_err(|said| anyhow!(said))?;
            let alone = Config::deserialize(one.clone());
            alone.map_err(|error| anyhow!("{variable}: {}", error.message().trim()))?;
            merge(&mut merged, one);
        }
    }
    let config = Config::deserialize(merged)?;
    for (id, stream) in &config.streams {
        if stream.source.0.is_empty() {
            return Err(anyhow!(
                "{name}: the stream {} has no source; give it one: source = \"test:\"",
                id.0
            ));
        }
    }
    Ok(config)
}

fn read(file: Option<&Path>) -> anyhow::Result<(String, String)> {
    let path = file.unwrap_or(Path::new(DEFAULT_FILE));
    let name = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => Ok((name, text)),
        Err(error) if file.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
            Ok(("the environment".to_owned(), String::new()))
        }
        Err(error) => Err(anyhow!("cannot read the configuration {name}: {error}")),
    }
}
