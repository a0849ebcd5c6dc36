//! Every module says what it is for, and stays short enough to be read at once.
//!
//! Not here: the length of functions, which clippy counts.

use super::Violation;
use super::rust_text::Code;
use super::tree::Tree;

/// The longest file, in lines that are not tests. Files aim at half of it.
const FILE_LIMIT: usize = 400;

/// The first thing in a module is its `//!`.
pub(super) fn modules_say_what_they_are_for(tree: &Tree) -> Vec<Violation> {
    tree.with_extension("rs")
        .filter(|(path, _)| is_module(path))
        .filter(|(_, text)| {
            let first = text
                .lines()
                .find(|line| !line.trim().is_empty() && !line.starts_with("#!["));
            !first.is_some_and(|line| line.starts_with("//!"))
        })
        .map(|(path, _)| {
            Violation::new(
                path,
                1,
                "the module does not say what it is for",
                "begin with `//!`: what it is for, and what does not belong in it",
            )
        })
        .collect()
}

/// No file has more than [`FILE_LIMIT`] lines of production code.
pub(super) fn files_stay_short(tree: &Tree) -> Vec<Violation> {
    tree.with_extension("rs")
        .filter_map(|(path, text)| {
            let code = Code::of(path, text);
            let lines = code.production().count();
            let (first_over, _) = code.production().nth(FILE_LIMIT)?;
            Some(Violation::new(
                path,
                first_over,
                format!("{lines} lines of production code, {FILE_LIMIT} at most"),
                "split the file where its subject changes",
            ))
        })
        .collect()
}

/// Sources of the program and its chores; not integration tests, each of which is a
/// crate of its own.
fn is_module(path: &str) -> bool {
    let in_crate = path.starts_with("crates/") && path.contains("/src/");
    in_crate
        || ["bench/src/", "xtask/src/", "fuzz/"]
            .iter()
            .any(|folder| path.starts_with(folder))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    #[test]
    fn a_module_that_does_not_say_what_it_is_for_is_found() {
        assert_eq!(
            places(
                modules_say_what_they_are_for,
                &[
                    ("crates/a/src/lib.rs", "//! What.\nmod b;\n"),
                    ("crates/a/src/b.rs", "// What.\nfn b() {}\n"),
                    ("crates/a/src/c/mod.rs", "fn c() {}\n//! Too late.\n"),
                    ("crates/a/src/empty.rs", ""),
                    ("fuzz/fuzz_targets/d.rs", "#![no_main]\n\n//! What.\n"),
                    ("crates/a/tests/e.rs", "fn e() {}\n"),
                ],
            ),
            [
                "crates/a/src/b.rs:1",
                "crates/a/src/c/mod.rs:1",
                "crates/a/src/empty.rs:1"
            ]
        );
    }

    #[test]
    fn a_file_over_the_limit_is_found_and_its_tests_do_not_count() {
        let at_limit = "fn f() {}\n".repeat(FILE_LIMIT);
        let over = at_limit.clone() + "fn g() {}\n";
        let tests = "#[cfg(test)]\nmod tests {\n".to_owned() + &at_limit + "}\n";
        let tested = tests.clone() + &at_limit;
        let tested_and_over = tests + &over;
        let found = places(
            files_stay_short,
            &[
                ("a.rs", &at_limit),
                ("b.rs", &over),
                ("c.rs", &tested),
                ("d.rs", &tested_and_over),
                ("tests/e/tests.rs", &over),
            ],
        );
        let last = tested_and_over.lines().count();
        assert_eq!(
            found,
            [format!("b.rs:{}", FILE_LIMIT + 1), format!("d.rs:{last}")]
        );
    }
}
