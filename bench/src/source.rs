//! A camera over TCP: to whoever connects, multipart MJPEG or H.264 at an absolute schedule.
//! The picture of an instant is encoded ahead and written at that instant, so its
//! time, in `X-Timestamp` and in the pixels, is when it was sent. No picture is left
//! out: one that is late is sent late, and counts as latency.
//!
//! Not here: HTTP.

use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::thread;
use std::time::Duration;

use clap::Args;
use eyeline_clock::{MonoTime, RealClock, SharedClock};
use eyeline_media::Timestamp;

use crate::Shape;
use crate::coded;
use crate::picture::{self, Camera};
use crate::process::write_port;

/// How many pictures are encoded ahead.
const AHEAD: usize = 2;
/// How long the other end may take for one picture before it is given up.
const WRITE_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// File to write the port to once it can be connected to
    #[arg(long)]
    port_file: PathBuf,
    /// Send H.264 in a byte stream instead, with the time at the end of each picture
    #[arg(long)]
    coded: bool,
    #[command(flatten)]
    shape: Shape,
}

/// When each picture is due.
#[derive(Clone, Copy)]
struct Schedule {
    mono: MonoTime,
    wall: Timestamp,
    interval_nanos: u64,
}

impl Schedule {
    fn starting_soon(clock: &SharedClock, interval_nanos: u64) -> Self {
        let delay = Duration::from_millis(100);
        Self {
            mono: clock.now() + delay,
            wall: Timestamp::from_nanos(clock.wall_nanos()).after(delay),
            interval_nanos,
        }
    }

    fn offset(&self, tick: u64) -> Duration {
        Duration::from_nanos(self.interval_nanos * tick)
    }
}

/// Serves until killed.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    write_port(&options.port_file, listener.local_addr()?.port())?;
    let clock = RealClock::shared();
    let schedule = Schedule::starting_soon(&clock, options.shape.interval_nanos());
    let (connected, connections) = mpsc::channel();
    let (encoded, parts) = mpsc::sync_channel(AHEAD);
    if options.coded {
        let bytes = options.shape.bytes;
        thread::spawn(move || accept(&listener, &connected, &[]));
        thread::spawn(move || code(bytes, schedule, &encoded));
    } else {
        let mut camera = Camera::new(options.shape.size, options.shape.bytes)?;
        thread::spawn(move || accept(&listener, &connected, picture::preamble().as_bytes()));
        thread::spawn(move || encode(&mut camera, schedule, &encoded));
    }
    send(&clock, schedule, &parts, &connections);
    anyhow::bail!("the encoder failed")
}

fn accept(listener: &TcpListener, connected: &Sender<TcpStream>, preamble: &[u8]) {
    for stream in listener.incoming().flatten() {
        let ready = stream
            .set_nodelay(true)
            .and_then(|()| stream.set_write_timeout(Some(WRITE_TIMEOUT)))
            .and_then(|()| (&stream).write_all(preamble));
        if ready.is_ok() && connected.send(stream).is_err() {
            return;
        }
    }
}

fn encode(camera: &mut Camera, schedule: Schedule, encoded: &SyncSender<Vec<u8>>) {
    for tick in 0.. {
        let time = schedule.wall.after(schedule.offset(tick));
        let Ok(jpeg) = camera.take(time) else { return };
        if encoded.send(picture::part(&jpeg, time)).is_err() {
            return;
        }
    }
}

fn code(bytes: usize, schedule: Schedule, encoded: &SyncSender<Vec<u8>>) {
    for tick in 0.. {
        let time = schedule.wall.after(schedule.offset(tick));
        if encoded.send(coded::picture(tick, bytes, time)).is_err() {
            return;
        }
    }
}

fn send(
    clock: &SharedClock,
    schedule: Schedule,
    parts: &Receiver<Vec<u8>>,
    connections: &Receiver<TcpStream>,
) {
    let mut readers: Vec<TcpStream> = Vec::new();
    for (tick, part) in (0..).zip(parts) {
        let due = schedule.mono + schedule.offset(tick);
        thread::sleep(due.saturating_sub(clock.now()));
        readers.extend(connections.try_iter());
        readers.retain_mut(|reader| reader.write_all(&part).is_ok());
    }
}
