//! Pictures into JPEG.

use bytes::Bytes;
use eyeline_media::{PixelFormat, Pool, Resolution};

use crate::raw::check_length;
use crate::{Error, Planes, Subsampling};

/// Makes baseline JPEGs; one for each thread, with its buffers kept. A JPEG that everybody has
/// let go of leaves its memory for the next one.
#[derive(Debug)]
pub struct Encoder {
    compressor: turbojpeg::Compressor,
    /// Where a raw picture is sorted into planes.
    planes: Planes,
    /// Where the JPEG is written before it is copied out at its true length. Writing it where
    /// it stays would save one copy of a few hundred, but hold room for the longest JPEG
    /// there may be, three bytes a pixel, for each that a viewer has not yet let go of.
    output: Vec<u8>,
    /// What it is copied to.
    pool: Pool,
}

impl Encoder {
    /// An encoder without buffers yet.
    ///
    /// # Errors
    /// [`Error::Codec`] when the codec cannot be set up for lack of memory.
    pub fn new() -> Result<Self, Error> {
        Ok(Self {
            compressor: turbojpeg::Compressor::new().map_err(Error::codec)?,
            planes: Planes::default(),
            output: Vec::new(),
            pool: Pool::default(),
        })
    }

    /// Compresses a raw picture. YUV is taken as it is (see the crate's word on ranges)
    /// and keeps its subsampling; RGB becomes 4:2:0.
    ///
    /// # Errors
    /// [`Error::Quality`] unless `quality` is 1 to 100, [`Error::WrongLength`] unless
    /// `data` is one picture, [`Error::Codec`] when the codec fails.
    pub fn encode_raw(
        &mut self,
        format: PixelFormat,
        size: Resolution,
        data: &[u8],
        quality: u8,
    ) -> Result<Bytes, Error> {
        check_length(format, size, data)?;
        let even = size.width().is_multiple_of(2) && size.height().is_multiple_of(2);
        match format {
            PixelFormat::Bgr24 => self.encode_rgb(turbojpeg::PixelFormat::BGR, size, data, quality),
            PixelFormat::Rgb24 => self.encode_rgb(turbojpeg::PixelFormat::RGB, size, data, quality),
            PixelFormat::Gray8 => self.encode_image(Subsampling::Gray, size, data, quality),
            PixelFormat::Yuv420p if even => {
                self.encode_image(Subsampling::Yuv420, size, data, quality)
            }
            PixelFormat::Yuv420p | PixelFormat::Nv12 | PixelFormat::Yuyv422 => {
                let mut planes = std::mem::take(&mut self.planes);
                let encoded = planes
                    .load(format, size, data)
                    .and_then(|()| self.encode_yuv(&planes, quality));
                self.planes = planes;
                encoded
            }
        }
    }

    /// Compresses planes as they are.
    ///
    /// # Errors
    /// [`Error::Quality`] unless `quality` is 1 to 100, [`Error::Codec`] when the codec
    /// fails.
    pub fn encode_yuv(&mut self, planes: &Planes, quality: u8) -> Result<Bytes, Error> {
        self.prepare(planes.size(), planes.subsampling(), quality)?;
        let image = planes.as_libjpeg();
        let len = self
            .compressor
            .compress_yuv_to_slice(image, &mut self.output);
        self.take(len)
    }

    /// Compresses planes that need no padding, where they lie.
    fn encode_image(
        &mut self,
        subsampling: Subsampling,
        size: Resolution,
        data: &[u8],
        quality: u8,
    ) -> Result<Bytes, Error> {
        self.prepare(size, subsampling, quality)?;
        let image = turbojpeg::YuvImage {
            pixels: data,
            width: size.width() as usize,
            align: 1,
            height: size.height() as usize,
            subsamp: subsampling.to_libjpeg(),
        };
        let len = self
            .compressor
            .compress_yuv_to_slice(image, &mut self.output);
        self.take(len)
    }

    fn encode_rgb(
        &mut self,
        format: turbojpeg::PixelFormat,
        size: Resolution,
        data: &[u8],
        quality: u8,
    ) -> Result<Bytes, Error> {
        self.prepare(size, Subsampling::Yuv420, quality)?;
        let subsamp = Subsampling::Yuv420.to_libjpeg();
        self.compressor.set_subsamp(subsamp).map_err(Error::codec)?;
        let image = turbojpeg::Image {
            pixels: data,
            width: size.width() as usize,
            pitch: size.width() as usize * 3,
            height: size.height() as usize,
            format,
        };
        let len = self.compressor.compress_to_slice(image, &mut self.output);
        self.take(len)
    }

    /// Sets the quality and makes room for the longest JPEG of this size. Memory is
    /// only touched, and so only used, as far as the JPEG really reaches.
    fn prepare(&mut self, size: Resolution, subs: Subsampling, quality: u8) -> Result<(), Error> {
        if !(1..=100).contains(&quality) {
            return Err(Error::Quality(quality));
        }
        let (width, height) = (size.width() as usize, size.height() as usize);
        let longest = turbojpeg::compressed_buf_len(width, height, subs.to_libjpeg())
            .map_err(Error::codec)?;
        if self.output.len() < longest {
            self.output = vec![0; longest];
        }
        self.compressor
            .set_quality(i32::from(quality))
            .map_err(Error::codec)
    }

    fn take(&mut self, len: turbojpeg::Result<usize>) -> Result<Bytes, Error> {
        let len = len.map_err(Error::codec)?;
        Ok(self.pool.gather(&[&self.output[..len]]))
    }
}
