//! Keeps a stream's sources running for as long as the stream is to live: opens them,
//! falls back along the list, opens them again, and shows a slate in between.
//!
//! Decisions are made in [`lineup`]; each run of an input is a task of its own; this
//! is what connects them with the stream's publisher. Not here: inputs.

mod backoff;
mod change;
mod lineup;
mod runs;
mod slate;
mod status;

use std::sync::Arc;
use std::time::Duration;

use eyeline_hub::{StreamPublisher, Wanted};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout};

use crate::definition::{Definition, Plan};
use crate::ingest::Port;
use crate::options::Options;
use crate::sink::{EVENTS, Event, Report};
use crate::spec::Spec;
use crate::streams::Seat;
pub(crate) use backoff::{Backoff, SOUND_AFTER};
use lineup::{Lineup, Traits};
use runs::Runs;
use status::Status;

/// How long everything that runs has to close when the stream ends.
const STOP_TIMEOUT: Duration = Duration::from_secs(4);
/// How long to sleep when nothing is to be done; anything that happens wakes.
const LONG: Duration = Duration::from_secs(3600);

/// Runs the sources of `orders`, best first, into the stream of `publisher` until `stop`
/// says true (or its sender is gone), until it is ordered to, or until the stream is unused
/// for as long as the options say. Then the stream ends, and within 4 s everything that
/// runs for it.
///
/// A source that fails or falls silent is opened again, with growing waits between
/// attempts; until one gives pictures, the next in the list is shown, or else a slate
/// that says why.
pub(crate) async fn supervise(
    publisher: StreamPublisher,
    orders: Orders,
    port: Arc<Port>,
    stop: watch::Receiver<bool>,
) {
    Supervisor::new(publisher, orders, port).run(stop).await;
}

/// What a supervisor is told while the stream runs.
pub(crate) struct Orders {
    /// Given up once the stream has ended, before `applied`, which says so.
    pub(crate) _seat: Option<Seat>,
    /// The version that is in force.
    pub(crate) applied: watch::Sender<u64>,
    /// Which of the sources is shown.
    pub(crate) shown: watch::Sender<Option<usize>>,
    pub(crate) target: watch::Receiver<Target>,
}

/// What a stream is to be.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// Larger than that of the target before.
    pub(crate) version: u64,
    /// Its sources, and what is said of it.
    pub(crate) definition: Definition,
    /// Whether it is to end.
    pub(crate) stop: bool,
}

impl Orders {
    /// One definition, for good.
    pub(crate) fn fixed(definition: Definition) -> Self {
        Self {
            target: watch::channel(Target::first(definition)).1,
            applied: watch::Sender::new(0),
            shown: watch::Sender::new(None),
            _seat: None,
        }
    }
}

impl Target {
    /// The first of a stream.
    pub(crate) fn first(definition: Definition) -> Self {
        Self {
            version: 0,
            definition,
            stop: false,
        }
    }
}

struct Supervisor {
    publisher: StreamPublisher,
    orders: Orders,
    plan: Plan,
    options: Options,
    port: Arc<Port>,
    lineup: Lineup,
    runs: Runs,
    /// Says when opening a source again may help.
    back: Option<watch::Receiver<u64>>,
    /// What the runs say.
    reports: mpsc::Receiver<Report>,
    status: Status,
    /// Whether sources that run on demand are to run.
    demanded: bool,
    /// Whether anybody looks right now.
    looked_at: bool,
    /// When a picture or a viewer was last there.
    used: Instant,
}

impl Supervisor {
    fn new(publisher: StreamPublisher, orders: Orders, port: Arc<Port>) -> Self {
        let now = Instant::now();
        let (sender, reports) = mpsc::channel(EVENTS);
        // What was ordered before this ran counts as a change.
        let plan = orders.target.borrow().definition.plan();
        let (specs, options) = (plan.specs.clone(), plan.options.clone());
        let (stream, to) = (publisher.id().clone(), Arc::clone(&port));
        Self {
            lineup: Lineup::new(traits(&plan), options.silence_timeout, now),
            status: Status::new(plan.names.clone(), &options, now),
            back: back(&plan),
            runs: Runs::new(specs, stream, to, options.clone(), sender),
            reports,
            publisher,
            orders,
            plan,
            options,
            port,
            demanded: false,
            looked_at: false,
            used: now,
        }
    }

    async fn run(mut self, mut stop: watch::Receiver<bool>) {
        loop {
            let now = Instant::now();
            self.carry_out(now);
            if self.is_unused(now) || (self.options.end_with_source && self.lineup.is_over()) {
                break;
            }
            let wake = self.wake_at(now);
            tokio::select! {
                biased;
                () = stopped(&mut stop) => break,
                Ok(()) = self.orders.target.changed() => {
                    if !self.change(Instant::now()) {
                        break;
                    }
                }
                Some(run) = self.runs.closed() => self.on_closed(run),
                packet = self.status.slate.painted() => {
                    if let Some(packet) = packet {
                        self.publisher.publish(packet);
                    }
                }
                Some(report) = self.reports.recv() => self.on_report(report),
                () = changed(&mut self.back) => self.lineup.hasten(Instant::now()),
                _ = self.publisher.demand_changed() => {}
                () = sleep_until(wake) => {}
            }
        }
        // Viewers first: they have waited long enough.
        drop(self.publisher);
        drop(self.orders);
        drop(self.reports);
        if timeout(STOP_TIMEOUT, self.runs.end()).await.is_err() {
            tracing::warn!("a source did not close in time");
        }
    }

    /// Brings everything in line with what is known now.
    fn carry_out(&mut self, now: Instant) {
        self.heed_demand(now);
        self.lineup.hold_back(self.runs.are_leaving());
        let orders = self.lineup.decide(self.demanded, now);
        for index in orders.silent {
            let reason = self.runs.silence(index);
            self.status.fault(index, reason);
            self.runs.stop(index);
            self.lineup.lost(index, false, jitter(), now);
        }
        for index in orders.stop {
            self.runs.stop(index);
        }
        for index in orders.start {
            self.runs.start(index, self.looked_at);
        }
        let shown = self.lineup.shown(now);
        self.orders
            .shown
            .send_if_modified(|was| std::mem::replace(was, shown) != shown);
        // A publisher who pauses because nobody looks is as good as one on demand.
        let paused = shown.is_none() && !self.demanded && self.port.is_held();
        let parked = paused || self.lineup.is_parked(self.demanded);
        let attempt = self.lineup.next_attempt();
        self.status.follow(&mut self.publisher, shown, parked, now);
        self.status
            .paint(&self.publisher, self.looked_at, attempt, now);
    }

    fn heed_demand(&mut self, now: Instant) {
        let demand = self.publisher.demand();
        self.demanded = match demand.wanted(self.options.clock.now(), self.options.grace) {
            Wanted::Now => true,
            Wanted::Until(_) => self.demanded,
            Wanted::No => false,
        };
        let looked_at = demand.viewers > 0;
        if looked_at != self.looked_at {
            self.looked_at = looked_at;
            if looked_at {
                self.lineup.looked_at(now);
            }
            self.runs.set_wanted(looked_at);
            self.port.set_watched(looked_at);
        }
    }

    fn on_report(&mut self, report: Report) {
        self.take(report);
        // What else is there is taken at once, for one pass over the decisions.
        for _ in 1..EVENTS {
            match self.reports.try_recv() {
                Ok(report) => self.take(report),
                Err(_) => return,
            }
        }
    }

    fn take(&mut self, report: Report) {
        let now = Instant::now();
        // A run that was replaced has nothing more to say.
        let Some(index) = self.runs.index_of(report.run) else {
            return;
        };
        match report.event {
            Event::Picture(packet) => {
                if self.lineup.picture(index, now) {
                    let captured = packet.captured;
                    let begins = self.status.live(&mut self.publisher, index, captured);
                    if begins {
                        self.publisher.set_audio(self.runs.audio(index));
                    }
                    self.publisher.publish(packet);
                }
            }
            Event::Sound(packet) => {
                if self.status.is_live(index) {
                    self.publisher.publish_audio(packet);
                }
            }
            Event::Audio(format) => {
                if self.status.is_live(index) {
                    self.publisher.set_audio(Some(&format));
                }
                self.runs.set_audio(index, format);
            }
            Event::Faults(faults) => self.publisher.fault(faults),
            Event::Unseen => {
                if self.lineup.picture(index, now) {
                    let captured = self.status.wall();
                    self.status.live(&mut self.publisher, index, captured);
                }
            }
            Event::Skipped(error) => self.runs.skipped(index, &error, now),
            Event::Away(reason) => {
                self.lineup.away(index);
                self.status.fault(index, reason.to_owned());
            }
            Event::Lost(error) => {
                self.status.fault(index, error.to_string());
                self.lineup.lost(index, error.is_final(), jitter(), now);
            }
        }
    }

    fn on_closed(&mut self, run: u64) {
        // What the run said last may still wait to be read.
        while let Ok(report) = self.reports.try_recv() {
            self.take(report);
        }
        if let Some(index) = self.runs.forget(run) {
            self.lineup.closed(index, Instant::now());
        }
    }

    fn is_unused(&mut self, now: Instant) -> bool {
        if self.looked_at || self.lineup.shown(now).is_some() {
            self.used = now;
        }
        self.used = self
            .used
            .max(self.port.held_until(now).unwrap_or(self.used));
        let limit = self.options.remove_unused_after;
        limit.is_some_and(|limit| now >= self.used + limit)
    }

    fn wake_at(&self, now: Instant) -> Instant {
        let demand = self.publisher.demand();
        let clock = self.options.clock.now();
        let grace_ends = match demand.wanted(clock, self.options.grace) {
            Wanted::Until(end) if self.demanded => Some(now + end.saturating_sub(clock)),
            _ => None,
        };
        let unused = self
            .options
            .remove_unused_after
            .map(|limit| self.used + limit);
        let times = [
            self.lineup.decide_at(now),
            self.status.wake_at(self.looked_at),
            grace_ends,
            unused.filter(|at| *at > now),
        ];
        times.into_iter().flatten().min().unwrap_or(now + LONG)
    }
}

/// What the sources of a plan are like.
fn traits(plan: &Plan) -> Vec<Traits> {
    let runs = plan.specs.iter().map(Spec::run);
    let traits = runs.map(|run| Traits {
        on_demand: run.on_demand(plan.options.on_demand),
        patient: run.patient(),
        hasty: run.may_be_back().is_some(),
    });
    traits.collect()
}

/// What says when opening one of the sources again may help. Those that know all know it from
/// the same.
fn back(plan: &Plan) -> Option<watch::Receiver<u64>> {
    plan.specs.iter().find_map(|spec| spec.run().may_be_back())
}

async fn changed(back: &mut Option<watch::Receiver<u64>>) {
    let changed = match back {
        Some(back) => back.changed().await.is_ok(),
        None => false,
    };
    if !changed {
        *back = None;
        std::future::pending().await
    }
}

/// Waits until `stop` says true or its sender is gone.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// A random number from 0 to 1.
pub(crate) fn jitter() -> f64 {
    let random = getrandom::u32().unwrap_or(u32::MAX / 2);
    f64::from(random) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests;
