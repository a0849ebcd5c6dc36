//! The parameters of a source: `size=1280x720&fps=30`, read against the list of
//! those that the input knows.

use std::fmt::Display;
use std::str::FromStr;

use crate::spec::SpecError;

/// One parameter of an input, for `--help` and for reading it.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// What its value looks like; empty for a switch that needs none.
    pub value: &'static str,
    /// What it does, in a sentence.
    pub help: &'static str,
}

/// Parameters as written, each known to the input.
#[derive(Debug)]
pub(crate) struct Params<'a> {
    pairs: Vec<(&'a str, &'a str)>,
}

impl<'a> Params<'a> {
    /// Splits `text` at `&` and `=`; every name must be in `known`, once.
    pub(crate) fn read(text: &'a str, known: &'static [Param]) -> Result<Self, SpecError> {
        let mut pairs: Vec<(&str, &str)> = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let Some(param) = known.iter().find(|param| param.name == name) else {
                return Err(SpecError::UnknownParam {
                    name: short(name),
                    accepted: names(known),
                });
            };
            if pairs.iter().any(|(seen, _)| *seen == name) {
                return Err(bad(name, value, "it is given twice"));
            }
            if value.is_empty() && !param.value.is_empty() {
                return Err(bad(name, value, &format!("write {name}={}", param.value)));
            }
            pairs.push((name, value));
        }
        Ok(Self { pairs })
    }

    /// The value of a parameter, if it is given.
    pub(crate) fn get<T: FromStr<Err: Display>>(&self, name: &str) -> Result<Option<T>, SpecError> {
        let Some((_, value)) = self.pairs.iter().find(|(given, _)| *given == name) else {
            return Ok(None);
        };
        let parsed = value.parse().map(Some);
        parsed.map_err(|error| bad(name, value, &error))
    }

    /// A number within a range, if it is given.
    pub(crate) fn number(
        &self,
        name: &str,
        range: std::ops::RangeInclusive<f64>,
    ) -> Result<Option<f64>, SpecError> {
        let Some((_, value)) = self.pairs.iter().find(|(given, _)| *given == name) else {
            return Ok(None);
        };
        let number = value.parse().ok().filter(|number| range.contains(number));
        let why = || format!("use a number from {} to {}", range.start(), range.end());
        number.map(Some).ok_or_else(|| bad(name, value, &why()))
    }

    /// Whether a switch is on: `loop`, `loop=true`, `loop=1`.
    pub(crate) fn switch(&self, name: &str) -> Result<bool, SpecError> {
        match self.pairs.iter().find(|(given, _)| *given == name) {
            None | Some((_, "false" | "0" | "no")) => Ok(false),
            Some((_, "" | "true" | "1" | "yes")) => Ok(true),
            Some((_, value)) => Err(bad(name, value, &"use true or false")),
        }
    }
}

fn bad(name: &str, value: &str, why: &(impl Display + ?Sized)) -> SpecError {
    SpecError::BadValue {
        param: format!("{}={}", short(name), short(value)),
        why: why.to_string(),
    }
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

fn names(known: &[Param]) -> String {
    if known.is_empty() {
        return "it takes none".to_owned();
    }
    let named: Vec<_> = known.iter().map(|param| param.name).collect();
    format!("it takes {}", named.join(", "))
}
