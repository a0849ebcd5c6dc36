//! Picture sizes.

use std::fmt;
use std::str::FromStr;

/// The width and height of a picture in pixels: each 1 to [`Resolution::MAX_SIDE`],
/// together at most [`Resolution::MAX_PIXELS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Resolution {
    width: u32,
    height: u32,
}

/// A size that no picture may have, or a text that is no size.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidResolution {
    /// A side of zero, or one above the limits.
    #[error(
        "a picture of {width}x{height} is outside the limits (sides 1 to {}, at most {} pixels)",
        Resolution::MAX_SIDE,
        Resolution::MAX_PIXELS
    )]
    OutOfRange {
        /// The width asked for, in pixels.
        width: u32,
        /// The height asked for, in pixels.
        height: u32,
    },
    /// Not of the form `WIDTHxHEIGHT`.
    #[error("{0:?} is no picture size; write WIDTHxHEIGHT, such as 1280x720")]
    Malformed(String),
}

impl Resolution {
    /// The longest side accepted, in pixels. Larger than any camera, and small
    /// enough that a hostile header cannot ask for the machine's memory.
    pub const MAX_SIDE: u32 = 16_384;
    /// The most pixels accepted in one picture (64 megapixels).
    pub const MAX_PIXELS: u32 = 64 * 1024 * 1024;

    /// A size within the limits.
    ///
    /// # Errors
    /// [`InvalidResolution::OutOfRange`] for a side of zero or one above the limits.
    pub const fn new(width: u32, height: u32) -> Result<Self, InvalidResolution> {
        let sides =
            width >= 1 && height >= 1 && width <= Self::MAX_SIDE && height <= Self::MAX_SIDE;
        if sides && width * height <= Self::MAX_PIXELS {
            Ok(Self { width, height })
        } else {
            Err(InvalidResolution::OutOfRange { width, height })
        }
    }

    /// Width in pixels.
    #[must_use]
    pub const fn width(self) -> u32 {
        self.width
    }

    /// Height in pixels.
    #[must_use]
    pub const fn height(self) -> u32 {
        self.height
    }

    /// Number of pixels.
    #[must_use]
    pub const fn pixels(self) -> usize {
        self.width as usize * self.height as usize
    }

    /// This size brought down to `height`, aspect kept, width even; never scaled up.
    #[must_use]
    pub fn at_height(self, height: u32) -> Self {
        let height = height.max(1);
        if self.height <= height {
            return self;
        }
        let exact = u64::from(self.width) * u64::from(height);
        let width = (exact + u64::from(self.height) / 2) / u64::from(self.height);
        // The result is at most the width we started from, which fits.
        let width = u32::try_from(width).unwrap_or(self.width);
        Self {
            width: (width & !1).max(2).min(self.width),
            height,
        }
    }
}

impl fmt::Display for Resolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

impl FromStr for Resolution {
    type Err = InvalidResolution;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = || InvalidResolution::Malformed(text.chars().take(40).collect());
        let (width, height) = text.split_once('x').ok_or_else(malformed)?;
        let side = |s: &str| s.parse::<u32>().map_err(|_| malformed());
        Self::new(side(width)?, side(height)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(u32, u32)>) {
        let size = text
            .parse::<Resolution>()
            .ok()
            .map(|r| (r.width(), r.height()));
        assert_eq!(size, expected, "{text:?}");
    }

    #[test]
    fn sizes_within_the_limits_are_read() {
        check("1280x720", Some((1280, 720)));
        check("1x1", Some((1, 1)));
        check("16384x4096", Some((16384, 4096)));
    }

    #[test]
    fn sizes_outside_the_limits_are_refused() {
        for text in [
            "0x10",
            "10x0",
            "60000x60000",
            "16384x16384",
            "1280",
            "1280x",
            "-1x5",
            "axb",
        ] {
            check(text, None);
        }
    }

    fn check_height(from: (u32, u32), height: u32, expected: (u32, u32)) {
        let scaled = Resolution::new(from.0, from.1).unwrap().at_height(height);
        assert_eq!(
            (scaled.width(), scaled.height()),
            expected,
            "{from:?} at {height}"
        );
    }

    #[test]
    fn scaling_keeps_the_aspect_and_never_goes_up() {
        check_height((1280, 720), 320, (568, 320));
        check_height((1280, 720), 480, (852, 480));
        check_height((640, 480), 720, (640, 480));
        check_height((3, 3000), 320, (2, 320));
    }
}
