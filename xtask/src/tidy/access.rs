//! Access that nobody had to ask for is given where the operator's configuration is
//! read, and nowhere else.
//!
//! Not here: what access is (`eyeline-auth`).

use super::Violation;
use super::rust_text::{Code, has_word};
use super::tree::Tree;

/// `Access::by_configuration`: access without a visitor to decide on.
const FREE_ACCESS: &str = "by_configuration";

/// Who may call it: the crate that defines it and the binary that reads the configuration.
const MAY_GIVE: &[&str] = &["crates/auth/", "crates/eyeline/"];

/// The operator's own access is used only by the binary and by tests.
pub(super) fn only_configuration_lets_in_unasked(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (path, text) in tree.with_extension("rs") {
        if MAY_GIVE.iter().any(|folder| path.starts_with(folder)) {
            continue;
        }
        for (line, code) in Code::of(path, text).production() {
            if has_word(code, FREE_ACCESS) {
                violations.push(Violation::new(
                    path,
                    line,
                    format!("`{FREE_ACCESS}` lets anyone in"),
                    "take an Access or a Grant as an argument: from eyeline_auth::decide, or from the binary",
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
    fn free_access_outside_the_binary_is_found() {
        let call = "fn f() {\n    Access::by_configuration();\n}\n";
        let in_test = "#[cfg(test)]\nmod tests {\n    fn f() { Access::by_configuration(); }\n}\n";
        assert_eq!(
            places(
                only_configuration_lets_in_unasked,
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
