//! The decoder configuration of H.264 (`avcC`; ISO/IEC 14496-15, 5.3.3.1).

use crate::h264::{Sps, nal_units};

/// Profiles whose configuration tells how colours are sampled.
const WITH_CHROMA: [u8; 4] = [100, 110, 122, 144];

/// What pictures are to be read with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Configuration {
    /// Bytes of the length before each NAL unit: 1 to 4.
    pub(super) length_bytes: usize,
    /// The parameter sets, those of sequences first.
    pub(super) sets: Vec<Vec<u8>>,
}

impl Configuration {
    /// `None` if it is cut short.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (head, mut rest) = bytes.split_first_chunk::<5>()?;
        let mut sets = Vec::new();
        for mask in [0x1f, 0xff] {
            let (count, after) = rest.split_first()?;
            rest = after;
            for _ in 0..count & mask {
                let (length, after) = rest.split_first_chunk::<2>()?;
                let (set, after) = after.split_at_checked(u16::from_be_bytes(*length).into())?;
                sets.push(set.to_vec());
                rest = after;
            }
        }
        let length_bytes = usize::from(head[4] & 3) + 1;
        Some(Self { length_bytes, sets })
    }

    /// Of a key picture, which begins with its parameter sets; `None` if it does not. Lengths are of
    /// four bytes.
    pub(super) fn of(access_unit: &[u8]) -> Option<Vec<u8>> {
        let of_type = |number: u8, most: usize| {
            nal_units(access_unit)
                .filter(|nal| nal.first().is_some_and(|header| header & 0x1f == number))
                .filter(|nal| u16::try_from(nal.len()).is_ok())
                .take(most)
                .collect::<Vec<_>>()
        };
        let (sps, pps) = (of_type(7, 31), of_type(8, 255));
        let read = Sps::parse(sps.first()?).ok()?;
        if pps.is_empty() {
            return None;
        }
        let mut out = vec![1];
        out.extend_from_slice(&read.profile);
        out.extend_from_slice(&[0xff, 0xe0 | sps.len() as u8]);
        put_sets(&mut out, &sps);
        out.push(pps.len() as u8);
        put_sets(&mut out, &pps);
        if WITH_CHROMA.contains(&read.profile[0]) {
            let [format, luma, chroma] = read.chroma;
            out.extend_from_slice(&[0xfc | format, 0xf8 | luma, 0xf8 | chroma, 0]);
        }
        Some(out)
    }
}

fn put_sets(out: &mut Vec<u8>, sets: &[&[u8]]) {
    for set in sets {
        out.extend_from_slice(&(set.len() as u16).to_be_bytes());
        out.extend_from_slice(set);
    }
}
