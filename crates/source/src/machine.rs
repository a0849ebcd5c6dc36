//! What this machine has that could be shown.

/// A source that this machine has, ready to be made a stream of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineSource {
    /// As it is written.
    pub source: String,
    /// A name for people.
    pub name: String,
    /// `camera`, or `test` for the test pattern.
    pub kind: &'static str,
    /// What it is, in a sentence.
    pub hint: String,
}

/// What this machine has: the test pattern, which is always there.
#[must_use]
pub fn machine_sources() -> Vec<MachineSource> {
    vec![MachineSource {
        source: "test:".to_owned(),
        name: "Test pattern".to_owned(),
        kind: "test",
        hint: "A moving picture that shows the time, to try things out.".to_owned(),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Spec;

    #[test]
    fn what_is_offered_can_be_taken() {
        let offered = machine_sources();
        assert!(offered.iter().any(|one| one.kind == "test"));
        for one in offered {
            assert!(Spec::parse(&one.source).is_ok(), "{one:?}");
        }
    }
}
