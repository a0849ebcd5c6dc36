//! Feeds against a model that keeps everything in plain vectors, under simulated time.

use std::sync::Arc;
use std::time::Duration;

use eyeline_clock::{Clock, MonoTime, SimClock};
use eyeline_media::Timestamp;
use proptest::prelude::*;

use crate::{Chunk, Feed, Publisher, RingLimits, Subscriber};

const LIMITS: RingLimits = RingLimits {
    items: 8,
    bytes: 1_000,
    span: Duration::from_millis(500),
    max_lag: Duration::from_millis(150),
};

#[derive(Clone, Debug)]
enum Step {
    Publish { len: usize, key: bool },
    Advance(u64),
    Subscribe,
    Take(usize),
    Leave(usize),
    Clear,
}

fn step(all_key: bool) -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (1_usize..600, any::<bool>()).prop_map(move |(len, key)| Step::Publish { len, key: key || all_key }),
        4 => (0_u64..200).prop_map(Step::Advance),
        1 => Just(Step::Subscribe),
        6 => (0_usize..4).prop_map(Step::Take),
        1 => (0_usize..4).prop_map(Step::Leave),
        1 => Just(Step::Clear),
    ]
}

#[derive(Clone, Copy, Debug)]
struct ModelItem {
    seq: u64,
    len: usize,
    key: bool,
    at: MonoTime,
}

/// The rules of a feed, said with vectors.
#[derive(Default)]
struct Model {
    held: Vec<ModelItem>,
    published: u64,
    newest_at: MonoTime,
    newest_key: Option<u64>,
}

#[derive(Clone, Copy, Debug)]
struct ModelCursor {
    next: u64,
    intact: bool,
    skipped: u64,
}

impl Model {
    fn publish(&mut self, len: usize, key: bool, now: MonoTime) {
        let seq = self.published;
        if key {
            self.newest_key = Some(seq);
        }
        let needed = |oldest: &ModelItem| self.newest_key.is_some_and(|key| oldest.seq >= key);
        let fits = |held: &[ModelItem]| {
            held.len() < LIMITS.items
                && held.iter().map(|item| item.len).sum::<usize>() + len <= LIMITS.bytes
                && held
                    .first()
                    .is_none_or(|oldest| needed(oldest) || now - oldest.at <= LIMITS.span)
        };
        while !self.held.is_empty() && !fits(&self.held) {
            self.held.remove(0);
        }
        self.held.push(ModelItem {
            seq,
            len,
            key,
            at: now,
        });
        self.published += 1;
        self.newest_at = now;
    }

    fn find(&self, seq: u64) -> Option<ModelItem> {
        self.held.iter().copied().find(|item| item.seq == seq)
    }

    fn subscribe(&self) -> ModelCursor {
        let key = self.newest_key.filter(|&key| self.find(key).is_some());
        ModelCursor {
            next: key.unwrap_or(self.published),
            intact: key.is_some(),
            skipped: 0,
        }
    }

    fn take(&self, cursor: &mut ModelCursor) -> Option<u64> {
        while cursor.next < self.published {
            let here = self.find(cursor.next);
            let usable = here.is_some_and(|item| item.key || cursor.intact);
            let late = here.is_none_or(|item| self.newest_at - item.at > LIMITS.max_lag);
            let newer = self
                .newest_key
                .filter(|&key| key > cursor.next && self.find(key).is_some());
            let to = match (late, newer) {
                (true, Some(key)) => key,
                _ if usable => {
                    cursor.intact = true;
                    cursor.next += 1;
                    return Some(cursor.next - 1);
                }
                _ => cursor.next + 1,
            };
            cursor.skipped += to - cursor.next;
            cursor.next = to;
            cursor.intact = false;
        }
        None
    }
}

struct Pair {
    cursor: Subscriber<Chunk>,
    model: ModelCursor,
    last: Option<u64>,
}

struct World {
    clock: Arc<SimClock>,
    publisher: Publisher<Chunk>,
    feed: Feed<Chunk>,
    model: Model,
    pairs: Vec<Pair>,
}

impl World {
    fn new() -> Self {
        let clock = SimClock::starting_at(1_700_000_000_000_000_000);
        let (publisher, feed) = Feed::new(clock.clone(), LIMITS);
        Self {
            clock,
            publisher,
            feed,
            model: Model::default(),
            pairs: Vec::new(),
        }
    }

    fn apply(&mut self, step: Step) {
        match step {
            Step::Publish { len, key } => {
                let captured = Timestamp::from_nanos(self.clock.wall_nanos());
                self.publisher.publish(Chunk {
                    captured,
                    decoded: Duration::ZERO,
                    shown: Duration::ZERO,
                    key,
                    picture: true,
                    data: vec![0; len].into(),
                });
                self.model.publish(len, key, self.clock.now());
            }
            Step::Advance(ms) => self.clock.advance(Duration::from_millis(ms)),
            Step::Subscribe => {
                let cursor = self.feed.subscribe().expect("the publisher lives");
                self.pairs.push(Pair {
                    cursor,
                    model: self.model.subscribe(),
                    last: None,
                });
            }
            Step::Take(at) => self.take(at),
            Step::Leave(at) => {
                if at < self.pairs.len() {
                    self.pairs.remove(at);
                }
            }
            Step::Clear => {
                self.publisher.clear();
                self.model.held.clear();
            }
        }
        assert_eq!(self.publisher.demand().viewers, self.pairs.len() as u64);
    }

    fn take(&mut self, at: usize) {
        let Some(pair) = self.pairs.get_mut(at) else {
            return;
        };
        let taken = pair.cursor.take();
        let expected = self.model.take(&mut pair.model);
        assert_eq!(taken.as_ref().map(|item| item.seq), expected);
        assert_eq!(pair.cursor.skipped(), pair.model.skipped);
        let Some(item) = taken else { return };
        let reference_kept = item.seq.checked_sub(1) == pair.last && pair.last.is_some();
        assert!(
            item.value.key || reference_kept,
            "item {} lost its reference",
            item.seq
        );
        assert!(
            pair.last.is_none_or(|last| item.seq > last),
            "items come in order"
        );
        pair.last = Some(item.seq);
    }
}

proptest! {
    #[test]
    fn a_feed_of_pictures_follows_the_model(steps in prop::collection::vec(step(true), 1..120)) {
        let mut world = World::new();
        steps.into_iter().for_each(|step| world.apply(step));
    }

    #[test]
    fn a_feed_of_inter_coded_video_follows_the_model(steps in prop::collection::vec(step(false), 1..120)) {
        let mut world = World::new();
        steps.into_iter().for_each(|step| world.apply(step));
    }
}

fn published(world: &mut World, count: u64, every_ms: u64) {
    for _ in 0..count {
        world.apply(Step::Publish { len: 10, key: true });
        world.clock.advance(Duration::from_millis(every_ms));
    }
}

#[test]
fn a_cursor_that_keeps_up_gets_everything() {
    let mut world = World::new();
    world.apply(Step::Subscribe);
    for seq in 0..1_000 {
        published(&mut world, 1, 33);
        assert_eq!(world.pairs[0].cursor.take().map(|item| item.seq), Some(seq));
    }
    assert_eq!(world.pairs[0].cursor.skipped(), 0);
}

#[test]
fn a_cursor_behind_by_more_than_the_lag_jumps_to_the_newest() {
    let mut world = World::new();
    world.apply(Step::Subscribe);
    published(&mut world, 6, 33);
    let cursor = &mut world.pairs[0].cursor;
    assert_eq!(cursor.take().map(|item| item.seq), Some(5));
    assert_eq!(cursor.skipped(), 5);
}

#[test]
fn a_new_cursor_starts_with_the_newest_picture() {
    let mut world = World::new();
    published(&mut world, 3, 33);
    world.apply(Step::Subscribe);
    assert_eq!(world.pairs[0].cursor.take().map(|item| item.seq), Some(2));
    assert!(world.pairs[0].cursor.take().is_none());
}

#[test]
fn a_new_cursor_starts_at_the_newest_key_however_long_ago_it_came() {
    let mut world = World::new();
    world.apply(Step::Publish { len: 10, key: true });
    for _ in 0..5 {
        world.apply(Step::Advance(199));
        let (len, key) = (10, false);
        world.apply(Step::Publish { len, key });
    }
    world.apply(Step::Subscribe);
    let cursor = &mut world.pairs[0].cursor;
    let read: Vec<_> = std::iter::from_fn(|| cursor.take().map(|item| item.seq)).collect();
    assert_eq!(read, [0, 1, 2, 3, 4, 5]);
}

#[test]
fn a_viewer_of_inter_coded_video_that_falls_behind_waits_for_the_next_key() {
    let clock = SimClock::starting_at(0);
    let limits = RingLimits {
        items: 64,
        ..LIMITS
    };
    let (mut publisher, feed) = Feed::new(clock.clone(), limits);
    let lag = Duration::from_millis(400);
    let mut cursor = feed.subscribe().unwrap().impatient(lag);
    let mut publish = |wait, key| {
        clock.advance(Duration::from_millis(wait));
        publisher.publish(Chunk {
            captured: Timestamp::default(),
            decoded: Duration::ZERO,
            shown: Duration::ZERO,
            key,
            picture: true,
            data: vec![0; 10].into(),
        });
        publisher.demand().key_frame_wanted
    };
    let mut read =
        || -> Vec<u64> { std::iter::from_fn(|| cursor.take().map(|item| item.seq)).collect() };
    publish(0, true);
    publish(30, false);
    assert_eq!(read(), [0, 1]);
    // A pause that is short enough.
    publish(30, false);
    publish(300, false);
    assert_eq!(read(), [2, 3]);
    // One that is not.
    publish(30, false);
    publish(450, false);
    assert_eq!(read(), [] as [u64; 0]);
    assert!(publish(30, false), "a key frame is wanted");
    assert_eq!(read(), [] as [u64; 0]);
    publish(30, true);
    publish(30, false);
    assert_eq!(read(), [7, 8]);
}

#[test]
fn a_cursor_without_a_key_asks_for_one() {
    let mut world = World::new();
    world.apply(Step::Publish {
        len: 10,
        key: false,
    });
    world.apply(Step::Subscribe);
    assert!(world.publisher.demand().key_frame_wanted);
    world.apply(Step::Publish { len: 10, key: true });
    assert!(!world.publisher.demand().key_frame_wanted);
}

#[test]
fn an_item_larger_than_the_ring_is_still_delivered() {
    let mut world = World::new();
    world.apply(Step::Subscribe);
    world.apply(Step::Publish {
        len: 5_000,
        key: true,
    });
    assert_eq!(world.pairs[0].cursor.take().map(|item| item.seq), Some(0));
}

#[test]
fn a_feed_closes_only_after_the_grace_period_and_then_takes_nobody() {
    let mut world = World::new();
    let grace = Duration::from_secs(5);
    world.apply(Step::Subscribe);
    world.clock.advance(Duration::from_secs(60));
    assert!(!world.publisher.close_if_idle(grace), "somebody looks");
    world.apply(Step::Leave(0));
    world.clock.advance(Duration::from_secs(4));
    assert!(
        !world.publisher.close_if_idle(grace),
        "the grace period runs"
    );
    world.clock.advance(Duration::from_secs(1));
    assert!(world.publisher.close_if_idle(grace));
    assert!(world.feed.subscribe().is_none());
}

#[test]
fn what_was_published_before_the_end_is_still_read() {
    let mut world = World::new();
    world.apply(Step::Subscribe);
    published(&mut world, 2, 1);
    let World {
        publisher,
        mut pairs,
        ..
    } = world;
    drop(publisher);
    let mut cursor = pairs.remove(0).cursor;
    let cx = &mut std::task::Context::from_waker(std::task::Waker::noop());
    for seq in 0..2 {
        match cursor.poll_next(cx) {
            std::task::Poll::Ready(Ok(item)) => assert_eq!(item.seq, seq),
            other => panic!("expected item {seq}, got {}", other.is_ready()),
        }
    }
    assert!(matches!(
        cursor.poll_next(cx),
        std::task::Poll::Ready(Err(crate::End))
    ));
}

#[test]
fn the_newest_is_looked_at_once_what_is_looked_for_is_there_and_the_cursor_stays() {
    use std::task::{Context, Poll, Waker};
    let clock = SimClock::starting_at(0);
    let (mut publisher, feed) = Feed::new(clock, LIMITS);
    let mut publish = |at_ms: u64| {
        publisher.publish(Chunk {
            captured: Timestamp::from_micros(at_ms * 1_000),
            decoded: Duration::ZERO,
            shown: Duration::ZERO,
            key: true,
            picture: true,
            data: vec![0; 10].into(),
        });
    };
    let mut cursor = feed.subscribe().unwrap();
    let newest = |cursor: &mut Subscriber<Chunk>, at_ms: u64| {
        let from = Timestamp::from_micros(at_ms * 1_000);
        let mut cx = Context::from_waker(Waker::noop());
        let newest = cursor.poll_newest(&mut cx, |chunk| chunk.captured >= from);
        newest.map(|item| item.map(|item| item.seq))
    };
    assert_eq!(newest(&mut cursor, 0), Poll::Ready(None), "none is held");
    publish(40);
    publish(80);
    assert_eq!(newest(&mut cursor, 100), Poll::Pending);
    publish(120);
    assert_eq!(newest(&mut cursor, 100), Poll::Ready(Some(2)));
    publish(90);
    assert_eq!(
        newest(&mut cursor, 100),
        Poll::Ready(Some(3)),
        "what is looked for is there, though it is not the newest"
    );
    assert_eq!(cursor.take().unwrap().seq, 0);
    drop(publisher);
    assert_eq!(
        newest(&mut cursor, 999),
        Poll::Ready(None),
        "no more will come"
    );
}
