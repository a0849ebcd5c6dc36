//! What a player must know of a track of H.264.

use super::boxes::{put, u16s, u32s};
use crate::h264::{Sps, nal_units};

/// Profiles whose configuration tells how colours are sampled (ISO/IEC 14496-15, 5.3.3.1.2).
const WITH_CHROMA: [u8; 4] = [100, 110, 122, 144];

/// The parameter sets of a key picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Video<'a> {
    sps: Vec<&'a [u8]>,
    pps: Vec<&'a [u8]>,
    read: Sps,
}

impl<'a> Video<'a> {
    /// Of a key picture, which begins with its parameter sets; `None` if it does not.
    #[must_use]
    pub fn of(access_unit: &'a [u8]) -> Option<Self> {
        let of_type = |number: u8, most: usize| {
            nal_units(access_unit)
                .filter(|nal| nal.first().is_some_and(|header| header & 0x1f == number))
                .filter(|nal| u16::try_from(nal.len()).is_ok())
                .take(most)
                .collect::<Vec<_>>()
        };
        let (sps, pps) = (of_type(7, 31), of_type(8, 255));
        let read = Sps::parse(sps.first()?).ok()?;
        (!pps.is_empty()).then_some(Self { sps, pps, read })
    }

    /// The codec as RFC 6381, 3.3 names it, such as `avc1.64001f`.
    #[must_use]
    pub fn codec(&self) -> String {
        let [profile, constraints, level] = self.read.profile;
        format!("avc1.{profile:02x}{constraints:02x}{level:02x}")
    }

    /// Size of the pictures in pixels: width and height.
    pub(super) fn size(&self) -> (u32, u32) {
        let size = self.read.resolution;
        (size.width(), size.height())
    }

    /// ISO/IEC 14496-12, 12.1.3 and 14496-15, 5.4.2.
    pub(super) fn put_sample_entry(&self, out: &mut Vec<u8>) {
        const DPI_72: u32 = 72 << 16;
        let (width, height) = self.size();
        put(out, b"avc1", |out| {
            u16s(out, &[0, 0, 0, 1]);
            u32s(out, &[0; 4]);
            u16s(out, &[width as u16, height as u16]);
            u32s(out, &[DPI_72, DPI_72, 0]);
            u16s(out, &[1]);
            // No name of the compressor.
            out.extend_from_slice(&[0; 32]);
            u16s(out, &[0x18, 0xffff]);
            put(out, b"avcC", |out| self.put_configuration(out));
        });
    }

    /// ISO/IEC 14496-15, 5.3.3.1; lengths are of four bytes.
    fn put_configuration(&self, out: &mut Vec<u8>) {
        let put_sets = |out: &mut Vec<u8>, sets: &[&[u8]]| {
            for set in sets {
                u16s(out, &[set.len() as u16]);
                out.extend_from_slice(set);
            }
        };
        out.push(1);
        out.extend_from_slice(&self.read.profile);
        out.extend_from_slice(&[0xff, 0xe0 | self.sps.len() as u8]);
        put_sets(out, &self.sps);
        out.push(self.pps.len() as u8);
        put_sets(out, &self.pps);
        if WITH_CHROMA.contains(&self.read.profile[0]) {
            let [format, luma, chroma] = self.read.chroma;
            out.extend_from_slice(&[0xfc | format, 0xf8 | luma, 0xf8 | chroma, 0]);
        }
    }
}
