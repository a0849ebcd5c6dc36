//! One who publishes picture by picture and follows the demand.

use std::time::Duration;

use bytes::Bytes;
use eyeline_hub::{State, ViewerInfo, Wish};
use eyeline_media::Timestamp;
use eyeline_source::Spec;
use eyeline_source::{Content, Definition, Demand, IngestError, Origin, Producer, Settings};
use eyeline_testkit::pictures::Pictures;
use eyeline_testkit::wait::PATIENCE;
use tokio::time::timeout;

use crate::bench::{self, House, access, front};

async fn publish(house: &House, settings: Option<Settings>) -> Result<Producer, IngestError> {
    let grant = access().publish(&front());
    let publishing = house.streams.publish(&grant, Content::pictures(), settings);
    timeout(PATIENCE, publishing).await.unwrap()
}

async fn away(house: &House) -> bool {
    let away = async {
        while !matches!(house.watch("front").stats().state, State::Away { .. }) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, away).await.is_ok()
}

fn picture() -> Bytes {
    Pictures::new("64x48".parse().unwrap(), 80).at(Timestamp::default())
}

async fn demand(producer: &mut Producer) -> Demand {
    let changed = timeout(PATIENCE, producer.demand_changed()).await;
    changed.expect("the demand changes").unwrap()
}

fn wanted(viewers: usize, watched: bool) -> Demand {
    Demand { viewers, watched }
}

#[tokio::test]
async fn pictures_come_out_with_their_capture_times_and_bad_ones_are_said_to_be_so() {
    let house = House::new();
    let mut producer = publish(&house, None).await.unwrap();
    let mut seen = house.look("front");
    let now = Timestamp::from_nanos(bench::options().clock.wall_nanos());
    producer.picture(picture(), Some(now)).await.unwrap();
    assert_eq!(seen.picture().await.captured, now);
    let bad = producer.picture(Bytes::from_static(b"no"), None).await;
    let bad = bad.unwrap_err();
    assert!(
        bad.is_passing() && bad.to_string().contains("JPEG"),
        "{bad}"
    );
    producer.picture(picture(), None).await.unwrap();
    seen.picture().await;
    assert_eq!(producer.frames(), 3);
    for _ in 0..15 {
        let bad = producer.picture(Bytes::from_static(b"no"), None).await;
        assert!(bad.unwrap_err().is_passing());
    }
    let last = producer.picture(Bytes::from_static(b"no"), None).await;
    assert!(!last.unwrap_err().is_passing(), "16 in a row are too many");
    assert_eq!(producer.finish().await.unwrap().frames, 19);
}

#[tokio::test]
async fn a_producer_is_told_who_looks_at_the_start_and_whenever_it_changes() {
    let house = House::new();
    let mut producer = publish(&house, None).await.unwrap();
    assert_eq!(demand(&mut producer).await, wanted(0, false));
    let stream = house.watch("front");
    let info = ViewerInfo {
        remote: "127.0.0.1".parse().unwrap(),
        transport: "test",
        agent: None,
    };
    let account = stream.seat(info).unwrap();
    assert_eq!(demand(&mut producer).await, wanted(1, false));
    let cursor = stream.packets(&Wish::default()).unwrap();
    assert_eq!(demand(&mut producer).await, wanted(1, true));
    drop(cursor);
    assert_eq!(demand(&mut producer).await, wanted(1, false));
    drop(account);
    assert_eq!(demand(&mut producer).await, wanted(0, false));
}

#[tokio::test(start_paused = true)]
async fn a_producer_who_pauses_while_nobody_looks_keeps_place_and_stream() {
    let house = House::new();
    let mut producer = publish(&house, None).await.unwrap();
    demand(&mut producer).await;
    producer.picture(picture(), None).await.unwrap();
    tokio::time::sleep(Duration::from_secs(300)).await;
    assert_eq!(house.watch("front").stats().state, State::Idle);
    let second = publish(&house, None).await;
    assert!(matches!(second, Err(IngestError::Busy(_))));
    let mut seen = house.look("front");
    assert_eq!(demand(&mut producer).await, wanted(0, true));
    producer.picture(picture(), None).await.unwrap();
    assert!(!seen.item().await.slate, "no slate when it goes on at once");
    // One that is watched and silent is not kept.
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert!(away(&house).await);
    let _second = publish(&house, None).await.unwrap();
    let lost = timeout(PATIENCE, producer.demand_changed()).await.unwrap();
    assert!(matches!(lost, Err(IngestError::Replaced(_))), "{lost:?}");
    let lost = producer.picture(picture(), None).await;
    assert!(matches!(lost, Err(IngestError::Replaced(_))), "{lost:?}");
}

#[tokio::test(start_paused = true)]
async fn the_stream_ceases_a_while_after_its_producer_has_left() {
    let house = House::new();
    let mut producer = publish(&house, None).await.unwrap();
    demand(&mut producer).await;
    tokio::time::sleep(Duration::from_secs(300)).await;
    producer.finish().await.unwrap();
    tokio::time::sleep(Duration::from_secs(59)).await;
    assert!(house.hub.watch(&access().view(&front())).is_ok());
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(house.hub.watch(&access().view(&front())).is_err());
    publish(&house, None).await.unwrap();
}

#[tokio::test]
async fn settings_are_said_of_the_stream() {
    let house = House::new();
    let settings = |pairs: &[(&str, &str)], name: Option<&str>| Settings {
        name: name.map(str::to_owned),
        defaults: Wish::from_pairs(pairs.iter().copied()).unwrap(),
    };
    let first = settings(&[("fps", "5"), ("quality", "low")], Some("Desk"));
    drop(publish(&house, Some(first)).await.unwrap());
    let profile = house.watch("front").profile();
    assert_eq!(profile.name.as_deref(), Some("Desk"));
    let second = settings(&[("fps", "7")], None);
    drop(publish(&house, Some(second)).await.unwrap());
    let profile = house.watch("front").profile();
    assert_eq!(profile.name.as_deref(), Some("Desk"));
    let both = settings(&[("fps", "7"), ("quality", "low")], None);
    assert_eq!(profile.defaults, both.defaults);
    let definition = house.streams.definition(&front()).unwrap();
    assert_eq!(definition.origin, Origin::Publisher);
    assert_eq!(definition.defaults, both.defaults);
}

#[tokio::test]
async fn whoever_publishes_hears_that_the_stream_ended_or_takes_nobody_any_more() {
    let house = House::new();
    let grant = access().publish(&front());
    let mut producer = publish(&house, None).await.unwrap();
    demand(&mut producer).await;
    assert!(house.streams.stop(&grant).await);
    let ended = producer.lost().await;
    assert!(matches!(ended, IngestError::Ended(_)), "{ended}");
    let ended = producer.demand_changed().await;
    assert!(matches!(ended, Err(IngestError::Ended(_))), "{ended:?}");

    let mut producer = publish(&house, None).await.unwrap();
    let specs = vec![Spec::parse("test:").unwrap()];
    let other = Definition::new(specs, house.streams.options(), Origin::Api);
    house.streams.change(&grant, other).await.unwrap();
    let lost = timeout(PATIENCE, producer.lost()).await.unwrap();
    assert!(matches!(lost, IngestError::NotPush(_)), "{lost}");
    let refused = publish(&house, None).await;
    assert!(matches!(refused, Err(IngestError::NotPush(_))));
}
