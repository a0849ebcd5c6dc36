//! What a viewer asks for, and the rendition that answers it.

use std::fmt;
use std::str::FromStr;

use crate::pace::{Fps, InvalidFps, Pace};

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
}

/// What tells one re-encoded rendition of a stream from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RenditionKey {
    /// Most lines; `None` keeps the source's size.
    pub height: Option<u32>,
    /// Most frames a second; `None` keeps the source's rate.
    pub fps: Option<Fps>,
    /// JPEG quality of what is re-encoded.
    pub jpeg_quality: JpegQuality,
    /// Whether a picture that is small enough already is re-encoded too.
    pub always: bool,
}

impl RenditionKey {
    /// As the source gives it, but as JPEGs.
    pub const BRIDGE: Self = Self {
        height: None,
        fps: None,
        jpeg_quality: JpegQuality::DEFAULT,
        always: false,
    };

    /// How the pictures of the source are thinned out for this rendition.
    #[must_use]
    pub fn pace(&self) -> Option<Pace> {
        self.fps.map(Pace::new)
    }
}

impl Wish {
    /// Reads `quality`, `fps` and `jpeg_quality` among a query's pairs; others are
    /// not this function's business.
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
        }
    }

    /// The rendition that answers this wish; `None` when the source as it is does,
    /// perhaps with pictures left out by [`pace`](Self::pace).
    #[must_use]
    pub fn rendition(&self) -> Option<RenditionKey> {
        let preset = self.quality.unwrap_or_default().preset();
        let height = preset.map(|(height, ..)| height);
        let height = height.into_iter().chain(self.height).min();
        if height.is_none() && self.jpeg_quality.is_none() {
            return None;
        }
        let fps = preset.map(|(_, fps, _)| Fps::of_preset(fps));
        let jpeg_quality =
            preset.map_or(JpegQuality::DEFAULT, |(.., quality)| JpegQuality(quality));
        Some(RenditionKey {
            height,
            fps: self.fps.or(fps),
            jpeg_quality: self.jpeg_quality.unwrap_or(jpeg_quality),
            always: self.jpeg_quality.is_some(),
        })
    }

    /// How the pictures of the untouched source are thinned out for this wish.
    #[must_use]
    pub fn pace(&self) -> Option<Pace> {
        self.fps.map(Pace::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pairs: &[(&str, &str)], expected: Option<(Option<u32>, Option<u8>, u8, bool)>) {
        let key = Wish::from_pairs(pairs.iter().copied()).unwrap().rendition();
        let parts = key.map(|k| {
            (
                k.height,
                k.fps.map(Fps::get),
                k.jpeg_quality.get(),
                k.always,
            )
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
            assert_eq!(wish.rendition().and_then(|key| key.height), expected);
        };
        check(None, Some(360));
        check(Some(Quality::High), Some(360));
        check(Some(Quality::Low), Some(320));
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
    }
}
