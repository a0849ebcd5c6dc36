//! What this machine has to offer as a source, for people who choose from a list.

use crate::inputs;

/// A source that this machine has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineSource {
    /// The source, as it is written.
    pub source: String,
    /// What people call it.
    pub name: String,
    /// What kind of thing it is, in one stable word.
    pub kind: &'static str,
    /// What it is good for, in a sentence.
    pub hint: String,
}

/// What this machine has to offer.
#[must_use]
pub fn machine_sources() -> Vec<MachineSource> {
    let scheme = inputs::test::INPUT.schemes.first().copied();
    vec![MachineSource {
        source: format!("{}:", scheme.unwrap_or_default()),
        name: "Test pattern".to_owned(),
        kind: "test",
        hint: "A moving picture with the time on it, to try things out and to measure latency."
            .to_owned(),
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
