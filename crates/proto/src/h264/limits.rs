//! Every limit of the parsers.

/// What a stream may ask for before it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of one access unit.
    pub max_access_unit_bytes: usize,
    /// Most bytes that belong to no NAL unit: before the first start code.
    pub max_garbage_bytes: usize,
}

/// Most bytes of a parameter set that is kept; the longest that encoders make have some hundreds.
pub(super) const MAX_PARAMETER_SET_BYTES: usize = 4 * 1024;
/// Most parameter sets of each kind that are kept: a stream may have 32 sequence and 256 picture
/// parameter sets, but those of cameras have one or two.
pub(super) const MAX_PARAMETER_SETS: usize = 32;

impl Default for Limits {
    /// 16 MiB an access unit, and 1 MiB of garbage.
    fn default() -> Self {
        Self {
            max_access_unit_bytes: 16 * 1024 * 1024,
            max_garbage_bytes: 1024 * 1024,
        }
    }
}
