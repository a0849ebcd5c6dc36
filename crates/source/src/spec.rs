//! A source as the user writes it, parsed.

use std::fmt;
use std::sync::Arc;

use crate::inputs::{INPUTS, Input, Run};
use crate::redact;

/// Where pictures come from: `test:?fps=30`, `exec:python3 app.py`,
/// `http://user:password@camera/video`. It displays without passwords. Two that are written
/// the same are equal.
#[derive(Clone)]
pub struct Spec {
    input: &'static Input,
    text: String,
    shown: String,
    run: Arc<dyn Run>,
}

/// A text that is no source. Says what is wrong and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// Nothing.
    #[error("the source is empty; write one such as {}", examples())]
    Empty,
    /// No scheme at all.
    #[error("{text:?} does not say what kind of source it is; write {hint}")]
    NoScheme {
        /// What was written.
        text: String,
        /// What was probably meant.
        hint: String,
    },
    /// A scheme that no input has.
    #[error("{scheme}: is no known kind of source; known are {}", schemes())]
    UnknownScheme {
        /// The scheme.
        scheme: String,
    },
    /// A parameter that the input does not know.
    #[error("unknown parameter {name:?}; {accepted}")]
    UnknownParam {
        /// The parameter.
        name: String,
        /// Those that the input knows, as half a sentence.
        accepted: String,
    },
    /// A value that the parameter cannot have.
    #[error("{param}: {why}")]
    BadValue {
        /// The parameter and the value.
        param: String,
        /// What is wrong with it.
        why: String,
    },
    /// The rest after the scheme is not what the input needs.
    #[error("{0}")]
    Malformed(String),
}

impl Spec {
    /// Reads one source. White space around it does not count.
    ///
    /// # Errors
    /// [`SpecError`], which says what is wrong and what would be right.
    pub fn parse(text: &str) -> Result<Self, SpecError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(SpecError::Empty);
        }
        let (scheme, rest) = split_scheme(text)?;
        let input = INPUTS
            .iter()
            .find(|input| {
                input
                    .schemes
                    .contains(&scheme.to_ascii_lowercase().as_str())
            })
            .ok_or_else(|| SpecError::UnknownScheme {
                scheme: scheme.to_owned(),
            })?;
        let run = (input.parse)(&Written { text, rest })?;
        Ok(Self {
            input,
            text: text.to_owned(),
            shown: redact::redact(text),
            run,
        })
    }

    /// Reads sources separated by commas, to be tried in this order. A comma
    /// separates when a source follows it (`-`, or a word and a colon); other commas
    /// belong to the source they stand in. `exec:` takes all the rest of the text as
    /// its command, so it can only be the last; use a list in the configuration for more.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), of the first source that is wrong.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, SpecError> {
        let mut specs = Vec::new();
        let mut rest = text;
        loop {
            let end = if rest.trim_start().starts_with("exec:") {
                None
            } else {
                separator(rest)
            };
            let (one, after) = match end {
                Some(at) => (&rest[..at], Some(&rest[at + 1..])),
                None => (rest, None),
            };
            specs.push(Self::parse(one)?);
            match after {
                Some(after) => rest = after,
                None => return Ok(specs),
            }
        }
    }

    /// The source as it was written, passwords and all: to be kept, never to be shown or logged.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// This source with other values of these parameters.
    pub(crate) fn with_params(&self, params: &[(&str, String)]) -> Result<Self, SpecError> {
        let (base, query) = self.text.split_once('?').unwrap_or((&self.text, ""));
        let value_of = |name: &str| params.iter().find(|(given, _)| *given == name);
        let written = query.split('&').filter(|pair| !pair.is_empty());
        let mut pairs: Vec<_> = written
            .map(|pair| {
                let name = pair.split_once('=').map_or(pair, |(name, _)| name);
                value_of(name).map_or(pair.to_owned(), |(name, value)| format!("{name}={value}"))
            })
            .collect();
        for (name, value) in params {
            let pair = format!("{name}={value}");
            if !pairs.contains(&pair) {
                pairs.push(pair);
            }
        }
        Self::parse(&format!("{base}?{}", pairs.join("&")))
    }

    /// The kind of input this is.
    #[must_use]
    pub fn input(&self) -> &'static Input {
        self.input
    }

    /// Whether this source waits for others to publish.
    #[must_use]
    pub fn is_push(&self) -> bool {
        self.run.takes_publishers()
    }

    pub(crate) fn run(&self) -> Arc<dyn Run> {
        Arc::clone(&self.run)
    }

    /// A source that is not written but made, for tests.
    #[cfg(test)]
    pub(crate) fn of(input: &'static Input, shown: &str, run: Arc<dyn Run>) -> Self {
        let (text, shown) = (shown.to_owned(), shown.to_owned());
        Self {
            input,
            text,
            shown,
            run,
        }
    }
}

/// The text of a source, as its input reads it.
pub(crate) struct Written<'a> {
    /// All of it.
    pub(crate) text: &'a str,
    /// What follows the scheme's colon.
    pub(crate) rest: &'a str,
}

impl PartialEq for Spec {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Spec {}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Spec").field(&self.shown).finish()
    }
}

impl std::str::FromStr for Spec {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// The scheme and what follows its colon. `-` is standard input, with parameters or not.
fn split_scheme(text: &str) -> Result<(&str, &str), SpecError> {
    if let Some(rest) = text.strip_prefix('-')
        && (rest.is_empty() || rest.starts_with('?'))
    {
        return Ok(("stdin", rest));
    }
    if let Some((scheme, rest)) = text.split_once(':')
        && is_scheme(scheme)
    {
        return Ok((scheme, rest));
    }
    let shown: String = redact::redact(text).chars().take(60).collect();
    let hint = if INPUTS
        .iter()
        .any(|input| input.schemes.contains(&shown.as_str()))
    {
        format!("{shown}: with a colon")
    } else if shown.contains(' ') {
        format!("exec:{shown} to run a command")
    } else if shown.starts_with(['/', '.', '~']) {
        format!("file:{shown} for a file or folder")
    } else {
        format!("one such as {}", examples())
    };
    Err(SpecError::NoScheme { text: shown, hint })
}

fn is_scheme(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'+';
    text.len() > 1 && text.bytes().all(allowed)
}

/// Where the comma is that ends the first source.
fn separator(text: &str) -> Option<usize> {
    text.match_indices(',').map(|(at, _)| at).find(|&at| {
        let next = text[at + 1..].trim_start();
        let next = next.split(',').next().unwrap_or_default().trim_end();
        let scheme = next
            .split_once(':')
            .is_some_and(|(word, _)| is_scheme(word));
        scheme || next.is_empty() || next == "-" || next.starts_with("-?")
    })
}

fn schemes() -> String {
    let all: Vec<_> = INPUTS
        .iter()
        .flat_map(|input| input.schemes)
        .map(|name| format!("{name}:"))
        .collect();
    all.join(", ")
}

fn examples() -> String {
    let all: Vec<_> = INPUTS.iter().map(|input| input.example).collect();
    all.join(", ")
}

#[cfg(test)]
mod tests;
