//! Grants that nobody asked for are made where the operator's configuration is read,
//! and nowhere else.
//!
//! Not here: what a grant is (`eyeline-auth`).

use super::Violation;
use super::rust_text::{Code, has_word};
use super::tree::Tree;

/// `Grant::by_configuration`: leave to publish without a request to decide on.
const FREE_GRANT: &str = "by_configuration";

/// Who may call it: the crate that defines it and the binary that reads the configuration.
const MAY_GRANT: &[&str] = &["crates/auth/", "crates/eyeline/"];

/// The operator's own grant is used only by the binary and by tests.
pub(super) fn only_configuration_grants_freely(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (path, text) in tree.with_extension("rs") {
        if MAY_GRANT.iter().any(|folder| path.starts_with(folder)) {
            continue;
        }
        for (line, code) in Code::of(path, text).production() {
            if has_word(code, FREE_GRANT) {
                violations.push(Violation::new(
                    path,
                    line,
                    format!("`{FREE_GRANT}` lets anyone in"),
                    "take a Grant as an argument, from eyeline_auth::decide or from the binary",
                ));
            }
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    #[test]
    fn a_free_grant_outside_the_binary_is_found() {
        let call = "fn f() {\n    Grant::by_configuration();\n}\n";
        let in_test = "#[cfg(test)]\nmod tests {\n    fn f() { Grant::by_configuration(); }\n}\n";
        assert_eq!(
            places(
                only_configuration_grants_freely,
                &[
                    ("crates/web/src/routes.rs", call),
                    ("crates/eyeline/src/wiring.rs", call),
                    ("crates/output/src/mjpeg.rs", in_test),
                    ("crates/output/tests/mjpeg.rs", call),
                ],
            ),
            ["crates/web/src/routes.rs:2"]
        );
    }
}
