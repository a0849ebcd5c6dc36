//! The byte stream of Annex B: NAL units behind start codes.

use super::access_unit::LENGTH;

/// Bytes of a start code, without the zeros that may stand before it.
pub(super) const START_CODE: usize = 3;

/// Finds the next start code (`00 00 01`) from `from` on; where it begins.
pub(super) fn find_start_code(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    // Of three bytes the last decides how far to go on.
    while let Some(window) = bytes.get(at..at + 3) {
        match window {
            [0, 0, 1] => return Some(at),
            [_, _, 0] => at += 1,
            _ => at += 3,
        }
        // A 1 behind one zero or none begins nothing, nor does any other byte.
    }
    None
}

/// The NAL units of a piece of a byte stream that begins with a start code and ends with a unit; what stands before the
/// first start code is left out.
pub(crate) fn units(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut start = find_start_code(bytes, 0).map(|at| at + START_CODE);
    std::iter::from_fn(move || {
        let from = start?;
        let next = find_start_code(bytes, from);
        start = next.map(|at| at + START_CODE);
        let unit = bytes.get(from..next.unwrap_or(bytes.len()))?;
        // Zeros behind it belong to the next start code, or to nothing.
        let zeros = unit.iter().rev().take_while(|byte| **byte == 0).count();
        Some(&unit[..unit.len() - zeros])
    })
}

/// The NAL units of an access unit as packets carry it; those behind a length that is wrong are
/// left out.
pub fn nal_units(access_unit: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = access_unit;
    std::iter::from_fn(move || {
        let (length, after) = rest.split_first_chunk::<LENGTH>()?;
        let (nal, after) = after.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        rest = after;
        Some(nal)
    })
}

/// An access unit as packets carry it, with start codes in place of its lengths; what follows a
/// length that is wrong is left out. `into` is emptied first.
pub fn to_annexb(access_unit: &[u8], into: &mut Vec<u8>) {
    into.clear();
    into.reserve(access_unit.len());
    for nal in nal_units(access_unit) {
        into.extend_from_slice(&[0, 0, 0, 1]);
        into.extend_from_slice(nal);
    }
}
