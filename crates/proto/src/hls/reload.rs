//! What a client asks of a playlist: to wait for something new, and to leave out what it knows
//! (6.2.5).

use std::time::Duration;

/// Why directives make no sense. The text is a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidReload {
    /// Not a whole number.
    #[error("{name}={value:?} is not understood; use a whole number")]
    Number {
        /// The directive.
        name: &'static str,
        /// What was asked for, cut short.
        value: String,
    },
    /// A part of no segment.
    #[error("_HLS_part needs _HLS_msn beside it")]
    PartAlone,
    /// No such way to leave out.
    #[error("_HLS_skip={0:?} is not understood; use YES or v2")]
    Skip(String),
}

/// What is asked of a playlist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reload {
    /// The segment that must be there, or a part of it.
    pub until: Option<(u64, Option<u64>)>,
    /// Whether what is old may be left out.
    pub skip: bool,
}

/// How far a playlist has come: up to which segment, whole or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Number of the segment that is being made.
    pub open: u64,
    /// Parts of it that are there.
    pub parts: u64,
    /// Parts of the segment before.
    pub parts_before: u64,
}

/// Whether a playlist answers what is asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// What was asked for is there.
    Met,
    /// It will be.
    Wait,
    /// It is so far ahead that something is wrong with the question.
    TooFar,
}

impl Reload {
    /// Reads the directives among a query's parameters.
    ///
    /// # Errors
    /// [`InvalidReload`], which is the client's mistake.
    pub fn parse<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, InvalidReload> {
        let (mut segment, mut part, mut skip) = (None, None, false);
        let number = |name, value: &str| {
            value.parse().map(Some).map_err(|_| InvalidReload::Number {
                name,
                value: value.chars().take(20).collect(),
            })
        };
        for (name, value) in pairs {
            match name {
                "_HLS_msn" => segment = number("_HLS_msn", value)?,
                "_HLS_part" => part = number("_HLS_part", value)?,
                "_HLS_skip" if matches!(value, "YES" | "v2") => skip = true,
                "_HLS_skip" => {
                    return Err(InvalidReload::Skip(value.chars().take(20).collect()));
                }
                _ => {}
            }
        }
        let until = match (segment, part) {
            (None, Some(_)) => return Err(InvalidReload::PartAlone),
            (None, None) => None,
            (Some(segment), part) => Some((segment, part)),
        };
        Ok(Self { until, skip })
    }

    /// Whether a playlist that has come so far, of parts this long, answers it.
    #[must_use]
    pub fn standing(&self, edge: Edge, part_target: Duration) -> Standing {
        let Some((segment, part)) = self.until else {
            return Standing::Met;
        };
        // A part behind the last of its segment is the first of the next one.
        let (segment, part) = match part {
            Some(part)
                if segment.checked_add(1) == Some(edge.open) && part >= edge.parts_before =>
            {
                (edge.open, Some(0))
            }
            part => (segment, part),
        };
        // Three seconds' worth of parts, and never less than three.
        let most_ahead = (3_000 / part_target.as_millis().max(1)).max(3) as u64;
        if segment < edge.open {
            return Standing::Met;
        }
        let ahead = segment - edge.open;
        match part {
            Some(part) if ahead == 0 && part < edge.parts => Standing::Met,
            Some(part) if ahead == 0 && part > edge.parts + most_ahead => Standing::TooFar,
            _ if ahead > 2 => Standing::TooFar,
            _ => Standing::Wait,
        }
    }
}
