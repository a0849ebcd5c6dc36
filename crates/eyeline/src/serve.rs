//! `eyeline serve`: puts the parts together and runs them until told to stop.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;
use eyeline_auth::{Access, Policy};
use eyeline_clock::RealClock;
use eyeline_hub::{Hub, Limits};
use eyeline_media::StreamId;
use eyeline_source::Streams;
use eyeline_store::Store;
use eyeline_transcode::{Command, RawLayout, Transcoder};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::auto::Auto;
use crate::banner::Banner;
use crate::cli::ServeArgs;
use crate::config::{self, Config, EncoderFormat};
use crate::plan::{self, Planned};
use crate::{logging, rtmp, rtsp, stop, tcp, token};

const DEFAULT_LISTEN: ([u8; 4], u16) = ([0, 0, 0, 0], 8000);
/// The file below the state folder.
const STORE_FILE: &str = "eyeline.db";
const NO_CAMERA: &str = "No source was named and this machine has no camera, so this is the test pattern; a camera that is plugged in shows up beside it. `eyeline serve --help` says what else there is.";

pub(crate) fn run(args: &ServeArgs) -> anyhow::Result<()> {
    let config = config::load(args.config.as_deref(), std::env::vars())?;
    let level = logging::level(args.verbose, config.log.level.map(|level| level.0));
    logging::start(level, config.log.format);
    raise_file_limit();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(socket_threads(&config))
        .enable_all()
        .build()?;
    stop::block_on(runtime, async {
        tokio::select! {
            biased; // The signal is listened for before anybody can know of us.
            never = stop::crash_when_told() => match never {},
            served = serve(args, config) => served,
        }
    })
}

async fn serve(args: &ServeArgs, config: Config) -> anyhow::Result<()> {
    let clock = RealClock::shared();
    let plan = plan::read(args, &config, &clock)?;
    let policy = policy(args, &config)?;
    let listeners = listen(&addresses(args, &config)).await?;
    let listening: Vec<SocketAddr> = listeners
        .iter()
        .filter_map(|l| l.local_addr().ok())
        .collect();
    let ips: BTreeSet<_> = listening.iter().map(SocketAddr::ip).collect();
    let ips: Vec<_> = ips.into_iter().collect();
    let rtsp = rtsp::open(&args.rtsp, &config.rtsp, &ips).await?;
    let rtmp = rtmp::open(&args.rtmp, &config.rtmp, &ips).await?;
    let mut addresses = rtsp.addresses;
    addresses.extend(rtmp::addresses(&rtmp));
    let tcp = tcp::open(&config.streams, &policy).await?;
    let tcp_ports = tcp::addresses(&tcp);
    let stopped = stop::signalled()?;

    let limits = hub_limits(&config);
    let transcoder = transcoder(&config, Transcoder::new(clock.clone(), limits.grace));
    let hub = Hub::new(clock.clone(), limits, Box::new(transcoder));
    let streams = Streams::new(hub.clone(), stopped.clone());
    let store = store(&config);
    let mut auto = plan
        .auto
        .then(|| Auto::new(streams.clone(), store.clone(), clock.clone()));
    let nothing_named = plan.streams.is_empty();
    let mut announced = start(plan.streams, &streams, store.as_ref())?;
    if let Some(auto) = &mut auto {
        announced.extend(auto.look().await);
    }
    if announced.is_empty() {
        let test = vec![plan::test_pattern(&clock)?];
        announced = start(test, &streams, store.as_ref())?;
    }
    let is_test = nothing_named && announced.iter().all(|(_, source)| source == "test:");
    Banner {
        listening: &listening,
        token: policy.token.as_ref(),
        players: &addresses,
        tcp: &tcp_ports,
        streams: &announced,
        note: is_test.then_some(NO_CAMERA),
    }
    .print()
    .context("cannot print the addresses")?;

    let app = eyeline_web::App {
        hub,
        policy,
        streams: streams.clone(),
        allow: config.api.allow(),
        store,
        traffic: eyeline_output::Traffic::default(),
        limits: web_limits(&config),
    };
    eyeline_web::restore(&app, &Access::by_configuration());
    if let Some(auto) = auto {
        tokio::spawn(auto.follow());
    }
    let rtmp = eyeline_rtmp::serve(rtmp, rtmp::app(&app), signal(stopped.clone()));
    let tcp = eyeline_annexb::serve(tcp, tcp::app(&app), signal(stopped.clone()));
    let players = rtsp::app(&app, rtsp.datagrams);
    let rtsp = eyeline_rtsp::serve(rtsp.listeners, players, signal(stopped.clone()));
    let web = eyeline_web::serve(listeners, app, signal(stopped.clone()));
    let servers = async {
        tokio::join!(web, rtsp, rtmp, tcp);
    };
    end_in_time(servers, &streams, stopped).await;
    Ok(())
}

/// Starts streams; their names and sources.
fn start(
    planned: Vec<Planned>,
    streams: &Streams,
    store: Option<&Store>,
) -> anyhow::Result<Vec<(StreamId, String)>> {
    let mut started = Vec::new();
    for Planned { id, mut definition } in planned {
        started.push((id.clone(), definition.source()));
        let kept = eyeline_web::kept_controls(store, &id);
        definition.options.controls.extend(kept);
        streams.start(&Access::by_configuration().publish(&id), definition)?;
    }
    Ok(started)
}

/// Threads that serve sockets, unless configured: half the cores, at least one. The other
/// half is for pixels and for the programs on either end. More threads share the work of
/// one feed out only to fetch each other's memory: `EYELINE_SOCKET_THREADS=2 cargo xtask
/// bench fanout` shows what that costs.
fn socket_threads(config: &Config) -> usize {
    let half = || std::thread::available_parallelism().map_or(1, |cores| (cores.get() / 2).max(1));
    config.socket_threads.map_or_else(half, |count| count.0)
}

/// Runs until the signal, and then for at most [`stop::DEADLINE`].
async fn end_in_time(
    servers: impl Future<Output = ()>,
    streams: &Streams,
    stopped: watch::Receiver<bool>,
) {
    let sources = async {
        signal(stopped.clone()).await;
        streams.ended().await;
    };
    let deadline = async {
        signal(stopped.clone()).await;
        tokio::time::sleep(stop::DEADLINE).await;
    };
    tokio::select! {
        _ = async { tokio::join!(servers, sources) } => tracing::info!("stopped"),
        () = deadline => tracing::warn!("not everything ended in time"),
    }
}

async fn signal(mut stopped: watch::Receiver<bool>) {
    // An error means the signal's task is gone; that is the end too.
    let _ = stopped.wait_for(|stop| *stop).await;
}

/// Where streams made over the API are kept. Without it they end with the program, which
/// is better than not to start at all.
fn store(config: &Config) -> Option<Store> {
    let path = state_dir(config).join(STORE_FILE);
    let opened = Store::open(&path);
    opened
        .inspect_err(|error| {
            tracing::error!(%error, "streams made over the API will not be kept");
        })
        .ok()
}

fn state_dir(config: &Config) -> PathBuf {
    let asked = config.state_dir.clone();
    asked.unwrap_or_else(|| token::state_dir(|name| std::env::var_os(name)))
}

fn policy(args: &ServeArgs, config: &Config) -> anyhow::Result<Policy> {
    let hosts = config.auth.hosts.clone();
    let origins = config.auth.origins.clone();
    if args.open || config.open {
        tracing::warn!("open: everybody who can reach this server may watch and publish");
        return Ok(Policy {
            token: None,
            hosts,
            origins,
        });
    }
    let token = match &config.auth.token {
        Some(token) => token.clone(),
        None => token::kept_in(&state_dir(config))?,
    };
    Ok(Policy {
        token: Some(token),
        hosts,
        origins,
    })
}

fn addresses(args: &ServeArgs, config: &Config) -> Vec<SocketAddr> {
    if !args.listen.is_empty() {
        return args.listen.clone();
    }
    if !config.listen.0.is_empty() {
        return config.listen.0.iter().map(|address| address.0).collect();
    }
    vec![DEFAULT_LISTEN.into()]
}

async fn listen(addresses: &[SocketAddr]) -> anyhow::Result<Vec<TcpListener>> {
    let mut listeners = Vec::new();
    for address in addresses {
        let listener = TcpListener::bind(address).await.with_context(|| {
            format!(
                "cannot listen on {address}; choose another with --listen {}:PORT",
                address.ip()
            )
        })?;
        listeners.push(listener);
    }
    Ok(listeners)
}

/// With the program that encodes H.264, if one is configured.
fn transcoder(config: &Config, transcoder: Transcoder) -> Transcoder {
    let Some(line) = config.encoder.command.clone() else {
        return transcoder;
    };
    let layout = match config.encoder.format {
        EncoderFormat::Yuv420p => RawLayout::Yuv420p,
        EncoderFormat::Nv12 => RawLayout::Nv12,
    };
    transcoder.with_encoder(Command { line, layout })
}

fn hub_limits(config: &Config) -> Limits {
    let (defaults, asked) = (Limits::default(), &config.limits);
    let or = |asked: Option<config::Count>, default| asked.map_or(default, |count| count.0);
    Limits {
        streams: or(asked.streams, defaults.streams),
        viewers_per_stream: or(asked.viewers_per_stream, defaults.viewers_per_stream),
        renditions_per_stream: or(asked.renditions_per_stream, defaults.renditions_per_stream),
        ..defaults
    }
}

fn web_limits(config: &Config) -> eyeline_web::Limits {
    let mut limits = eyeline_web::Limits::default();
    if let Some(connections) = config.limits.connections {
        limits.connections = connections.0;
    }
    limits
}

/// Every viewer is a file; take as many as the system lets us.
fn raise_file_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = setrlimit(
        Resource::Nofile,
        Rlimit {
            current: limit.maximum,
            ..limit
        },
    );
    if let Err(error) = raised {
        tracing::debug!(
            "the number of open files stays at {:?}: {error}",
            limit.current
        );
    }
}
