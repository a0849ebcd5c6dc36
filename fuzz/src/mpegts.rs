//! MPEG transport streams, read, written and read again.

use std::time::Duration;

use bytes::Bytes;
use eyeline_proto::h264::nal_units;
use eyeline_proto::mpegts::{Demux, Error, Limits, Mux, PACKET_BYTES, Unit, rtp, sniff};

use super::cut;

/// Small enough for a fuzzer to reach every one of them.
const LIMITS: Limits = Limits {
    max_pes_bytes: 2_000,
    max_garbage_bytes: 600,
    max_bytes_without_tables: 4_000,
};

/// A stream: the first byte says into which pieces it is cut, which must not matter as long as it can be
/// read. What comes out of it can be written, and is then read as whole packets.
pub fn mpegts(data: &[u8]) {
    let _ = sniff(data);
    assert!(rtp::payload(data).len() <= data.len());
    let &[seed, ref body @ ..] = data else {
        return;
    };
    let whole = run(&[Bytes::copy_from_slice(body)]);
    for pieces in [cut(body, seed), cut(body, 0)] {
        let other = run(&pieces);
        if whole.errors.is_empty() && other.errors.is_empty() {
            assert_eq!(whole, other, "the pieces mattered");
        }
    }
    let bytes: usize = whole.units.iter().map(len).sum();
    // Parameter sets stand before each key picture, of which each takes a packet at least.
    assert!(bytes <= body.len() * 40, "bytes from nowhere");
    check_written(&whole.units);
}

/// Everything that was read.
#[derive(Debug, Default, PartialEq)]
struct Outcome {
    units: Vec<Unit>,
    errors: Vec<Error>,
}

fn run(pieces: &[Bytes]) -> Outcome {
    let mut demux = Demux::new(LIMITS);
    let mut outcome = Outcome::default();
    for piece in pieces {
        demux.push(piece);
        while let Some(next) = demux.unit().transpose() {
            if !outcome.take(next) {
                return outcome;
            }
        }
    }
    while let Some(next) = demux.finish().transpose() {
        if !outcome.take(next) {
            break;
        }
    }
    outcome
}

impl Outcome {
    /// Whether reading may go on.
    fn take(&mut self, next: Result<Unit, Error>) -> bool {
        match next {
            Ok(unit) => {
                self.units.push(unit);
                true
            }
            Err(error) => {
                assert!(!error.to_string().is_empty());
                let goes_on = error.is_passing();
                self.errors.push(error);
                goes_on
            }
        }
    }
}

fn len(unit: &Unit) -> usize {
    match unit {
        Unit::Video(video) => video.unit.data.len(),
        Unit::Sound(sound) => sound.data.len(),
    }
}

fn check_written(units: &[Unit]) {
    let mut mux = Mux::new(None);
    let mut stream = Vec::new();
    for unit in units {
        match unit {
            Unit::Video(video) => {
                let nals: usize = nal_units(&video.unit.data).map(|nal| 4 + nal.len()).sum();
                assert_eq!(nals, video.unit.data.len(), "whole NAL units");
                let time = |nanos: i64| Duration::from_nanos(nanos.unsigned_abs());
                let (present, decode) = (video.present.as_nanos(), video.decode.as_nanos());
                let key = video.unit.key;
                mux.video(
                    &video.unit.data,
                    key,
                    time(present),
                    time(decode),
                    &mut stream,
                );
            }
            Unit::Sound(sound) => {
                assert!(sound.samples > 0);
                let at = Duration::from_nanos(sound.at.as_nanos().unsigned_abs());
                mux.sound(&sound.format, &sound.data, at, &mut stream);
            }
        }
    }
    assert_eq!(stream.len() % PACKET_BYTES, 0);
    assert!(stream.chunks(PACKET_BYTES).all(|packet| packet[0] == 0x47));
}
