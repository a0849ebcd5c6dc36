//! JPEG to a smaller JPEG.

use bytes::Bytes;
use eyeline_media::Resolution;

use crate::{Decoder, Encoder, Error, Planes};

/// A decoder, an encoder and the picture between them. One for each thread.
#[derive(Debug)]
pub struct Transcoder {
    decoder: Decoder,
    encoder: Encoder,
    planes: Planes,
}

impl Transcoder {
    /// A transcoder without buffers yet.
    ///
    /// # Errors
    /// [`Error::Codec`] when the codec cannot be set up for lack of memory.
    pub fn new() -> Result<Self, Error> {
        Ok(Self {
            decoder: Decoder::new(),
            encoder: Encoder::new()?,
            planes: Planes::default(),
        })
    }

    /// Makes a JPEG of exactly `target` at `quality` out of another; the subsampling
    /// stays.
    ///
    /// # Errors
    /// Those of [`Decoder::decode_scaled`] and [`Encoder::encode_yuv`].
    pub fn transcode(
        &mut self,
        jpeg: &[u8],
        target: Resolution,
        quality: u8,
    ) -> Result<Bytes, Error> {
        self.decoder.decode_scaled(jpeg, target, &mut self.planes)?;
        self.encoder.encode_yuv(&self.planes, quality)
    }
}
