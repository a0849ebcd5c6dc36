//! Says what is wrong with a configuration: file, line, the line itself, and what
//! was probably meant.

use std::fmt::Write as _;

/// The text of an error at its place in a file.
pub(crate) fn in_file(name: &str, text: &str, error: &toml::de::Error) -> String {
    let message = error.message().trim();
    let span = error.span().unwrap_or(0..0);
    let start = span.start.min(text.len());
    let line_start = text[..floor(text, start)]
        .rfind('\n')
        .map_or(0, |at| at + 1);
    let line = text[line_start..].lines().next().unwrap_or_default();
    let line_number = text[..line_start].matches('\n').count() + 1;
    let column = text[line_start..floor(text, start)].chars().count() + 1;
    let width = span
        .len()
        .clamp(1, line.len().saturating_sub(column - 1).max(1));
    let mut said = format!("{name}:{line_number}:{column}: {message}");
    let _ = write!(
        said,
        "\n    {line}\n    {}{}",
        " ".repeat(column - 1),
        "^".repeat(width)
    );
    if let Some(meant) = suggestion(message) {
        let _ = write!(said, "\ndid you mean `{meant}`?");
    }
    said
}

/// The largest place in the text, at or before `at`, where a character starts.
fn floor(text: &str, at: usize) -> usize {
    (0..=at)
        .rev()
        .find(|&place| text.is_char_boundary(place))
        .unwrap_or(0)
}

/// The expected name nearest to the unknown one, out of serde's message
/// "unknown field `x`, expected one of `a`, `b`".
pub(crate) fn suggestion(message: &str) -> Option<String> {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let unknown = quoted.next()?;
    if !message.starts_with("unknown") {
        return None;
    }
    nearest(unknown, quoted)
}

/// The candidate most like `unknown`, if one is like enough to be a slip.
pub(crate) fn nearest<'a>(
    unknown: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<String> {
    candidates
        .map(|name| (strsim::jaro_winkler(unknown, name), name))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name.to_owned())
}
