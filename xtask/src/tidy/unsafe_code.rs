//! `unsafe` stays behind the fence of the `sys-*` crates, and says there why it is sound.
//!
//! Not here: whether what it says is true.

use super::Violation;
use super::rust_text::{Code, has_word};
use super::tree::Tree;

const FENCE: &str = "crates/sys-";

/// The comment that stands above each `unsafe` behind the fence.
const REASON: &str = "// SAFETY:";

/// No `unsafe`, and no leave for it, outside the fence.
pub(super) fn only_behind_the_fence(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (path, text) in tree.with_extension("rs") {
        if path.starts_with(FENCE) {
            continue;
        }
        for (line, code) in Code::of(path, text).lines() {
            if has_word(code, "unsafe") || allows_unsafe(code) {
                violations.push(Violation::new(
                    path,
                    line,
                    "`unsafe` outside crates/sys-*",
                    "move it behind a safe function of a sys-* crate",
                ));
            }
        }
    }
    violations
}

/// Behind the fence, each block and each `impl` has its reason directly above.
pub(super) fn says_why_it_is_sound(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (path, text) in tree.with_extension("rs") {
        if !path.starts_with(FENCE) {
            continue;
        }
        let lines: Vec<&str> = text.lines().collect();
        for (line, code) in Code::of(path, text).lines() {
            if claims_soundness(code) && !has_reason(&lines, line - 1) {
                violations.push(Violation::new(
                    path,
                    line,
                    "`unsafe` without a reason",
                    format!("say above it, after `{REASON}`, why it is sound"),
                ));
            }
        }
    }
    violations
}

fn allows_unsafe(code: &str) -> bool {
    let allowing = ["allow(", "expect(", "warn("];
    has_word(code, "unsafe_code") && allowing.iter().any(|level| code.contains(level))
}

/// A block or an `impl`, where the writer vouches for something; `unsafe fn` and
/// `unsafe extern` ask it of the caller or declare it instead.
fn claims_soundness(code: &str) -> bool {
    code.match_indices("unsafe").any(|(at, word)| {
        let after = code[at + word.len()..].trim_start();
        has_word(&code[at..], "unsafe") && (after.starts_with('{') || after.starts_with("impl"))
    })
}

/// Whether the reason stands on the line, or above it within the same statement.
fn has_reason(lines: &[&str], index: usize) -> bool {
    if lines[index].contains(REASON) {
        return true;
    }
    lines[..index]
        .iter()
        .rev()
        .map(|line| line.trim())
        .take_while(|line| line.starts_with("//") || continues_a_statement(line))
        .any(|line| line.starts_with(REASON))
}

fn continues_a_statement(line: &str) -> bool {
    !line.is_empty() && !line.ends_with([';', '{', '}', ','])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    #[test]
    fn unsafe_outside_the_fence_is_found() {
        let text = "// unsafe {\nfn f() {\n    unsafe { g() }\n}\nunsafe impl Send for A {}\n\
            #[allow(unsafe_code)]\nmod a {}\n#![forbid(unsafe_code)]\nlet s = \"unsafe\";\n";
        assert_eq!(
            places(
                only_behind_the_fence,
                &[
                    ("crates/hub/src/ring.rs", text),
                    ("crates/sys-codec/src/lib.rs", text),
                ],
            ),
            [
                "crates/hub/src/ring.rs:3",
                "crates/hub/src/ring.rs:5",
                "crates/hub/src/ring.rs:6"
            ]
        );
    }

    fn check_reason(text: &str, expected: &[&str]) {
        let files = [("crates/sys-a/src/lib.rs", text)];
        assert_eq!(places(says_why_it_is_sound, &files), expected, "{text}");
    }

    #[test]
    fn a_reason_may_stand_above_the_statement() {
        check_reason("// SAFETY: it is ours.\nunsafe { f() };", &[]);
        check_reason(
            "// SAFETY: it is ours,\n// all of it.\nlet x =\n    unsafe { f() };",
            &[],
        );
        check_reason("let x = unsafe { f() }; // SAFETY: it is ours.", &[]);
        check_reason("// SAFETY: no fields.\nunsafe impl Send for A {}", &[]);
        check_reason(
            "unsafe extern \"C\" {\n    fn f();\n}\npub unsafe fn g() {}",
            &[],
        );
    }

    #[test]
    fn a_block_without_a_reason_is_found() {
        let place = "crates/sys-a/src/lib.rs";
        check_reason("unsafe { f() };", &[&format!("{place}:1")]);
        check_reason("// It is fine.\nunsafe { f() };", &[&format!("{place}:2")]);
        check_reason("unsafe impl Send for A {}", &[&format!("{place}:1")]);
        check_reason(
            "// SAFETY: it is ours.\nlet x = unsafe { f() };\nlet y = unsafe { g() };",
            &[&format!("{place}:3")],
        );
    }
}
