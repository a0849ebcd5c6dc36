//! What tells renditions of a stream apart, and what is said of one that is being made.

use std::fmt;
use std::str::FromStr;

use eyeline_media::{Codec, Resolution};

use crate::pace::{Fps, Pace};
use crate::wish::JpegQuality;

/// What tells one re-encoded rendition of a stream from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RenditionKey {
    /// Most lines; `None` keeps the source's size.
    pub height: Option<u32>,
    /// Most frames a second; `None` keeps the source's rate.
    pub fps: Option<Fps>,
    /// How pictures are coded.
    pub coding: Coding,
    /// Whether JPEGs that are small enough already are re-encoded too. H.264 always is.
    pub always: bool,
}

/// How the pictures of a rendition are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Coding {
    /// As JPEGs of this quality.
    Jpeg(JpegQuality),
    /// As H.264 of so many bits a second, or of [as many as suit](Bitrate::that_suits) the pictures.
    H264(Option<Bitrate>),
}

/// Bits a second, 50,000 to 100,000,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bitrate(u32);

/// A bitrate out of range, or a text that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no bitrate; use whole bits a second, from 50000 to 100000000")]
pub struct InvalidBitrate(String);

/// What is said of a rendition by whoever makes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Making {
    /// What encodes it, in one stable word.
    pub encoder: Option<&'static str>,
    /// What is made less of than was wished for because encoding takes too long, in one stable word.
    pub reduced: Option<&'static str>,
}

/// A rendition that is being made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RenditionStats {
    /// Which one.
    pub key: RenditionKey,
    /// How it is made.
    pub making: Making,
}

impl RenditionKey {
    /// As the source gives it, but as JPEGs.
    pub const BRIDGE: Self = Self {
        height: None,
        fps: None,
        coding: Coding::Jpeg(JpegQuality::DEFAULT),
        always: false,
    };

    /// How its pictures are coded.
    #[must_use]
    pub const fn codec(&self) -> Codec {
        match self.coding {
            Coding::Jpeg(_) => Codec::Jpeg,
            Coding::H264(_) => Codec::H264,
        }
    }

    /// How the pictures of the source are thinned out for this rendition.
    #[must_use]
    pub fn pace(&self) -> Option<Pace> {
        self.fps.map(Pace::new)
    }
}

impl Bitrate {
    /// The lowest.
    pub const LOWEST: u32 = 50_000;
    /// The highest.
    pub const HIGHEST: u32 = 100_000_000;

    /// So many bits a second.
    ///
    /// # Errors
    /// [`InvalidBitrate`] outside the range.
    pub fn new(bps: u32) -> Result<Self, InvalidBitrate> {
        if (Self::LOWEST..=Self::HIGHEST).contains(&bps) {
            Ok(Self(bps))
        } else {
            Err(InvalidBitrate(bps.to_string()))
        }
    }

    /// Bits a second.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// What looks well at this size and rate: 3 Mbit/s for 1280x720 at 30, and not quite half as
    /// much for half of that. So the named qualities get about 0.4, 1.2 and 3 Mbit/s.
    #[must_use]
    pub fn that_suits(size: Resolution, fps: f32) -> Self {
        let fps = if fps.is_finite() { fps } else { 30.0 };
        let to_720p30 = size.pixels() as f32 * fps.clamp(1.0, 120.0) / (1280.0 * 720.0 * 30.0);
        let bps = 3_000_000.0 * to_720p30.powf(0.87);
        Self((bps as u32).clamp(Self::LOWEST, Self::HIGHEST))
    }
}

impl fmt::Display for Bitrate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Bitrate {
    type Err = InvalidBitrate;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bps = text
            .parse()
            .map_err(|_| InvalidBitrate(text.chars().take(20).collect()))?;
        Self::new(bps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_named_qualities_get_bitrates_that_suit_them() {
        let check = |width, height, fps, expected: std::ops::Range<u32>| {
            let bps = Bitrate::that_suits(Resolution::new(width, height).unwrap(), fps).get();
            assert!(expected.contains(&bps), "{width}x{height}: {bps}");
        };
        check(568, 320, 15.0, 380_000..420_000);
        check(852, 480, 24.0, 1_150_000..1_250_000);
        check(1280, 720, 30.0, 2_999_000..3_001_000);
        check(1920, 1080, 30.0, 5_500_000..6_500_000);
        check(16, 16, 1.0, 50_000..50_001);
    }

    #[test]
    fn bitrates_out_of_range_are_refused() {
        for text in ["0", "49999", "100000001", "-1", "1.5", "2M", ""] {
            assert!(text.parse::<Bitrate>().is_err(), "{text:?}");
        }
        assert_eq!(
            "1200000".parse::<Bitrate>().map(Bitrate::get),
            Ok(1_200_000)
        );
    }
}
