//! Simulated viewers: a link of a given bandwidth with a small send buffer, and a source
//! whose rungs have pictures of a given length. A step is a millisecond.

use super::*;

const MS: Duration = Duration::from_millis(1);
const MINUTE: u64 = 60_000;

/// Height, rate and bytes of a picture of each rung: as the test pattern comes out.
const RUNGS: [(u32, u32, u64); 4] = [
    (720, 30, 60_000),
    (480, 24, 21_000),
    (320, 15, 8_000),
    (320, 8, 8_000),
];

/// What the wish needs, in bits a second.
const NEEDED_BPS: u64 = 60_000 * 30 * 8;

/// What the send buffer holds, in time.
const BUFFER_MS: u64 = 80;

struct Sim {
    ladder: Ladder,
    look: Look,
    link_bps: u64,
    /// What the link is said to deliver; `None` for what it does.
    told_bps: Option<u64>,
    /// Whole milliseconds since the start.
    now_ms: u64,
    /// Bytes in the send buffer, and of the picture that waits for room in it.
    buffered: f64,
    waiting: f64,
    given_ms: u64,
    moves: Vec<(u64, usize)>,
}

impl Sim {
    fn new(link_bps: u64) -> Self {
        let rungs = RUNGS.map(|(height, fps, _)| Rung { height, fps });
        Self {
            ladder: Ladder::new(rungs.to_vec()),
            look: Look::default(),
            link_bps,
            told_bps: None,
            now_ms: 0,
            buffered: 0.0,
            waiting: 0.0,
            given_ms: 0,
            moves: vec![(0, 0)],
        }
    }

    fn run(&mut self, ms: u64) -> &mut Self {
        for _ in 0..ms {
            self.step();
        }
        self
    }

    fn step(&mut self) {
        self.now_ms += 1;
        let a_ms = self.link_bps as f64 / 8_000.0;
        self.buffered = (self.buffered - a_ms).max(0.0);
        let room = (a_ms * BUFFER_MS as f64 - self.buffered).max(0.0);
        let moved = self.waiting.min(room);
        self.buffered += moved;
        self.waiting -= moved;
        if moved > 0.0 && self.waiting == 0.0 {
            self.look.took = MS * (self.now_ms - self.given_ms) as u32;
        }
        let (_, fps, bytes) = RUNGS[self.ladder.rung()];
        if self.now_ms.is_multiple_of(1_000 / u64::from(fps)) {
            self.picture(bytes);
        }
    }

    /// The source gives a picture: it is left out while the one before waits.
    fn picture(&mut self, bytes: u64) {
        if self.waiting > 0.0 {
            self.look.skipped += 1;
            return;
        }
        self.look.now = MS * self.now_ms as u32;
        self.look.bandwidth_bps = Some(self.told_bps.unwrap_or(self.link_bps));
        let before = self.ladder.rung();
        let rung = self.ladder.look(&self.look);
        if rung != before {
            self.moves.push((self.now_ms, rung));
            return;
        }
        self.look.passed += 1;
        self.look.bytes += bytes;
        self.waiting = bytes as f64;
        self.given_ms = self.now_ms;
    }

    fn rung(&self) -> usize {
        self.ladder.rung()
    }
}

/// On a link of one `divisor`th of what is needed: the rung after four and a half seconds, and at
/// last; in five minutes there are few moves.
fn check(divisor: f64, soon: usize, at_last: usize) {
    let mut sim = Sim::new((NEEDED_BPS as f64 / divisor) as u64);
    sim.run(4_500);
    assert_eq!(sim.rung(), soon, "1/{divisor}: {:?}", sim.moves);
    sim.run(5 * MINUTE);
    assert_eq!(sim.rung(), at_last, "1/{divisor}: {:?}", sim.moves);
    assert!(sim.moves.len() <= 12, "1/{divisor}: {:?}", sim.moves);
}

#[test]
fn a_link_that_carries_the_wish_is_left_alone() {
    let mut sim = Sim::new(NEEDED_BPS * 13 / 10);
    sim.run(5 * MINUTE);
    assert_eq!(sim.moves, [(0, 0)]);
}

#[test]
fn a_thin_link_gets_what_it_carries_and_keeps_it() {
    check(2.0, 1, 1);
    check(4.0, 2, 2);
    // At first the low one seems too large, by the size of the wish.
    check(10.0, 3, 2);
    check(25.0, 3, 3);
}

#[test]
fn a_link_far_too_thin_gets_the_lowest_rung_within_a_second() {
    let mut sim = Sim::new(NEEDED_BPS / 10);
    sim.run(1_000);
    assert_eq!(sim.rung(), 3, "{:?}", sim.moves);
}

#[test]
fn a_single_hiccup_costs_no_quality() {
    let mut sim = Sim::new(NEEDED_BPS * 2);
    sim.run(10_000).link_bps = NEEDED_BPS / 1_000;
    sim.run(300).link_bps = NEEDED_BPS * 2;
    sim.run(10_000);
    assert_eq!(sim.moves, [(0, 0)]);
}

#[test]
fn a_link_that_recovers_gets_all_again() {
    let mut sim = Sim::new(NEEDED_BPS / 10);
    sim.run(MINUTE).link_bps = NEEDED_BPS * 3;
    sim.run(MINUTE / 2);
    assert_eq!(sim.rung(), 0, "{:?}", sim.moves);
}

#[test]
fn room_that_was_never_measured_is_found_by_trying() {
    let mut sim = Sim::new(NEEDED_BPS / 10);
    sim.told_bps = Some(NEEDED_BPS / 10);
    sim.run(MINUTE).link_bps = NEEDED_BPS * 3;
    sim.run(3 * MINUTE);
    assert_eq!(sim.rung(), 0, "{:?}", sim.moves);
}

#[test]
fn a_link_that_promises_too_much_is_tried_less_and_less_often() {
    for divisor in [2, 4, 10] {
        let mut sim = Sim::new(NEEDED_BPS / divisor);
        sim.told_bps = Some(NEEDED_BPS * 10);
        sim.run(5 * MINUTE);
        assert!(sim.moves.len() <= 24, "1/{divisor}: {:?}", sim.moves);
    }
}

fn healthy_at(seconds: u32) -> Look {
    Look {
        now: MS * 1_000 * seconds,
        took: MS,
        passed: u64::from(seconds) * 30,
        bytes: u64::from(seconds) * 1_800_000,
        bandwidth_bps: Some(NEEDED_BPS * 10),
        ..Look::default()
    }
}

/// A client on a healthy link who reports every second what `report` says; the rung after
/// each of the seconds.
fn rungs_with(seconds: u32, report: impl Fn(u32, usize) -> Feedback) -> Vec<usize> {
    let mut ladder = Sim::new(NEEDED_BPS).ladder;
    let each = (0..seconds).map(|second| {
        let rung = ladder.look(&healthy_at(second));
        ladder.feedback(MS * 1_000 * second, report(second, rung));
        rung
    });
    each.collect()
}

#[test]
fn a_client_that_shows_old_pictures_gets_smaller_ones() {
    let rungs = rungs_with(10, |_, rung| Feedback {
        age: Some(MS * [1_200, 600, 100, 100][rung]),
        fps: None,
    });
    assert_eq!(rungs[4..8], [2; 4], "{rungs:?}");
}

#[test]
fn a_client_that_shows_few_of_the_pictures_gets_fewer() {
    let rungs = rungs_with(8, |_, rung| Feedback {
        age: None,
        fps: Some(if rung == 0 { 8.0 } else { 24.0 }),
    });
    assert_eq!(rungs[7], 1, "{rungs:?}");
}

#[test]
fn an_age_that_smaller_pictures_do_not_help_is_put_up_with() {
    let rungs = rungs_with(60, |_, _| Feedback {
        age: Some(MS * 700),
        fps: None,
    });
    assert_eq!(rungs.iter().max(), Some(&1), "{rungs:?}");
    assert_eq!(rungs[59], 0, "{rungs:?}");
}

#[test]
fn a_page_that_nobody_sees_is_no_complaint() {
    let rungs = rungs_with(20, |_, _| Feedback {
        age: None,
        fps: Some(0.0),
    });
    assert_eq!(rungs, [0; 20]);
}

#[test]
fn a_ladder_of_one_rung_or_none_stays_where_it_is() {
    for rungs in [
        vec![],
        vec![Rung {
            height: 240,
            fps: 5,
        }],
    ] {
        let mut ladder = Ladder::new(rungs);
        for second in 0..10 {
            let look = Look {
                took: MS * 900,
                ..healthy_at(second)
            };
            assert_eq!(ladder.look(&look), 0);
        }
    }
}
