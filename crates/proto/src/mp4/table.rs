//! Where the samples of a whole file lie and when they count: tables that are read as they stand, at a
//! cursor (ISO/IEC 14496-12, 8.6 and 8.7).

use bytes::Bytes;

use super::boxes::{Reader, child};
use super::limits::MAX_EMPTY_SAMPLES;
use super::movie::Track;
use super::unpack::Ticks;

/// Where a sample lies and when it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Which of the movie's tracks.
    pub(super) track: usize,
    /// In the file.
    pub(super) at: u64,
    pub(super) bytes: u32,
    pub(super) ticks: Ticks,
}

/// The tables of one track. Those that are missing are empty.
#[derive(Debug)]
pub(super) struct Tables {
    /// Bytes of every sample, or 0 if they differ.
    size: u32,
    sizes: Bytes,
    count: u32,
    times: Bytes,
    compositions: Bytes,
    runs: Bytes,
    chunks: Bytes,
    wide: bool,
    shift: i64,
}

/// Stands before a sample.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cursor {
    sample: u32,
    decode: i64,
    time: Entry,
    composition: Entry,
    /// The chunk that comes next, counted from 0, and the run that it is in.
    chunk: usize,
    run: usize,
    left_in_chunk: u32,
    at: u64,
}

/// An entry that counts for several samples.
#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    next: usize,
    left: u32,
    value: u32,
}

impl Tables {
    /// Those of a track.
    pub(super) fn of(track: &Track) -> Self {
        let tables = &track.tables;
        let entries = |kind| {
            let body = child(tables, kind).and_then(|body| body.get(8..));
            tables.slice_ref(body.unwrap_or_default())
        };
        let stsz = child(tables, b"stsz").unwrap_or_default();
        let mut reader = Reader(stsz.get(4..).unwrap_or_default());
        let (size, count) = (reader.u32().unwrap_or(0), reader.u32().unwrap_or(0));
        let wide = child(tables, b"co64").is_some();
        Self {
            size,
            sizes: tables.slice_ref(reader.0),
            count,
            times: entries(b"stts"),
            compositions: entries(b"ctts"),
            runs: entries(b"stsc"),
            chunks: entries(if wide { b"co64" } else { b"stco" }),
            wide,
            shift: track.shift,
        }
    }

    /// Whether there are no samples.
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    fn chunk(&self, at: usize) -> Option<u64> {
        if self.wide {
            let [high, low] = entry(&self.chunks, at)?;
            Some(u64::from(high) << 32 | u64::from(low))
        } else {
            entry::<1>(&self.chunks, at).map(|[offset]| offset.into())
        }
    }
}

impl Cursor {
    /// The next sample that has bytes; `None` at the end.
    pub(super) fn next(&mut self, tables: &Tables, track: usize) -> Option<Place> {
        for _ in 0..MAX_EMPTY_SAMPLES {
            let place = self.step(tables, track)?;
            if place.bytes > 0 {
                return Some(place);
            }
        }
        None
    }

    fn step(&mut self, tables: &Tables, track: usize) -> Option<Place> {
        if self.sample >= tables.count {
            return None;
        }
        while self.left_in_chunk == 0 {
            self.begin_chunk(tables)?;
        }
        let duration = self.time.next(&tables.times)?;
        let composition = self.composition.next(&tables.compositions);
        let bytes = if tables.size > 0 {
            tables.size
        } else {
            entry::<1>(&tables.sizes, self.sample as usize)?[0]
        };
        let place = Place {
            track,
            at: self.at,
            bytes,
            ticks: Ticks {
                decode: self.decode.saturating_add(tables.shift),
                composition: composition.unwrap_or(0) as i32,
                duration,
            },
        };
        self.sample += 1;
        self.left_in_chunk -= 1;
        self.at = self.at.checked_add(bytes.into())?;
        self.decode = self.decode.saturating_add(duration.into());
        Some(place)
    }

    fn begin_chunk(&mut self, tables: &Tables) -> Option<()> {
        self.at = tables.chunk(self.chunk)?;
        self.chunk += 1;
        // Chunks count from 1 there.
        let begins = |run| entry::<3>(&tables.runs, run).map(|[first, ..]| first as usize);
        while begins(self.run + 1).is_some_and(|first| first <= self.chunk) {
            self.run += 1;
        }
        let [_, samples, _] = entry(&tables.runs, self.run)?;
        self.left_in_chunk = samples;
        Some(())
    }
}

impl Entry {
    fn next(&mut self, table: &[u8]) -> Option<u32> {
        while self.left == 0 {
            [self.left, self.value] = entry(table, self.next)?;
            self.next += 1;
        }
        self.left -= 1;
        Some(self.value)
    }
}

/// An entry of a table of `N` numbers each.
fn entry<const N: usize>(table: &[u8], at: usize) -> Option<[u32; N]> {
    let begin = at.checked_mul(N * 4)?;
    let mut reader = Reader(table.get(begin..)?);
    let mut numbers = [0; N];
    for number in &mut numbers {
        *number = reader.u32()?;
    }
    Some(numbers)
}
