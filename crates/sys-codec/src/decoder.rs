//! JPEG into planes, scaled on the way.

use eyeline_media::{Resolution, Timestamp, timecode};
use turbojpeg::{Colorspace, Decompressor, ScalingFactor};

use crate::{Error, Planes, Resizer, Subsampling};

/// Most scans of a progressive JPEG; a few bytes of scan can cost the time of a whole
/// picture. Cameras and editors make about ten.
const MAX_SCANS: u32 = 64;

/// Eighths that libjpeg scales by in the transform itself. Others exist, but without
/// SIMD they cost more than a larger picture and our own scaler do.
const EIGHTHS: [usize; 4] = [1, 2, 4, 8];

/// Decodes JPEGs: baseline and progressive, gray and every common subsampling. One for
/// each thread, with its buffers kept.
#[derive(Debug, Default)]
pub struct Decoder {
    resizer: Resizer,
    /// Where a picture waits to be scaled to its exact size.
    scratch: Planes,
}

/// The luma of a picture.
#[derive(Clone, Debug)]
pub struct Luma {
    /// Samples; lines start `stride` bytes apart.
    pub data: Vec<u8>,
    /// Bytes from one line to the next.
    pub stride: usize,
    /// Size of the picture.
    pub size: Resolution,
}

/// A JPEG whose header was found to be good.
///
/// Every picture gets a new handle (0.2 µs): libjpeg's keeps the tables of the picture
/// before, which would decode one that lacks its own, and is stuck for good once a header
/// has failed.
struct Opened<'a> {
    decompressor: Decompressor,
    jpeg: &'a [u8],
    size: Resolution,
    subsampling: Subsampling,
}

impl Luma {
    /// The capture time written into the picture, if there is one.
    #[must_use]
    pub fn time(&self) -> Option<Timestamp> {
        timecode::decode(&self.data, self.stride, self.size)
    }
}

impl Decoder {
    /// A decoder without buffers yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Decodes at the picture's own size.
    ///
    /// # Errors
    /// As [`Self::decode_scaled`].
    pub fn decode(&mut self, jpeg: &[u8], into: &mut Planes) -> Result<(), Error> {
        Opened::new(jpeg)?.decode(8, into)
    }

    /// Decodes and scales to exactly `target`, keeping the subsampling. Most of the way
    /// down is done inside the transform, where it saves time instead of costing it.
    /// Returns the picture's own size. After an error the samples in `into` are
    /// unspecified.
    ///
    /// # Errors
    /// [`Error::Size`] for a header beyond the limits of [`Resolution`] (nothing is
    /// allocated), [`Error::Unsupported`] for CMYK, RGB and lossless JPEG,
    /// [`Error::Truncated`] and [`Error::Corrupt`] for damaged data.
    pub fn decode_scaled(
        &mut self,
        jpeg: &[u8],
        target: Resolution,
        into: &mut Planes,
    ) -> Result<Resolution, Error> {
        let mut opened = Opened::new(jpeg)?;
        let eighths = eighths_for(opened.size, target);
        if scaled(opened.size, eighths)? == target {
            opened.decode(eighths, into)?;
        } else {
            opened.decode(eighths, &mut self.scratch)?;
            self.scratch.resize(&mut self.resizer, target, into)?;
        }
        Ok(opened.size)
    }

    /// As [`decode_scaled`](Self::decode_scaled), with the chroma brought to 4:2:0. A picture that has
    /// one column or line more than `target` keeps it.
    ///
    /// # Errors
    /// As [`Self::decode_scaled`].
    pub fn decode_yuv420(
        &mut self,
        jpeg: &[u8],
        target: Resolution,
        into: &mut Planes,
    ) -> Result<Resolution, Error> {
        let mut opened = Opened::new(jpeg)?;
        let odd = |side: u32, wanted: u32| side == wanted || side == wanted + 1;
        let size = opened.size;
        let target = if odd(size.width(), target.width()) && odd(size.height(), target.height()) {
            size
        } else {
            target
        };
        let eighths = eighths_for(size, target);
        let wanted = (target, Subsampling::Yuv420);
        if (scaled(size, eighths)?, opened.subsampling) == wanted {
            opened.decode(eighths, into)?;
        } else {
            opened.decode(eighths, &mut self.scratch)?;
            self.scratch.convert(&mut self.resizer, wanted, into)?;
        }
        Ok(size)
    }

    /// Decodes luma alone, at the picture's own size or, where `at_least` is given, at
    /// the cheapest smaller one that still covers it.
    ///
    /// # Errors
    /// As [`Self::decode_scaled`].
    pub fn luma(&mut self, jpeg: &[u8], at_least: Option<Resolution>) -> Result<Luma, Error> {
        let mut opened = Opened::new(jpeg)?;
        let eighths = at_least.map_or(8, |target| eighths_for(opened.size, target));
        opened.luma(eighths)
    }

    /// The size a JPEG's header tells.
    ///
    /// # Errors
    /// As [`Self::decode_scaled`], except that damage behind the header goes unseen.
    pub fn size(&mut self, jpeg: &[u8]) -> Result<Resolution, Error> {
        Ok(Opened::new(jpeg)?.size)
    }
}

impl<'a> Opened<'a> {
    /// Reads and checks the header; allocates nothing for the picture.
    fn new(jpeg: &'a [u8]) -> Result<Self, Error> {
        let mut decompressor = Decompressor::new().map_err(Error::codec)?;
        decompressor
            .set_scan_limit(MAX_SCANS)
            .map_err(Error::codec)?;
        let header = decompressor.read_header(jpeg).map_err(Error::reading)?;
        // A side beyond u32 is beyond the limits as well.
        let side = |side: usize| u32::try_from(side).unwrap_or(u32::MAX);
        let size = Resolution::new(side(header.width), side(header.height))?;
        match header.colorspace {
            Colorspace::YCbCr | Colorspace::Gray => {}
            Colorspace::RGB => return Err(Error::Unsupported("an RGB JPEG")),
            Colorspace::CMYK | Colorspace::YCCK => return Err(Error::Unsupported("a CMYK JPEG")),
        }
        if header.is_lossless {
            return Err(Error::Unsupported("a lossless JPEG"));
        }
        let subsampling = Subsampling::from_libjpeg(header.subsamp)
            .ok_or(Error::Unsupported("a JPEG with this subsampling"))?;
        Ok(Self {
            decompressor,
            jpeg,
            size,
            subsampling,
        })
    }

    fn decode(&mut self, eighths: usize, into: &mut Planes) -> Result<(), Error> {
        self.set_eighths(eighths)?;
        into.reset(scaled(self.size, eighths)?, self.subsampling);
        let done = self
            .decompressor
            .decompress_to_yuv(self.jpeg, into.as_libjpeg_mut());
        forgive(done, self.jpeg)?;
        into.pad();
        Ok(())
    }

    fn luma(&mut self, eighths: usize) -> Result<Luma, Error> {
        self.set_eighths(eighths)?;
        let size = scaled(self.size, eighths)?;
        let stride = size.width() as usize;
        let mut data = vec![0; size.pixels()];
        let image = turbojpeg::Image {
            pixels: &mut data[..],
            width: stride,
            pitch: stride,
            height: size.height() as usize,
            format: turbojpeg::PixelFormat::GRAY,
        };
        let done = self.decompressor.decompress(self.jpeg, image);
        forgive(done, self.jpeg)?;
        Ok(Luma { data, stride, size })
    }

    fn set_eighths(&mut self, eighths: usize) -> Result<(), Error> {
        self.decompressor
            .set_scaling_factor(ScalingFactor::new(eighths, 8))
            .map_err(Error::codec)
    }
}

/// The fewest eighths that still cover `target` in both directions; 8 if none do.
fn eighths_for(size: Resolution, target: Resolution) -> usize {
    let covers =
        |side: u32, wanted: u32, n: usize| (side as usize * n).div_ceil(8) >= wanted as usize;
    EIGHTHS
        .into_iter()
        .find(|&n| {
            covers(size.width(), target.width(), n) && covers(size.height(), target.height(), n)
        })
        .unwrap_or(8)
}

/// Libjpeg's size of a picture decoded at `eighths`.
fn scaled(size: Resolution, eighths: usize) -> Result<Resolution, Error> {
    let side = |side: u32| (side * eighths as u32).div_ceil(8);
    Ok(Resolution::new(side(size.width()), side(size.height()))?)
}

/// Lets pass what harms no pixel. Many webcams pad their entropy-coded data; libjpeg
/// skips the padding, decodes the whole picture and warns, and `turbojpeg` makes the
/// warning an error.
fn forgive(done: turbojpeg::Result<()>, jpeg: &[u8]) -> Result<(), Error> {
    let Err(error) = done else {
        return Ok(());
    };
    let error = Error::reading(error);
    // jerror.h: JWRN_EXTRANEOUS_DATA. Only the first warning is told, so the end is
    // looked at too: padding may come before a cut.
    let padding = matches!(&error, Error::Corrupt(message)
        if message.contains("extraneous bytes before marker"));
    if padding && is_ended(jpeg) {
        Ok(())
    } else {
        Err(error)
    }
}

/// Whether an end-of-image marker closes the data; zeros behind it are padding.
fn is_ended(jpeg: &[u8]) -> bool {
    let len = jpeg.iter().rposition(|&b| b != 0).map_or(0, |i| i + 1);
    jpeg[..len].ends_with(&[0xFF, 0xD9])
}
