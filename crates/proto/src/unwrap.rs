//! Counters of few bits, which begin again from zero: timestamps and sequence numbers of RTP
//! (RFC 3550), timestamps of MPEG-TS (ISO/IEC 13818-1, 2.4.3.7) and of RTMP.

/// Follows a counter of `BITS` bits, at most 62, past its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unwrap<const BITS: u32> {
    latest: Option<i64>,
}

impl<const BITS: u32> Unwrap<BITS> {
    /// Nothing was counted yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { latest: None }
    }

    /// What the counter would show if it did not wrap. It is taken to have moved by less than
    /// half its range since the call before, in either direction; what stands above its bits is ignored.
    pub const fn unwrap(&mut self, counter: u64) -> i64 {
        let range = 1_i64 << BITS;
        let counter = (counter & (range as u64 - 1)) as i64;
        let value = match self.latest {
            None => counter,
            Some(latest) => {
                let step = (counter - latest).rem_euclid(range);
                let step = if step >= range / 2 {
                    step - range
                } else {
                    step
                };
                latest.saturating_add(step)
            }
        };
        self.latest = Some(value);
        value
    }
}

#[cfg(test)]
mod tests {
    use super::Unwrap;

    fn check<const BITS: u32>(counters: &[u64], expected: &[i64]) {
        let mut unwrap = Unwrap::<BITS>::new();
        let values: Vec<_> = counters.iter().map(|&c| unwrap.unwrap(c)).collect();
        assert_eq!(values, expected, "{counters:?}");
    }

    #[test]
    fn a_counter_goes_on_past_its_end() {
        check::<16>(&[65_534, 65_535, 0, 1], &[65_534, 65_535, 65_536, 65_537]);
        check::<33>(&[(1 << 33) - 1, 5], &[(1 << 33) - 1, (1 << 33) + 5]);
    }

    #[test]
    fn what_comes_late_belongs_before_the_end() {
        check::<16>(&[65_535, 1, 65_534, 2], &[65_535, 65_537, 65_534, 65_538]);
        check::<16>(&[0, 65_535], &[0, -1]);
    }

    #[test]
    fn bits_that_do_not_belong_to_it_are_ignored() {
        check::<16>(&[u64::MAX, 1 << 16], &[65_535, 65_536]);
    }
}
