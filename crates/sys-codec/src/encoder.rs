//! Pictures into JPEG.

use bytes::Bytes;
use eyeline_media::{PixelFormat, Pool, Resolution, SampleRange};

use crate::raw::check_length;
use crate::{Error, Planes, Subsampling};

/// Makes baseline JPEGs; one for each thread, with its buffers kept. A JPEG that everybody has
/// let go of leaves its memory for the next one.
#[derive(Debug)]
pub struct Encoder {
    /// Where a raw picture is sorted into planes.
    planes: Planes,
    range: SampleRange,
    writer: Writer,
}

/// Writes JPEGs.
#[derive(Debug)]
struct Writer {
    compressor: turbojpeg::Compressor,
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
            planes: Planes::default(),
            range: SampleRange::Full,
            writer: Writer {
                compressor: turbojpeg::Compressor::new().map_err(Error::codec)?,
                output: Vec::new(),
                pool: Pool::default(),
            },
        })
    }

    /// Says which range the YUV of raw pictures has from now on; the full one if nothing is said.
    pub fn set_range(&mut self, range: SampleRange) {
        self.range = range;
    }

    /// Compresses a raw picture. YUV keeps its subsampling, and is stretched to the full range
    /// if it has [another](Self::set_range); RGB becomes 4:2:0.
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
        match format {
            PixelFormat::Bgr24 => {
                let format = turbojpeg::PixelFormat::BGR;
                self.writer.write_rgb(format, size, data, quality)
            }
            PixelFormat::Rgb24 => {
                let format = turbojpeg::PixelFormat::RGB;
                self.writer.write_rgb(format, size, data, quality)
            }
            // Copied even if they could be compressed where they lie: what a camera has just
            // written is in no cache, and read row by row it takes a fifth longer at 1280x720.
            PixelFormat::Gray8
            | PixelFormat::Yuv420p
            | PixelFormat::Nv12
            | PixelFormat::Yuyv422 => {
                self.planes.load(format, size, data)?;
                if self.range == SampleRange::Limited {
                    self.planes.stretch();
                }
                self.writer.write_yuv(self.planes.as_libjpeg(), quality)
            }
        }
    }

    /// Compresses planes as they are.
    ///
    /// # Errors
    /// [`Error::Quality`] unless `quality` is 1 to 100, [`Error::Codec`] when the codec
    /// fails.
    pub fn encode_yuv(&mut self, planes: &Planes, quality: u8) -> Result<Bytes, Error> {
        self.writer.write_yuv(planes.as_libjpeg(), quality)
    }
}

impl Writer {
    fn write_yuv(
        &mut self,
        image: turbojpeg::YuvImage<&[u8]>,
        quality: u8,
    ) -> Result<Bytes, Error> {
        self.prepare(image.width, image.height, image.subsamp, quality)?;
        let len = self
            .compressor
            .compress_yuv_to_slice(image, &mut self.output);
        self.take(len)
    }

    fn write_rgb(
        &mut self,
        format: turbojpeg::PixelFormat,
        size: Resolution,
        data: &[u8],
        quality: u8,
    ) -> Result<Bytes, Error> {
        let image = turbojpeg::Image {
            pixels: data,
            width: size.width() as usize,
            pitch: size.width() as usize * 3,
            height: size.height() as usize,
            format,
        };
        let subsamp = Subsampling::Yuv420.to_libjpeg();
        self.prepare(image.width, image.height, subsamp, quality)?;
        self.compressor.set_subsamp(subsamp).map_err(Error::codec)?;
        let len = self.compressor.compress_to_slice(image, &mut self.output);
        self.take(len)
    }

    /// Sets the quality and makes room for the longest JPEG of this size. Memory is
    /// only touched, and so only used, as far as the JPEG really reaches.
    fn prepare(
        &mut self,
        width: usize,
        height: usize,
        subsamp: turbojpeg::Subsamp,
        quality: u8,
    ) -> Result<(), Error> {
        if !(1..=100).contains(&quality) {
            return Err(Error::Quality(quality));
        }
        let longest =
            turbojpeg::compressed_buf_len(width, height, subsamp).map_err(Error::codec)?;
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
