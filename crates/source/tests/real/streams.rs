//! Streams that are started, changed and stopped while somebody looks.

use std::time::Duration;

use eyeline_hub::{Fps, PublishError, State, Wish};
use eyeline_media::{Packet, Timestamp};
use eyeline_source::{Allow, ChangeError, Definition, Origin, Spec};
use eyeline_testkit::pictures::Pictures as Jpegs;
use eyeline_testkit::wait::PATIENCE;
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::bench::{Bench, House, access, id};

impl House {
    fn define(&self, source: &str) -> Definition {
        let specs = Spec::parse_list(source).unwrap();
        Definition::new(specs, self.streams.options(), Origin::Api)
    }

    fn start(&self, name: &str, source: &str) -> Result<(), PublishError> {
        let grant = access().publish(&id(name));
        self.streams.start(&grant, self.define(source))
    }

    async fn change(&self, name: &str, definition: Definition) -> Result<(), ChangeError> {
        let grant = access().publish(&id(name));
        let changed = self.streams.change(&grant, definition);
        timeout(PATIENCE, changed).await.unwrap()
    }

    async fn stop(&self, name: &str) -> bool {
        let grant = access().publish(&id(name));
        timeout(PATIENCE, self.streams.stop(&grant)).await.unwrap()
    }
}

/// Milliseconds from the first picture to the last.
fn span_ms(pictures: &[Packet]) -> u64 {
    let (first, last) = (&pictures[0], &pictures[pictures.len() - 1]);
    u64::try_from(last.captured.since(first.captured).as_millis()).unwrap()
}

#[tokio::test]
async fn a_size_and_a_rate_that_are_changed_are_painted_so_for_the_viewers_there_are() {
    let house = House::new();
    house.start("front", "test:?size=320x240&fps=50").unwrap();
    let mut seen = house.look("front");
    assert_eq!(seen.picture().await.resolution.to_string(), "320x240");
    let mut definition = house.streams.definition(&id("front")).unwrap();
    definition.size = Some("160x120".parse().unwrap());
    definition.defaults.fps = Fps::new(10).ok();
    definition.name = Some("Front door".to_owned());
    house.change("front", definition).await.unwrap();
    let stream = house.watch("front");
    assert_eq!(stream.profile().name.as_deref(), Some("Front door"));
    assert_eq!(stream.profile().source, "test:?size=320x240&fps=50");
    assert_eq!(stream.profile().defaults, Wish::default());
    let mut small = seen.picture().await;
    while small.resolution.to_string() != "160x120" {
        assert_eq!(small.resolution.to_string(), "320x240", "no slate between");
        small = seen.picture().await;
    }
    // Never faster than asked; how much slower is the machine's affair.
    let span = span_ms(&seen.take(11).await);
    assert!(span >= 900, "10 intervals of 100 ms took {span} ms");
    house.end().await;
}

#[tokio::test]
async fn another_kind_of_source_takes_over_without_a_slate() {
    let house = House::new();
    house.start("front", "test:?size=320x240&fps=50").unwrap();
    let mut seen = house.look("front");
    seen.picture().await;
    let command = "exec:ffmpeg -v error -re -f lavfi -i testsrc2=size=64x48:rate=30 -f mjpeg -";
    house.change("front", house.define(command)).await.unwrap();
    let mut packet = seen.picture().await;
    while packet.resolution.width() != 64 {
        packet = seen.picture().await;
    }
    house
        .change("front", house.define("test:?size=160x120"))
        .await
        .unwrap();
    while packet.resolution.width() != 160 {
        packet = seen.picture().await;
    }
    house.end().await;
}

#[tokio::test]
async fn a_source_is_closed_to_the_end_before_the_next_one_is_opened() {
    let house = House::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display();
    let jpeg = Jpegs::new("64x48".parse().unwrap(), 80).at(Timestamp::default());
    std::fs::write(folder.path().join("jpeg"), jpeg).unwrap();
    let command = |name: &str| {
        format!(
            "exec:cd {path} && if ! mkdir held; then echo {name} >> overlap; exit 1; fi; \
             trap 'sleep 0.3; rmdir held; exit' INT; \
             while :; do cat jpeg jpeg; echo {name} > shown; sleep 0.05; done"
        )
    };
    house.start("front", &command("first")).unwrap();
    let mut seen = house.look("front");
    seen.picture().await;
    house
        .change("front", house.define(&command("second")))
        .await
        .unwrap();
    let second = async {
        while std::fs::read_to_string(folder.path().join("shown")).unwrap_or_default() != "second\n"
        {
            assert!(!seen.item().await.slate);
        }
    };
    timeout(PATIENCE, second).await.unwrap();
    let overlap = std::fs::read_to_string(folder.path().join("overlap"));
    assert!(
        overlap.is_err(),
        "opened while the other was open: {overlap:?}"
    );
    house.end().await;
}

#[tokio::test]
async fn a_stream_that_is_stopped_frees_its_name_at_once_and_ends_its_viewers() {
    let house = House::new();
    // Takes a while to be stopped.
    let stubborn = "exec:trap '' INT; sleep 1000";
    house.start("front", stubborn).unwrap();
    assert_eq!(
        house.start("front", "test:"),
        Err(PublishError::Exists(id("front")))
    );
    let mut seen = house.look("front");
    assert!(house.stop("front").await);
    assert!(house.streams.definition(&id("front")).is_none());
    assert!(!house.stop("front").await, "there is none any more");
    house.start("front", "test:?size=64x48").unwrap();
    timeout(PATIENCE, async { while seen.0.next().await.is_ok() {} })
        .await
        .unwrap();
    house.look("front").picture().await;
    house.end().await;
}

#[tokio::test]
async fn what_is_not_there_cannot_be_changed_or_stopped() {
    let house = House::new();
    let changed = house.change("front", house.define("test:")).await;
    assert_eq!(changed, Err(ChangeError::Unknown(id("front"))));
    assert!(!house.stop("front").await);
    house.start("front", "test:").unwrap();
    // Neither is polled before both are asked.
    let (grant, definition) = (access().publish(&id("front")), house.define("push:"));
    let (stopped, changed) = tokio::join!(
        house.streams.stop(&grant),
        house.streams.change(&grant, definition)
    );
    assert!(stopped);
    assert_eq!(changed, Err(ChangeError::Unknown(id("front"))));
    house.end().await;
}

#[tokio::test]
async fn a_stream_whose_source_is_not_there_runs_and_says_why() {
    let house = House::new();
    house.start("front", "file:/nonexistent.jpg").unwrap();
    house.look("front").slate().await;
    let stream = house.watch("front");
    let State::Away { reason, .. } = stream.stats().state else {
        panic!("{:?}", stream.stats().state);
    };
    assert!(reason.contains("/nonexistent.jpg"), "{reason}");
    house.end().await;
}

#[tokio::test]
async fn a_source_of_limited_reach_does_not_connect_within_this_network() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    for source in [
        format!("http://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("tcp://127.0.0.1:{port}"),
        format!("tcp://localhost:{port}"),
        "http://169.254.169.254/".to_owned(),
        "http://10.0.0.1/".to_owned(),
    ] {
        let bench = Bench::start_with(&source, |options| options.reach = Allow::default().reach());
        let reason = bench.reason().await;
        for part in ["is not a public address", "\"private\" to api.allow"] {
            assert!(reason.contains(part), "{source}: {reason}");
        }
        bench.end().await;
    }
    let nobody = tokio::select! {
        biased;
        _ = listener.accept() => false,
        () = std::future::ready(()) => true,
    };
    assert!(nobody, "somebody connected");
}

/// Pages of memory this process holds.
fn resident_pages() -> i64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse().unwrap()
}

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

#[tokio::test]
async fn a_thousand_streams_that_come_and_go_leave_nothing_behind() {
    let house = House::new();
    let tasks = tokio::runtime::Handle::current().metrics();
    let round = async |n: usize| {
        let name = format!("s{n}");
        let source = if n.is_multiple_of(2) {
            "push:"
        } else {
            "test:?size=64x48"
        };
        house.start(&name, source).unwrap();
        if n % 2 == 1 {
            house.look(&name).picture().await;
        }
        assert!(house.stop(&name).await);
    };
    for n in 0..100 {
        round(n).await;
    }
    let (tasks_before, pages_before) = (tasks.num_alive_tasks(), resident_pages());
    for n in 0..1_000 {
        round(n).await;
    }
    let gone = async {
        while tasks.num_alive_tasks() > 0 || threads() > 4 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, gone)
        .await
        .expect("tasks and painters end");
    assert!(
        tasks_before < 100,
        "they end as others begin: {tasks_before}"
    );
    assert!(house.streams.ids().is_empty());
    assert!(house.hub.stats().is_empty());
    let grown = resident_pages() - pages_before;
    assert!(grown < 4096, "{grown} pages more than before");
    house.end().await;
}
