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
                self.pick(Component::U, chroma, 0, 2);
                self.pick(Component::V, chroma, 1, 2);
            }
            PixelFormat::Yuyv422 => {
                self.reset(size, Subsampling::Yuv422);
                // With an odd width the padding of luma takes the spare sample.
                self.pick(Component::Y, data, 0, 2);
                self.pick(Component::U, data, 1, 4);
                self.pick(Component::V, data, 3, 4);
            }
        }
        self.pad();
        Ok(())
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

    /// Fills a plane, padding included, with every `step`th byte from `offset` on.
    fn pick(&mut self, component: Component, from: &[u8], offset: usize, step: usize) {
        let Some((to, ..)) = self.padded_mut(component) else {
            return;
        };
        for (to, group) in to.iter_mut().zip(from.chunks_exact(step)) {
            *to = group[offset];
        }
    }
}
