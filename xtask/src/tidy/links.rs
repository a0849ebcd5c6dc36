//! Relative links in the documents lead to a file that exists, and their `#anchors` to a
//! heading in it.
//!
//! Not here: links to the web, and links in doc comments, which rustdoc checks.

use std::collections::{HashMap, HashSet};

use super::Violation;
use super::tree::Tree;

/// Every relative link of every document resolves.
pub(super) fn links_lead_somewhere(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (path, text) in tree.with_extension("md") {
        for (line, prose) in prose(text) {
            for target in targets(&prose) {
                if let Some(wrong) = fault(tree, path, &target) {
                    violations.push(Violation::new(path, line, wrong, "mend the link"));
                }
            }
        }
    }
    violations
}

/// What is wrong with a link to `target` from the document at `path`.
fn fault(tree: &Tree, path: &str, target: &str) -> Option<String> {
    if target.is_empty() || has_scheme(target) {
        return None;
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let Some(file) = resolve(path, file) else {
        return Some(format!("`{target}` leaves the repository"));
    };
    if !tree.contains(&file) {
        return Some(format!("`{target}` does not exist"));
    }
    if anchor.is_empty() || !file.ends_with(".md") {
        return None;
    }
    let missing = !anchors(tree.text(&file)?).contains(anchor);
    missing.then(|| format!("`{file}` has no heading `#{anchor}`"))
}

fn has_scheme(target: &str) -> bool {
    target.split_once(':').is_some_and(|(scheme, _)| {
        scheme.len() > 1
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '+')
    })
}

/// The path from the root that `target` means in the document at `path`.
fn resolve(path: &str, target: &str) -> Option<String> {
    if target.is_empty() {
        return Some(path.to_owned());
    }
    let mut parts: Vec<&str> = match target.starts_with('/') {
        true => Vec::new(),
        false => path.split('/').rev().skip(1).collect::<Vec<_>>(),
    };
    parts.reverse();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The lines outside fenced blocks, numbered from 1, with inline code blanked out.
fn prose(text: &str) -> impl Iterator<Item = (usize, String)> {
    let mut fence: Option<&str> = None;
    text.lines().enumerate().filter_map(move |(index, line)| {
        let trimmed = line.trim_start();
        let marker = ["```", "~~~"]
            .into_iter()
            .find(|marker| trimmed.starts_with(marker));
        match (fence, marker) {
            (None, None) => return Some((index + 1, without_inline_code(line))),
            (None, Some(_)) => fence = marker,
            (Some(_), found) if found == fence => fence = None,
            _ => {}
        }
        None
    })
}

fn without_inline_code(line: &str) -> String {
    let mut parts = line.split('`');
    let mut kept = parts.next().unwrap_or_default().to_owned();
    while let (Some(_code), Some(after)) = (parts.next(), parts.next()) {
        kept.push_str("` `");
        kept.push_str(after);
    }
    kept
}

/// What the links of a line lead to: `[text](target)` and `[label]: target`.
fn targets(line: &str) -> Vec<String> {
    let inline = line
        .match_indices("](")
        .filter_map(|(at, open)| first_word(&line[at + open.len()..]));
    let definition = line
        .trim_start()
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("]:"))
        .filter(|(label, _)| !label.contains(']') && !label.starts_with('^'))
        .and_then(|(_, target)| first_word(target));
    inline.chain(definition).collect()
}

/// The target itself, without angle brackets, title and closing parenthesis.
fn first_word(rest: &str) -> Option<String> {
    let rest = rest.trim_start();
    let target = match rest.strip_prefix('<') {
        Some(quoted) => quoted.split('>').next()?,
        None => rest.split([')', ' ', '\t']).next()?,
    };
    Some(target.to_owned())
}

/// The anchors that a document's headings make, as the forges make them.
fn anchors(text: &str) -> HashSet<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut anchors = HashSet::new();
    let mut in_fence = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_fence = !in_fence;
        }
        let heading = line.trim_start_matches('#');
        let level = line.len() - heading.len();
        if in_fence || level == 0 || level > 6 || !heading.starts_with(' ') {
            continue;
        }
        let slug = slug(heading.trim());
        let earlier = seen.entry(slug.clone()).or_default();
        anchors.insert(match *earlier {
            0 => slug,
            count => format!("{slug}-{count}"),
        });
        *earlier += 1;
    }
    anchors
}

fn slug(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    const TARGET: &str = "# The *big* one: `feed`!\n## Again\n## Again\n```\n# not one\n```\n";

    fn check(line: &str, is_good: bool) {
        let files = [("docs/a.md", line), ("docs/b.md", TARGET), ("src/x.rs", "")];
        let expected: &[&str] = if is_good { &[] } else { &["docs/a.md:1"] };
        assert_eq!(places(links_lead_somewhere, &files), expected, "{line}");
    }

    #[test]
    fn links_to_files_and_folders_resolve() {
        check(
            "see [b](b.md) and [x](../src/x.rs \"title\") and [](../src)",
            true,
        );
        check("![picture](<b.md>)", true);
        check("[from the root](/src/x.rs)", true);
        check("[b]: ../docs/./b.md", true);
        check("see [c](c.md)", false);
        check("see [b](b.md) and [x](x.rs)", false);
        check("[c]: c.md", false);
        check("[out](../../b.md)", false);
    }

    #[test]
    fn anchors_are_those_of_headings() {
        check("[one](b.md#the-big-one-feed)", true);
        check("[two](b.md#again-1)", true);
        check("[two](b.md#again-2)", false);
        check("[no](b.md#not-one)", false);
        check("[self](#nowhere)", false);
        check("[lines](../src/x.rs#L3)", true);
    }

    #[test]
    fn the_web_and_code_are_left_alone() {
        check("[w](https://example.org/x.md) [m](mailto:a@b.c)", true);
        check("`[c](c.md)` and ``x``", true);
        check("```\n[c](c.md)\n```", true);
        check("[a note][^1] and text [like this]", true);
    }
}
