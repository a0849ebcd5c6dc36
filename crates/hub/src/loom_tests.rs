//! Every interleaving of the handoff, explored by loom (`--cfg loom`): no wake-up is
//! lost between publisher and cursor, and none is left on a feed that has closed.

use std::sync::Arc;
use std::time::Duration;

use eyeline_clock::SimClock;
use eyeline_media::Timestamp;
use loom::future::block_on;
use loom::thread;

use crate::{Chunk, End, Feed, Publisher, RingLimits};

const LIMITS: RingLimits = RingLimits {
    items: 2,
    bytes: 100,
    span: Duration::from_secs(1),
    max_lag: Duration::from_secs(1),
};

fn feed() -> (Publisher<Chunk>, Feed<Chunk>, Arc<SimClock>) {
    let clock = SimClock::starting_at(0);
    let (publisher, feed) = Feed::new(clock.clone(), LIMITS);
    (publisher, feed, clock)
}

fn chunk() -> Chunk {
    Chunk {
        captured: Timestamp::default(),
        decoded: Duration::ZERO,
        shown: Duration::ZERO,
        key: true,
        picture: true,
        data: bytes::Bytes::from_static(b"x"),
    }
}

fn explore(test: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(test);
}

#[test]
fn a_waiting_cursor_gets_what_is_published_and_then_the_end() {
    explore(|| {
        let (mut publisher, feed, _clock) = feed();
        let mut cursor = feed.subscribe().unwrap();
        let writer = thread::spawn(move || {
            publisher.publish(chunk());
            publisher.publish(chunk());
        });
        let mut seen = Vec::new();
        block_on(async {
            while let Ok(item) = cursor.next().await {
                seen.push(item.seq);
            }
        });
        assert_eq!(seen, [0, 1]);
        writer.join().unwrap();
    });
}

#[test]
fn a_cursor_overtaken_by_the_ring_counts_every_loss() {
    explore(|| {
        let (mut publisher, feed, _clock) = feed();
        let mut cursor = feed.subscribe().unwrap();
        let writer = thread::spawn(move || (0..3).for_each(|_| publisher.publish(chunk())));
        let (mut seen, mut last) = (0, None);
        block_on(async {
            while let Ok(item) = cursor.next().await {
                assert!(last < Some(item.seq));
                last = Some(item.seq);
                seen += 1;
            }
        });
        assert_eq!(seen + cursor.skipped(), 3);
        assert_eq!(last, Some(2), "the newest is never lost");
        writer.join().unwrap();
    });
}

#[test]
fn a_publisher_hears_of_every_cursor() {
    explore(|| {
        let (mut publisher, feed, _clock) = feed();
        let viewer = thread::spawn(move || feed.subscribe().unwrap());
        block_on(async { while publisher.demand_changed().await.viewers == 0 {} });
        drop(viewer.join().unwrap());
        block_on(async { while publisher.demand_changed().await.viewers == 1 {} });
    });
}

#[test]
fn a_cursor_is_refused_or_keeps_the_feed_open() {
    explore(|| {
        let (publisher, feed, clock) = feed();
        clock.advance(Duration::from_secs(1));
        let viewer = thread::spawn(move || feed.subscribe());
        let closed = publisher.close_if_idle(Duration::from_secs(1));
        let mut cursor = viewer.join().unwrap();
        assert_eq!(cursor.is_none(), closed);
        drop(publisher);
        if let Some(cursor) = &mut cursor {
            assert!(matches!(block_on(cursor.next()), Err(End)));
        }
    });
}
