//! The line between two parts (RFC 2046, 5.1.1), as strictly as cameras allow.

use std::str::FromStr;

use super::limits::{MAX_BOUNDARY_BYTES, MAX_DELIMITER_BYTES};

/// What divides a multipart body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Boundary {
    /// What the `Content-Type` says.
    Declared(BoundaryName),
    /// Whatever the first line that starts with `--` says.
    Sniff,
}

/// A usable boundary without its leading dashes: whether the body repeats them
/// is a matter of taste among cameras.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundaryName(Vec<u8>);

impl BoundaryName {
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl FromStr for BoundaryName {
    type Err = BoundaryError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        name_of(text.as_bytes()).ok_or_else(|| BoundaryError::Unusable(excerpt(text)))
    }
}

/// A `Content-Type` that does not say how a body is divided.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BoundaryError {
    /// Not a multipart type.
    #[error("{0:?} is not a multipart content type")]
    NotMultipart(String),
    /// A boundary that is empty, only dashes, too long or not printable ASCII.
    #[error("{0:?} cannot be a multipart boundary")]
    Unusable(String),
}

/// The boundary that a `Content-Type` header declares, quoted or not; without
/// the parameter, [`Boundary::Sniff`].
///
/// # Errors
/// [`BoundaryError`] for another type than `multipart/…` and an unusable boundary.
pub fn boundary_from_content_type(value: &str) -> Result<Boundary, BoundaryError> {
    let (essence, parameters) = value.split_once(';').unwrap_or((value, ""));
    let kind = essence.trim().split_once('/').map(|(kind, _)| kind);
    if !kind.is_some_and(|kind| kind.eq_ignore_ascii_case("multipart")) {
        return Err(BoundaryError::NotMultipart(excerpt(value)));
    }
    let Some(boundary) = boundary_parameter(parameters) else {
        return Ok(Boundary::Sniff);
    };
    boundary.parse().map(Boundary::Declared)
}

/// The value of the parameter `boundary` in `; name=value; name="value"`.
fn boundary_parameter(parameters: &str) -> Option<String> {
    let mut rest = parameters;
    loop {
        let (name, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => unquote(quoted),
            None => {
                let end = after.find(';').unwrap_or(after.len());
                (after[..end].trim().to_owned(), &after[end..])
            }
        };
        // A parameter without '=' may stand before this one.
        let name = name.rsplit(';').next().unwrap_or(name);
        if name.trim().eq_ignore_ascii_case("boundary") {
            return Some(value);
        }
        rest = next;
    }
}

/// The content of a quoted string whose opening quote is gone, and what follows it.
fn unquote(quoted: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(chars.next().map(|(_, escaped)| escaped)),
            _ => value.push(char),
        }
    }
    (value, "")
}

fn excerpt(text: &str) -> String {
    text.chars().take(80).collect()
}

/// A boundary without its leading dashes and trailing blanks, if usable.
fn name_of(boundary: &[u8]) -> Option<BoundaryName> {
    let name = &boundary[dashes(boundary)..];
    let name = name.trim_ascii_end();
    let printable = name.iter().all(|byte| matches!(byte, b' '..=b'~'));
    ((1..=MAX_BOUNDARY_BYTES).contains(&name.len()) && printable)
        .then(|| BoundaryName(name.to_vec()))
}

/// The boundary's name, if `line`, with its end, starts with `--` and has one.
pub(super) fn sniff_line(line: &[u8]) -> Option<BoundaryName> {
    if line.len() < MAX_DELIMITER_BYTES && line.starts_with(b"--") {
        name_of(line)
    } else {
        None
    }
}

/// Whether a line is a delimiter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    /// It is not.
    No,
    /// More bytes are needed to say; never for more than [`MAX_DELIMITER_BYTES`].
    Unknown,
    /// It begins a part; with its line end it is so long.
    Part(usize),
    /// It closes the stream; so long, line end not counted.
    Close(usize),
}

/// Compares a line that starts with `text[0]` with the boundary `name`: at least
/// two dashes, the name, then `--`, or blanks and a line end.
pub(super) fn match_line(name: &BoundaryName, text: &[u8]) -> Match {
    let name = name.as_bytes();
    let text = &text[..text.len().min(MAX_DELIMITER_BYTES)];
    let unknown = if text.len() < MAX_DELIMITER_BYTES {
        Match::Unknown
    } else {
        Match::No
    };
    let dashes = dashes(text);
    let rest = &text[dashes..];
    if rest.is_empty() {
        return unknown;
    }
    if dashes < 2 {
        return Match::No;
    }
    let Some(tail) = rest.strip_prefix(name) else {
        return if name.starts_with(rest) {
            unknown
        } else {
            Match::No
        };
    };
    let blanks = tail
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    let end = dashes + name.len() + blanks;
    match &tail[blanks..] {
        [] | [b'\r'] => unknown,
        [b'\n', ..] => Match::Part(end + 1),
        [b'\r', b'\n', ..] => Match::Part(end + 2),
        [b'-'] if blanks == 0 => unknown,
        [b'-', b'-', ..] if blanks == 0 => Match::Close(end + 2),
        _ => Match::No,
    }
}

fn dashes(text: &[u8]) -> usize {
    text.iter().take_while(|byte| **byte == b'-').count()
}

/// A delimiter that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Delimiter {
    /// Where its first dash is.
    pub(super) start: usize,
    /// Where its line ends.
    pub(super) end: usize,
    /// Whether nothing follows it.
    pub(super) close: bool,
}

/// An incremental search for a delimiter at the start of a line.
#[derive(Clone, Debug, Default)]
pub(super) struct Search {
    /// Where the line to compare starts, or where to look for the next line end.
    at: usize,
    between_lines: bool,
}

impl Search {
    /// The first delimiter in `text`, which is what the last call saw and more.
    pub(super) fn find(&mut self, name: &BoundaryName, text: &[u8]) -> Option<Delimiter> {
        loop {
            let rest = text.get(self.at..)?;
            if self.between_lines {
                let Some(newline) = rest.iter().position(|byte| *byte == b'\n') else {
                    self.at = text.len();
                    return None;
                };
                self.at += newline + 1;
                self.between_lines = false;
                continue;
            }
            let (length, close) = match match_line(name, rest) {
                Match::No => {
                    self.between_lines = true;
                    continue;
                }
                Match::Unknown => return None,
                Match::Part(length) => (length, false),
                Match::Close(length) => (length, true),
            };
            return Some(Delimiter {
                start: self.at,
                end: self.at + length,
                close,
            });
        }
    }

    /// How many bytes at the front can be dropped now: they are in no delimiter.
    /// The next call's text then starts behind them.
    pub(super) fn settle(&mut self) -> usize {
        std::mem::take(&mut self.at)
    }
}
