//! Figures: how they are summed up, passed between processes and printed.
//!
//! Not here: how they are measured.

use std::io::Write as _;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What an audience saw between its `start` and `stop`.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Seen {
    /// Viewers that read as fast as they can.
    pub(crate) viewers: usize,
    /// Bytes that came to them, headers included.
    pub(crate) bytes: u64,
    /// Pictures of the source that each should have seen.
    pub(crate) expected: u64,
    /// Pictures that the viewers saw on average.
    pub(crate) delivered_mean: f64,
    /// Pictures that the worst of them saw.
    pub(crate) delivered_min: u64,
    /// Age of a picture when its last byte had come, by `X-Timestamp`, all viewers.
    pub(crate) by_headers: Spread,
    /// The same by the pixels, first viewer.
    pub(crate) by_pixels: Spread,
    /// Pictures whose pixels do not say what their headers do.
    pub(crate) pixels_wrong: u64,
    /// Viewers whose connection ended, and why the first did.
    pub(crate) ended: Vec<String>,
    /// Viewers that read at a quarter of the stream's rate.
    pub(crate) quarter: Slow,
    /// Viewers that never read.
    pub(crate) never: Slow,
    /// Viewers that read one byte at a time.
    pub(crate) one_byte: Slow,
}

/// What slow viewers of one kind saw.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Slow {
    pub(crate) viewers: usize,
    /// Bytes read.
    pub(crate) bytes: u64,
    /// Age of each picture when its last byte was read.
    pub(crate) age: Spread,
    /// Age of each picture when its last byte reached the viewer's receive buffer.
    pub(crate) age_on_arrival: Spread,
    /// How long after connecting the server closed, for each it did.
    pub(crate) closed_after_s: Vec<f64>,
}

/// Summary of durations, in milliseconds.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Spread {
    pub(crate) count: usize,
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) max: f64,
}

impl Spread {
    pub(crate) fn of(mut values: Vec<Duration>) -> Self {
        values.sort_unstable();
        let at = |share: f64| {
            let index = (values.len().saturating_sub(1)) as f64 * share;
            let value = values.get(index.round() as usize);
            value.map_or(0.0, |value| value.as_secs_f64() * 1e3)
        };
        Self {
            count: values.len(),
            p50: at(0.5),
            p99: at(0.99),
            max: at(1.0),
        }
    }
}

impl Seen {
    /// Share of the expected pictures that `delivered` are, in percent.
    pub(crate) fn percent(&self, delivered: f64) -> f64 {
        100.0 * delivered / (self.expected.max(1) as f64)
    }
}

/// The one in the middle, or the mean of the two.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => values[middle],
        _ => values[middle - 1].midpoint(values[middle]),
    }
}

/// Prints a line at once.
pub(crate) fn say(line: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()?;
    Ok(())
}

/// Prints a Markdown table, aligned for reading in a terminal too.
pub(crate) fn table(heads: &[&str], rows: &[Vec<String>]) -> anyhow::Result<()> {
    let cell = |row: &Vec<String>, column: usize| row.get(column).cloned().unwrap_or_default();
    let widths: Vec<usize> = heads
        .iter()
        .enumerate()
        .map(|(column, head)| {
            let cells = rows.iter().map(|row| cell(row, column).chars().count());
            cells.max().unwrap_or(0).max(head.chars().count())
        })
        .collect();
    let line = |cells: Vec<String>| {
        let padded = cells
            .iter()
            .zip(&widths)
            .map(|(cell, &width)| format!("{cell:>width$}"));
        format!("| {} |", padded.collect::<Vec<_>>().join(" | "))
    };
    say(&line(heads.iter().map(ToString::to_string).collect()))?;
    let rules: Vec<String> = widths
        .iter()
        .map(|&width| format!("{}:", "-".repeat(width + 1)))
        .collect();
    say(&format!("|{}|", rules.join("|")))?;
    for row in rows {
        say(&line(
            (0..heads.len()).map(|column| cell(row, column)).collect(),
        ))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_of_the_sorted_values() {
        let spread = Spread::of((1..=101).rev().map(Duration::from_millis).collect());
        assert_eq!(
            (spread.count, spread.p50, spread.p99, spread.max),
            (101, 51.0, 100.0, 101.0)
        );
        assert_eq!(Spread::of(Vec::new()).max, 0.0);
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median([4.0, 1.0]), 2.5);
        assert!(median([]).is_nan());
    }
}
