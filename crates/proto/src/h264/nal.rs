//! NAL units: what kind they are (ITU-T H.264, 7.3.1 and table 7-1).

/// What an access unit is put together by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A slice of a picture that others may be needed for.
    Slice,
    /// A slice of a picture that decoding can start with.
    Idr,
    /// Sequence parameter set.
    Sps,
    /// Picture parameter set.
    Pps,
    /// Access unit delimiter, end of sequence or stream, filler: says nothing that is needed.
    Needless,
    /// Supplemental information, and everything else.
    Other,
}

impl Kind {
    /// Of a NAL unit, by its first byte; `None` of an empty one.
    pub(super) fn of(nal: &[u8]) -> Option<Self> {
        Some(match nal.first()? & 0x1f {
            1..=4 => Self::Slice,
            5 => Self::Idr,
            7 => Self::Sps,
            8 => Self::Pps,
            9..=12 => Self::Needless,
            _ => Self::Other,
        })
    }

    pub(super) fn is_slice(self) -> bool {
        matches!(self, Self::Slice | Self::Idr)
    }
}

/// Whether this NAL unit begins a new access unit when slices have come before it
/// (ITU-T H.264, 7.4.1.2.3). Of slices the first of a picture counts as the one that begins at
/// its first macroblock: cameras send them in order.
pub(crate) fn begins(nal: &[u8]) -> bool {
    let Some(header) = nal.first() else {
        return false;
    };
    match header & 0x1f {
        // first_mb_in_slice is ue(v): a leading 1 is zero.
        1 | 2 | 5 => nal.get(1).is_some_and(|byte| byte & 0x80 != 0),
        6..=9 | 14..=18 => true,
        _ => false,
    }
}

/// Whether a NAL unit is what a stream of H.265 begins with: a video parameter set of the only layer
/// (ITU-T H.265, 7.3.1.2). In H.264 that type is nobody's.
pub(super) fn is_of_h265(nal: &[u8]) -> bool {
    nal.starts_with(&[32 << 1, 1])
}

/// Whether a NAL unit is a slice, or a part of one.
pub(crate) fn is_slice(nal: &[u8]) -> bool {
    Kind::of(nal).is_some_and(Kind::is_slice)
}
