//! `fanout`: what it costs to give one stream to many viewers, beside the floor.
//!
//! Not here: viewers that are slow.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use tempfile::TempDir;

use crate::Shape;
use crate::codec;
use crate::process::{Audience, Server, eyeline_program, until_interrupted};
use crate::report::{Seen, median, say, table};
use crate::transport::Transport;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Numbers of viewers
    #[arg(long, value_delimiter = ',', default_value = "1,10,100,500")]
    counts: Vec<usize>,
    /// How they watch; several are measured in turn and compared with the first
    #[arg(long, value_enum, value_delimiter = ',', default_value = "mjpeg")]
    transport: Vec<Transport>,
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

/// The measurements with one number of viewers, in the order they were made.
struct Runs {
    viewers: usize,
    /// For each transport.
    server: Vec<Vec<Run>>,
    /// Of JPEGs, and of H.264: what weighs is how many bytes a picture has.
    floors: [Vec<Run>; 2],
}

const HEADS: &[&str] = &[
    "viewers",
    "by",
    "CPU-ms/GB",
    "floor",
    "ratio",
    "to first",
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
    let mut notes = Vec::new();
    for &viewers in &options.counts {
        let runs = measure(options, program.as_deref(), viewers).await?;
        for (index, &transport) in options.transport.iter().enumerate() {
            runs.server[index].iter().try_for_each(Run::warn)?;
            rows.push(runs.row(index, transport));
            if transport == Transport::WsJson && program.is_some() {
                notes.push(runs.note_on_json(index, options)?);
            }
        }
    }
    say(&format!(
        "{} at {} fps, {} kB a picture, {} s, median of {}:\n",
        options.shape.size,
        options.shape.fps,
        options.shape.bytes / 1000,
        options.seconds,
        options.repeat.max(1),
    ))?;
    table(HEADS, &rows)?;
    notes.iter().try_for_each(|note| say(note))
}

/// Server and floor in turn, since what disturbs the machine disturbs neighbours alike.
async fn measure(
    options: &Options,
    program: Option<&Path>,
    viewers: usize,
) -> anyhow::Result<Runs> {
    let mut runs = Runs {
        viewers,
        server: options.transport.iter().map(|_| Vec::new()).collect(),
        floors: [Vec::new(), Vec::new()],
    };
    for _ in 0..options.repeat.max(1) {
        if let Some(program) = program {
            for (&transport, server) in options.transport.iter().zip(&mut runs.server) {
                server.push(measure_server(options, program, transport, viewers).await?);
            }
        }
        for coded in [false, true] {
            if options.transport.iter().any(|by| by.is_coded() == coded) {
                let run = measure_floor(options, coded, viewers).await?;
                runs.floors[usize::from(coded)].push(run);
            }
        }
    }
    Ok(runs)
}

async fn measure_server(
    options: &Options,
    program: &Path,
    transport: Transport,
    viewers: usize,
) -> anyhow::Result<Run> {
    let dir = TempDir::new()?;
    let mut args = vec!["source".to_owned()];
    args.extend(options.shape.args());
    if transport.is_coded() {
        args.push("--coded".to_owned());
    }
    let source = Server::own(&args, dir.path()).await?;
    let server = Server::eyeline(program, source.addr, dir.path()).await?;
    watch(options, &server, transport, viewers).await
}

async fn measure_floor(options: &Options, coded: bool, viewers: usize) -> anyhow::Result<Run> {
    let dir = TempDir::new()?;
    let mut args = vec!["floor".to_owned()];
    args.extend(options.shape.args());
    // Whatever is asked for, bytes are bytes; how they are read depends on what is in them.
    let transport = if coded {
        args.push("--coded".to_owned());
        Transport::Mp4
    } else {
        Transport::Mjpeg
    };
    let floor = Server::own(&args, dir.path()).await?;
    watch(options, &floor, transport, viewers).await
}

async fn watch(
    options: &Options,
    server: &Server,
    transport: Transport,
    viewers: usize,
) -> anyhow::Result<Run> {
    let mut args = vec![
        format!("--url={}", transport.url(&server.doors)),
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

impl Runs {
    fn floor(&self, transport: Transport) -> &[Run] {
        &self.floors[usize::from(transport.is_coded())]
    }

    fn row(&self, index: usize, transport: Transport) -> Vec<String> {
        let (server, floor) = (&self.server[index][..], self.floor(transport));
        let one = |runs: &[Run], digits: usize, figure: fn(&Run) -> f64| match runs {
            [] => "–".to_owned(),
            runs => format!("{:.digits$}", median(runs.iter().map(figure))),
        };
        let two = |runs: &[Run], digits, first, second| {
            let (first, second) = (one(runs, digits, first), one(runs, digits, second));
            format!("{first} / {second}")
        };
        let delivered = |runs| two(runs, 2, Run::delivered, Run::delivered_to_worst);
        let latency = |runs| {
            two(
                runs,
                1,
                |r| r.seen.by_headers.p50,
                |r| r.seen.by_headers.p99,
            )
        };
        let pixels = two(
            server,
            1,
            |r| r.seen.by_pixels.p50,
            |r| r.seen.by_pixels.p99,
        );
        vec![
            self.viewers.to_string(),
            transport.to_string(),
            one(server, 0, Run::cpu_ms_per_gb),
            one(floor, 0, Run::cpu_ms_per_gb),
            ratio(server, floor),
            ratio(server, &self.server[0]),
            delivered(server),
            delivered(floor),
            latency(server),
            pixels,
            latency(floor),
            one(server, 1, |r| r.rss_kib.1 as f64 / 1024.0),
            match self.viewers {
                0 | 1 => "–".to_owned(),
                _ => one(server, 1, Run::kib_per_viewer),
            },
        ]
    }

    /// Whether pictures are put into base64 for each viewer would show: what that takes,
    /// beside what the server takes.
    fn note_on_json(&self, index: usize, options: &Options) -> anyhow::Result<String> {
        let made = codec::json_message(&options.shape)?;
        let of_all = made.p50 * self.viewers as f64;
        let pairs = self.server[index].iter().zip(self.floor(Transport::WsJson));
        let above_floor = pairs.map(|(run, floor)| {
            let sending = floor.cpu_ms_per_gb() * run.seen.bytes as f64 / 1e9;
            let pictures = (options.seconds * u64::from(options.shape.fps)) as f64;
            (run.cpu.as_secs_f64() * 1e3 - sending) / pictures
        });
        Ok(format!(
            "\n{} viewers by ws-json: one message takes {:.3} ms of CPU to make, one for each \
             viewer {of_all:.2} ms. The server took {:.2} ms a picture above the floor, reading \
             the camera included.",
            self.viewers,
            made.p50,
            median(above_floor),
        ))
    }
}

/// Run by run.
fn ratio(runs: &[Run], to: &[Run]) -> String {
    let pairs = runs.iter().zip(to);
    let ratio = median(pairs.map(|(run, to)| run.cpu_ms_per_gb() / to.cpu_ms_per_gb()));
    format!("{ratio:.2}")
}
