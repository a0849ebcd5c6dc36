//! Keeps a stream's sources running for as long as the stream is to live: opens them,
//! falls back along the list, opens them again, and shows a slate in between.
//!
//! Decisions are made in [`lineup`]; each run of an input is a task of its own; this
//! is what connects them with the stream's publisher. Not here: inputs.

mod backoff;
mod lineup;
mod runs;
mod slate;
mod status;

use std::sync::Arc;
use std::time::Duration;

use eyeline_hub::{StreamPublisher, Wanted};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout};

use crate::ingest::{Ingests, Port};
use crate::options::Options;
use crate::sink::{EVENTS, Event, Report};
use crate::spec::Spec;
pub(crate) use backoff::{Backoff, SOUND_AFTER};
use lineup::{Lineup, Traits};
use runs::Runs;
use status::Status;

/// How long everything that runs has to close when the stream ends.
const STOP_TIMEOUT: Duration = Duration::from_secs(4);
/// How long to sleep when nothing is to be done; anything that happens wakes.
const LONG: Duration = Duration::from_secs(3600);

/// Runs `specs`, best first, into the stream of `publisher` until `stop` says true (or
/// its sender is gone), or until the stream is unused for as long as the options say.
/// Then the stream ends, and within 4 s everything that runs for it.
///
/// A source that fails or falls silent is opened again, with growing waits between
/// attempts; until one gives pictures, the next in the list is shown, or else a slate
/// that says why.
pub fn supervise(
    publisher: StreamPublisher,
    specs: Vec<Spec>,
    options: Options,
    ingests: &Ingests,
    stop: watch::Receiver<bool>,
) -> impl Future<Output = ()> + Send + use<> {
    // Now and not at the first poll: publishers may come from this moment on.
    let claim = specs
        .iter()
        .any(Spec::is_push)
        .then(|| ingests.claim(publisher.id()));
    async move {
        let port = claim
            .as_ref()
            .map_or_else(Arc::<Port>::default, |claim| Arc::clone(&claim.port));
        Supervisor::new(publisher, specs, options, port)
            .run(stop)
            .await;
    }
}

struct Supervisor {
    publisher: StreamPublisher,
    options: Options,
    lineup: Lineup,
    runs: Runs,
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
    fn new(
        publisher: StreamPublisher,
        specs: Vec<Spec>,
        options: Options,
        port: Arc<Port>,
    ) -> Self {
        let now = Instant::now();
        let (sender, reports) = mpsc::channel(EVENTS);
        let traits = specs.iter().map(Spec::run).map(|run| Traits {
            on_demand: run.on_demand(options.on_demand),
            patient: run.patient(),
        });
        Self {
            lineup: Lineup::new(traits, options.silence_timeout, now),
            status: Status::new(&specs, &options, now),
            runs: Runs::new(specs, publisher.id().clone(), port, options.clone(), sender),
            reports,
            publisher,
            options,
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
                Some(index) = self.runs.closed() => self.on_closed(index),
                packet = self.status.slate.painted() => {
                    if let Some(packet) = packet {
                        self.publisher.publish(packet);
                    }
                }
                Some(report) = self.reports.recv() => self.on_report(report),
                _ = self.publisher.demand_changed() => {}
                () = sleep_until(wake) => {}
            }
        }
        // Viewers first: they have waited long enough.
        drop(self.publisher);
        drop(self.reports);
        if timeout(STOP_TIMEOUT, self.runs.end()).await.is_err() {
            tracing::warn!("a source did not close in time");
        }
    }

    /// Brings everything in line with what is known now.
    fn carry_out(&mut self, now: Instant) {
        self.heed_demand();
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
        let parked = self.lineup.is_parked(self.demanded);
        let attempt = self.lineup.next_attempt();
        self.status.follow(&mut self.publisher, shown, parked, now);
        self.status
            .paint(&self.publisher, self.looked_at, attempt, now);
    }

    fn heed_demand(&mut self) {
        let demand = self.publisher.demand();
        self.demanded = match demand.wanted(self.options.clock.now(), self.options.grace) {
            Wanted::Now => true,
            Wanted::Until(_) => self.demanded,
            Wanted::No => false,
        };
        let looked_at = demand.viewers > 0;
        if looked_at != self.looked_at {
            self.looked_at = looked_at;
            self.runs.set_wanted(looked_at);
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
                    self.status
                        .live(&mut self.publisher, index, packet.captured);
                    self.publisher.publish(packet);
                }
            }
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

    fn on_closed(&mut self, index: usize) {
        // What the run said last may still wait to be read.
        while let Ok(report) = self.reports.try_recv() {
            self.take(report);
        }
        self.runs.forget(index);
        self.lineup.closed(index, Instant::now());
    }

    fn is_unused(&mut self, now: Instant) -> bool {
        if self.looked_at || self.lineup.shown(now).is_some() {
            self.used = now;
        }
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
