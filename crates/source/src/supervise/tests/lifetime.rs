//! When a source is open, and when a stream ends.

use super::*;

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
