//! Viewers that read too slowly, each in its way.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fs;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use rustix::io::ioctl_fionread;
use tokio::net::TcpStream;
use tokio::time::{MissedTickBehavior, interval};

use super::Target;
use super::reader::Reading;
use super::shared::Shared;
use crate::report::{Slow, Spread};

/// What the receive buffers are set to; small, so that the age is the server's doing.
const RECEIVE_BUFFER: u32 = 64 * 1024;
/// How often a slow reader reads.
const READ_EVERY: Duration = Duration::from_millis(5);
/// How much time that it missed a slow reader makes up for.
const MAX_CATCH_UP: Duration = Duration::from_millis(50);
/// How often one byte is read.
const BYTE_EVERY: Duration = Duration::from_millis(1);
/// How often the kernel is asked whether the server still holds a connection.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// How a viewer is slow.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// It reads at a quarter of the stream's rate.
    Quarter,
    /// It never reads.
    Never,
    /// It reads one byte a millisecond.
    OneByte,
}

/// Viewers of one pace.
pub(super) struct Group {
    viewers: usize,
    tally: Rc<RefCell<Tally>>,
}

#[derive(Default)]
struct Tally {
    bytes: u64,
    ages: Vec<Duration>,
    ages_on_arrival: Vec<Duration>,
    closed_after: Vec<Duration>,
}

impl Group {
    /// Connects `count` viewers to a stream of `rate` bytes a second.
    pub(super) async fn start(
        pace: Pace,
        count: usize,
        target: &Target,
        rate: f64,
        shared: &Rc<Shared>,
    ) -> anyhow::Result<Self> {
        let tally = Rc::<RefCell<Tally>>::default();
        let mut streams = Vec::new();
        for _ in 0..count {
            let stream = Rc::new(target.connect(Some(RECEIVE_BUFFER)).await?);
            streams.push(stream.local_addr()?);
            let (tally, shared) = (Rc::clone(&tally), Rc::clone(shared));
            let protocol = target.protocol;
            tokio::task::spawn_local(async move {
                match pace {
                    Pace::Quarter => {
                        let reading = Reading::new(protocol, false);
                        read_slowly(&stream, reading, rate / 4.0, &tally, &shared).await;
                    }
                    Pace::OneByte => read_bytes(&stream, &tally).await,
                    Pace::Never => {}
                }
                // Open until the program ends: it is for the server to close.
                std::future::pending::<()>().await;
            });
        }
        if count > 0 {
            tokio::task::spawn_local(see_closed(target.addr, streams, Rc::clone(&tally)));
        }
        let viewers = count;
        Ok(Self { viewers, tally })
    }

    pub(super) fn seen(self) -> Slow {
        let tally = self.tally.take();
        Slow {
            viewers: self.viewers,
            bytes: tally.bytes,
            age: Spread::of(tally.ages),
            age_on_arrival: Spread::of(tally.ages_on_arrival),
            closed_after_s: tally
                .closed_after
                .iter()
                .map(Duration::as_secs_f64)
                .collect(),
        }
    }
}

/// Reads evenly at `rate` bytes a second, until the connection ends.
async fn read_slowly(
    stream: &TcpStream,
    mut reading: Reading,
    rate: f64,
    tally: &RefCell<Tally>,
    shared: &Shared,
) {
    let mut frames = Vec::new();
    let mut ticks = interval(READ_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut total = 0;
    let mut arrivals = VecDeque::new();
    let mut last = shared.now();
    loop {
        ticks.tick().await;
        let now = shared.now();
        let waiting = ioctl_fionread(stream).unwrap_or(0);
        arrivals.push_back((total + waiting, now));
        // Time that was missed is made up for, up to a limit.
        let since = now.since(last).min(MAX_CATCH_UP);
        last = now;
        let mut allowed = (rate * since.as_secs_f64()) as usize;
        while allowed > 0 {
            let Ok(count) = reading.read(stream, allowed, &mut frames, shared) else {
                return;
            };
            if count == 0 {
                break;
            }
            allowed -= count;
            total += count as u64;
            tally.borrow_mut().bytes += count as u64;
            for frame in frames.drain(..) {
                // A byte that came since the last look has come now.
                arrivals.retain(|(came, _)| *came >= total);
                let arrived = arrivals.front().map_or(now, |(_, when)| *when);
                if shared.is_counting() {
                    let mut tally = tally.borrow_mut();
                    tally.ages.push(now.since(frame.time));
                    tally.ages_on_arrival.push(arrived.since(frame.time));
                }
            }
        }
    }
}

/// Reads byte by byte, until the connection ends.
async fn read_bytes(stream: &TcpStream, tally: &RefCell<Tally>) {
    let mut ticks = interval(BYTE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match stream.try_read(&mut [0]) {
            Ok(0) => return,
            Ok(_) => tally.borrow_mut().bytes += 1,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}

/// Notes when the server gave up each connection. Its socket is looked at, not ours:
/// one who does not read does not see the end either.
async fn see_closed(server: SocketAddr, mut open: Vec<SocketAddr>, tally: Rc<RefCell<Tally>>) {
    let mut ticks = interval(LOOK_EVERY);
    let mut looks = 0;
    while !open.is_empty() {
        ticks.tick().await;
        let held = held_by(server.port());
        open.retain(|viewer| {
            let still = held.contains(&viewer.port());
            if !still {
                tally.borrow_mut().closed_after.push(LOOK_EVERY * looks);
            }
            still
        });
        looks += 1;
    }
}

/// Ports of the peers of established connections that a server on this machine holds.
fn held_by(server: u16) -> Vec<u16> {
    let table = fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    let port = |field: &str| u16::from_str_radix(field.rsplit(':').next()?, 16).ok();
    table
        .lines()
        .filter_map(|line| {
            let mut fields = line.split_ascii_whitespace().skip(1);
            let (local, peer) = (port(fields.next()?)?, port(fields.next()?)?);
            (local == server && fields.next()? == "01").then_some(peer)
        })
        .collect()
}
