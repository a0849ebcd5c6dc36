//! Raw pictures of cameras and pipes, sorted into planes.

use eyeline_media::{PixelFormat, Resolution};

use crate::{Component, Error, Planes, Subsampling};

/// Checks that `data` is one picture.
pub(crate) fn check_length(
    format: PixelFormat,
    size: Resolution,
    data: &[u8],
) -> Result<(), Error> {
    let expected = format.frame_len(size);
    if data.len() == expected {
        return Ok(());
    }
    Err(Error::WrongLength {
        format,
        size,
        expected,
        actual: data.len(),
    })
}

impl Planes {
    /// Takes the samples of a raw picture; its YUV as it is, not converted.
    ///
    /// # Errors
    /// [`Error::WrongLength`] when `data` is not [`PixelFormat::frame_len`] bytes, and
    /// [`Error::Unsupported`] for RGB, which has no planes to sort.
    pub fn load(
        &mut self,
        format: PixelFormat,
        size: Resolution,
        data: &[u8],
    ) -> Result<(), Error> {
        check_length(format, size, data)?;
        let mut near_by = [0; PIECE];
        match format {
            PixelFormat::Bgr24 | PixelFormat::Rgb24 => {
                return Err(Error::Unsupported("RGB as planes"));
            }
            PixelFormat::Gray8 => {
                self.reset(size, Subsampling::Gray);
                self.copy_lines(Component::Y, data);
            }
            PixelFormat::Yuv420p => {
                self.reset(size, Subsampling::Yuv420);
                let (luma, chroma) = data.split_at(size.pixels());
                let (u, v) = chroma.split_at(chroma.len() / 2);
                self.copy_lines(Component::Y, luma);
                self.copy_lines(Component::U, u);
                self.copy_lines(Component::V, v);
            }
            PixelFormat::Nv12 => {
                self.reset(size, Subsampling::Yuv420);
                let (luma, chroma) = data.split_at(size.pixels());
                self.copy_lines(Component::Y, luma);
                let (_, u, v) = self.padded_all_mut();
                let planes = u.chunks_mut(PIECE / 2).zip(v.chunks_mut(PIECE / 2));
                for (from, (u, v)) in chroma.chunks(PIECE).zip(planes) {
                    let piece = near(from, &mut near_by);
                    pick_of_two(u, piece, 0);
                    pick_of_two(v, piece, 1);
                }
            }
            PixelFormat::Yuyv422 => {
                self.reset(size, Subsampling::Yuv422);
                // With an odd width the padding of luma takes the spare sample.
                let (y, u, v) = self.padded_all_mut();
                let chroma = u.chunks_mut(PIECE / 4).zip(v.chunks_mut(PIECE / 4));
                let planes = y.chunks_mut(PIECE / 2).zip(chroma);
                for (from, (y, (u, v))) in data.chunks(PIECE).zip(planes) {
                    let piece = near(from, &mut near_by);
                    pick_of_two(y, piece, 0);
                    pick_of_four(u, piece, 1);
                    pick_of_four(v, piece, 3);
                }
            }
        }
        self.pad();
        Ok(())
    }

    /// Stretches samples of the limited range to the full one, as JPEG has it.
    pub fn stretch(&mut self) {
        let (y, u, v) = self.padded_all_mut();
        // Of 219 steps of luma and 224 of chroma are made 255; what is beyond is cut off. In 16
        // bits, as compilers make vector instructions of that.
        for sample in y {
            let above = (i16::from(*sample) - 16).clamp(0, 219);
            *sample = ((above * 149 + 64) >> 7) as u8;
        }
        for plane in [u, v] {
            for sample in plane {
                let from_gray = i16::from(*sample) - 128;
                *sample = (128 + ((from_gray * 146 + 64) >> 7)).clamp(0, 255) as u8;
            }
        }
    }

    /// Brings samples of the full range to the limited one, as players expect of H.264.
    pub fn squeeze(&mut self) {
        let (y, u, v) = self.padded_all_mut();
        for sample in y {
            *sample = (((u16::from(*sample) * 220 + 128) >> 8) + 16) as u8;
        }
        for plane in [u, v] {
            for sample in plane {
                let from_gray = i16::from(*sample) - 128;
                *sample = (128 + ((from_gray * 225 + 128) >> 8)) as u8;
            }
        }
    }

    /// Copies a plane from lines without padding.
    fn copy_lines(&mut self, component: Component, from: &[u8]) {
        let Some(plane) = self.plane_mut(component) else {
            return;
        };
        if plane.stride == plane.width {
            plane.data[..from.len()].copy_from_slice(from);
            return;
        }
        let lines = plane.data.chunks_exact_mut(plane.stride);
        for (to, from) in lines.zip(from.chunks_exact(plane.width)) {
            to[..plane.width].copy_from_slice(from);
        }
    }
}

/// Bytes that are sorted at a time: they stay in the nearest cache while each plane takes its own.
const PIECE: usize = 4096;

/// A piece, copied near by: a camera's memory may be uncached, and is read only once so.
fn near<'a>(piece: &[u8], to: &'a mut [u8; PIECE]) -> &'a [u8] {
    let to = &mut to[..piece.len()];
    to.copy_from_slice(piece);
    to
}

/// Fills `to` with byte `offset` of every two. Whole words are shifted, as compilers make
/// vector instructions of that, and of single bytes none: a tenth of the time.
fn pick_of_two(to: &mut [u8], from: &[u8], offset: u32) {
    for (to, two) in to.iter_mut().zip(from.as_chunks().0) {
        *to = (u16::from_le_bytes(*two) >> (8 * offset)) as u8;
    }
}

/// As [`pick_of_two`], of every four.
fn pick_of_four(to: &mut [u8], from: &[u8], offset: u32) {
    for (to, four) in to.iter_mut().zip(from.as_chunks().0) {
        *to = (u32::from_le_bytes(*four) >> (8 * offset)) as u8;
    }
}
