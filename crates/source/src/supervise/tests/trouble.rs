//! Sources that fail, are slow, fall silent or give what cannot be shown.

use super::*;

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
