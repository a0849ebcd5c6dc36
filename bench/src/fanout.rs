//! `fanout`: what it costs to give one stream to many viewers, beside the floor.
//!
//! Not here: viewers that are slow.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use tempfile::TempDir;

use crate::Shape;
use crate::process::{Audience, Server, eyeline_program, until_interrupted};
use crate::report::{Seen, median, say, table};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Numbers of viewers
    #[arg(long, value_delimiter = ',', default_value = "1,10,100,500")]
    counts: Vec<usize>,
    /// Seconds to measure, for each number
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Measure so many times, server and floor in turn, and print medians
    #[arg(long, default_value_t = 1)]
    repeat: usize,
    /// Measure the floor alone
    #[arg(long)]
    floor_only: bool,
    /// The server's program [default: eyeline beside this one]
    #[arg(long)]
    program: Option<PathBuf>,
    #[command(flatten)]
    shape: Shape,
}

/// One measurement.
struct Run {
    cpu: Duration,
    seen: Seen,
    /// Resident with one viewer and with all.
    rss_kib: (u64, u64),
    viewers: usize,
}

const HEADS: &[&str] = &[
    "viewers",
    "CPU-ms/GB",
    "floor",
    "ratio",
    "delivered % mean/worst",
    "floor",
    "added ms p50/p99",
    "by pixels",
    "floor",
    "RSS MiB",
    "KiB/viewer",
];

/// Measures and prints a table.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    until_interrupted(measure_all(options))
}

async fn measure_all(options: &Options) -> anyhow::Result<()> {
    let program = match options.floor_only {
        true => None,
        false => Some(eyeline_program(options.program.as_deref())?),
    };
    let mut rows = Vec::new();
    for &viewers in &options.counts {
        let (mut server, mut floor) = (Vec::new(), Vec::new());
        for _ in 0..options.repeat.max(1) {
            if let Some(program) = &program {
                server.push(measure_server(options, program, viewers).await?);
            }
            floor.push(measure_floor(options, viewers).await?);
        }
        for run in &server {
            run.warn()?;
        }
        rows.push(row(viewers, &server, &floor));
    }
    say(&format!(
        "{} at {} fps, {} kB a picture, {} s, median of {}:\n",
        options.shape.size,
        options.shape.fps,
        options.shape.bytes / 1000,
        options.seconds,
        options.repeat.max(1),
    ))?;
    table(HEADS, &rows)
}

async fn measure_server(options: &Options, program: &Path, viewers: usize) -> anyhow::Result<Run> {
    let dir = TempDir::new()?;
    let mut args = vec!["source".to_owned()];
    args.extend(options.shape.args());
    let source = Server::own(&args, dir.path()).await?;
    let server = Server::eyeline(program, source.addr, dir.path()).await?;
    watch(options, &server, viewers).await
}

async fn measure_floor(options: &Options, viewers: usize) -> anyhow::Result<Run> {
    let dir = TempDir::new()?;
    let mut args = vec!["floor".to_owned()];
    args.extend(options.shape.args());
    let floor = Server::own(&args, dir.path()).await?;
    watch(options, &floor, viewers).await
}

async fn watch(options: &Options, server: &Server, viewers: usize) -> anyhow::Result<Run> {
    let mut args = vec![
        format!("--url=http://{}/streams/bench/mjpeg", server.addr),
        format!("--count={viewers}"),
        format!("--seconds={}", options.seconds),
    ];
    args.extend(options.shape.args());
    let mut audience = Audience::start(&args)?;
    audience.until("first").await?;
    let rss_of_one = server.rss_kib()?;
    audience.until("start").await?;
    let before = server.cpu()?;
    audience.until("stop").await?;
    let cpu = server.cpu()?.saturating_sub(before);
    let rss_kib = (rss_of_one, server.rss_kib()?);
    let seen = serde_json::from_str(&audience.line().await?)?;
    audience.dismiss().await?;
    Ok(Run {
        cpu,
        seen,
        rss_kib,
        viewers,
    })
}

impl Run {
    fn cpu_ms_per_gb(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e3 / (self.seen.bytes as f64 / 1e9)
    }

    fn delivered(&self) -> f64 {
        self.seen.percent(self.seen.delivered_mean)
    }

    fn delivered_to_worst(&self) -> f64 {
        self.seen.percent(self.seen.delivered_min as f64)
    }

    /// What each viewer beyond the first adds.
    fn kib_per_viewer(&self) -> f64 {
        let (one, all) = self.rss_kib;
        let others = self.viewers.saturating_sub(1);
        (all as f64 - one as f64) / others as f64
    }

    /// Says what makes the figures doubtful.
    fn warn(&self) -> anyhow::Result<()> {
        let seen = &self.seen;
        if let Some(reason) = seen.ended.first() {
            say(&format!("{} viewers ended: {reason}", seen.ended.len()))?;
        }
        if seen.pixels_wrong > 0 {
            say(&format!(
                "{} pictures are not of the time they say",
                seen.pixels_wrong
            ))?;
        }
        Ok(())
    }
}

fn row(viewers: usize, server: &[Run], floor: &[Run]) -> Vec<String> {
    let of = |runs: &[Run], figure: fn(&Run) -> f64| median(runs.iter().map(figure));
    let one = |runs: &[Run], digits: usize, figure: fn(&Run) -> f64| match runs {
        [] => "–".to_owned(),
        runs => format!("{:.digits$}", of(runs, figure)),
    };
    let two = |runs: &[Run], digits, first, second| {
        format!(
            "{} / {}",
            one(runs, digits, first),
            one(runs, digits, second)
        )
    };
    // Run by run, since what disturbs the machine disturbs neighbours alike.
    let pairs = server.iter().zip(floor);
    let ratio = median(pairs.map(|(run, floor)| run.cpu_ms_per_gb() / floor.cpu_ms_per_gb()));
    let delivered = |runs| two(runs, 2, Run::delivered, Run::delivered_to_worst);
    let latency = |runs| {
        two(
            runs,
            1,
            |r| r.seen.by_headers.p50,
            |r| r.seen.by_headers.p99,
        )
    };
    vec![
        viewers.to_string(),
        one(server, 0, Run::cpu_ms_per_gb),
        one(floor, 0, Run::cpu_ms_per_gb),
        format!("{ratio:.2}"),
        delivered(server),
        delivered(floor),
        latency(server),
        two(
            server,
            1,
            |r| r.seen.by_pixels.p50,
            |r| r.seen.by_pixels.p99,
        ),
        latency(floor),
        one(server, 1, |r| r.rss_kib.1 as f64 / 1024.0),
        match viewers {
            0 | 1 => "–".to_owned(),
            _ => one(server, 1, Run::kib_per_viewer),
        },
    ]
}
