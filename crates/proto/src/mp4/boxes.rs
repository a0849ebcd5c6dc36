//! Boxes (ISO/IEC 14496-12, 4.2), and numbers in them.

/// Bytes of a box's header when its length fits 32 bits.
const SHORT: usize = 8;
/// Bytes of the longest header: with a length of 64 bits.
pub(super) const LONGEST: usize = 16;

/// A box's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: [u8; 4],
    /// Bytes of the header.
    pub(super) len: usize,
    /// Bytes of the whole box; `None` if it goes on to the end of the file.
    pub(super) size: Option<u64>,
}

impl Header {
    /// Reads the header at the start of `bytes`: `Ok(None)` when more bytes are needed.
    ///
    /// # Errors
    /// `Err(())` if the box is shorter than its header.
    pub(super) fn read(bytes: &[u8]) -> Result<Option<Self>, ()> {
        let mut reader = Reader(bytes);
        let (Some(size), Some(kind)) = (reader.u32(), reader.array()) else {
            return Ok(None);
        };
        let (len, size) = match size {
            0 => (SHORT, None),
            1 => match reader.u64() {
                Some(size) => (LONGEST, Some(size)),
                None => return Ok(None),
            },
            size => (SHORT, Some(u64::from(size))),
        };
        if size.is_some_and(|size| size < len as u64) {
            return Err(());
        }
        Ok(Some(Self { kind, len, size }))
    }
}

/// The boxes in the body of another, with their bodies; what comes after one that is cut short is
/// left out.
pub(super) fn children(body: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    let mut rest = body;
    std::iter::from_fn(move || {
        let header = Header::read(rest).ok()??;
        let size = header
            .size
            .map_or(Some(rest.len()), |n| n.try_into().ok())?;
        let (whole, after) = rest.split_at_checked(size)?;
        rest = after;
        Some((header.kind, whole.get(header.len..)?))
    })
}

/// The body of the first box of this kind.
pub(super) fn child<'a>(body: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    children(body)
        .find(|(found, _)| found == kind)
        .map(|(_, body)| body)
}

/// The body of a box within boxes.
pub(super) fn descend<'a>(body: &'a [u8], path: &[&[u8; 4]]) -> Option<&'a [u8]> {
    path.iter().try_fold(body, |body, kind| child(body, kind))
}

/// Numbers in a body, one after the other, big-endian; `None` behind its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    /// The body of a full box, with its version and flags.
    pub(super) fn full(body: &'a [u8]) -> Option<(u8, u32, Self)> {
        let mut reader = Self(body);
        let word = reader.u32()?;
        Some(((word >> 24) as u8, word & 0x00FF_FFFF, reader))
    }

    pub(super) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    /// A number of 64 bits in version 1 of a box, else of 32.
    pub(super) fn long(&mut self, version: u8) -> Option<u64> {
        if version == 1 {
            self.u64()
        } else {
            self.u32().map(u64::from)
        }
    }

    pub(super) fn when(&mut self, there: bool) -> Option<Option<u32>> {
        if there {
            self.u32().map(Some)
        } else {
            Some(None)
        }
    }
}
