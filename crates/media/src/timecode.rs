//! A capture time written into pixels, readable after JPEG and scaling, so that
//! latency can be measured in any viewer that can look at its own picture.
//!
//! Only luma matters. Every measure is a fraction of the picture, so scaling it in
//! either direction, even out of proportion, leaves the patch readable while a cell
//! is [`MIN_CELL`] pixels or more.
//!
//! # Layout
//!
//! Cut the picture into a grid of [`GRID_COLUMNS`] × [`GRID_ROWS`] = 64 × 36 cells. The
//! patch is 40 × 2 of them: columns 2 to 41 and rows 33 and 34 (counted from 0 at the
//! top left), so a margin stays at the left and below. With integer division,
//! column `c` spans the pixels `c*W/64 .. (c+1)*W/64`, row `r` the lines `r*H/36 ..
//! (r+1)*H/36`. A cell that is light is a 1, one that is dark a 0:
//!
//! ```text
//! column   2 3   4 … 39                    40 41
//! row 33   1 0   bits 0–35 of the data      1  0
//! row 34   0 1   bits 36–71 of the data     0  1
//! ```
//!
//! The data is 72 bits, most significant first: the capture time in microseconds since
//! the Unix epoch as 56 bits, then the CRC-16 of those 7 bytes (polynomial 0x1021,
//! initially 0xFFFF, not reflected, no final xor: "CRC-16/CCITT-FALSE").
//!
//! # Reading
//!
//! The value of a cell is the mean of its middle: columns `(4c+1)*W/256 .. (4c+3)*W/256`
//! and lines `(4r+1)*H/144 .. (4r+3)*H/144`, at least one pixel each. The threshold is
//! half way between the mean of the four light corner cells and that of the four dark
//! ones. There is no patch when the two differ by less than [`MIN_CONTRAST`], when a
//! corner cell lies on the wrong side, or when the CRC is not that of the time.
//!
//! Not here: decoding a JPEG to get at the luma.

use crate::{Resolution, Timestamp};

/// Cells across the picture.
pub const GRID_COLUMNS: usize = 64;
/// Cells down the picture.
pub const GRID_ROWS: usize = 36;
/// Smallest side of a cell in pixels for the patch to be drawn or looked for.
pub const MIN_CELL: usize = 4;
/// Narrowest picture that carries a patch, in pixels.
pub const MIN_WIDTH: u32 = (GRID_COLUMNS * MIN_CELL) as u32;
/// Lowest picture that carries a patch, in pixels.
pub const MIN_HEIGHT: u32 = (GRID_ROWS * MIN_CELL) as u32;
/// Least difference between light and dark, of 255, to believe that there is a patch.
pub const MIN_CONTRAST: u32 = 32;

const LEFT: usize = 2;
const TOP: usize = 33;
const COLUMNS: usize = 40;
const ROWS: usize = 2;
/// Cells at each end of a row that hold the fixed pattern.
const SYNC: usize = 2;
/// Data cells in a row.
const ROW_BITS: usize = COLUMNS - 2 * SYNC;
const TIME_BITS: u32 = 56;
const CRC_BITS: u32 = 16;
/// Neither black nor white, so that a conversion between video ranges clips nothing.
const DARK: u8 = 28;
const LIGHT: u8 = 220;

/// Where the patch lies, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    /// First column.
    pub left: usize,
    /// First line.
    pub top: usize,
    /// Columns.
    pub width: usize,
    /// Lines.
    pub height: usize,
}

/// Where the patch lies in a picture of this size; `None` if the picture is too small.
#[must_use]
pub fn area(size: Resolution) -> Option<Area> {
    if size.width() < MIN_WIDTH || size.height() < MIN_HEIGHT {
        return None;
    }
    let (left, top) = (column_edge(LEFT, size), row_edge(TOP, size));
    Some(Area {
        left,
        top,
        width: column_edge(LEFT + COLUMNS, size) - left,
        height: row_edge(TOP + ROWS, size) - top,
    })
}

/// Draws `time`, cut to microseconds, into a luma plane whose lines start `stride`
/// bytes apart. Returns whether it did: a picture below [`MIN_WIDTH`] × [`MIN_HEIGHT`],
/// or a plane too short for its size, is left alone.
pub fn encode(time: Timestamp, luma: &mut [u8], stride: usize, size: Resolution) -> bool {
    if area(size).is_none() || !plane_fits(luma, stride, size) {
        return false;
    }
    let bits = frame(time);
    for row in 0..ROWS {
        let lines = row_edge(TOP + row, size)..row_edge(TOP + row + 1, size);
        for column in 0..COLUMNS {
            let shade = if bit(bits, row, column) { LIGHT } else { DARK };
            let cell = LEFT + column;
            let span = column_edge(cell, size)..column_edge(cell + 1, size);
            for line in lines.clone() {
                luma[line * stride..][span.clone()].fill(shade);
            }
        }
    }
    true
}

/// Reads the time from a luma plane whose lines start `stride` bytes apart; `None`
/// when there is no patch, or none that can be read.
#[must_use]
pub fn decode(luma: &[u8], stride: usize, size: Resolution) -> Option<Timestamp> {
    area(size)?;
    if !plane_fits(luma, stride, size) {
        return None;
    }
    let shade = |row, column| mean(luma, stride, size, TOP + row, LEFT + column);
    let threshold = threshold(shade)?;

    let mut bits = 0_u128;
    for row in 0..ROWS {
        for column in SYNC..SYNC + ROW_BITS {
            bits = bits << 1 | u128::from(shade(row, column) > threshold);
        }
    }
    let crc = (bits & ((1 << CRC_BITS) - 1)) as u16;
    let micros = (bits >> CRC_BITS) as u64;
    (crc16(micros) == crc).then(|| Timestamp::from_micros(micros))
}

fn column_edge(column: usize, size: Resolution) -> usize {
    column * size.width() as usize / GRID_COLUMNS
}

fn row_edge(row: usize, size: Resolution) -> usize {
    row * size.height() as usize / GRID_ROWS
}

fn plane_fits(luma: &[u8], stride: usize, size: Resolution) -> bool {
    let (width, height) = (size.width() as usize, size.height() as usize);
    let needed = stride.checked_mul(height - 1).map(|n| n + width);
    stride >= width && needed.is_some_and(|n| n <= luma.len())
}

/// The 72 bits of data, right-aligned.
fn frame(time: Timestamp) -> u128 {
    let micros = time.as_micros().min((1 << TIME_BITS) - 1);
    u128::from(micros) << CRC_BITS | u128::from(crc16(micros))
}

/// Whether a cell of the patch is light.
fn bit(bits: u128, row: usize, column: usize) -> bool {
    if (SYNC..SYNC + ROW_BITS).contains(&column) {
        let index = row * ROW_BITS + column - SYNC;
        bits >> (ROWS * ROW_BITS - 1 - index) & 1 == 1
    } else {
        sync_is_light(row, column)
    }
}

/// The fixed cells alternate like a chessboard, column 0 of row 0 being light.
fn sync_is_light(row: usize, column: usize) -> bool {
    (row + column).is_multiple_of(2)
}

/// Half way between dark and light, if the fixed cells are there.
fn threshold(shade: impl Fn(usize, usize) -> u32) -> Option<u32> {
    let fixed = (0..ROWS).flat_map(|row| {
        [0, 1, COLUMNS - 2, COLUMNS - 1].map(|column| (sync_is_light(row, column), row, column))
    });
    let cells: Vec<(bool, u32)> = fixed.map(|(light, r, c)| (light, shade(r, c))).collect();
    let mean = |wanted: bool| {
        let side = cells.iter().filter(|(light, _)| *light == wanted);
        side.map(|(_, shade)| shade).sum::<u32>() / (cells.len() as u32 / 2)
    };
    let (dark, light) = (mean(false), mean(true));
    let threshold = u32::midpoint(dark, light);
    let contrast = light >= dark + MIN_CONTRAST;
    let consistent = cells.iter().all(|&(l, shade)| l == (shade > threshold));
    (contrast && consistent).then_some(threshold)
}

/// Mean of the middle of a cell of the grid.
fn mean(luma: &[u8], stride: usize, size: Resolution, row: usize, column: usize) -> u32 {
    let (width, height) = (size.width() as usize, size.height() as usize);
    let (x, x_end) = middle(column, width, GRID_COLUMNS);
    let (y, y_end) = middle(row, height, GRID_ROWS);
    let line = |y: usize| &luma[y * stride..][x..x_end];
    let sum: u64 = (y..y_end).flat_map(line).map(|&v| u64::from(v)).sum();
    (sum / ((x_end - x) * (y_end - y)) as u64) as u32
}

/// The middle half of one of `cells` over `length` pixels; never empty.
fn middle(index: usize, length: usize, cells: usize) -> (usize, usize) {
    let start = (4 * index + 1) * length / (4 * cells);
    let end = (4 * index + 3) * length / (4 * cells);
    (start, end.max(start + 1))
}

/// CRC-16/CCITT-FALSE of the 7 low bytes, most significant first.
fn crc16(micros: u64) -> u16 {
    micros.to_be_bytes()[1..].iter().fold(0xFFFF, |crc, &byte| {
        (0..8).fold(crc ^ u16::from(byte) << 8, |crc, _| {
            let shifted = crc << 1;
            if crc & 0x8000 == 0 {
                shifted
            } else {
                shifted ^ 0x1021
            }
        })
    })
}

#[cfg(test)]
mod tests;
