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
