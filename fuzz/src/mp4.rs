//! MP4: as a stream, and as a file.

use bytes::Bytes;
use eyeline_proto::mp4::{Demux, Error, Item, Limits, Scan, Step};

use super::cut;

/// Small enough for a fuzzer to reach every one of them.
const LIMITS: Limits = Limits {
    max_movie_bytes: 4_000,
    max_fragment_bytes: 1_000,
    max_sample_bytes: 2_000,
};
/// Samples of a file that are read.
const MAX_SAMPLES: usize = 1_000;

/// An MP4: the first byte says into which pieces it is cut as a stream. They must not matter, and what
/// is held must stay within the limits.
pub fn fmp4(data: &[u8]) {
    let &[seed, ref body @ ..] = data else {
        return;
    };
    let whole = stream(&[Bytes::copy_from_slice(body)]);
    assert_eq!(whole, stream(&cut(body, seed)), "the pieces mattered");
    if let Err(error) = file(body) {
        assert!(!error.to_string().is_empty());
    }
}

fn stream(pieces: &[Bytes]) -> (Vec<Item>, Option<Error>) {
    let mut demux = Demux::new(LIMITS);
    let mut items = Vec::new();
    let most = LIMITS.max_movie_bytes;
    for piece in pieces {
        demux.push(piece);
        loop {
            match demux.next_item() {
                Ok(Some(item)) => items.push(item),
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(demux.next_item(), Err(error.clone()), "errors stay");
                    assert_eq!(demux.buffered(), 0);
                    return (items, Some(error));
                }
            }
        }
        assert!(demux.buffered() <= most, "{} held", demux.buffered());
    }
    (items, None)
}

fn file(bytes: &[u8]) -> Result<(), Error> {
    let mut scan = Scan::new(bytes.len() as u64, LIMITS);
    let mut read = Bytes::new();
    let mut index = loop {
        match scan.step(&read)? {
            Step::Read { offset, len } => {
                let rest = usize::try_from(offset).ok().and_then(|at| bytes.get(at..));
                let rest = rest.unwrap_or_default();
                read = Bytes::copy_from_slice(&rest[..len.min(rest.len())]);
            }
            Step::Index(index) => break index,
            Step::Fragmented => return Ok(()),
        }
    };
    for _ in 0..MAX_SAMPLES {
        let Some(sample) = index.next_sample()? else {
            break;
        };
        assert!(sample.bytes > 0 && sample.bytes <= LIMITS.max_sample_bytes);
        let from = usize::try_from(sample.offset).ok();
        let held = from.and_then(|at| bytes.get(at..at.checked_add(sample.bytes)?));
        if let Some(held) = held {
            let _ = index.unpack(&sample, held);
        }
    }
    Ok(())
}
