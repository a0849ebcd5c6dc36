//! A supervised stream with made-up sources, in virtual time.

use std::convert::Infallible;
use std::sync::Mutex;

use bytes::Bytes;
use eyeline_auth::Access;
use eyeline_clock::{Clock, MonoTime, SharedClock};
use eyeline_hub::{Hub, Limits, State, Stream, Subscriber, Wish};
use eyeline_media::{Packet, StreamId, Timestamp};
use eyeline_proto::mpjpeg::{Kind, Picture};
use eyeline_testkit::pictures::jpeg;

use super::*;
use crate::definition::Origin;
use crate::error::InputError;
use crate::inputs::{Run, Running};
use crate::local::NoTranscode;
use crate::session::Session;

mod change;
mod lifetime;
mod trouble;

/// Clock of a virtual time.
struct TestClock(Instant);

impl Clock for TestClock {
    fn now(&self) -> MonoTime {
        self.0.elapsed()
    }

    fn wall_nanos(&self) -> u64 {
        1_764_000_000_000_000_000 + u64::try_from(self.0.elapsed().as_nanos()).unwrap()
    }
}

/// What a made-up source does in one run.
#[derive(Clone, Copy)]
enum Act {
    /// Cannot be opened.
    Refuse,
    /// Gives so many pictures, 10 a second, and ends.
    Pictures(u64),
    /// Gives pictures, 10 a second, for as long as it may.
    Forever,
    /// Gives so many pictures and then none.
    FallSilent(u64),
    /// Gives so many pictures that cannot be shown, and ends.
    Garbage(u64),
    /// Ends for good.
    Over,
    /// Breaks down.
    Panic,
}

/// A source that does one act after the other, and the last one again and again.
struct Fake {
    acts: Vec<Act>,
    opened: Mutex<Vec<Instant>>,
    on_demand: bool,
    picture: Bytes,
    /// Runs that are open at the moment, of this and others.
    open: Arc<Mutex<Vec<Bytes>>>,
}

/// A run that is open, as others see it.
struct IsOpen(Arc<Mutex<Vec<Bytes>>>, Bytes);

impl Drop for IsOpen {
    fn drop(&mut self) {
        self.0.lock().unwrap().retain(|open| *open != self.1);
    }
}

impl Run for Fake {
    fn run<'a>(&'a self, session: &'a mut Session) -> Running<'a> {
        let turn = {
            let mut opened = self.opened.lock().unwrap();
            opened.push(Instant::now());
            opened.len() - 1
        };
        let act = self.acts[turn.min(self.acts.len() - 1)];
        Box::pin(async move {
            let open = Arc::clone(&self.open);
            open.lock().unwrap().push(self.picture.clone());
            let _open = IsOpen(open, self.picture.clone());
            match act {
                Act::Refuse => Err(refused()),
                Act::Over => Err(InputError::FileEnded),
                Act::Panic => panic!("as the test wants it"),
                Act::Pictures(count) => {
                    self.give(session, count, &self.picture).await?;
                    Err(InputError::Closed("the fake".to_owned()))
                }
                Act::Forever => {
                    self.give(session, u64::MAX, &self.picture).await?;
                    Err(InputError::Gone)
                }
                Act::FallSilent(count) => {
                    self.give(session, count, &self.picture).await?;
                    std::future::pending::<Result<Infallible, InputError>>().await
                }
                Act::Garbage(count) => {
                    self.give(session, count, &Bytes::from_static(b"garbage"))
                        .await?;
                    Err(session
                        .sink
                        .ended(InputError::Closed("the fake".to_owned())))
                }
            }
        })
    }

    fn on_demand(&self, asked: Option<bool>) -> bool {
        asked.unwrap_or(self.on_demand)
    }
}

fn refused() -> InputError {
    InputError::Connect {
        to: "the fake".to_owned(),
        why: "it refuses".to_owned(),
    }
}

impl Fake {
    fn of(acts: &[Act]) -> Self {
        Self {
            acts: acts.to_vec(),
            opened: Mutex::default(),
            on_demand: false,
            picture: jpeg("64x48".parse().unwrap(), Timestamp::default(), 50),
            open: Arc::default(),
        }
    }

    async fn give(
        &self,
        session: &mut Session,
        count: u64,
        data: &Bytes,
    ) -> Result<(), InputError> {
        for _ in 0..count {
            let picture = Picture {
                data: data.clone(),
                captured: None,
                kind: Kind::Jpeg,
            };
            let now = session.sink.now();
            session.sink.picture(picture, now).await?;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }
}

/// A supervised stream.
struct Bench {
    start: Instant,
    stream: Arc<Stream>,
    stop: watch::Sender<bool>,
    target: watch::Sender<Target>,
    applied: watch::Receiver<u64>,
    supervisor: tokio::task::JoinHandle<()>,
    fakes: Vec<Arc<Fake>>,
}

impl Bench {
    fn start(fakes: impl IntoIterator<Item = Fake>) -> Self {
        Self::start_with(fakes, |_| {})
    }

    fn start_with(fakes: impl IntoIterator<Item = Fake>, change: impl Fn(&mut Options)) -> Self {
        let start = Instant::now();
        let clock: SharedClock = Arc::new(TestClock(start));
        let mut options = Options::new(Arc::clone(&clock));
        change(&mut options);
        let hub = Hub::new(clock, Limits::default(), Box::new(NoTranscode));
        let (id, access): (StreamId, _) = ("front".parse().unwrap(), Access::by_configuration());
        let publisher = hub
            .publish(&access.publish(&id), "fake:".to_owned())
            .unwrap();
        let stream = hub.watch(&access.view(&id)).unwrap();
        let fakes: Vec<_> = fakes.into_iter().map(Arc::new).collect();
        let specs = fakes.iter().enumerate().map(|(n, fake)| spec(n, fake));
        let specs = specs.collect();
        let (stop, stopped) = watch::channel(false);
        let definition = Definition::new(specs, options, Origin::Configuration);
        let (target, ordered) = watch::channel(Target::first(definition));
        let (apply, applied) = watch::channel(0);
        let orders = Orders {
            target: ordered,
            applied: apply,
            shown: watch::Sender::new(None),
            _seat: None,
        };
        let port = Arc::new(Port::of(&stream));
        let supervisor = tokio::spawn(supervise(publisher, orders, port, stopped));
        Self {
            start,
            stream,
            stop,
            target,
            applied,
            supervisor,
            fakes,
        }
    }

    fn look(&self) -> Subscriber<Packet> {
        self.stream.packets(&Wish::default()).unwrap()
    }

    fn reason(&self) -> Option<String> {
        match self.stream.stats().state {
            State::Away { reason, .. } => Some(reason),
            _ => None,
        }
    }

    /// Makes the stream another one, and waits for that to count.
    async fn change(&self, how: impl FnOnce(&mut Definition)) {
        let mut version = 0;
        self.target.send_modify(|target| {
            target.version += 1;
            version = target.version;
            how(&mut target.definition);
        });
        let mut applied = self.applied.clone();
        applied
            .wait_for(|applied| *applied == version)
            .await
            .unwrap();
    }

    /// When a source was opened, in milliseconds from the start.
    fn openings(&self, index: usize) -> Vec<u64> {
        let opened = self.fakes[index].opened.lock().unwrap();
        opened
            .iter()
            .map(|at| u64::try_from((*at - self.start).as_millis()).unwrap())
            .collect()
    }

    async fn until(&self, millis: u64) {
        tokio::time::sleep_until(self.start + Duration::from_millis(millis)).await;
    }

    async fn wait_for(&self, what: impl Fn(&State) -> bool) {
        while !what(&self.stream.stats().state) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

fn spec(number: usize, fake: &Arc<Fake>) -> Spec {
    Spec::of(
        &crate::inputs::push::INPUT,
        &format!("fake{number}:"),
        Arc::clone(fake) as Arc<dyn Run>,
    )
}

/// The next item: whether it is a slate, and when it came, in milliseconds.
async fn next(cursor: &mut Subscriber<Packet>, bench: &Bench) -> (bool, u64) {
    let item = cursor.next().await.unwrap();
    (
        item.value.slate,
        u64::try_from(bench.start.elapsed().as_millis()).unwrap(),
    )
}

#[tokio::test(start_paused = true)]
async fn pictures_are_shown_as_they_come() {
    let bench = Bench::start([Fake::of(&[Act::Forever])]);
    let mut cursor = bench.look();
    for n in 0..20 {
        let (slate, at) = next(&mut cursor, &bench).await;
        assert!(!slate);
        assert!(
            (n * 100..n * 100 + 5).contains(&at),
            "picture {n} at {at} ms"
        );
    }
    assert!(matches!(bench.stream.stats().state, State::Live { .. }));
    assert_eq!(cursor.skipped(), 0);
}

/// Everything a cursor gets until so many milliseconds: whether it is a slate, and when.
async fn watch_until(
    bench: &Bench,
    cursor: &mut Subscriber<Packet>,
    millis: u64,
) -> Vec<(bool, u64)> {
    let mut seen = Vec::new();
    let watching = async {
        loop {
            seen.push(next(cursor, bench).await);
        }
    };
    tokio::select! {
        () = watching => {}
        () = bench.until(millis) => {}
    }
    seen
}

#[tokio::test(start_paused = true)]
async fn a_source_that_ends_20_times_is_replaced_by_a_slate_each_time_and_viewers_stay() {
    let bench = Bench::start([Fake::of(&[Act::Pictures(3)])]);
    let mut cursor = bench.look();
    let seen = watch_until(&bench, &mut cursor, 50_000).await;
    let openings = bench.openings(0);
    assert!(openings.len() > 20, "{openings:?}");
    for (n, pair) in openings.windows(2).enumerate() {
        let (ended, again) = (pair[0] + 300, pair[1]);
        let slate = seen.iter().find(|(slate, at)| *slate && *at >= ended);
        let slate = slate.map(|(_, at)| *at);
        assert!(
            slate.is_some_and(|at| at <= ended + 100),
            "run {n} ended at {ended}, slate at {slate:?}"
        );
        let pictures = seen
            .iter()
            .filter(|(slate, at)| !slate && (again..again + 300).contains(at));
        assert_eq!(pictures.count().min(3), 3, "after {again} ms");
        assert!(
            again - ended <= 1010,
            "run {n} was {} ms away",
            again - ended
        );
    }
    assert!(
        openings[1] - openings[0] <= 300 + 310,
        "the first attempt comes at once: {openings:?}"
    );
}
