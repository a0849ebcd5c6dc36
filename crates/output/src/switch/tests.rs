//! Two renditions as feeds that the tests fill by hand.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use eyeline_clock::SimClock;
use eyeline_hub::{Chunk, Feed, Publisher, RingLimits, Subscriber};
use eyeline_media::Timestamp;

use super::Switch;

struct Rendition {
    publisher: Publisher<Chunk>,
    feed: Feed<Chunk>,
}

struct Bench {
    clock: Arc<SimClock>,
    cursor: Subscriber<Chunk>,
    switch: Switch,
}

fn rendition(clock: &Arc<SimClock>, prompt: bool) -> Rendition {
    let (publisher, feed) = Feed::new(clock.clone(), RingLimits::LIVE);
    if prompt {
        publisher.set_prompt();
    }
    Rendition { publisher, feed }
}

impl Rendition {
    /// Publishes the picture of this moment.
    fn put(&mut self, name: &'static str, at_ms: u64, key: bool) {
        self.publisher.publish(Chunk {
            captured: Timestamp::from_micros(at_ms * 1_000),
            decoded: Duration::ZERO,
            shown: Duration::ZERO,
            key,
            picture: true,
            data: Bytes::from_static(name.as_bytes()),
        });
    }

    fn key_wanted(&self) -> bool {
        self.feed.demand().key_frame_wanted
    }
}

impl Bench {
    fn new(on: &Rendition, clock: &Arc<SimClock>) -> Self {
        Self {
            clock: clock.clone(),
            cursor: on.feed.subscribe().unwrap(),
            switch: Switch::default(),
        }
    }

    /// What the viewer gets now, piece by piece.
    fn got(&mut self) -> Vec<String> {
        self.clock.advance(Duration::from_millis(10));
        let cx = &mut Context::from_waker(Waker::noop());
        let mut got = Vec::new();
        while let Poll::Ready(next) = self.switch.poll_next(&mut self.cursor, cx) {
            let Ok(item) = next else {
                got.push("end".to_owned());
                break;
            };
            got.push(String::from_utf8(item.value.data.to_vec()).unwrap());
        }
        got
    }
}

#[test]
fn a_viewer_keeps_what_it_has_until_the_other_has_a_key_picture() {
    let clock = SimClock::starting_at(0);
    let (mut large, mut small) = (rendition(&clock, false), rendition(&clock, true));
    let mut bench = Bench::new(&large, &clock);
    large.put("large 1", 1, true);
    assert_eq!(bench.got(), ["large 1"]);
    bench.switch.to(small.feed.subscribe().unwrap());
    assert!(small.key_wanted(), "it is asked for");
    large.put("large 2", 2, false);
    assert_eq!(bench.got(), ["large 2"]);
    small.put("small 3", 3, true);
    large.put("large 3", 3, false);
    assert_eq!(bench.got(), ["small 3"]);
    small.put("small 4", 4, false);
    large.put("large 4", 4, true);
    assert_eq!(bench.got(), ["small 4"]);
    assert!(!bench.switch.is_waiting());
}

#[test]
fn a_key_picture_of_what_was_seen_is_left_out_and_the_next_asked_for() {
    let clock = SimClock::starting_at(0);
    let (mut large, mut small) = (rendition(&clock, false), rendition(&clock, true));
    let mut bench = Bench::new(&large, &clock);
    large.put("large 5", 5, true);
    assert_eq!(bench.got(), ["large 5"]);
    bench.switch.to(small.feed.subscribe().unwrap());
    // It is a little behind.
    small.put("small 4", 4, true);
    assert_eq!(bench.got(), [""; 0]);
    assert!(small.key_wanted());
    small.put("small 5", 5, false);
    small.put("small 6", 6, true);
    small.put("small 7", 7, false);
    assert_eq!(bench.got(), ["small 6", "small 7"]);
}

#[test]
fn to_what_cannot_make_key_pictures_it_changes_at_the_next_one_not_at_an_old_one() {
    let clock = SimClock::starting_at(0);
    let (mut large, mut small) = (rendition(&clock, false), rendition(&clock, true));
    let mut bench = Bench::new(&small, &clock);
    large.put("large 1", 1, true);
    small.put("small 8", 8, true);
    assert_eq!(bench.got(), ["small 8"]);
    large.put("large 8", 8, false);
    bench.switch.to(large.feed.subscribe().unwrap());
    small.put("small 9", 9, false);
    large.put("large 9", 9, false);
    assert_eq!(bench.got(), ["small 9"]);
    large.put("large 10", 10, true);
    assert_eq!(bench.got(), ["large 10"]);
}

#[test]
fn a_rendition_that_cannot_be_made_leaves_the_viewer_where_it_is() {
    let clock = SimClock::starting_at(0);
    let (mut large, small) = (rendition(&clock, false), rendition(&clock, true));
    let mut bench = Bench::new(&large, &clock);
    large.put("large 1", 1, true);
    assert_eq!(bench.got(), ["large 1"]);
    bench.switch.to(small.feed.subscribe().unwrap());
    drop(small);
    large.put("large 2", 2, false);
    assert_eq!(bench.got(), ["large 2"]);
    drop(large);
    assert_eq!(bench.got(), ["end"]);
}

#[test]
fn the_other_goes_on_alone_when_the_first_ends() {
    let clock = SimClock::starting_at(0);
    let (mut large, mut small) = (rendition(&clock, false), rendition(&clock, true));
    let mut bench = Bench::new(&large, &clock);
    large.put("large 1", 1, true);
    assert_eq!(bench.got(), ["large 1"]);
    bench.switch.to(small.feed.subscribe().unwrap());
    drop(large);
    assert_eq!(bench.got(), [""; 0]);
    small.put("small 2", 2, true);
    assert_eq!(bench.got(), ["small 2"]);
}
