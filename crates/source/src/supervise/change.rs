//! A stream becomes another one while it runs: viewers stay, and so does every source that
//! is in the new list too. Those that are not are closed before the new ones are opened,
//! as devices let only one in.

use tokio::time::Instant;

use super::{Supervisor, back, traits};
use crate::options::Options;
use crate::spec::Spec;

impl Supervisor {
    /// Does what was ordered last; `false` if that is to end.
    pub(super) fn change(&mut self, now: Instant) -> bool {
        let (version, plan) = {
            let target = self.orders.target.borrow_and_update();
            if target.stop {
                return false;
            }
            (target.version, target.definition.plan())
        };
        let options = Options {
            clock: self.options.clock.clone(),
            ..plan.options.clone()
        };
        let kept = kept(&self.plan.specs, &plan.specs);
        let (traits, silence) = (traits(&plan), options.silence_timeout);
        self.lineup.change(traits, &kept, silence, now);
        self.runs.change(plan.specs.clone(), &kept);
        self.runs.set_options(options.clone());
        let names = plan.names.clone();
        self.status
            .change(&mut self.publisher, (names, &kept), silence, now);
        if self.publisher.profile() != plan.profile {
            self.publisher.set_profile(plan.profile.clone());
        }
        self.back = back(&plan);
        (self.options, self.plan) = (options, plan);
        self.orders.applied.send_replace(version);
        true
    }
}

/// Which of the old sources each new one is, if it is one.
fn kept(old: &[Spec], new: &[Spec]) -> Vec<Option<usize>> {
    let mut free: Vec<_> = old.iter().map(Some).collect();
    let find = |spec: &Spec| {
        let at = free.iter().position(|old| *old == Some(spec))?;
        free[at] = None;
        Some(at)
    };
    new.iter().map(find).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_old_source_goes_on_as_one_new_one_at_most() {
        let specs = |texts: &[&str]| -> Vec<_> {
            let parse = |text: &&str| Spec::parse(text).unwrap();
            texts.iter().map(parse).collect()
        };
        let check = |old: &[&str], new: &[&str], expected: &[Option<usize>]| {
            assert_eq!(kept(&specs(old), &specs(new)), expected, "{old:?} {new:?}");
        };
        check(&["test:"], &["test:"], &[Some(0)]);
        check(&["test:"], &["test:?fps=5"], &[None]);
        check(
            &["push:", "test:"],
            &["test:", "push:"],
            &[Some(1), Some(0)],
        );
        check(&["test:"], &["test:", "test:"], &[Some(0), None]);
        check(&["push:"], &[], &[]);
    }
}
