//! Scaling planes to an exact size.

use eyeline_media::Resolution;
use fast_image_resize as fir;

use crate::{Component, Error, Planes, Subsampling};

/// A sample of chroma that has no colour.
const GRAY: u8 = 128;

/// Scales planes; keeps its tables and buffers. One for each thread.
#[derive(Debug)]
pub struct Resizer {
    inner: fir::Resizer,
    options: fir::ResizeOptions,
}

impl Default for Resizer {
    /// Bilinear, with the filter as wide as the pixels it averages when scaling down.
    fn default() -> Self {
        let filter = fir::ResizeAlg::Convolution(fir::FilterType::Bilinear);
        Self {
            inner: fir::Resizer::new(),
            options: fir::ResizeOptions::new().resize_alg(filter),
        }
    }
}

impl Planes {
    /// Scales the picture to exactly `target`, up or down, into `into`; the
    /// subsampling stays.
    ///
    /// # Errors
    /// [`Error::Codec`] when the scaler fails, which sizes within the limits don't cause.
    pub fn resize(
        &self,
        resizer: &mut Resizer,
        target: Resolution,
        into: &mut Self,
    ) -> Result<(), Error> {
        self.convert(resizer, (target, self.subsampling()), into)
    }

    /// Scales the picture and its chroma to exactly `target`, up or down, into `into`. Chroma that
    /// there is none of becomes gray.
    ///
    /// # Errors
    /// As [`resize`](Self::resize).
    pub fn convert(
        &self,
        resizer: &mut Resizer,
        target: (Resolution, Subsampling),
        into: &mut Self,
    ) -> Result<(), Error> {
        into.reset(target.0, target.1);
        for component in [Component::Y, Component::U, Component::V] {
            let Some(to) = into.padded_mut(component) else {
                continue;
            };
            match self.padded(component) {
                None => to.0.fill(GRAY),
                Some((from, width, height)) if (width, height) == (to.1, to.2) => {
                    to.0.copy_from_slice(from);
                }
                Some(from) => resizer.scale(from, to)?,
            }
        }
        Ok(())
    }
}

impl Resizer {
    /// Scales one plane: samples, width, height.
    fn scale(
        &mut self,
        (from, width, height): (&[u8], usize, usize),
        (to, to_width, to_height): (&mut [u8], usize, usize),
    ) -> Result<(), Error> {
        use fir::PixelType::U8;
        let from = fir::images::ImageRef::new(width as u32, height as u32, from, U8)
            .map_err(Error::codec)?;
        let mut to = fir::images::Image::from_slice_u8(to_width as u32, to_height as u32, to, U8)
            .map_err(Error::codec)?;
        self.inner
            .resize(&from, &mut to, &self.options)
            .map_err(Error::codec)
    }
}
