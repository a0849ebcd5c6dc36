//! What a client says, what is kept of it, and what a change leaves.

use eyeline_clock::RealClock;

use super::*;

fn define(json: &str) -> Definition {
    let settings: Settings = serde_json::from_str(json).unwrap();
    settings.define(&RealClock::shared(), Origin::Api).unwrap()
}

#[test]
fn what_is_kept_is_what_was_said_passwords_included() {
    let check = |json: &str| {
        let again = serde_json::to_string(&Settings::of(&define(json))).unwrap();
        assert_eq!(again, json);
    };
    check(r#"{"source":"test:"}"#);
    check(r#"{"source":"http://user:secret@10.0.0.7/video,test:"}"#);
    check(
        r#"{"source":"push:","name":"The lab","quality":"medium","fps":15,"size":"640x360","jpeg_quality":60,"on_demand":true}"#,
    );
}

#[test]
fn a_change_leaves_what_it_does_not_name_and_null_sets_back() {
    let check = |change: &str, expected: &str| {
        let lab = define(r#"{"source":"push:","name":"Lab","fps":15}"#);
        let change: Change = serde_json::from_str(change).unwrap();
        let changed = Settings::of(&change.apply(lab).unwrap());
        assert_eq!(serde_json::to_string(&changed).unwrap(), expected);
    };
    check("{}", r#"{"source":"push:","name":"Lab","fps":15}"#);
    check(r#"{"fps":null}"#, r#"{"source":"push:","name":"Lab"}"#);
    check(
        r#"{"name":"  ","fps":30.0,"quality":"low"}"#,
        r#"{"source":"push:","quality":"low","fps":30}"#,
    );
    check(
        r#"{"source":"test:"}"#,
        r#"{"source":"test:","name":"Lab","fps":15}"#,
    );
    check(
        r#"{"source":"test:?fps=5"}"#,
        r#"{"source":"test:?fps=5","name":"Lab"}"#,
    );
}

#[test]
fn numbers_that_are_not_whole_are_refused() {
    for json in [
        r#"{"fps":1.5}"#,
        r#"{"fps":-1}"#,
        r#"{"fps":1e30}"#,
        r#"{"fps":"5"}"#,
    ] {
        assert!(serde_json::from_str::<Change>(json).is_err(), "{json}");
    }
}
