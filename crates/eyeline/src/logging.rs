//! The log: one line an event, on standard error, as text or JSON.

use std::io::IsTerminal as _;

use tracing::Level;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::LogFormat;

/// Starts logging. What libraries say is shown from `warn` on only, unless
/// everything was asked for.
pub(crate) fn start(level: Level, format: LogFormat) {
    let libraries = if level == Level::TRACE {
        LevelFilter::TRACE
    } else {
        LevelFilter::WARN
    };
    let filter = Targets::new()
        .with_default(libraries)
        .with_target("eyeline", level);
    let registry = tracing_subscriber::registry().with(filter);
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match format {
        LogFormat::Text => registry.with(layer.with_target(false)).init(),
        LogFormat::Json => registry.with(layer.json()).init(),
    }
}

/// The level for `-v` and `-vv`, or else the configured one.
pub(crate) fn level(verbose: u8, configured: Option<Level>) -> Level {
    match verbose {
        0 => configured.unwrap_or(Level::INFO),
        1 => Level::DEBUG,
        _ => Level::TRACE,
    }
}
