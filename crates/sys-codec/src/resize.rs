//! Scaling planes to an exact size.

use eyeline_media::Resolution;
use fast_image_resize as fir;

use crate::{Component, Error, Planes};

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
        into.reset(target, self.subsampling());
        for component in [Component::Y, Component::U, Component::V] {
            let Some((from, width, height)) = self.padded(component) else {
                continue;
            };
            let from =
                fir::images::ImageRef::new(width as u32, height as u32, from, fir::PixelType::U8)
                    .map_err(Error::codec)?;
            let Some((to, width, height)) = into.padded_mut(component) else {
                continue;
            };
            let mut to = fir::images::Image::from_slice_u8(
                width as u32,
                height as u32,
                to,
                fir::PixelType::U8,
            )
            .map_err(Error::codec)?;
            resizer
                .inner
                .resize(&from, &mut to, &resizer.options)
                .map_err(Error::codec)?;
        }
        Ok(())
    }
}
