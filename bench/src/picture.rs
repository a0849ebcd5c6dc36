//! Pictures of a chosen weight that carry their time, and the multipart bytes around
//! them.
//!
//! Not here: when they are sent, and to whom.

use anyhow::Context as _;
use bytes::Bytes;
use eyeline_media::{PixelFormat, Resolution, Timestamp, timecode};
use eyeline_sys_codec::Encoder;

/// Ends the header line of the multipart type; the same everywhere in this program.
pub(crate) const BOUNDARY: &str = "eyelinebench4f2a9c";

/// JPEG quality of the pictures; their weight is set by noise.
const QUALITY: u8 = 80;

/// Makes pictures that differ only in their time.
pub(crate) struct Camera {
    encoder: Encoder,
    size: Resolution,
    /// 4:2:0, full-range.
    samples: Vec<u8>,
}

impl Camera {
    /// A camera whose pictures are about `bytes` long, as near as noise brings them.
    pub(crate) fn new(size: Resolution, bytes: usize) -> anyhow::Result<Self> {
        let mut camera = Self {
            encoder: Encoder::new()?,
            size,
            samples: Vec::new(),
        };
        let (mut low, mut high) = (0_u32, 2_000);
        while high - low > 1 {
            let middle = low.midpoint(high);
            camera.paint(middle);
            if camera.take(Timestamp::default())?.len() > bytes {
                high = middle;
            } else {
                low = middle;
            }
        }
        camera.paint(low);
        Ok(camera)
    }

    /// The picture of one instant.
    pub(crate) fn take(&mut self, time: Timestamp) -> anyhow::Result<Bytes> {
        let width = self.size.width() as usize;
        let drawn = timecode::encode(time, &mut self.samples, width, self.size);
        anyhow::ensure!(
            drawn,
            "a picture of {} is too small for its time",
            self.size
        );
        self.encoder
            .encode_raw(PixelFormat::Yuv420p, self.size, &self.samples, QUALITY)
            .context("cannot encode")
    }

    /// The samples of the last picture taken: yuv420p.
    pub(crate) fn samples(&self) -> &[u8] {
        &self.samples
    }

    /// A gradient with noise of `tenths` of a luma step.
    fn paint(&mut self, tenths: u32) {
        let width = self.size.width() as usize;
        let pixels = self.size.pixels();
        self.samples.clear();
        self.samples
            .resize(PixelFormat::Yuv420p.frame_len(self.size), 128);
        let mut random = 0x2545_f491_u32;
        for (index, sample) in self.samples[..pixels].iter_mut().enumerate() {
            random ^= random << 13;
            random ^= random >> 17;
            random ^= random << 5;
            let noise = (random >> 16) * tenths / 10 / 65_536;
            let slope = (index % width) * 120 / width + 40;
            *sample = (slope as u32 + noise).min(255) as u8;
        }
    }
}

/// The same picture with a little colour, which costs time to encode; 4:2:0 as before.
pub(crate) fn coloured(size: Resolution, samples: &[u8]) -> Vec<u8> {
    let mut samples = samples.to_vec();
    let (luma, chroma) = samples.split_at_mut(size.pixels());
    let width = size.width() as usize;
    for (index, sample) in chroma.iter_mut().enumerate() {
        let (column, row) = (index % (width / 2), index / (width / 2));
        // Half of the noise of the luma there.
        let noise = luma[(2 * row * width + 2 * column) % luma.len()] % 16;
        *sample = 96 + (column * 48 / width) as u8 + noise;
    }
    samples
}

/// 4:2:0 with interleaved chroma, from planes.
pub(crate) fn to_nv12(size: Resolution, planar: &[u8]) -> Vec<u8> {
    let (luma, chroma) = planar.split_at(size.pixels());
    let (u, v) = chroma.split_at(chroma.len() / 2);
    let pairs = u.iter().zip(v).flat_map(|(u, v)| [*u, *v]);
    luma.iter().copied().chain(pairs).collect()
}

/// 4:2:2 planes, from 4:2:0.
pub(crate) fn to_422(size: Resolution, planar: &[u8]) -> Vec<u8> {
    let (luma, chroma) = planar.split_at(size.pixels());
    let rows = chroma.chunks_exact(size.width() as usize / 2);
    let twice = rows.flat_map(|row| [row, row]).flatten();
    luma.iter().chain(twice).copied().collect()
}

/// 4:2:2 interleaved, from planes of 4:2:0.
pub(crate) fn to_yuyv(size: Resolution, planar: &[u8]) -> Vec<u8> {
    let planar = to_422(size, planar);
    let (luma, chroma) = planar.split_at(size.pixels());
    let (u, v) = chroma.split_at(chroma.len() / 2);
    let pairs = luma.chunks_exact(2).zip(u.iter().zip(v));
    pairs.flat_map(|(y, (u, v))| [y[0], *u, y[1], *v]).collect()
}

/// A JPEG as webcams send it. `jpeg` is one that was made here, whose segments are sound.
pub(crate) fn without_huffman_tables(jpeg: &[u8]) -> Vec<u8> {
    let (mut kept, mut rest) = (jpeg[..2].to_vec(), &jpeg[2..]);
    while let [0xFF, marker, high, low, ..] = *rest
        && marker != 0xDA
    {
        let (segment, after) = rest.split_at(2 + usize::from(u16::from_be_bytes([high, low])));
        if marker != 0xC4 {
            kept.extend_from_slice(segment);
        }
        rest = after;
    }
    kept.extend_from_slice(rest);
    kept
}

/// What comes before the first part.
pub(crate) fn preamble() -> String {
    format!("--{BOUNDARY}\r\n")
}

/// One part: headers, picture and the boundary that ends it.
pub(crate) fn part(jpeg: &[u8], time: Timestamp) -> Vec<u8> {
    let head = format!(
        "Content-Type: image/jpeg\r\nContent-Length: {}\r\nX-Timestamp: {time}\r\n\r\n",
        jpeg.len()
    );
    let end = format!("\r\n--{BOUNDARY}\r\n");
    [head.as_bytes(), jpeg, end.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use eyeline_sys_codec::Decoder;

    use super::*;

    #[test]
    fn a_picture_has_about_the_weight_asked_for_and_its_time() {
        let mut camera = Camera::new(Resolution::new(1280, 720).unwrap(), 100_000).unwrap();
        let time = Timestamp::from_micros(1_700_000_000_123_456);
        let jpeg = camera.take(time).unwrap();
        assert!((90_000..=101_000).contains(&jpeg.len()), "{}", jpeg.len());
        let luma = Decoder::new().luma(&jpeg, None).unwrap();
        assert_eq!(luma.time(), Some(time));
    }
}
