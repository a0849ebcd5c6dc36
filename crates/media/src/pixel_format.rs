//! Layouts of raw pictures, by FFmpeg's names.

use std::fmt;
use std::str::FromStr;

use crate::Resolution;

/// How the pixels of a raw picture lie in memory. Names are FFmpeg's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PixelFormat {
    /// 8-bit blue, green, red, packed: what OpenCV writes.
    Bgr24,
    /// 8-bit red, green, blue, packed.
    Rgb24,
    /// 8-bit luma only.
    Gray8,
    /// 4:2:2 packed `Y0 U Y1 V`; the width must be even.
    Yuyv422,
    /// 4:2:0, a luma plane and one of interleaved `U V`.
    Nv12,
    /// 4:2:0, three planes: Y, U, V.
    Yuv420p,
}

/// Which of their values the samples of YUV use (ITU-R BT.601, BT.709).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SampleRange {
    /// All 256, as JPEG has them.
    #[default]
    Full,
    /// Luma 16 to 235, chroma 16 to 240, as television has them and most cameras.
    Limited,
}

/// A name that stands for no supported pixel format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown pixel format {0:?}; use one of bgr24, rgb24, gray8, yuyv422, nv12, yuv420p")]
pub struct UnknownPixelFormat(String);

impl PixelFormat {
    /// Every supported format.
    pub const ALL: [Self; 6] = [
        Self::Bgr24,
        Self::Rgb24,
        Self::Gray8,
        Self::Yuyv422,
        Self::Nv12,
        Self::Yuv420p,
    ];

    /// FFmpeg's name of the format.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bgr24 => "bgr24",
            Self::Rgb24 => "rgb24",
            Self::Gray8 => "gray8",
            Self::Yuyv422 => "yuyv422",
            Self::Nv12 => "nv12",
            Self::Yuv420p => "yuv420p",
        }
    }

    /// Bytes of one picture of this size, rows unpadded. Odd sides of the
    /// subsampled formats round their chroma up, as FFmpeg does.
    #[must_use]
    pub const fn frame_len(self, size: Resolution) -> usize {
        let (width, height) = (size.width() as usize, size.height() as usize);
        let chroma = width.div_ceil(2) * height.div_ceil(2);
        match self {
            Self::Bgr24 | Self::Rgb24 => width * height * 3,
            Self::Gray8 => width * height,
            Self::Yuyv422 => width.div_ceil(2) * 4 * height,
            Self::Nv12 | Self::Yuv420p => width * height + 2 * chroma,
        }
    }
}

impl fmt::Display for PixelFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for PixelFormat {
    type Err = UnknownPixelFormat;

    /// Accepts FFmpeg's names and the common alias `gray`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = if text == "gray" { "gray8" } else { text };
        Self::ALL
            .into_iter()
            .find(|format| format.name() == name)
            .ok_or_else(|| UnknownPixelFormat(text.chars().take(40).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back() {
        for format in PixelFormat::ALL {
            assert_eq!(format.name().parse(), Ok(format));
        }
        assert!("h264".parse::<PixelFormat>().is_err());
    }

    #[test]
    fn frame_lengths_are_those_of_ffmpeg() {
        let check = |format: PixelFormat, width, height, expected| {
            let size = Resolution::new(width, height).unwrap();
            assert_eq!(format.frame_len(size), expected, "{format} {size}");
        };
        check(PixelFormat::Bgr24, 768, 432, 995_328);
        check(PixelFormat::Gray8, 5, 3, 15);
        check(PixelFormat::Yuyv422, 640, 480, 614_400);
        check(PixelFormat::Nv12, 640, 480, 460_800);
        check(PixelFormat::Yuv420p, 5, 3, 15 + 2 * 6);
    }
}
