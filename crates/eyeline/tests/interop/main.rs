//! Which program plays what from us, and which publishes what to us: each cell of the table in
//! `docs/interop.md` is a real program at work. As a test, what the table says works must;
//! `cargo xtask interop` runs all and writes the table anew.
//!
//! Not here: what a protocol looks like on the wire, which has tests of its own.

#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

mod bounds;
mod cell;
mod frames;
mod players;
mod publishers;
mod run;
mod stage;
mod table;

use std::sync::Mutex;
use std::thread;

use cell::{Cell, Outcome};
use stage::Stage;
use table::Table;

/// `write`: the table is written anew, whatever it said before.
const MODE: &str = "INTEROP";
/// Only cells whose names contain this are run; then nothing is written.
const ONLY: &str = "INTEROP_ONLY";
/// So many cells at once; a player needs half a core.
const AT_ONCE: usize = 3;

#[test]
fn what_the_table_says_works_does() {
    let only = std::env::var(ONLY).unwrap_or_default();
    let write = std::env::var(MODE).is_ok_and(|mode| mode == "write");
    let before = Table::read();
    let stage = Stage::new();
    let mut cells = players::all(&stage);
    cells.extend(publishers::all(&stage));
    cells.retain(|cell| cell.to_string().contains(&only));
    if !write {
        cells.retain(|cell| before.cell(&cell.place()).is_some_and(table::is_sure));
    }
    let results = run_all(&stage, cells, &before);
    stage.end();
    if write && only.is_empty() {
        Table::of(&results).write();
    }
    let failed: Vec<_> = results
        .iter()
        .filter_map(|(cell, result)| Some(format!("{cell}: {}", lack(cell, result, &before)?)))
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// What is missing of what the table says, or which bound is broken. What did not work before may go on so.
fn lack(cell: &Cell, result: &Result<Outcome, String>, table: &Table) -> Option<String> {
    let place = cell.place();
    let said = table.cell(&place);
    match result {
        Err(why) => (said.is_some() || bounds::exception(&place).is_none()).then(|| why.clone()),
        Ok(outcome) if said.is_some_and(|said| said.contains("AAC")) && !outcome.sound => {
            Some("without its sound".to_owned())
        }
        Ok(outcome) => bounds::broken(&place, outcome),
    }
}

/// Runs the cells, some at once, and gives them in their order.
fn run_all(
    stage: &Stage,
    cells: Vec<Cell>,
    before: &Table,
) -> Vec<(Cell, Result<Outcome, String>)> {
    let count = cells.len();
    let left = Mutex::new(cells.into_iter().enumerate());
    let done = Mutex::new(Vec::with_capacity(count));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let next = left.lock().unwrap().next();
                    let Some((number, cell)) = next else { return };
                    let mut result = cell.run(stage);
                    // Programs of others have bad moments, too.
                    if let Some(why) = lack(&cell, &result, before) {
                        eprintln!("again  {cell}: {why}");
                        result = cell.run(stage);
                    }
                    match &result {
                        Ok(outcome) => eprintln!("ok     {cell}: {outcome}"),
                        Err(why) => eprintln!("FAILS  {cell}: {why}"),
                    }
                    done.lock().unwrap().push((number, cell, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(number, ..)| *number);
    done.into_iter()
        .map(|(_, cell, result)| (cell, result))
        .collect()
}
