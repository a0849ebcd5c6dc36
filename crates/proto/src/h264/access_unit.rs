//! Access units, put together from NAL units.

use bytes::{BufMut as _, Bytes, BytesMut};
use eyeline_media::Resolution;

use super::error::Error;
use super::limits::{Limits, MAX_PARAMETER_SET_BYTES, MAX_PARAMETER_SETS};
use super::nal::{Kind, begins};
use super::sps::Sps;

/// Bytes of the length before each NAL unit.
pub(super) const LENGTH: usize = 4;

/// One coded picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessUnit {
    /// Its NAL units, each behind its length in four bytes, big-endian. Those of a key picture
    /// begin with the parameter sets in force.
    pub data: Bytes,
    /// Whether decoding can start with it.
    pub key: bool,
    /// Size of the picture.
    pub resolution: Resolution,
}

/// Puts NAL units together to access units, and keeps the parameter sets.
#[derive(Debug)]
pub struct Assembler {
    limits: Limits,
    sps: Vec<Bytes>,
    pps: Vec<Bytes>,
    resolution: Option<Resolution>,
    /// The NAL units of the access unit that is being put together, without parameter sets.
    units: BytesMut,
    has_slice: bool,
    key: bool,
}

impl Assembler {
    /// Nothing has come yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            sps: Vec::new(),
            pps: Vec::new(),
            resolution: None,
            units: BytesMut::new(),
            has_slice: false,
            key: false,
        }
    }

    /// Takes a NAL unit, in decoding order; the access unit before it, if this begins a new one.
    ///
    /// # Errors
    /// [`Error`]; the access unit that was being put together is lost.
    pub fn push(&mut self, nal: &[u8]) -> Result<Option<AccessUnit>, Error> {
        let Some(kind) = Kind::of(nal) else {
            return Ok(None);
        };
        let done = if begins(nal) { self.finish() } else { None };
        match kind {
            Kind::Sps => {
                self.resolution = Some(Sps::parse(nal)?.resolution);
                keep(&mut self.sps, nal);
            }
            Kind::Pps => keep(&mut self.pps, nal),
            Kind::Needless => {}
            Kind::Slice | Kind::Idr | Kind::Other => {
                self.has_slice |= kind.is_slice();
                self.key |= kind == Kind::Idr;
                let limit = self.limits.max_access_unit_bytes;
                if self.units.len() + LENGTH + nal.len() > limit {
                    self.forget();
                    return Err(Error::TooLong { limit });
                }
                put(&mut self.units, nal);
            }
        }
        Ok(done)
    }

    /// The access unit that has come so far: where the stream says that it is whole.
    pub fn finish(&mut self) -> Option<AccessUnit> {
        if !self.has_slice {
            return None;
        }
        let (units, key) = (self.units.split().freeze(), self.key);
        (self.has_slice, self.key) = (false, false);
        // Without parameter sets nothing can be decoded.
        let resolution = self.resolution.filter(|_| !self.pps.is_empty())?;
        let data = if key { self.with_sets(&units) } else { units };
        Some(AccessUnit {
            data,
            key,
            resolution,
        })
    }

    fn with_sets(&self, units: &[u8]) -> Bytes {
        let sets = || self.sps.iter().chain(&self.pps);
        let len: usize = sets().map(|set| LENGTH + set.len()).sum();
        let mut data = BytesMut::with_capacity(len + units.len());
        sets().for_each(|set| put(&mut data, set));
        data.extend_from_slice(units);
        data.freeze()
    }

    /// Whether slices of an access unit have come that is not finished.
    pub(crate) fn has_slices(&self) -> bool {
        self.has_slice
    }

    /// Leaves out what has come of the access unit that is being put together.
    pub fn forget(&mut self) {
        self.units.clear();
        (self.has_slice, self.key) = (false, false);
    }
}

fn put(to: &mut BytesMut, nal: &[u8]) {
    // Limits are far below 4 GiB.
    to.put_u32(u32::try_from(nal.len()).unwrap_or(u32::MAX));
    to.extend_from_slice(nal);
}

/// Keeps a parameter set in place of that of the same number. Numbers are ue(v) at the start of
/// picture parameter sets and behind three bytes of sequence parameter sets; sets that begin with
/// the same byte there are taken for the same.
fn keep(sets: &mut Vec<Bytes>, nal: &[u8]) {
    let number = |set: &[u8]| {
        let at = if Kind::of(set) == Some(Kind::Sps) {
            4
        } else {
            1
        };
        set.get(at).map(|byte| ue(*byte))
    };
    if nal.len() > MAX_PARAMETER_SET_BYTES {
        return;
    }
    let same = sets.iter().position(|set| number(set) == number(nal));
    match same {
        Some(at) if sets[at] == nal => {}
        Some(at) => sets[at] = Bytes::copy_from_slice(nal),
        None if sets.len() < MAX_PARAMETER_SETS => sets.push(Bytes::copy_from_slice(nal)),
        None => {}
    }
}

/// The number at the start of a byte, as ue(v) (9.1); of longer ones what is there.
fn ue(byte: u8) -> u32 {
    let zeros = byte.leading_zeros();
    if zeros > 3 {
        return 0x100 | u32::from(byte);
    }
    let bits = 2 * zeros + 1;
    (u32::from(byte) >> (8 - bits)) - 1
}
