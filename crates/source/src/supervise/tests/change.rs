//! Streams that become others while somebody looks.

use super::*;

/// A fake with pictures of this size, that shares its list of open runs with `other`.
fn another(other: &Arc<Fake>, acts: &[Act], size: &str) -> Arc<Fake> {
    Arc::new(Fake {
        picture: jpeg(size.parse().unwrap(), Timestamp::default(), 50),
        open: Arc::clone(&other.open),
        ..Fake::of(acts)
    })
}

/// The width of every picture until so many milliseconds; 0 for a slate.
async fn widths_until(bench: &Bench, cursor: &mut Subscriber<Packet>, millis: u64) -> Vec<u32> {
    let mut widths = Vec::new();
    let watching = async {
        while let Ok(item) = cursor.next().await {
            let width = item.value.resolution.width();
            widths.push(if item.value.slate { 0 } else { width });
        }
        panic!("the viewer was thrown out");
    };
    tokio::select! {
        () = watching => {}
        () = bench.until(millis) => {}
    }
    widths
}

#[tokio::test(start_paused = true)]
async fn a_new_name_and_defaults_count_at_once_and_touch_no_source() {
    let bench = Bench::start([Fake::of(&[Act::Forever])]);
    let mut cursor = bench.look();
    bench.until(1000).await;
    let defaults = Wish {
        height: Some(32),
        ..Wish::default()
    };
    bench
        .change(|definition| {
            definition.name = Some("Front door".to_owned());
            definition.defaults = defaults;
        })
        .await;
    let profile = bench.stream.profile();
    assert_eq!(profile.name.as_deref(), Some("Front door"));
    assert_eq!(profile.defaults, defaults);
    let widths = widths_until(&bench, &mut cursor, 2000).await;
    assert!(widths.len() >= 10 && widths.iter().all(|width| *width == 64));
    assert_eq!(bench.openings(0), [0]);
}

#[tokio::test(start_paused = true)]
async fn another_source_is_opened_when_the_old_one_is_closed_and_viewers_stay() {
    let bench = Bench::start([Fake::of(&[Act::Forever])]);
    let mut cursor = bench.look();
    bench.until(1010).await;
    let new = another(&bench.fakes[0], &[Act::Forever], "32x24");
    let new_spec = spec(7, &new);
    bench
        .change(|definition| definition.specs = vec![new_spec])
        .await;
    assert_eq!(bench.stream.profile().source, "fake7:");
    let widths = widths_until(&bench, &mut cursor, 2000).await;
    let switch = widths.iter().position(|width| *width == 32).unwrap();
    assert!(
        widths[..switch].iter().all(|width| *width == 64),
        "{widths:?}"
    );
    assert!(
        widths[switch..].iter().all(|width| *width == 32),
        "{widths:?}"
    );
    assert_eq!(new.open.lock().unwrap().len(), 1, "the old one is closed");
    let opened = new.opened.lock().unwrap()[0] - bench.start;
    assert!(opened <= Duration::from_millis(1020), "{opened:?}");
    assert_eq!(bench.openings(0), [0]);
}

#[tokio::test(start_paused = true)]
async fn the_last_picture_stays_until_the_new_source_was_slow_for_a_second() {
    let bench = Bench::start([Fake::of(&[Act::Forever])]);
    let mut cursor = bench.look();
    bench.until(1050).await;
    let new = another(&bench.fakes[0], &[Act::FallSilent(0)], "32x24");
    let new_spec = spec(7, &new);
    bench
        .change(|definition| definition.specs = vec![new_spec])
        .await;
    assert_eq!(bench.stream.stats().state, State::Starting);
    let widths = widths_until(&bench, &mut cursor, 2040).await;
    assert!(widths.iter().all(|width| *width == 64), "{widths:?}");
    assert_eq!(widths_until(&bench, &mut cursor, 2100).await, [0]);
}

#[tokio::test(start_paused = true)]
async fn a_source_that_is_in_both_lists_goes_on() {
    let bench = Bench::start([Fake::of(&[Act::Forever])]);
    let mut cursor = bench.look();
    bench.until(1050).await;
    let better = another(&bench.fakes[0], &[Act::Refuse, Act::Forever], "32x24");
    let better_spec = spec(7, &better);
    bench
        .change(|definition| definition.specs.insert(0, better_spec))
        .await;
    let widths = widths_until(&bench, &mut cursor, 3000).await;
    assert!(!widths.contains(&0), "{widths:?}");
    assert_eq!(widths.last(), Some(&32), "{widths:?}");
    assert_eq!(bench.openings(0), [0]);
    assert_eq!(better.opened.lock().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_source_that_could_not_be_opened_is_replaced_by_one_that_can() {
    let bench = Bench::start([Fake::of(&[Act::Refuse])]);
    bench.until(20_000).await;
    let mut cursor = bench.look();
    let new = another(&bench.fakes[0], &[Act::Forever], "32x24");
    let new_spec = spec(7, &new);
    bench
        .change(|definition| definition.specs = vec![new_spec])
        .await;
    let widths = widths_until(&bench, &mut cursor, 21_000).await;
    assert!(widths.len() > 8, "{widths:?}");
    assert!(widths[1..].iter().all(|width| *width == 32), "{widths:?}");
    assert!(matches!(bench.stream.stats().state, State::Live { .. }));
}

#[tokio::test(start_paused = true)]
async fn options_count_for_the_run_that_is_open() {
    let fake = Fake::of(&[Act::FallSilent(10), Act::Forever]);
    let bench = Bench::start([fake]);
    bench.until(500).await;
    bench
        .change(|definition| definition.options.silence_timeout = Duration::from_secs(2))
        .await;
    bench.until(2850).await;
    assert!(matches!(bench.stream.stats().state, State::Live { .. }));
    bench.until(2950).await;
    assert_eq!(bench.reason().as_deref(), Some("no picture for 2 s"));
}

#[tokio::test(start_paused = true)]
async fn on_demand_is_switched_on_and_off_while_the_stream_runs() {
    let bench = Bench::start([Fake::of(&[Act::Forever])]);
    bench.until(1000).await;
    assert!(matches!(bench.stream.stats().state, State::Live { .. }));
    let switch = async |on: bool| {
        let change = |definition: &mut Definition| definition.options.on_demand = Some(on);
        bench.change(change).await;
    };
    switch(true).await;
    bench.wait_for(|state| *state == State::Idle).await;
    assert_eq!(bench.fakes[0].open.lock().unwrap().len(), 0);
    switch(false).await;
    bench
        .wait_for(|state| matches!(state, State::Live { .. }))
        .await;
    assert_eq!(bench.openings(0).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_change_before_the_stream_has_begun_is_not_lost() {
    let bench = Bench::start([Fake::of(&[Act::Forever])]);
    // The supervisor has not been polled yet.
    bench
        .change(|definition| definition.name = Some("early".to_owned()))
        .await;
    assert_eq!(bench.stream.profile().name.as_deref(), Some("early"));
}
