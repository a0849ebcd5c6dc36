//! What must not be left behind: unfinished work, tests switched off, and the paths and
//! registries of one particular machine.
//!
//! Not here: `dbg!`, `todo!` and printing, which clippy finds.

use super::Violation;
use super::rust_text::{Code, has_word};
use super::tree::Tree;

/// Where unfinished work is looked for.
const WRITTEN_BY_HAND: &[&str] = &["rs", "ts", "js", "mjs", "sh", "md", "py"];

/// Spelled in halves, so that this file does not find itself.
const NOTES_TO_SELF: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
];

const UNFINISHED_RUST: &[&str] = &["todo!(", "unimplemented!(", "#[ignore"];

const HOME_PATHS: &[&str] = &[concat!("/ro", "ot/"), concat!("/wo", "rk/")];

/// Settings that tie a file to one machine's package mirror.
const MIRRORS: &[&str] = &[
    concat!("index-", "url"),
    concat!("replace-", "with"),
    concat!("\"resolved\": \"", "http"),
];

/// No notes to self, no stubs, no test that is skipped.
pub(super) fn nothing_unfinished(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (path, text) in tree.texts() {
        if !is_written_by_hand(path) {
            continue;
        }
        for (number, line) in numbered(text) {
            for note in NOTES_TO_SELF.iter().filter(|note| has_word(line, note)) {
                violations.push(unfinished(path, number, note));
            }
        }
        if path.ends_with(".rs") {
            for (number, line) in Code::of(path, text).lines() {
                for stub in UNFINISHED_RUST.iter().filter(|stub| line.contains(**stub)) {
                    violations.push(unfinished(path, number, stub));
                }
            }
        }
    }
    violations
}

/// No home folder, no mirror: what is in the repository works on every machine.
pub(super) fn no_machine_is_named(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (path, text) in tree.texts() {
        for (number, line) in numbered(text) {
            let home = HOME_PATHS.iter().filter(|home| begins_a_path(line, home));
            let mirror = MIRRORS.iter().filter(|mirror| line.contains(**mirror));
            for found in home.chain(mirror) {
                violations.push(Violation::new(
                    path,
                    number,
                    format!("`{found}` is true of one machine only"),
                    "use a relative path, or leave it to the environment",
                ));
            }
        }
    }
    violations
}

fn unfinished(path: &str, line: usize, what: &str) -> Violation {
    Violation::new(
        path,
        line,
        format!("`{what}` is left"),
        "finish it, or file it",
    )
}

fn is_written_by_hand(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.') {
        Some((_, extension)) => WRITTEN_BY_HAND.contains(&extension),
        None => path.starts_with("scripts/"),
    }
}

/// Whether `prefix` stands in `line` as the beginning of an absolute path.
fn begins_a_path(line: &str, prefix: &str) -> bool {
    line.match_indices(prefix)
        .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || "_-.}/*".contains(c)))
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    #[test]
    fn notes_to_self_are_found_in_code_scripts_and_docs() {
        let note = format!("a\n// {}: later\n", NOTES_TO_SELF[0]);
        assert_eq!(
            places(
                nothing_unfinished,
                &[
                    ("crates/web/src/lib.rs", &note),
                    ("docs/a.md", &note),
                    ("scripts/demo", &note),
                    ("data.json", &note),
                ],
            ),
            ["crates/web/src/lib.rs:2", "docs/a.md:2", "scripts/demo:2"]
        );
    }

    #[test]
    fn a_template_of_x_is_not_a_note() {
        let line = format!("mktemp -d /tmp/a.{0}{0}\n", NOTES_TO_SELF[2]);
        assert_eq!(places(nothing_unfinished, &[("a.sh", &line)]), [""; 0]);
    }

    #[test]
    fn stubs_and_skipped_tests_are_found_in_code_only() {
        let rust = "fn f() {\n    todo!()\n}\n#[ignore]\nfn g() {}\nconst A: &str = \"todo!(\";\n";
        assert_eq!(
            places(nothing_unfinished, &[("a.rs", rust)]),
            ["a.rs:2", "a.rs:4"]
        );
    }

    #[test]
    fn a_home_folder_is_found_and_a_relative_path_is_not() {
        let (root, work) = (HOME_PATHS[0], HOME_PATHS[1]);
        let text = format!("x={root}a\ny=a{work}b\nz=$PWD{work}\n\"{work}c\"\n");
        assert_eq!(
            places(no_machine_is_named, &[("a.toml", &text)]),
            ["a.toml:1", "a.toml:4"]
        );
    }

    #[test]
    fn a_mirror_is_found() {
        let lock = format!("{{\n{}s://host/a.tgz\"\n}}", MIRRORS[2]);
        assert_eq!(
            places(no_machine_is_named, &[("package-lock.json", &lock)]),
            ["package-lock.json:2"]
        );
    }
}
