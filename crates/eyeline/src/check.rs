//! `eyeline check`: says what is wrong with a configuration, and where.

use std::io::Write as _;

use crate::cli::CheckArgs;
use crate::config;

pub(crate) fn run(args: &CheckArgs) -> anyhow::Result<()> {
    let config = config::load(args.config.as_deref(), std::env::vars())?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "The configuration is sound. It says:")?;
    for listen in &config.listen.0 {
        writeln!(out, "  listen on {}", listen.0)?;
    }
    for (id, stream) in &config.streams {
        let sources: Vec<_> = stream.source.0.iter().map(ToString::to_string).collect();
        writeln!(out, "  stream {}: {}", id.0, sources.join(", then "))?;
    }
    if config.streams.is_empty() {
        writeln!(
            out,
            "  no streams; `eyeline serve` will show the test pattern"
        )?;
    }
    Ok(())
}
