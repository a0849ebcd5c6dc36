//! Byte streams of H.264, and parameter sets.

use bytes::Bytes;
use eyeline_proto::h264::{AccessUnit, Demux, Error, Limits, Sps, to_annexb};

use super::cut;

/// Small enough for a fuzzer to reach every one of them.
const LIMITS: Limits = Limits {
    max_access_unit_bytes: 400,
    max_garbage_bytes: 100,
};
/// Bytes of the length before each NAL unit.
const LENGTH: usize = 4;

/// A byte stream: the first byte says into which pieces it is cut. They must not matter as long as
/// nothing is wrong, and access units are what packets promise: whole NAL units behind their
/// lengths, and before those of a key picture a parameter set that can be read.
pub fn h264(data: &[u8]) {
    let _ = Sps::parse(data);
    let &[seed, ref body @ ..] = data else {
        return;
    };
    let whole = run(&[Bytes::copy_from_slice(body)]);
    for pieces in [cut(body, seed), cut(body, 0)] {
        let other = run(&pieces);
        // Limits count what has come, so that what is wrong is seen earlier or later.
        if whole.errors.is_empty() && other.errors.is_empty() {
            assert_eq!(whole, other, "the pieces mattered");
        }
    }
    whole.units.iter().for_each(check);
    pausing(&cut(body, seed)).iter().for_each(check);
}

/// What comes of a writer that pauses behind each piece.
fn pausing(pieces: &[Bytes]) -> Vec<AccessUnit> {
    let mut demux = Demux::new(LIMITS);
    let mut units = Vec::new();
    for piece in pieces {
        demux.push(piece);
        while let Ok(Some(unit)) = demux.access_unit() {
            units.push(unit);
        }
        if demux.heeds_pause() {
            units.extend(demux.pause().ok().flatten());
            assert!(!demux.heeds_pause(), "a pause says all it says at once");
        }
    }
    units
}

/// Everything a demultiplexer gave.
#[derive(Debug, Default, PartialEq)]
struct Outcome {
    units: Vec<AccessUnit>,
    errors: Vec<Error>,
}

fn run(pieces: &[Bytes]) -> Outcome {
    let mut demux = Demux::new(LIMITS);
    let mut outcome = Outcome::default();
    for piece in pieces {
        demux.push(piece);
        while let Some(next) = demux.access_unit().transpose() {
            outcome.take(next);
        }
    }
    while let Some(next) = demux.finish().transpose() {
        outcome.take(next);
    }
    outcome
}

impl Outcome {
    fn take(&mut self, next: Result<AccessUnit, Error>) {
        match next {
            Ok(unit) => self.units.push(unit),
            Err(error) => {
                assert!(!error.to_string().is_empty());
                self.errors.push(error);
            }
        }
    }
}

fn check(unit: &AccessUnit) {
    let mut rest = &unit.data[..];
    let mut first = None;
    while let Some((length, after)) = rest.split_first_chunk::<LENGTH>() {
        let (nal, after) = after.split_at(u32::from_be_bytes(*length) as usize);
        assert!(!matches!(nal[0] & 0x1f, 9..=12), "what is left out");
        first = first.or(Some(nal));
        rest = after;
    }
    assert!(rest.is_empty(), "bytes behind the last NAL unit");
    let sps = first.filter(|_| unit.key).map(Sps::parse);
    assert!(
        sps.is_none_or(|sps| sps.is_ok()),
        "the first of a key picture"
    );
    let mut annexb = Vec::new();
    to_annexb(&unit.data, &mut annexb);
    assert_eq!(annexb.len(), unit.data.len());
}
