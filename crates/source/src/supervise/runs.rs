//! The runs of a stream's inputs: a task each, told to stop and waited for.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use eyeline_media::{AudioFormat, StreamId};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{Id, JoinSet};
use tokio::time::{Duration, Instant, timeout};

use crate::encoder::RawEncoder;
use crate::error::{InputError, PictureError};
use crate::ingest::Port;
use crate::inputs::Run;
use crate::options::Options;
use crate::session::Session;
use crate::sink::{Event, Outlet, Report, Sink};
use crate::spec::Spec;

/// How often pictures that cannot be shown are mentioned in the log.
const WARN_EVERY: Duration = Duration::from_secs(10);

/// How long the last pictures of a source that ended may take to be encoded.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(500);

/// The runs of every source of a stream; at most one of each source at a time.
pub(super) struct Runs {
    specs: Vec<Spec>,
    stream: StreamId,
    port: Arc<Port>,
    options: Options,
    sender: mpsc::Sender<Report>,
    running: Vec<Option<Current>>,
    tasks: JoinSet<()>,
    /// The run that each task is.
    numbers: HashMap<Id, u64>,
    /// Runs of sources that were replaced and are not closed yet.
    leaving: HashSet<u64>,
    next: u64,
}

struct Current {
    run: u64,
    /// Dropping it tells the run to stop.
    cancel: Option<oneshot::Sender<()>>,
    encoder: RawEncoder,
    skipped: Skipped,
    /// How the sound is coded that goes beside its pictures.
    audio: Option<Arc<AudioFormat>>,
}

/// Pictures that cannot be shown.
#[derive(Default)]
struct Skipped {
    count: u64,
    last: Option<PictureError>,
    warned: Option<Instant>,
}

impl Runs {
    /// No runs yet; what they will say goes to `sender`.
    pub(super) fn new(
        specs: Vec<Spec>,
        stream: StreamId,
        port: Arc<Port>,
        options: Options,
        sender: mpsc::Sender<Report>,
    ) -> Self {
        Self {
            running: specs.iter().map(|_| None).collect(),
            specs,
            stream,
            port,
            options,
            sender,
            tasks: JoinSet::new(),
            numbers: HashMap::new(),
            leaving: HashSet::new(),
            next: 0,
        }
    }

    /// Starts a source. `wanted` says whether anybody looks.
    pub(super) fn start(&mut self, index: usize, wanted: bool) {
        let (run, clock) = (self.next, &self.options.clock);
        self.next += 1;
        let encoder = RawEncoder::new(self.options.jpeg_quality, Arc::clone(clock), wanted);
        let outlet = Outlet::new(run, self.sender.clone());
        let session = Session {
            sink: Sink::new(outlet, Arc::clone(clock), encoder.clone()),
            stream: self.stream.clone(),
            reach: self.options.reach,
            controls: self.options.controls.clone(),
            port: Arc::clone(&self.port),
            child: None,
            thread: None,
            farewell: None,
        };
        tracing::debug!(stream = %self.stream, source = %self.specs[index], "opening");
        let (cancel, cancelled) = oneshot::channel();
        let task = self
            .tasks
            .spawn(run_once(self.specs[index].run(), session, cancelled));
        self.numbers.insert(task.id(), run);
        self.running[index] = Some(Current {
            run,
            cancel: Some(cancel),
            encoder,
            skipped: Skipped::default(),
            audio: None,
        });
    }

    /// Tells a source to stop. It counts as running until it is [`closed`](Self::closed).
    pub(super) fn stop(&mut self, index: usize) {
        if let Some(current) = &mut self.running[index] {
            current.cancel = None;
        }
    }

    /// Replaces the sources. `kept` says of each new one which of the old ones it is, if it
    /// is one: that one goes on. The others are told to stop.
    pub(super) fn change(&mut self, specs: Vec<Spec>, kept: &[Option<usize>]) {
        let mut old = std::mem::take(&mut self.running);
        let running = kept.iter().map(|kept| old[(*kept)?].take());
        self.running = running.collect();
        let replaced = old.into_iter().flatten();
        self.leaving.extend(replaced.map(|current| current.run));
        self.specs = specs;
    }

    /// Whether sources that were replaced are still closing.
    pub(super) fn are_leaving(&self) -> bool {
        !self.leaving.is_empty()
    }

    /// Replaces the options. The JPEG quality counts at once, the rest from the next run on.
    pub(super) fn set_options(&mut self, options: Options) {
        for current in self.running.iter().flatten() {
            current.encoder.set_quality(options.jpeg_quality);
        }
        self.options = options;
    }

    /// Waits for a run to be closed; which one. Cancel-safe; `None` if none runs.
    pub(super) async fn closed(&mut self) -> Option<u64> {
        let (id, broken) = match self.tasks.join_next_with_id().await? {
            Ok((id, ())) => (id, false),
            Err(error) => (error.id(), error.is_panic()),
        };
        let run = self.numbers.remove(&id)?;
        let current = self.position(run).and_then(|at| self.running[at].as_ref());
        if broken && let Some(current) = current {
            current.encoder.close();
            let outlet = Outlet::new(current.run, self.sender.clone());
            outlet.hint(Event::Lost(InputError::Broken(
                "a defect of this program; see the log",
            )));
        }
        Some(run)
    }

    /// Forgets a run that is closed; of which source it was, if that was not replaced.
    pub(super) fn forget(&mut self, run: u64) -> Option<usize> {
        self.leaving.remove(&run);
        let index = self.position(run)?;
        self.running[index] = None;
        Some(index)
    }

    fn position(&self, run: u64) -> Option<usize> {
        let is_it = |current: &Option<Current>| current.as_ref().is_some_and(|c| c.run == run);
        self.running.iter().position(is_it)
    }

    /// Which source this run is of, if it is the latest one and was not told to stop.
    pub(super) fn index_of(&self, run: u64) -> Option<usize> {
        let index = self.position(run)?;
        let current = self.running[index].as_ref()?;
        current.cancel.is_some().then_some(index)
    }

    /// How the sound of a source is coded, if it has any.
    pub(super) fn audio(&self, index: usize) -> Option<&Arc<AudioFormat>> {
        self.running[index].as_ref()?.audio.as_ref()
    }

    pub(super) fn set_audio(&mut self, index: usize, format: Arc<AudioFormat>) {
        if let Some(current) = &mut self.running[index] {
            current.audio = Some(format);
        }
    }

    /// Says to every run whether anybody looks.
    pub(super) fn set_wanted(&self, wanted: bool) {
        for current in self.running.iter().flatten() {
            current.encoder.set_wanted(wanted);
        }
    }

    /// Counts a picture that cannot be shown, and mentions it now and then.
    pub(super) fn skipped(&mut self, index: usize, error: &PictureError, now: Instant) {
        let Some(current) = &mut self.running[index] else {
            return;
        };
        let skipped = &mut current.skipped;
        skipped.count += 1;
        skipped.last = Some(error.clone());
        if skipped
            .warned
            .is_none_or(|warned| now >= warned + WARN_EVERY)
        {
            skipped.warned = Some(now);
            let (stream, source) = (&self.stream, &self.specs[index]);
            tracing::warn!(%stream, %source, skipped = skipped.count, "a picture cannot be shown: {error}");
        }
    }

    /// Why a source counts as silent.
    pub(super) fn silence(&self, index: usize) -> String {
        let silence = format!(
            "no picture for {} s",
            self.options.silence_timeout.as_secs_f64()
        );
        let bad = self.running[index]
            .as_ref()
            .and_then(|current| current.skipped.last.as_ref());
        bad.map_or(silence.clone(), |bad| {
            format!("{silence} that can be shown: {bad}")
        })
    }

    /// Stops every source and waits until all are closed. Nobody may be listening any
    /// more, or what they still say would keep them waiting.
    pub(super) async fn end(&mut self) {
        for index in 0..self.running.len() {
            self.stop(index);
        }
        while self.tasks.join_next().await.is_some() {}
    }
}

impl Drop for Runs {
    fn drop(&mut self) {
        for current in self.running.iter().flatten() {
            current.encoder.close();
        }
    }
}

/// Runs an input until it ends or is told to, then closes what it left open.
async fn run_once(run: Arc<dyn Run>, mut session: Session, cancelled: oneshot::Receiver<()>) {
    let outlet = session.sink.outlet.clone();
    let ended = tokio::select! {
        biased;
        _ = cancelled => None,
        ended = run.run(&mut session) => ended.err(),
    };
    if let Some(error) = ended {
        let _ = timeout(DRAIN_TIMEOUT, session.sink.encoder.drained()).await;
        // At once, so that the slate does not wait for the closing.
        let _ = outlet.send(Event::Lost(error)).await;
    }
    session.close().await;
}
