//! What a viewer asks for, and the rendition that answers it.

use std::fmt;
use std::str::FromStr;

use eyeline_media::Codec;

use crate::pace::{Fps, InvalidFps, Pace};
use crate::rendition::{Bitrate, Coding, InvalidBitrate, RenditionKey};

/// Named qualities: a height with a frame rate and a JPEG quality that suit it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Quality {
    /// As it comes, never re-encoded.
    #[default]
    Source,
    /// At most 320 lines, 15 frames a second, JPEG quality 50.
    Low,
    /// At most 480 lines, 24 frames a second, JPEG quality 70.
    Medium,
    /// At most 720 lines, 30 frames a second, JPEG quality 85.
    High,
}

impl Quality {
    /// Every quality, lowest first, the source last.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Source];

    /// The name in URLs and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    const fn preset(self) -> Option<(u32, u8, u8)> {
        match self {
            Self::Source => None,
            Self::Low => Some((320, 15, 50)),
            Self::Medium => Some((480, 24, 70)),
            Self::High => Some((720, 30, 85)),
        }
    }
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// JPEG quality from 1 (worst) to 100 (best), on libjpeg's scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct JpegQuality(u8);

impl JpegQuality {
    /// For pictures that come raw and are encoded here.
    pub const DEFAULT: Self = Self(85);

    /// A quality from 1 to 100; `None` outside that range.
    #[must_use]
    pub const fn new(quality: u8) -> Option<Self> {
        if quality >= 1 && quality <= 100 {
            Some(Self(quality))
        } else {
            None
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// A wish that cannot be understood. The text says which parameter and what is accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidWish {
    /// Not a name of [`Quality`].
    #[error("quality={0:?} is unknown; use low, medium, high or source")]
    Quality(String),
    /// Not a frame rate.
    #[error("fps: {0}")]
    Fps(#[from] InvalidFps),
    /// Not a JPEG quality.
    #[error("jpeg_quality={0:?} is out of range; use a whole number from 1 to 100")]
    JpegQuality(String),
    /// Not a bitrate.
    #[error("bitrate_bps: {0}")]
    Bitrate(#[from] InvalidBitrate),
    /// Not a codec that pictures are made of.
    #[error("codec={0:?} is unknown; use h264 or mjpeg")]
    Codec(String),
}

impl FromStr for Quality {
    type Err = InvalidWish;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|quality| quality.name() == text);
        found.ok_or_else(|| InvalidWish::Quality(text.chars().take(20).collect()))
    }
}

impl FromStr for JpegQuality {
    type Err = InvalidWish;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = text.parse().ok().and_then(Self::new);
        parsed.ok_or_else(|| InvalidWish::JpegQuality(text.chars().take(20).collect()))
    }
}

/// What a viewer asks for, and what a stream gives to those who leave it open. The
/// default leaves everything open: the source as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Wish {
    /// The named quality.
    pub quality: Option<Quality>,
    /// A frame rate instead of the quality's own.
    pub fps: Option<Fps>,
    /// A JPEG quality instead of the quality's own. Asking for one always re-encodes.
    pub jpeg_quality: Option<JpegQuality>,
    /// Most lines, if less than the quality's own.
    pub height: Option<u32>,
    /// How pictures are to be coded, where an output carries more than one codec.
    pub codec: Option<Codec>,
    /// Bits a second of H.264 instead of those that suit it. Asking for some always re-encodes.
    pub bitrate: Option<Bitrate>,
}

impl Wish {
    /// The names that [`from_pairs`](Self::from_pairs) reads.
    pub const NAMES: [&str; 5] = ["quality", "fps", "jpeg_quality", "codec", "bitrate_bps"];

    /// Reads [some](Self::NAMES) of a query's pairs; others are not this function's business.
    ///
    /// # Errors
    /// [`InvalidWish`] naming the parameter and what it accepts.
    pub fn from_pairs<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, InvalidWish> {
        let mut wish = Self::default();
        for (name, value) in pairs {
            match name {
                "quality" => wish.quality = Some(value.parse()?),
                "fps" => wish.fps = Some(value.parse()?),
                "jpeg_quality" => wish.jpeg_quality = Some(value.parse()?),
                "codec" => wish.codec = Some(codec(value)?),
                "bitrate_bps" => wish.bitrate = Some(value.parse()?),
                _ => {}
            }
        }
        Ok(wish)
    }

    /// This wish where it says something, `defaults` where it does not. Whoever names a
    /// quality gets all of that quality, not its mixture with the stream's own.
    #[must_use]
    pub fn over(self, defaults: &Self) -> Self {
        if self.quality.is_some() {
            return self;
        }
        Self {
            quality: defaults.quality,
            fps: self.fps.or(defaults.fps),
            jpeg_quality: self.jpeg_quality.or(defaults.jpeg_quality),
            height: self.height.or(defaults.height),
            codec: self.codec.or(defaults.codec),
            bitrate: self.bitrate.or(defaults.bitrate),
        }
    }

    /// The rendition that answers this wish with pictures that are coded so, of a source that is
    /// coded so; `None` when the source as it is does, perhaps with JPEGs left out by
    /// [`pace`](Self::pace).
    #[must_use]
    pub fn rendition(&self, codec: Codec, source: Option<Codec>) -> Option<RenditionKey> {
        let preset = self.quality.unwrap_or_default().preset();
        let height = preset.map(|(height, ..)| height);
        let height = height.into_iter().chain(self.height).min();
        let always = match codec {
            Codec::Jpeg => self.jpeg_quality.is_some(),
            Codec::H264 => self.bitrate.is_some(),
        };
        let foreign = source.is_some_and(|source| source != codec);
        if height.is_none() && !always {
            return match codec {
                _ if !foreign => None,
                Codec::Jpeg => Some(RenditionKey::BRIDGE),
                Codec::H264 => Some(RenditionKey {
                    height: None,
                    fps: self.fps,
                    coding: Coding::H264(None),
                    always,
                }),
            };
        }
        let fps = preset.map(|(_, fps, _)| Fps::of_preset(fps));
        let coding = match codec {
            Codec::Jpeg => {
                let quality =
                    preset.map_or(JpegQuality::DEFAULT, |(.., quality)| JpegQuality(quality));
                Coding::Jpeg(self.jpeg_quality.unwrap_or(quality))
            }
            Codec::H264 => Coding::H264(self.bitrate),
        };
        Some(RenditionKey {
            height,
            fps: self.fps.or(fps),
            coding,
            always,
        })
    }

    /// How the pictures of the untouched source are thinned out for this wish.
    #[must_use]
    pub fn pace(&self) -> Option<Pace> {
        self.fps.map(Pace::new)
    }
}

fn codec(text: &str) -> Result<Codec, InvalidWish> {
    let mut known = [Codec::Jpeg, Codec::H264].into_iter();
    let found = known.find(|codec| codec.name() == text);
    found.ok_or_else(|| InvalidWish::Codec(text.chars().take(20).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pairs: &[(&str, &str)], expected: Option<(Option<u32>, Option<u8>, u8, bool)>) {
        let wish = Wish::from_pairs(pairs.iter().copied()).unwrap();
        let key = wish.rendition(Codec::Jpeg, Some(Codec::Jpeg));
        let parts = key.map(|k| {
            let Coding::Jpeg(quality) = k.coding else {
                panic!("{k:?} for JPEGs");
            };
            (k.height, k.fps.map(Fps::get), quality.get(), k.always)
        });
        assert_eq!(parts, expected, "{pairs:?}");
    }

    #[test]
    fn a_wish_without_size_or_quality_takes_the_source_untouched() {
        check(&[], None);
        check(&[("quality", "source"), ("fps", "5"), ("token", "x")], None);
    }

    #[test]
    fn a_named_quality_brings_its_rate_and_jpeg_quality() {
        check(
            &[("quality", "low")],
            Some((Some(320), Some(15), 50, false)),
        );
        check(
            &[("quality", "medium")],
            Some((Some(480), Some(24), 70, false)),
        );
        check(
            &[("quality", "high")],
            Some((Some(720), Some(30), 85, false)),
        );
    }

    #[test]
    fn what_is_asked_for_in_particular_wins() {
        check(
            &[("quality", "low"), ("fps", "60"), ("jpeg_quality", "90")],
            Some((Some(320), Some(60), 90, true)),
        );
        check(&[("jpeg_quality", "40")], Some((None, None, 40, true)));
    }

    #[test]
    fn a_cap_on_the_lines_makes_a_rendition_and_never_a_larger_one() {
        let check = |quality, expected: Option<u32>| {
            let wish = Wish {
                quality,
                height: Some(360),
                ..Wish::default()
            };
            let key = wish.rendition(Codec::Jpeg, None);
            assert_eq!(key.and_then(|key| key.height), expected);
        };
        check(None, Some(360));
        check(Some(Quality::High), Some(360));
        check(Some(Quality::Low), Some(320));
    }

    #[test]
    fn h264_is_passed_on_unless_less_of_it_or_another_codec_is_asked_for() {
        type Parts = (Option<u32>, Option<u8>, Option<u32>);
        let check = |pairs: &[(&str, &str)], source, expected: Option<Parts>| {
            let wish = Wish::from_pairs(pairs.iter().copied()).unwrap();
            let parts = wish.rendition(Codec::H264, source).map(|k| {
                let Coding::H264(bitrate) = k.coding else {
                    panic!("{k:?} for H.264");
                };
                (k.height, k.fps.map(Fps::get), bitrate.map(Bitrate::get))
            });
            assert_eq!(parts, expected, "{pairs:?} of {source:?}");
        };
        let (jpeg, h264) = (Some(Codec::Jpeg), Some(Codec::H264));
        check(&[], h264, None);
        check(&[], None, None);
        check(&[("fps", "5"), ("jpeg_quality", "40")], h264, None);
        check(&[], jpeg, Some((None, None, None)));
        check(&[("fps", "5")], jpeg, Some((None, Some(5), None)));
        for source in [None, jpeg, h264] {
            check(
                &[("quality", "low")],
                source,
                Some((Some(320), Some(15), None)),
            );
            let bitrate = [("bitrate_bps", "700000"), ("codec", "h264")];
            check(&bitrate, source, Some((None, None, Some(700_000))));
        }
        let bridge = Wish::default().rendition(Codec::Jpeg, h264);
        assert_eq!(bridge, Some(RenditionKey::BRIDGE));
    }

    #[test]
    fn a_stream_fills_in_what_a_viewer_leaves_open() {
        let defaults = Wish {
            quality: Some(Quality::Medium),
            fps: Fps::new(10).ok(),
            ..Wish::default()
        };
        let check = |pairs: &[(&str, &str)], expected: (Option<Quality>, Option<u8>)| {
            let got = Wish::from_pairs(pairs.iter().copied())
                .unwrap()
                .over(&defaults);
            assert_eq!((got.quality, got.fps.map(Fps::get)), expected, "{pairs:?}");
        };
        check(&[], (Some(Quality::Medium), Some(10)));
        check(&[("fps", "5")], (Some(Quality::Medium), Some(5)));
        check(&[("quality", "source")], (Some(Quality::Source), None));
    }

    #[test]
    fn wishes_that_make_no_sense_name_the_parameter() {
        let check = |name, value, says: &str| {
            let error = Wish::from_pairs([(name, value)]).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        };
        check("quality", "ultra", "low, medium, high or source");
        check("fps", "0", "1 to 120");
        check("fps", "999", "1 to 120");
        check("jpeg_quality", "101", "1 to 100");
        check("jpeg_quality", "high", "1 to 100");
        check("codec", "h265", "h264 or mjpeg");
        check("bitrate_bps", "2M", "50000 to 100000000");
    }
}
