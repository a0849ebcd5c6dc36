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

#[tokio::test(start_paused = true)]
async fn attempts_become_rarer_while_a_source_cannot_be_opened() {
    let bench = Bench::start([Fake::of(&[Act::Refuse])]);
    bench.until(120_000).await;
    let openings = bench.openings(0);
    let waits: Vec<_> = openings.windows(2).map(|pair| pair[1] - pair[0]).collect();
    for (wait, expected) in waits
        .iter()
        .zip([250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000])
    {
        let near = expected * 4 / 5..=(expected * 6 / 5).min(15_000) + 5;
        assert!(near.contains(wait), "{waits:?}");
    }
    assert!(waits.len() >= 9);
    assert_eq!(
        bench.reason().as_deref(),
        Some("cannot connect to the fake: it refuses")
    );
}

#[tokio::test(start_paused = true)]
async fn a_slate_says_so_when_the_source_takes_long_to_start() {
    let bench = Bench::start([Fake::of(&[Act::FallSilent(0)])]);
    let mut cursor = bench.look();
    let (slate, at) = next(&mut cursor, &bench).await;
    assert!(slate && (1000..1100).contains(&at), "{at}");
    assert_eq!(bench.stream.stats().state, State::Starting);
    let (slate, at) = next(&mut cursor, &bench).await;
    assert!(slate && (2000..2100).contains(&at), "{at}");
    bench.until(5100).await;
    assert_eq!(bench.reason().as_deref(), Some("no picture has come yet"));
    bench.until(15_500).await;
    assert_eq!(
        bench.openings(0).len(),
        2,
        "a source that gives nothing for 15 s is opened anew"
    );
}

#[tokio::test(start_paused = true)]
async fn a_source_that_falls_silent_is_opened_anew() {
    let bench = Bench::start([Fake::of(&[Act::FallSilent(10), Act::Forever])]);
    bench.until(5850).await;
    assert!(matches!(bench.stream.stats().state, State::Live { .. }));
    bench.until(5950).await;
    assert_eq!(bench.reason().as_deref(), Some("no picture for 5 s"));
    bench
        .wait_for(|state| matches!(state, State::Live { .. }))
        .await;
    let openings = bench.openings(0);
    assert!(
        (5900 + 200..=5900 + 310).contains(&openings[1]),
        "{openings:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_next_in_the_list_is_shown_until_a_better_one_is_back() {
    let first = Fake::of(&[
        Act::Refuse,
        Act::Refuse,
        Act::Refuse,
        Act::Pictures(30),
        Act::Refuse,
    ]);
    let bench = Bench::start([first, Fake::of(&[Act::Forever])]);
    let mut cursor = bench.look();
    let seen = watch_until(&bench, &mut cursor, 3500).await;
    let slates = seen.iter().filter(|(slate, _)| *slate).count();
    assert!(slates <= 1, "{seen:?}");
    // The third attempt at the first source, after 250, 500 and 1000 ms, works.
    let back = bench.openings(0)[3];
    assert!((1400..=2200).contains(&back), "{back}");
    bench.until(back + 3050).await;
    assert_eq!(
        bench.openings(1).len(),
        2,
        "the fallback was closed and opened again"
    );
    bench.until(back + 3200).await;
    assert!(matches!(bench.stream.stats().state, State::Live { .. }));
}

#[tokio::test(start_paused = true)]
async fn the_reason_names_the_source_when_there_are_several() {
    let bench = Bench::start([Fake::of(&[Act::Refuse]), Fake::of(&[Act::Over])]);
    bench.until(100).await;
    assert_eq!(
        bench.reason().as_deref(),
        Some("fake0:: cannot connect to the fake: it refuses")
    );
}

#[tokio::test(start_paused = true)]
async fn pictures_that_cannot_be_shown_are_the_reason() {
    let bench = Bench::start([Fake::of(&[Act::Garbage(1)])]);
    bench.until(150).await;
    let reason = "the picture cannot be shown: not a JPEG: it does not start with FF D8";
    assert_eq!(bench.reason().as_deref(), Some(reason));

    let bench = Bench::start([Fake::of(&[Act::Garbage(1000)])]);
    bench.until(2000).await;
    let reason = "16 pictures in a row cannot be shown: not a JPEG: it does not start with FF D8";
    assert_eq!(bench.reason().as_deref(), Some(reason));
}

#[tokio::test(start_paused = true)]
async fn a_source_on_demand_is_open_only_while_somebody_looks() {
    let fake = Fake {
        on_demand: true,
        ..Fake::of(&[Act::Forever])
    };
    let bench = Bench::start([fake]);
    bench.until(60_000).await;
    assert_eq!(bench.stream.stats().state, State::Idle);
    assert_eq!(bench.openings(0), [0; 0]);

    let mut cursor = bench.look();
    let (slate, at) = next(&mut cursor, &bench).await;
    assert!(!slate && at <= 60_005, "{at}");
    drop(cursor);
    bench.until(64_900).await;
    assert!(matches!(bench.stream.stats().state, State::Live { .. }));
    bench.until(65_200).await;
    assert_eq!(bench.stream.stats().state, State::Idle);

    let mut cursor = bench.look();
    let (slate, at) = next(&mut cursor, &bench).await;
    assert!(
        !slate && (65_200..65_210).contains(&at),
        "no old picture, no slate: {at}"
    );
    assert_eq!(bench.openings(0).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn no_slate_is_painted_for_nobody_but_the_first() {
    let bench = Bench::start([Fake::of(&[Act::Pictures(1), Act::Refuse])]);
    bench.until(20_000).await;
    let mut cursor = bench.look();
    let (slate, _) = next(&mut cursor, &bench).await;
    assert!(
        slate,
        "whoever comes later does not start with an old picture"
    );
    let seen = watch_until(&bench, &mut cursor, 23_500).await;
    assert!(seen.iter().all(|(slate, _)| *slate));
    assert!(
        (3..=5).contains(&seen.len()),
        "one at once, then one a second: {seen:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_stopped_ends_for_its_viewers() {
    let bench = Bench::start([Fake::of(&[Act::Forever]), Fake::of(&[Act::Forever])]);
    let mut cursor = bench.look();
    bench.until(1000).await;
    bench.stop.send(true).unwrap();
    while cursor.next().await.is_ok() {}
    bench.supervisor.await.unwrap();
    assert!(bench.start.elapsed() < Duration::from_millis(1100));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_nobody_uses_is_removed() {
    let fake = Fake::of(&[Act::Pictures(10), Act::Refuse]);
    let unused = Duration::from_secs(60);
    let bench = Bench::start_with([fake], |options| options.remove_unused_after = Some(unused));
    bench.until(50_000).await;
    let cursor = bench.look();
    bench.until(200_000).await;
    assert!(!bench.supervisor.is_finished());
    drop(cursor);
    bench.until(259_000).await;
    assert!(!bench.supervisor.is_finished());
    bench.until(261_000).await;
    assert!(bench.supervisor.is_finished());
}

#[tokio::test(start_paused = true)]
async fn a_source_that_is_over_ends_the_stream_if_that_is_wished() {
    let bench = Bench::start([Fake::of(&[Act::Over])]);
    bench.until(60_000).await;
    assert_eq!(bench.reason().as_deref(), Some("the file has ended"));
    assert_eq!(bench.openings(0).len(), 1);

    let over = Fake::of(&[Act::Over]);
    let bench = Bench::start_with([over], |options| options.end_with_source = true);
    bench.until(100).await;
    assert!(bench.supervisor.is_finished());
}

#[tokio::test(start_paused = true)]
async fn an_input_that_breaks_down_is_started_again() {
    let bench = Bench::start([Fake::of(&[Act::Panic, Act::Forever])]);
    bench.until(1000).await;
    assert_eq!(bench.openings(0).len(), 2);
    assert!(matches!(bench.stream.stats().state, State::Live { .. }));
}
