//! `slow`: viewers that read too slowly or not at all, among healthy ones.
//!
//! Not here: what fan-out costs.

use std::path::{Path, PathBuf};

use clap::Args;
use tempfile::TempDir;

use crate::Shape;
use crate::process::{Audience, Server, eyeline_program, until_interrupted};
use crate::report::{Seen, Slow, say};

/// How many of the server's last words are printed.
const LOG_LINES: usize = 5;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Healthy viewers
    #[arg(long, default_value_t = 10)]
    healthy: usize,
    /// Slow viewers: a third at a quarter of the rate, a third that never read, the
    /// rest one byte a millisecond
    #[arg(long, default_value_t = 50)]
    slow: usize,
    /// Seconds to watch
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// The server's program [default: eyeline beside this one]
    #[arg(long)]
    program: Option<PathBuf>,
    #[command(flatten)]
    shape: Shape,
}

/// Watches and prints what became of everybody.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    until_interrupted(measure(options))
}

async fn measure(options: &Options) -> anyhow::Result<()> {
    let program = eyeline_program(options.program.as_deref())?;
    let dir = TempDir::new()?;
    let mut args = vec!["source".to_owned()];
    args.extend(options.shape.args());
    let source = Server::own(&args, dir.path()).await?;
    let server = Server::eyeline(&program, source.addr, dir.path()).await?;
    let idle = server.rss_kib()?;

    let audience = |of: [String; 4]| {
        let mut args = vec![
            format!("--url=http://{}/streams/bench/mjpeg", server.addr),
            format!("--seconds={}", options.seconds),
        ];
        args.extend(of);
        args.extend(options.shape.args());
        Audience::start(&args)
    };
    let kind = |name: &str, count: usize| format!("--{name}={count}");
    let third = options.slow / 3;
    let rest = options.slow - 2 * third;
    let none = |name| kind(name, 0);
    let mut healthy = audience([
        kind("count", options.healthy),
        none("quarter"),
        none("never"),
        none("one-byte"),
    ])?;
    let mut slow = audience([
        none("count"),
        kind("quarter", rest),
        kind("never", third),
        kind("one-byte", third),
    ])?;
    for word in ["first", "start"] {
        healthy.until(word).await?;
        slow.until(word).await?;
    }
    let started = server.rss_kib()?;
    slow.until("stop").await?;
    healthy.until("stop").await?;
    let ended = server.rss_kib()?;
    let seen: Seen = serde_json::from_str(&healthy.line().await?)?;
    let lag: Seen = serde_json::from_str(&slow.line().await?)?;
    healthy.dismiss().await?;
    slow.dismiss().await?;

    print_healthy(&seen)?;
    print_slow("quarter of the rate", &lag.quarter)?;
    print_slow("never read", &lag.never)?;
    print_slow("one byte a millisecond", &lag.one_byte)?;
    let mib = |kib: u64| kib as f64 / 1024.0;
    say(&format!(
        "server RSS: {:.1} MiB before, {:.1} with all viewers, {:.1} after {} s",
        mib(idle),
        mib(started),
        mib(ended),
        options.seconds
    ))?;
    print_log(&dir.path().join("eyeline.log"))
}

fn print_healthy(seen: &Seen) -> anyhow::Result<()> {
    say(&format!(
        "healthy: {} viewers, {} pictures each; delivered {:.2} %, worst {:.2} %; \
         added latency p50 {:.1} ms, p99 {:.1} ms; {} ended",
        seen.viewers,
        seen.expected,
        seen.percent(seen.delivered_mean),
        seen.percent(seen.delivered_min as f64),
        seen.by_headers.p50,
        seen.by_headers.p99,
        seen.ended.len(),
    ))
}

fn print_slow(name: &str, slow: &Slow) -> anyhow::Result<()> {
    let mut line = format!(
        "{name}: {} viewers, {} bytes read",
        slow.viewers, slow.bytes
    );
    if slow.age.count > 0 {
        line += &format!(
            "; {} pictures, age p50 {:.0} ms, p99 {:.0} ms, max {:.0} ms; \
             on arrival in the receive buffer p99 {:.0} ms, max {:.0} ms",
            slow.age.count,
            slow.age.p50,
            slow.age.p99,
            slow.age.max,
            slow.age_on_arrival.p99,
            slow.age_on_arrival.max,
        );
    }
    let closed = &slow.closed_after_s;
    line += &format!("; {} closed by the server", closed.len());
    if let (Some(first), Some(last)) = (closed.first(), closed.last()) {
        line += &format!(" after {first:.1} to {last:.1} s");
    }
    say(&line)
}

/// The reasons that the server gave.
fn print_log(log: &Path) -> anyhow::Result<()> {
    let log = std::fs::read_to_string(log)?;
    say("server's last words:")?;
    let skip = log.lines().count().saturating_sub(LOG_LINES);
    for line in log.lines().skip(skip) {
        say(&format!("  {line}"))?;
    }
    Ok(())
}
