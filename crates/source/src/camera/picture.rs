//! From a frame as the driver lends it to a picture of the stream.
//!
//! Not here: the device (`reader`), and who wants the picture.

use eyeline_hub::JpegQuality;
use eyeline_media::{Packet, PixelFormat, Pool, Resolution, SampleRange, Timestamp, jpeg};
use eyeline_proto::h264;
use eyeline_sys_codec::Encoder;

use super::format::{Format, packed};
use crate::error::PictureError;
use crate::sink::{h264_packet, jpeg_packet};

/// Most planes of a frame; no format that can be shown has more.
pub(super) const MOST_PLANES: usize = 3;

/// Makes pictures of a camera's frames. JPEGs are copied once, with the Huffman tables that
/// webcams leave out; raw frames are encoded; H.264 is put into the form of packets. Pictures that everybody has let go of leave
/// their memory for the next ones, so that a camera that runs steadily allocates nothing.
pub struct Converter {
    format: Format,
    size: Resolution,
    /// Bytes from one row to the next, for each plane.
    strides: Vec<usize>,
    encoder: Encoder,
    /// For JPEGs.
    pool: Pool,
    h264: h264::Demux,
    /// For raw frames whose rows have gaps.
    packed: Vec<u8>,
}

impl Converter {
    /// For frames of this format. `size` is that of raw frames, and `strides` are the bytes
    /// from one row to the next of each buffer that a frame comes in (0 if there are no gaps);
    /// JPEGs say their size themselves. `range` is that of YUV.
    ///
    /// # Errors
    /// [`PictureError::Encode`] when there is no memory for an encoder.
    pub fn new(
        format: Format,
        size: Resolution,
        strides: Vec<usize>,
        range: SampleRange,
    ) -> Result<Self, PictureError> {
        let encoder = Encoder::new().map_err(|error| PictureError::Encode(error.to_string()));
        let mut encoder = encoder?;
        encoder.set_range(range);
        Ok(Self {
            format,
            size,
            strides,
            encoder,
            pool: Pool::default(),
            h264: h264::Demux::new(h264::Limits::default()),
            packed: Vec::new(),
        })
    }

    /// Whether it takes encoding to make pictures.
    #[must_use]
    pub fn encodes(&self) -> bool {
        matches!(self.format, Format::Raw(_))
    }

    /// The picture in a frame that lies in these buffers and was captured then. `quality` is
    /// that of JPEGs made here.
    ///
    /// # Errors
    /// When the frame is not a picture, or not a whole one.
    pub fn convert(
        &mut self,
        buffers: &[&[u8]],
        captured: Timestamp,
        quality: JpegQuality,
    ) -> Result<Packet, PictureError> {
        match self.format {
            Format::Jpeg => {
                let frame = buffers.first().ok_or(PictureError::Short)?;
                let (header, parts) = jpeg::with_standard_huffman_tables(frame)?;
                let data = self.pool.gather(&parts);
                Ok(jpeg_packet(data, header.resolution, captured))
            }
            Format::Raw(format) => self.encode(format, buffers, captured, quality),
            Format::H264 => {
                let frame = buffers.first().ok_or(PictureError::Short)?;
                let unit = self.h264.frame(frame).map_err(PictureError::H264)?;
                let unit = unit.ok_or(PictureError::NoParameterSets)?;
                Ok(h264_packet(unit, captured))
            }
        }
    }

    fn encode(
        &mut self,
        format: PixelFormat,
        buffers: &[&[u8]],
        captured: Timestamp,
        quality: JpegQuality,
    ) -> Result<Packet, PictureError> {
        let size = self.size;
        let mut planes = [(&[][..], 0); MOST_PLANES];
        let count = buffers.len().min(self.strides.len()).min(MOST_PLANES);
        for (plane, (buffer, stride)) in planes.iter_mut().zip(buffers.iter().zip(&self.strides)) {
            *plane = (*buffer, *stride);
        }
        let sides = (size.width() as usize, size.height() as usize);
        let raw = packed(format, sides, &planes[..count], &mut self.packed);
        let raw = raw.ok_or(PictureError::Short)?;
        let jpeg = self.encoder.encode_raw(format, size, raw, quality.get());
        let jpeg = jpeg.map_err(|error| PictureError::Encode(error.to_string()))?;
        Ok(jpeg_packet(jpeg, size, captured))
    }
}
