//! Every rule of the lineup, in a time of its own.

use super::*;

const SILENCE: Duration = Duration::from_secs(5);
const PLAIN: Traits = Traits {
    on_demand: false,
    patient: false,
    hasty: false,
};
const ON_DEMAND: Traits = Traits {
    on_demand: true,
    ..PLAIN
};
const PATIENT: Traits = Traits {
    patient: true,
    ..PLAIN
};
const HASTY: Traits = Traits {
    hasty: true,
    ..PLAIN
};

/// A lineup with a clock that is moved by hand.
struct Bench {
    lineup: Lineup,
    now: Instant,
    demanded: bool,
}

impl Bench {
    fn of(traits: &[Traits]) -> Self {
        let now = Instant::now();
        let lineup = Lineup::new(traits.iter().copied(), SILENCE, now);
        Self {
            lineup,
            now,
            demanded: true,
        }
    }

    fn pass(&mut self, millis: u64) {
        self.now += Duration::from_millis(millis);
    }

    #[track_caller]
    fn check(&mut self, start: &[usize], stop: &[usize], silent: &[usize]) {
        let orders = self.lineup.decide(self.demanded, self.now);
        let expected = Orders {
            start: start.into(),
            stop: stop.into(),
            silent: silent.into(),
        };
        assert_eq!(orders, expected);
    }

    #[track_caller]
    fn check_starts(&mut self, start: &[usize]) {
        self.check(start, &[], &[]);
    }

    fn picture(&mut self, index: usize) -> bool {
        self.lineup.picture(index, self.now)
    }

    /// A source fails and is closed at once.
    fn lose(&mut self, index: usize) {
        self.lineup.lost(index, false, 0.5, self.now);
        self.lineup.closed(index, self.now);
    }
}

#[test]
fn the_first_source_is_tried_alone() {
    let mut bench = Bench::of(&[PLAIN, PLAIN]);
    bench.check_starts(&[0]);
    bench.check_starts(&[]);
    assert!(bench.picture(0));
    bench.pass(1000);
    bench.check_starts(&[]);
}

#[test]
fn a_source_that_fails_is_followed_by_the_next_at_once() {
    let mut bench = Bench::of(&[PLAIN, PLAIN, PLAIN]);
    bench.check_starts(&[0]);
    bench.lose(0);
    bench.check_starts(&[1]);
    bench.lose(1);
    bench.check_starts(&[2]);
    assert!(bench.picture(2));
}

#[test]
fn a_source_that_stays_silent_is_followed_by_the_next_and_opened_anew_later() {
    let mut bench = Bench::of(&[PLAIN, PLAIN]);
    bench.check_starts(&[0]);
    bench.pass(4999);
    bench.check_starts(&[]);
    bench.pass(1);
    bench.check_starts(&[1]);
    assert!(bench.picture(1));
    for _ in 0..3 {
        bench.pass(3000);
        assert!(bench.picture(1));
        bench.check_starts(&[]);
    }
    bench.pass(1000);
    bench.check(&[], &[], &[0]);
}

#[test]
fn better_sources_are_tried_beside_a_fallback_and_their_first_picture_ends_it() {
    let mut bench = Bench::of(&[PLAIN, PLAIN]);
    bench.check_starts(&[0]);
    bench.lose(0);
    bench.check_starts(&[1]);
    assert!(bench.picture(1));
    bench.pass(250);
    bench.check_starts(&[0]);
    assert!(
        bench.picture(1),
        "the fallback is shown until the better one gives a picture"
    );
    assert!(bench.picture(0));
    assert!(!bench.picture(1), "two sources are never mixed");
    bench.check(&[], &[1], &[]);
    bench.lineup.closed(1, bench.now);
    bench.check_starts(&[]);
    bench.lose(0);
    bench.check_starts(&[1]);
}

#[test]
fn a_source_is_not_started_while_its_last_run_is_closing() {
    let mut bench = Bench::of(&[PLAIN]);
    bench.check_starts(&[0]);
    bench.lineup.lost(0, false, 0.5, bench.now);
    bench.pass(10_000);
    bench.check_starts(&[]);
    bench.lineup.closed(0, bench.now);
    bench.check_starts(&[0]);
}

#[test]
fn a_source_that_was_live_and_falls_silent_is_opened_anew() {
    let mut bench = Bench::of(&[PLAIN]);
    bench.check_starts(&[0]);
    bench.picture(0);
    bench.pass(4999);
    bench.check_starts(&[]);
    assert_eq!(bench.lineup.shown(bench.now), Some(0));
    bench.pass(1);
    assert_eq!(bench.lineup.shown(bench.now), None);
    bench.check(&[], &[], &[0]);
}

#[test]
fn a_patient_source_is_left_alone_and_comes_back_by_itself() {
    let mut bench = Bench::of(&[PATIENT, PLAIN]);
    bench.check_starts(&[0]);
    bench.pass(5000);
    bench.check_starts(&[1]);
    bench.picture(1);
    for _ in 0..100 {
        bench.pass(4000);
        bench.picture(1);
        bench.check_starts(&[]);
    }
    assert!(bench.picture(0));
    bench.check(&[], &[1], &[]);
}

#[test]
fn a_source_that_says_it_is_away_is_followed_at_once() {
    let mut bench = Bench::of(&[PATIENT, PLAIN]);
    bench.check_starts(&[0]);
    bench.lineup.away(0);
    bench.check_starts(&[1]);
    bench.picture(0);
    assert_eq!(bench.lineup.shown(bench.now), Some(0));
    bench.lineup.away(0);
    assert_eq!(bench.lineup.shown(bench.now), None);
}

#[test]
fn a_source_on_demand_runs_only_while_somebody_looks() {
    let mut bench = Bench::of(&[ON_DEMAND]);
    bench.demanded = false;
    bench.check_starts(&[]);
    assert!(bench.lineup.is_parked(false));
    bench.demanded = true;
    bench.check_starts(&[0]);
    bench.picture(0);
    bench.demanded = false;
    bench.check(&[], &[0], &[]);
    assert!(bench.lineup.is_parked(false));
    bench.demanded = true;
    bench.check_starts(&[]);
    bench.lineup.closed(0, bench.now);
    bench.check_starts(&[0]);
}

#[test]
fn a_fallback_on_demand_does_not_make_the_stream_idle() {
    let mut bench = Bench::of(&[PLAIN, ON_DEMAND]);
    bench.demanded = false;
    bench.check_starts(&[0]);
    bench.lose(0);
    bench.check_starts(&[]);
    assert!(!bench.lineup.is_parked(false));
    bench.demanded = true;
    bench.check_starts(&[1]);
}

#[test]
fn a_source_that_is_over_is_never_started_again() {
    let mut bench = Bench::of(&[PATIENT, PLAIN]);
    bench.check_starts(&[0]);
    bench.picture(0);
    bench.lineup.lost(0, true, 0.5, bench.now);
    bench.check_starts(&[1]);
    bench.lineup.closed(0, bench.now);
    assert!(!bench.lineup.is_over());
    for _ in 0..100 {
        bench.pass(1000);
        bench.picture(1);
        bench.check_starts(&[]);
    }
    bench.lineup.lost(1, true, 0.5, bench.now);
    bench.lineup.closed(1, bench.now);
    assert!(bench.lineup.is_over());
}

#[test]
fn a_source_that_may_be_back_is_tried_at_once_and_others_wait_on() {
    let mut bench = Bench::of(&[HASTY, PLAIN]);
    for _ in 0..4 {
        bench.lineup.decide(true, bench.now);
        bench.lose(0);
        bench.lose(1);
        bench.pass(1);
    }
    bench.check_starts(&[]);
    bench.lineup.hasten(bench.now);
    bench.check_starts(&[0]);
    bench.lineup.hasten(bench.now);
    bench.check_starts(&[]);
}

#[test]
fn whoever_begins_to_look_has_a_source_tried_at_once_but_not_all_the_time() {
    let mut bench = Bench::of(&[PLAIN]);
    for _ in 0..8 {
        bench.check_starts(&[0]);
        bench.lose(0);
        bench.pass(20_000);
    }
    bench.check_starts(&[0]);
    bench.lose(0);
    bench.pass(2_000);
    bench.check_starts(&[]);
    bench.lineup.looked_at(bench.now);
    bench.check_starts(&[0]);
    bench.lose(0);
    bench.pass(900);
    bench.lineup.looked_at(bench.now);
    bench.check_starts(&[]);
    bench.pass(100);
    bench.lineup.looked_at(bench.now);
    bench.check_starts(&[0]);
}

/// Decisions depend on time only at the moments that `decide_at` names.
#[test]
fn the_lineup_says_when_it_wants_to_be_asked_again() {
    let mut bench = Bench::of(&[PLAIN, PATIENT, PLAIN]);
    bench.check_starts(&[0]);
    for _ in 0..50 {
        let next = bench.lineup.decide_at(bench.now);
        let Some(next) = next else { break };
        assert!(next > bench.now);
        let just_before = next - Duration::from_millis(1);
        if just_before > bench.now {
            let orders = bench.lineup.decide(true, just_before);
            assert_eq!(orders, Orders::default());
        }
        bench.now = next;
        for index in bench.lineup.decide(true, bench.now).silent {
            bench.lose(index);
            let orders = bench.lineup.decide(true, bench.now);
            assert_eq!(orders.silent, [0; 0]);
        }
    }
}
