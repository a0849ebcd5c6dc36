//! The manifests: every member takes the workspace's lints, the lints still limit the
//! length of a function, and every dependency is explained.
//!
//! Not here: who may depend on whom (`layers`).

use toml::Table;

use super::Violation;
use super::tree::{Tree, line_of};

const ROOT: &str = "Cargo.toml";
const CLIPPY: &str = "clippy.toml";
const DEPENDENCIES: &str = "docs/dependencies.md";

/// The longest function, in lines.
const FUNCTION_LIMIT: i64 = 70;

/// `[lints] workspace = true` in every member.
pub(super) fn members_inherit_the_lints(tree: &Tree) -> Vec<Violation> {
    tree.texts()
        .filter(|(path, _)| is_member(path))
        .filter(|(_, text)| {
            let inherits = parse(text)
                .get("lints")
                .and_then(|lints| lints.get("workspace")?.as_bool());
            inherits != Some(true)
        })
        .map(|(path, text)| {
            let line = line_of(text, |line| line == "[lints]");
            Violation::new(
                path,
                line,
                "the workspace's lints are not inherited",
                "add `[lints]` with `workspace = true`",
            )
        })
        .collect()
}

/// Clippy's `too_many_lines` is on, with the threshold of the house.
pub(super) fn function_length_is_limited(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    let clippy = tree.text(CLIPPY).unwrap_or_default();
    let threshold = parse(clippy)
        .get("too-many-lines-threshold")
        .and_then(toml::Value::as_integer);
    if threshold != Some(FUNCTION_LIMIT) {
        violations.push(Violation::new(
            CLIPPY,
            line_of(clippy, |line| line.starts_with("too-many-lines-threshold")),
            format!("functions are not limited to {FUNCTION_LIMIT} lines"),
            format!("set `too-many-lines-threshold = {FUNCTION_LIMIT}`"),
        ));
    }
    let root = tree.text(ROOT).unwrap_or_default();
    let level = parse(root)
        .get("workspace")
        .and_then(|workspace| workspace.get("lints")?.get("clippy")?.get("too_many_lines"))
        .and_then(|level| level.as_str().map(str::to_owned));
    if !matches!(level.as_deref(), Some("warn" | "deny" | "forbid")) {
        violations.push(Violation::new(
            ROOT,
            line_of(root, |line| line == "[workspace.lints.clippy]"),
            "the lint that limits functions is off",
            "set `too_many_lines = \"warn\"`",
        ));
    }
    violations
}

/// Every dependency from outside has its line in `docs/dependencies.md`.
pub(super) fn dependencies_are_explained(tree: &Tree) -> Vec<Violation> {
    let root = tree.text(ROOT).unwrap_or_default();
    let explained = tree.text(DEPENDENCIES).unwrap_or_default();
    let parsed = parse(root);
    let dependencies = parsed
        .get("workspace")
        .and_then(|workspace| workspace.get("dependencies")?.as_table());
    let mut violations = Vec::new();
    for (name, dependency) in dependencies.into_iter().flatten() {
        if dependency.get("path").is_none() && !explained.contains(&format!("`{name}`")) {
            violations.push(Violation::new(
                ROOT,
                line_of(root, |line| {
                    line.strip_prefix(name.as_str())
                        .is_some_and(|rest| rest.starts_with([' ', '=', '.']))
                }),
                format!("`{name}` is not explained"),
                format!("add a row to {DEPENDENCIES}: what for, and why this one"),
            ));
        }
    }
    violations
}

fn is_member(path: &str) -> bool {
    let folder = path.strip_suffix("/Cargo.toml").unwrap_or_default();
    matches!(folder, "bench" | "xtask")
        || folder
            .strip_prefix("crates/")
            .is_some_and(|name| !name.contains('/'))
}

/// A manifest that does not parse is empty here; cargo says why it does not.
fn parse(text: &str) -> Table {
    text.parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    #[test]
    fn a_member_without_the_lints_is_found() {
        assert_eq!(
            places(
                members_inherit_the_lints,
                &[
                    ("crates/a/Cargo.toml", "[lints]\nworkspace = true\n"),
                    (
                        "crates/b/Cargo.toml",
                        "[package]\n[lints]\nworkspace = false\n"
                    ),
                    ("xtask/Cargo.toml", "[package]\n"),
                    ("fuzz/Cargo.toml", "[package]\n"),
                ],
            ),
            ["crates/b/Cargo.toml:2", "xtask/Cargo.toml:1"]
        );
    }

    fn check_length(clippy: &str, root: &str, expected: &[&str]) {
        let files = [("clippy.toml", clippy), ("Cargo.toml", root)];
        assert_eq!(places(function_length_is_limited, &files), expected);
    }

    #[test]
    fn a_raised_limit_or_a_lint_switched_off_is_found() {
        let on = "[workspace.lints.clippy]\ntoo_many_lines = \"warn\"\n";
        let off = "[workspace.lints.clippy]\ntoo_many_lines = \"allow\"\n";
        check_length("too-many-lines-threshold = 70", on, &[]);
        check_length("too-many-lines-threshold = 100", on, &["clippy.toml:1"]);
        check_length("too-many-lines-threshold = 70", off, &["Cargo.toml:1"]);
        check_length("", "", &["clippy.toml:1", "Cargo.toml:1"]);
    }

    #[test]
    fn a_dependency_without_a_word_about_it_is_found() {
        let root = "[workspace.dependencies]\n\
            eyeline-hub = { path = \"crates/hub\" }\n\
            bytes = \"1\"\nhttp-body = \"1\"\nhttp = { version = \"1\" }\n";
        assert_eq!(
            places(
                dependencies_are_explained,
                &[
                    ("Cargo.toml", root),
                    (
                        "docs/dependencies.md",
                        "| `bytes` | shared |\n| `http-body` |"
                    ),
                ],
            ),
            ["Cargo.toml:5"]
        );
    }
}
