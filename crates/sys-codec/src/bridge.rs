//! H.264 to JPEG.

use bytes::Bytes;
use eyeline_media::Resolution;

use crate::{Encoder, Error, H264Decoder, Planes, Resizer};

/// A decoder of H.264, an encoder of JPEGs, and the picture between them. One for each thread.
#[derive(Debug)]
pub struct Bridge {
    decoder: H264Decoder,
    encoder: Encoder,
    resizer: Resizer,
    /// What was decoded last.
    picture: Planes,
    scaled: Planes,
}

impl Bridge {
    /// A bridge without buffers yet.
    ///
    /// # Errors
    /// [`Error::Codec`] when a codec cannot be set up for lack of memory.
    pub fn new() -> Result<Self, Error> {
        Ok(Self {
            decoder: H264Decoder::new()?,
            encoder: Encoder::new()?,
            resizer: Resizer::default(),
            picture: Planes::default(),
            scaled: Planes::default(),
        })
    }

    /// Decodes one access unit, as packets carry it; the size of the picture that came of it,
    /// if one did.
    ///
    /// # Errors
    /// Those of [`H264Decoder::decode`].
    pub fn decode(&mut self, access_unit: &[u8]) -> Result<Option<Resolution>, Error> {
        let came = self.decoder.decode(access_unit, &mut self.picture)?;
        Ok(came.then(|| self.picture.size()))
    }

    /// As [`H264Decoder::held_back`].
    pub fn held_back(&mut self) -> usize {
        self.decoder.held_back()
    }

    /// The picture that was decoded last as a JPEG of exactly `target`.
    ///
    /// # Errors
    /// Those of [`Planes::resize`] and [`Encoder::encode_yuv`].
    pub fn encode(&mut self, target: Resolution, quality: u8) -> Result<Bytes, Error> {
        if self.picture.size() == target {
            return self.encoder.encode_yuv(&self.picture, quality);
        }
        self.picture
            .resize(&mut self.resizer, target, &mut self.scaled)?;
        self.encoder.encode_yuv(&self.scaled, quality)
    }
}
