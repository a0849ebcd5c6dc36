//! Whether a viewer's link has fallen behind, so that it gets the newest picture next and
//! not the next in order.
//!
//! Not here: smaller pictures for such a link (the ladder).

use std::time::Duration;

use crate::link::Link;

/// Two pictures in a row that take longer than this to send are on a link that is behind.
/// One alone is a viewer that was busy for a moment: it gets what it missed, as far as the
/// ring's own bound on the lag goes.
const LATE: Duration = Duration::from_millis(40);

/// How the latest pictures went out.
#[derive(Debug, Default)]
pub(crate) struct Behind {
    taken: u64,
    late: bool,
    behind: bool,
}

impl Behind {
    /// Takes in what the link has sent since, and says whether it is behind.
    pub(crate) fn look(&mut self, link: &Link) -> bool {
        let taken = link.taken();
        if taken != self.taken {
            let late = link.took() > LATE;
            self.behind = late && self.late;
            self.late = late;
            self.taken = taken;
        }
        self.behind
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends pictures that take so many milliseconds; which of them leave the link behind.
    fn check(took_ms: &[u64], expected: &[bool]) {
        let (link, mut behind) = (Link::default(), Behind::default());
        let seen: Vec<_> = took_ms
            .iter()
            .map(|&ms| {
                link.begin(Duration::ZERO);
                link.finish(Duration::from_millis(ms));
                // However often one looks, a picture counts once.
                behind.look(&link);
                behind.look(&link)
            })
            .collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn a_single_hiccup_leaves_nothing_out() {
        check(&[2, 90, 3, 80, 2], &[false; 5]);
    }

    #[test]
    fn a_link_that_is_late_again_gets_the_newest_until_it_is_in_time() {
        check(
            &[2, 60, 60, 70, 5, 5],
            &[false, false, true, true, false, false],
        );
    }
}
