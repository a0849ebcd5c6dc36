//! JPEGs that a real decoder accepts and whose capture time can be read from their pixels.
//!
//! Not here: servers and programs that send them.

use bytes::Bytes;
use eyeline_media::{PixelFormat, Resolution, Timestamp, jpeg, timecode};
use eyeline_sys_codec::{Decoder, Encoder, Planes};

/// Quality of the pictures whose length is tuned by noise.
const NOISY_QUALITY: u8 = 80;
/// The strongest noise to either side, in sixteenths of a step of luma.
const MAX_NOISE: u32 = 1_600;

/// Makes pictures of one kind, one for each capture time; cheap enough for 30 a second.
#[derive(Debug)]
pub struct Pictures {
    encoder: Encoder,
    size: Resolution,
    quality: u8,
    /// `yuv420p`
    data: Vec<u8>,
}

impl Pictures {
    /// Smooth pictures of this size, at a JPEG quality of 1 to 100.
    ///
    /// # Panics
    /// When the codec cannot be set up.
    #[must_use]
    pub fn new(size: Resolution, quality: u8) -> Self {
        Self {
            encoder: Encoder::new().expect("the codec needs only memory"),
            size,
            quality,
            data: painted(size, 0),
        }
    }

    /// Pictures with as much noise as makes them about `bytes` long: within a tenth,
    /// unless even a smooth picture is longer or the strongest noise shorter.
    #[must_use]
    pub fn of_about(size: Resolution, bytes: usize) -> Self {
        let mut pictures = Self::new(size, NOISY_QUALITY);
        let (mut low, mut high) = (0, MAX_NOISE);
        while low < high {
            let middle = u32::midpoint(low, high);
            pictures.data = painted(size, middle);
            if pictures.at(Timestamp::default()).len() < bytes {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        pictures.data = painted(size, low);
        pictures
    }

    /// The picture captured at `time`. [`read_time`] finds it, to the microsecond,
    /// unless the picture is too small for a timecode.
    ///
    /// # Panics
    /// When the quality is not 1 to 100.
    pub fn at(&mut self, time: Timestamp) -> Bytes {
        let luma = &mut self.data[..self.size.pixels()];
        timecode::encode(time, luma, self.size.width() as usize, self.size);
        self.encoder
            .encode_raw(PixelFormat::Yuv420p, self.size, &self.data, self.quality)
            .expect("the picture is of its size, and the quality 1 to 100")
    }
}

/// One smooth picture; see [`Pictures`] for many.
#[must_use]
pub fn jpeg(size: Resolution, time: Timestamp, quality: u8) -> Bytes {
    Pictures::new(size, quality).at(time)
}

/// One picture of about `bytes` bytes; see [`Pictures::of_about`].
#[must_use]
pub fn jpeg_of_about(size: Resolution, bytes: usize, time: Timestamp) -> Bytes {
    Pictures::of_about(size, bytes).at(time)
}

/// A grey JPEG of 768 by 432 pixels with a number drawn as `examples/opencv_app.py` does:
/// sixteen squares of 24 pixels along the top, most significant first, white for one.
///
/// # Panics
/// When the codec is at fault.
#[must_use]
pub fn numbered(number: u16) -> Bytes {
    const WIDTH: usize = 768;
    const SQUARE: usize = 24;
    let size = Resolution::new(768, 432).expect("within the limits");
    let mut gray = vec![0; size.pixels()];
    for row in gray.chunks_exact_mut(WIDTH).take(SQUARE) {
        for bit in (0..16).filter(|bit| number >> (15 - bit) & 1 == 1) {
            row[bit * SQUARE..(bit + 1) * SQUARE].fill(255);
        }
    }
    let mut encoder = Encoder::new().expect("an encoder");
    encoder
        .encode_raw(PixelFormat::Gray8, size, &gray, 90)
        .expect("it fits")
}

/// The capture time in a picture's pixels, whoever encoded or scaled it.
#[must_use]
pub fn read_time(jpeg: &[u8]) -> Option<Timestamp> {
    Decoder::new().luma(jpeg, None).ok()?.time()
}

/// The size in a JPEG's header.
///
/// # Panics
/// When it is no JPEG.
#[must_use]
pub fn size(picture: &[u8]) -> Resolution {
    let header = jpeg::parse_header(picture).expect("a JPEG");
    header.resolution
}

/// The mean of a picture's luma, from 0 to 255.
///
/// # Panics
/// When it is no JPEG.
#[must_use]
pub fn brightness(jpeg: &[u8]) -> f64 {
    let mut planes = Planes::default();
    let decoded = Decoder::new().decode(jpeg, &mut planes);
    decoded.expect("a JPEG");
    let luma = planes.luma().data;
    luma.iter().map(|sample| f64::from(*sample)).sum::<f64>() / luma.len().max(1) as f64
}

/// How much two pictures of one size differ: the mean difference of their samples, luma
/// and chroma, from 0 to 255.
///
/// # Panics
/// When one is no JPEG, or they have not the same size.
#[must_use]
pub fn difference(a: &[u8], b: &[u8]) -> f64 {
    let samples = |jpeg| {
        let mut planes = Planes::default();
        let decoded = Decoder::new().decode(jpeg, &mut planes);
        decoded.expect("a JPEG");
        planes.to_packed()
    };
    let (a, b) = (samples(a), samples(b));
    assert_eq!(a.len(), b.len(), "pictures of one size");
    let apart = a.iter().zip(&b).map(|(a, b)| u64::from(a.abs_diff(*b)));
    apart.sum::<u64>() as f64 / a.len().max(1) as f64
}

/// A `yuv420p` gradient with noise of up to `noise` sixteenths of a step on its luma.
fn painted(size: Resolution, noise: u32) -> Vec<u8> {
    let (width, height) = (size.width() as usize, size.height() as usize);
    let mut data = vec![128; PixelFormat::Yuv420p.frame_len(size)];
    let spread = 2 * u64::from(noise) + 1;
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    for (index, sample) in data[..size.pixels()].iter_mut().enumerate() {
        let (x, y) = (index % width, index / width);
        let smooth = (60 + 80 * x / width + 50 * y / height) as i64;
        // xorshift64
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let random = (state >> 16) % spread;
        *sample = (smooth + (random as i64 - i64::from(noise)) / 16).clamp(0, 255) as u8;
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_764_000_123_456_789);

    #[test]
    fn a_picture_tells_the_time_it_was_made_with() {
        for (width, height) in [(1280, 720), (640, 480), (321, 241)] {
            let size = Resolution::new(width, height).unwrap();
            assert_eq!(read_time(&jpeg(size, NOW, 50)), Some(NOW), "{size}");
        }
        assert_eq!(read_time(b"no picture"), None);
    }

    #[test]
    fn a_picture_is_about_as_long_as_asked_for() {
        let size = Resolution::new(640, 360).unwrap();
        for wanted in [15_000, 30_000, 60_000] {
            let picture = jpeg_of_about(size, wanted, NOW);
            assert!(
                picture.len().abs_diff(wanted) <= wanted / 10,
                "{} for {wanted}",
                picture.len()
            );
            assert_eq!(read_time(&picture), Some(NOW));
        }
    }
}
