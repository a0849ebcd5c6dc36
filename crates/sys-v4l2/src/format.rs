//! What pictures a device can give, and which it is to give.

use std::fmt;
use std::os::fd::AsFd as _;
use std::time::Duration;

use crate::device::Device;
use crate::error::Error;
use crate::{ioctl, raw};

/// A driver that goes on for ever has lost its mind.
const MOST_FORMATS: u32 = 256;
const MOST_SIZES: u32 = 1024;
const MOST_INTERVALS: u32 = 256;

/// A pixel format by its four characters, such as `MJPG`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct FourCc(pub [u8; 4]);

impl FourCc {
    fn from_kernel(number: u32) -> Self {
        Self(number.to_le_bytes())
    }

    fn to_kernel(self) -> u32 {
        u32::from_le_bytes(self.0)
    }
}

impl fmt::Display for FourCc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The highest bit says that samples of two bytes are big-endian.
        let [a, b, c, d] = self.0;
        let order = if d & 0x80 == 0 { "" } else { "-BE" };
        write!(f, "{}{order}", [a, b, c, d & 0x7f].escape_ascii())
    }
}

impl fmt::Debug for FourCc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A pixel format that a device can give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatInfo {
    /// Which.
    pub fourcc: FourCc,
    /// The driver's name of it.
    pub name: String,
    /// Whether it is compressed, so that frames differ in length.
    pub compressed: bool,
    /// Whether a library makes it, and not the device.
    pub emulated: bool,
}

/// Sizes that a device can give in some format, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sizes {
    /// One.
    One {
        /// Width.
        width: u32,
        /// Height.
        height: u32,
    },
    /// All from the first to the last, by steps.
    Range {
        /// First, last, and step of the width.
        width: [u32; 3],
        /// First, last, and step of the height.
        height: [u32; 3],
    },
}

/// The time from one frame to the next, in seconds, as a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// Numerator.
    pub numerator: u32,
    /// Denominator.
    pub denominator: u32,
}

impl Interval {
    /// Frames a second; 0 when the driver does not know.
    #[must_use]
    pub fn fps(self) -> f64 {
        if self.numerator == 0 {
            0.0
        } else {
            f64::from(self.denominator) / f64::from(self.numerator)
        }
    }

    /// As a duration.
    #[must_use]
    pub fn duration(self) -> Duration {
        let fps = self.fps();
        if fps > 0.0 {
            Duration::from_secs_f64(1.0 / fps)
        } else {
            Duration::ZERO
        }
    }
}

/// Intervals that a device can keep in some format and size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intervals {
    /// One.
    One(Interval),
    /// All from the shortest to the longest, by steps.
    Range {
        /// The shortest: the most frames a second.
        shortest: Interval,
        /// The longest.
        longest: Interval,
    },
}

impl From<raw::Fract> for Interval {
    fn from(fract: raw::Fract) -> Self {
        Self {
            numerator: fract.numerator,
            denominator: fract.denominator,
        }
    }
}

/// One plane of a frame as it lies in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plane {
    /// Bytes from one row to the next; 0 in compressed formats.
    pub bytes_per_line: u32,
    /// Most bytes of it.
    pub size: u32,
}

/// What a device gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    /// Pixel format.
    pub fourcc: FourCc,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Its planes: buffers of their own in some formats, else one.
    pub planes: Vec<Plane>,
    /// Whether samples of YUV use the limited range: luma 16 to 235.
    pub limited: bool,
}

impl Device {
    /// Every format it can give, as the driver orders them.
    ///
    /// # Errors
    /// When the driver does not say.
    pub fn formats(&self) -> Result<Vec<FormatInfo>, Error> {
        let kind = self.buffer_kind();
        let ask = |index| raw::FmtDesc {
            index,
            kind,
            ..ioctl::zeroed()
        };
        ioctl::list(self.as_fd(), &ioctl::ENUM_FMT, MOST_FORMATS, ask, |found| {
            FormatInfo {
                fourcc: FourCc::from_kernel(found.pixelformat),
                name: ioctl::text(&found.description),
                compressed: found.flags & raw::FMT_COMPRESSED != 0,
                emulated: found.flags & raw::FMT_EMULATED != 0,
            }
        })
    }

    /// The sizes it can give in a format; none when the driver does not say.
    ///
    /// # Errors
    /// When asking fails.
    pub fn sizes(&self, format: FourCc) -> Result<Vec<Sizes>, Error> {
        let ask = |index| raw::FrmSizeEnum {
            index,
            pixel_format: format.to_kernel(),
            ..ioctl::zeroed()
        };
        ioctl::list(
            self.as_fd(),
            &ioctl::ENUM_FRAMESIZES,
            MOST_SIZES,
            ask,
            |found| {
                let [a, b, c, d, e, f] = found.sizes;
                if found.kind == raw::DISCRETE {
                    Sizes::One {
                        width: a,
                        height: b,
                    }
                } else {
                    Sizes::Range {
                        width: [a, b, c],
                        height: [d, e, f],
                    }
                }
            },
        )
    }

    /// The intervals between frames it can keep in a format and size; none when the driver
    /// does not say.
    ///
    /// # Errors
    /// When asking fails.
    pub fn intervals(
        &self,
        format: FourCc,
        width: u32,
        height: u32,
    ) -> Result<Vec<Intervals>, Error> {
        let ask = |index| raw::FrmIvalEnum {
            index,
            pixel_format: format.to_kernel(),
            width,
            height,
            ..ioctl::zeroed()
        };
        let call = &ioctl::ENUM_FRAMEINTERVALS;
        ioctl::list(self.as_fd(), call, MOST_INTERVALS, ask, |found| {
            let [first, last, _] = found.intervals.map(Interval::from);
            if found.kind == raw::DISCRETE {
                Intervals::One(first)
            } else {
                Intervals::Range {
                    shortest: first,
                    longest: last,
                }
            }
        })
    }

    /// Asks for a format; the driver gives the nearest it can.
    ///
    /// # Errors
    /// When it can give none, or is capturing for somebody else (`EBUSY`).
    pub fn set_format(&self, fourcc: FourCc, width: u32, height: u32) -> Result<Format, Error> {
        let mut format: raw::Format = ioctl::zeroed();
        format.kind = self.buffer_kind();
        let pixelformat = fourcc.to_kernel();
        if self.is_multiplanar() {
            format.fmt.pix_mp = raw::PixFormatMplane {
                width,
                height,
                pixelformat,
                field: raw::FIELD_NONE,
                ..ioctl::zeroed()
            };
        } else {
            format.fmt.pix = raw::PixFormat {
                width,
                height,
                pixelformat,
                field: raw::FIELD_NONE,
                ..ioctl::zeroed()
            };
        }
        ioctl::call(self.as_fd(), &ioctl::S_FMT, &mut format)?;
        Ok(if self.is_multiplanar() {
            #[expect(unsafe_code, reason = "a union of the kernel's")]
            // SAFETY: any bytes are valid for this plain structure.
            several_planes(unsafe { &format.fmt.pix_mp })
        } else {
            #[expect(unsafe_code, reason = "a union of the kernel's")]
            // SAFETY: as above.
            one_plane(unsafe { &format.fmt.pix })
        })
    }

    /// Asks for an interval between frames; the driver gives the nearest it can, or `None`
    /// when it cannot be told.
    ///
    /// # Errors
    /// When asking fails.
    pub fn set_interval(&self, interval: Interval) -> Result<Option<Interval>, Error> {
        let mut parm: raw::StreamParm = ioctl::zeroed();
        parm.kind = self.buffer_kind();
        match ioctl::call(self.as_fd(), &ioctl::G_PARM, &mut parm) {
            Ok(()) if parm.capture.capability & raw::CAN_SET_RATE != 0 => {}
            Ok(()) => return Ok(None),
            Err(error) if matches!(error.number(), Some(libc::ENOTTY | libc::EINVAL)) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        }
        parm.capture.timeperframe = raw::Fract {
            numerator: interval.numerator,
            denominator: interval.denominator,
        };
        ioctl::call(self.as_fd(), &ioctl::S_PARM, &mut parm)?;
        Ok(Some(parm.capture.timeperframe.into()))
    }
}

fn one_plane(pix: &raw::PixFormat) -> Format {
    Format {
        fourcc: FourCc::from_kernel(pix.pixelformat),
        width: pix.width,
        height: pix.height,
        planes: vec![Plane {
            bytes_per_line: pix.bytesperline,
            size: pix.sizeimage,
        }],
        // Old drivers do not know the field.
        limited: pix.magic != raw::PRIV_MAGIC || is_limited(pix.colorspace, pix.quantization),
    }
}

fn several_planes(pix: &raw::PixFormatMplane) -> Format {
    let planes = pix.plane_fmt.iter().take(usize::from(pix.num_planes));
    Format {
        fourcc: FourCc::from_kernel(pix.pixelformat),
        width: pix.width,
        height: pix.height,
        planes: planes
            .map(|plane| Plane {
                bytes_per_line: plane.bytesperline,
                size: plane.sizeimage,
            })
            .collect(),
        limited: is_limited(pix.colorspace, pix.quantization.into()),
    }
}

/// What the driver says of the range of YUV, or what the kernel's documentation says for it.
fn is_limited(colorspace: u32, quantization: u32) -> bool {
    match quantization {
        raw::FULL_RANGE => false,
        raw::LIMITED_RANGE => true,
        _ => colorspace != raw::COLORSPACE_JPEG,
    }
}
