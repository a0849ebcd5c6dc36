//! `cargo xtask tidy`: the house rules of ARCHITECTURE.md that neither the compiler
//! nor clippy can check. Every rule is a function from the repository's files to what
//! breaks it, so each is tested on a few lines of text.
//!
//! Not here: formatting, lints, licences, anything that builds or uses the network.

mod access;
mod layers;
mod leftovers;
mod links;
mod lists;
mod manifests;
mod modules;
mod rust_text;
mod tree;
mod unsafe_code;

use std::fmt;
use std::io::Write as _;
use std::process::ExitCode;

use cargo_metadata::MetadataCommand;

use tree::Tree;

/// One broken rule at one place.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Violation {
    /// Relative to the repository's root.
    path: String,
    /// Counted from 1; 1 also stands for the file as a whole.
    line: usize,
    /// What is wrong.
    wrong: String,
    /// What to do about it.
    remedy: String,
}

impl Violation {
    fn new(
        path: &str,
        line: usize,
        wrong: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Violation {
        Violation {
            path: path.to_owned(),
            line,
            wrong: wrong.into(),
            remedy: remedy.into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Violation {
            path,
            line,
            wrong,
            remedy,
        } = self;
        write!(f, "{path}:{line}: {wrong}; {remedy}")
    }
}

/// The rules that need only the files.
const RULES: &[fn(&Tree) -> Vec<Violation>] = &[
    access::only_configuration_lets_in_unasked,
    leftovers::nothing_unfinished,
    leftovers::no_machine_is_named,
    links::links_lead_somewhere,
    lists::every_file_is_in_its_list,
    manifests::members_inherit_the_lints,
    manifests::function_length_is_limited,
    manifests::dependencies_are_explained,
    modules::modules_say_what_they_are_for,
    modules::files_stay_short,
    unsafe_code::only_behind_the_fence,
    unsafe_code::says_why_it_is_sound,
];

/// Checks every rule and prints each violation as `path:line: what is wrong; what to do`.
///
/// # Errors
/// When the repository cannot be read at all.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let metadata = MetadataCommand::new().no_deps().exec()?;
    let root = metadata.workspace_root.as_std_path();
    let tree = Tree::read(root)?;
    let crates = layers::crates(&metadata);

    let mut violations: Vec<_> = RULES.iter().flat_map(|rule| rule(&tree)).collect();
    violations.extend(layers::dependencies_point_down(&crates, &tree));
    violations.extend(layers::folders_are_named_for_their_crate(&crates));
    violations.sort();
    violations.dedup();

    let mut out = std::io::stdout().lock();
    for violation in &violations {
        writeln!(out, "{violation}")?;
    }
    if violations.is_empty() {
        writeln!(out, "tidy: {} files in order", tree.len())?;
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(out, "tidy: {} to mend", violations.len())?;
    Ok(ExitCode::FAILURE)
}

/// Runs a rule on a made-up tree and gives `path:line` of every violation.
#[cfg(test)]
fn places(rule: fn(&Tree) -> Vec<Violation>, files: &[(&str, &str)]) -> Vec<String> {
    rule(&Tree::of(files))
        .iter()
        .map(|violation| format!("{}:{}", violation.path, violation.line))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_reads_as_place_fault_and_remedy() {
        let violation = Violation::new("a/b.rs", 7, "too long", "split it");
        assert_eq!(violation.to_string(), "a/b.rs:7: too long; split it");
    }
}
