//! An audience: many viewers in one thread, each counting every picture and its age.
//! They throw the bytes of pictures away in the kernel, so that they leave the machine
//! to the server; the first one decodes its pictures and compares the time in their
//! pixels with that in the headers.
//!
//! On standard output it says `first` when one viewer has watched for a while, `start`
//! when all have, `stop` at the end, and then what was seen as JSON.
//!
//! Not here: the server's side of the figures.

mod greeting;
mod hls;
mod parser;
mod pixels;
mod reader;
mod shared;
mod slow;
mod websocket;

use std::io::Read as _;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use clap::Args;
use tokio::task::{JoinHandle, LocalSet};
use tokio::time::sleep;

use crate::Shape;
use crate::process::raise_file_limit;
use crate::report::say;
use reader::Reading;
use shared::Shared;
use slow::Pace;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// What to watch: http://ADDRESS:PORT/PATH, or ws:// for a WebSocket
    #[arg(long)]
    url: String,
    /// Viewers that read as fast as they can
    #[arg(long, default_value_t = 1)]
    count: usize,
    /// Viewers that read at a quarter of the stream's rate
    #[arg(long, default_value_t = 0)]
    quarter: usize,
    /// Viewers that never read
    #[arg(long, default_value_t = 0)]
    never: usize,
    /// Viewers that read one byte a millisecond, one at a time
    #[arg(long, default_value_t = 0)]
    one_byte: usize,
    /// Seconds to count
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Seconds to watch before counting, for the first viewer and then for all
    #[arg(long, default_value_t = 2)]
    warm_up: u64,
    /// When done, keep the connections until standard input ends
    #[arg(long)]
    hold: bool,
    #[command(flatten)]
    shape: Shape,
}

/// Where to connect, what to send, and what the answer will be.
#[derive(Clone)]
struct Target {
    addr: SocketAddr,
    path: Rc<str>,
    request: Rc<str>,
    protocol: Protocol,
    greeting: Greeting,
}

/// What is said before the stream flows, if it is more than a request.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Greeting {
    None,
    /// The URL.
    Rtsp(Rc<str>),
    /// Server and name of the stream.
    Rtmp(Rc<str>, Rc<str>),
}

/// What is spoken behind the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    Multipart,
    WebSocket,
    /// Whatever it is, each picture says at its end when it was sent.
    Marked,
    /// The same, in parts that are asked for.
    Parts,
}

/// Watches, then prints what was seen.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    raise_file_limit()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    LocalSet::new().block_on(&runtime, watch(options))
}

async fn watch(options: &Options) -> anyhow::Result<()> {
    let target = Target::parse(&options.url)?;
    let shared = Shared::new(options.count, options.shape.interval_nanos());
    let warm_up = Duration::from_secs(options.warm_up);
    let eye = pixels::Eye::start();
    let mut viewers = Vec::new();
    let mut slow = Vec::new();
    for (pace, count) in [
        (Pace::Quarter, options.quarter),
        (Pace::Never, options.never),
        (Pace::OneByte, options.one_byte),
    ] {
        let rate = options.shape.rate();
        slow.push(slow::Group::start(pace, count, &target, rate, &shared).await?);
    }
    if options.count > 0 {
        let looks = matches!(target.protocol, Protocol::Multipart | Protocol::WebSocket);
        let sender = looks.then(|| eye.sender());
        viewers.push(seat(&target, 0, sender, &shared).await?);
    }
    sleep(warm_up).await;
    say("first")?;
    for index in 1..options.count {
        viewers.push(seat(&target, index, None, &shared).await?);
    }
    sleep(warm_up).await;
    say("start")?;
    shared.start(Duration::from_secs(options.seconds));
    sleep(Duration::from_secs(options.seconds)).await;
    shared.stop();
    say("stop")?;

    let mut seen = shared.seen();
    (seen.by_pixels, seen.pixels_wrong) = eye.finish();
    seen.ended = ended(viewers).await;
    let mut groups = slow.into_iter();
    for figures in [&mut seen.quarter, &mut seen.never, &mut seen.one_byte] {
        if let Some(group) = groups.next() {
            *figures = group.seen();
        }
    }
    say(&serde_json::to_string(&seen)?)?;
    if options.hold {
        std::io::stdin().read_to_end(&mut Vec::new())?;
    }
    Ok(())
}

type Viewer = JoinHandle<anyhow::Error>;

async fn seat(
    target: &Target,
    index: usize,
    eye: Option<pixels::Sender>,
    shared: &Rc<Shared>,
) -> anyhow::Result<Viewer> {
    let stream = target.connect(None).await?;
    let shared = Rc::clone(shared);
    if target.protocol == Protocol::Parts {
        let target = target.clone();
        return Ok(tokio::task::spawn_local(async move {
            hls::play(stream, &target, index, &shared).await
        }));
    }
    let reading = Reading::new(target.protocol, eye.is_some());
    Ok(tokio::task::spawn_local(async move {
        reader::read_all(&stream, reading, index, eye, &shared).await
    }))
}

/// Why viewers ended, for those that did.
async fn ended(viewers: Vec<Viewer>) -> Vec<String> {
    let mut reasons = Vec::new();
    for viewer in viewers.into_iter().filter(JoinHandle::is_finished) {
        reasons.push(match viewer.await {
            Ok(error) => format!("{error:#}"),
            Err(error) => error.to_string(),
        });
    }
    reasons
}

impl Target {
    fn parse(url: &str) -> anyhow::Result<Self> {
        let (scheme, rest) = url.split_once("://").context("not a URL")?;
        let (addr, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (protocol, headers) = match scheme {
            "http" => (Protocol::Multipart, String::new()),
            "ws" => (Protocol::WebSocket, websocket::handshake()),
            "mse" => (Protocol::Marked, websocket::handshake()),
            "hls" => (Protocol::Parts, String::new()),
            "marked" | "rtsp" | "rtmp" => (Protocol::Marked, String::new()),
            _ => bail!("{url} begins with nothing that is known"),
        };
        let greeting = match scheme {
            "rtsp" => Greeting::Rtsp(url.into()),
            "rtmp" => Greeting::Rtmp(addr.into(), path.into()),
            _ => Greeting::None,
        };
        let request = match greeting {
            Greeting::None if protocol != Protocol::Parts => {
                format!("GET /{path} HTTP/1.1\r\nHost: {addr}\r\n{headers}\r\n")
            }
            _ => String::new(),
        };
        let (request, path) = (request.into(), path.into());
        let addr = addr
            .parse()
            .map_err(|_| anyhow!("{addr} is not ADDRESS:PORT"))?;
        Ok(Self {
            addr,
            path,
            request,
            protocol,
            greeting,
        })
    }
}
