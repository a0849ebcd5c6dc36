//! Planes into H.264, for people who watch it as it happens: each picture comes out at once, none
//! is left out, and key pictures come when they are asked for and at no other time.

#![allow(unsafe_code)] // the fence: what is changed while it runs

use std::ffi::c_void;

use bytes::Bytes;
use eyeline_media::{Pool, Resolution};
use openh264::OpenH264API;
use openh264::encoder::{
    BitRate, ColorPrimaries, Complexity, Encoder, EncoderConfig, FrameRate, FrameType, Profile,
    QpRange, RateControlMode, TransferCharacteristics, UsageType, VuiConfig,
};
use openh264::formats::YUVSource;
use openh264_sys2::{
    ENCODER_OPTION, ENCODER_OPTION_BITRATE, ENCODER_OPTION_COMPLEXITY, ENCODER_OPTION_FRAME_RATE,
    ENCODER_OPTION_MAX_BITRATE, ENCODER_OPTION_TRACE_LEVEL, LOW_COMPLEXITY, MEDIUM_COMPLEXITY,
    SBitrateInfo, SPATIAL_LAYER_0, WELS_LOG_QUIET,
};

use crate::{Component, Error, Plane, Planes, Subsampling};

/// The longer side of the largest picture that is encoded, and the shorter.
const LARGEST: (u32, u32) = (3840, 2160);
/// The shortest side.
const SHORTEST: u32 = 16;
/// The finest quantiser. Below it what does not move costs many bits, and looks no better.
const FINEST: u8 = 18;
const COARSEST: u8 = 51;
/// The codec's limits of frames a second.
const RATES: (f32, f32) = (1.0, 60.0);

/// What is made of pictures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct H264Settings {
    /// Bits a second. What comes of one picture may be several times its share.
    pub bitrate_bps: u32,
    /// Frames a second that are to be expected: by them bits are shared out.
    pub fps: f32,
    /// Whether to look less closely for what is like the picture before: quicker, and worse by a little.
    pub hasty: bool,
}

/// A coded picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coded {
    /// NAL units behind their lengths in four bytes, as packets carry them; those of a key picture
    /// begin with the parameter sets.
    pub data: Bytes,
    /// Whether decoding can start here.
    pub key: bool,
}

/// Encodes pictures of one size as H.264 of the Constrained Baseline profile, one slice a picture.
/// Samples are of the limited range of BT.601, and it says so. One for each thread.
pub struct H264Encoder {
    encoder: Encoder,
    size: Resolution,
    settings: H264Settings,
    /// Before the first picture there is nothing yet whose settings could be changed.
    started: bool,
    pool: Pool,
}

impl H264Encoder {
    /// An encoder of pictures of `size`, which is best had from [`size_of`](Self::size_of).
    ///
    /// # Errors
    /// [`Error::Unsupported`] for a size that cannot be encoded, [`Error::Codec`] when the codec cannot be set up.
    pub fn new(size: Resolution, settings: H264Settings) -> Result<Self, Error> {
        if Self::size_of(size) != Some(size) {
            return Err(Error::Unsupported("H.264 of this size"));
        }
        let settings = settings.checked();
        Ok(Self {
            encoder: encoder(settings)?,
            size,
            settings,
            started: false,
            pool: Pool::default(),
        })
    }

    /// The size that pictures of this size can be encoded at: both sides even, and brought down to
    /// 3840x2160 (or upright) where they are larger. `None` if they are too small.
    #[must_use]
    pub fn size_of(size: Resolution) -> Option<Resolution> {
        let (width, height) = (size.width(), size.height());
        let (long, short) = (width.max(height), width.min(height));
        let fits = |side: u32| {
            // The side as it is when both are brought down as far as the worse of the two demands.
            let by = |of: u32, to: u32| u64::from(side) * u64::from(to.min(of)) / u64::from(of);
            u32::try_from(by(long, LARGEST.0).min(by(short, LARGEST.1))).unwrap_or(side)
        };
        let (width, height) = (fits(width) & !1, fits(height) & !1);
        if width.min(height) < SHORTEST {
            return None;
        }
        Resolution::new(width, height).ok()
    }

    /// Size of the pictures.
    #[must_use]
    pub const fn size(&self) -> Resolution {
        self.size
    }

    /// Encodes from now on so.
    ///
    /// # Errors
    /// [`Error::Codec`] when the codec refuses; it goes on as before.
    pub fn set(&mut self, settings: H264Settings) -> Result<(), Error> {
        let settings = settings.checked();
        if !self.started {
            self.encoder = encoder(settings)?;
        } else if settings != self.settings {
            self.change(settings)?;
        }
        self.settings = settings;
        Ok(())
    }

    /// Encodes a picture in 4:2:0 of this [size](Self::size), or of one column or line more, which is
    /// cut off; as a key picture if that is asked for. `at_ms` is its time, which goes up.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for another size or subsampling, [`Error::Codec`] when the codec fails:
    /// then it is done for, and a new one is needed.
    pub fn encode(&mut self, picture: &Planes, at_ms: u64, key: bool) -> Result<Coded, Error> {
        let source = Source::of(picture, self.size)?;
        if key && self.started {
            self.encoder.force_intra_frame();
        }
        let at = openh264::Timestamp::from_millis(at_ms);
        let stream = self.encoder.encode_at(&source, at).map_err(Error::codec)?;
        self.started = true;
        let key = match stream.frame_type() {
            FrameType::IDR => true,
            FrameType::I | FrameType::P | FrameType::IPMixed => false,
            other => return Err(Error::Codec(format!("the encoder made nothing: {other:?}"))),
        };
        let layers = (0..stream.num_layers()).filter_map(|layer| stream.layer(layer));
        let layers: Vec<_> = layers.collect();
        let units: Vec<&[u8]> = layers
            .iter()
            .flat_map(|layer| (0..layer.nal_count()).filter_map(|nal| layer.nal_unit(nal)))
            .map(without_start_code)
            .collect();
        let lengths: Vec<[u8; 4]> = units
            .iter()
            .map(|unit| (unit.len() as u32).to_be_bytes())
            .collect();
        let parts: Vec<&[u8]> = lengths
            .iter()
            .zip(&units)
            .flat_map(|(length, unit)| [length.as_slice(), unit])
            .collect();
        let data = self.pool.gather(&parts);
        Ok(Coded { data, key })
    }

    fn change(&mut self, to: H264Settings) -> Result<(), Error> {
        if to.fps != self.settings.fps {
            self.option(ENCODER_OPTION_FRAME_RATE, to.fps)?;
        }
        // The target may not be above the maximum at any time.
        let mut options = [ENCODER_OPTION_MAX_BITRATE, ENCODER_OPTION_BITRATE];
        if to.bitrate_bps < self.settings.bitrate_bps {
            options.reverse();
        }
        for option in options {
            let bitrate = SBitrateInfo {
                iLayer: SPATIAL_LAYER_0,
                iBitrate: to.bitrate_bps as i32,
            };
            self.option(option, bitrate)?;
        }
        let complexity = if to.hasty {
            LOW_COMPLEXITY
        } else {
            MEDIUM_COMPLEXITY
        };
        self.option(ENCODER_OPTION_COMPLEXITY, complexity)
    }

    fn option<T>(&mut self, option: ENCODER_OPTION, value: T) -> Result<(), Error> {
        match set_option(&mut self.encoder, option, value) {
            0 => Ok(()),
            refused => {
                let told = format!("option {option} was refused with {refused}");
                Err(Error::Codec(told))
            }
        }
    }
}

impl std::fmt::Debug for H264Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("H264Encoder")
            .field("size", &self.size)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl H264Settings {
    /// Within what the codec takes.
    fn checked(self) -> Self {
        Self {
            bitrate_bps: self.bitrate_bps.clamp(1_000, i32::MAX as u32),
            fps: self.fps.clamp(RATES.0, RATES.1),
            ..self
        }
    }
}

fn encoder(settings: H264Settings) -> Result<Encoder, Error> {
    let api = OpenH264API::from_source();
    let mut encoder = Encoder::with_api_config(api, config(settings)).map_err(Error::codec)?;
    // Or it would complain on standard error that it may not leave pictures out.
    let _ = set_option(&mut encoder, ENCODER_OPTION_TRACE_LEVEL, WELS_LOG_QUIET);
    Ok(encoder)
}

/// What the codec says to it: 0 is yes.
fn set_option<T>(encoder: &mut Encoder, option: ENCODER_OPTION, mut value: T) -> i32 {
    // SAFETY: the encoder copies the value before it returns, and looks at its own state before it
    // changes any. Each option that is set here has a value of the type that
    // `CWelsH264SVCEncoder::SetOption` reads for it.
    unsafe {
        let value: *mut c_void = (&raw mut value).cast();
        encoder.raw_api().set_option(option, value)
    }
}

fn config(settings: H264Settings) -> EncoderConfig {
    // What JPEG's samples are, brought to the limited range: to be understood everywhere.
    let color = VuiConfig::bt601()
        .color_primaries(ColorPrimaries::Bt709)
        .transfer_characteristics(TransferCharacteristics::Bt709);
    EncoderConfig::new()
        .usage_type(UsageType::CameraVideoRealTime)
        .profile(Profile::Baseline)
        .bitrate(BitRate::from_bps(settings.bitrate_bps))
        .max_frame_rate(FrameRate::from_hz(settings.fps))
        .rate_control_mode(RateControlMode::Bitrate)
        .qp(QpRange::new(FINEST, COARSEST))
        .skip_frames(false)
        // It would make key pictures of its own accord.
        .scene_change_detect(false)
        .adaptive_quantization(false)
        .complexity(if settings.hasty {
            Complexity::Low
        } else {
            Complexity::Medium
        })
        // One thread is one slice; several streams share the machine better than slices do.
        .num_threads(1)
        .vui(color)
}

/// A picture as the codec reads it.
struct Source<'a> {
    size: (usize, usize),
    y: Plane<'a>,
    u: Plane<'a>,
    v: Plane<'a>,
}

impl<'a> Source<'a> {
    fn of(picture: &'a Planes, size: Resolution) -> Result<Self, Error> {
        let given = picture.size();
        let fits = |given: u32, wanted: u32| given == wanted || given == wanted + 1;
        let planes = [Component::Y, Component::U, Component::V].map(|c| picture.plane(c));
        match planes {
            [Some(y), Some(u), Some(v)]
                if picture.subsampling() == Subsampling::Yuv420
                    && fits(given.width(), size.width())
                    && fits(given.height(), size.height()) =>
            {
                let size = (size.width() as usize, size.height() as usize);
                Ok(Self { size, y, u, v })
            }
            _ => Err(Error::Unsupported(
                "a picture of another size or not in 4:2:0, as H.264,",
            )),
        }
    }
}

impl YUVSource for Source<'_> {
    fn dimensions(&self) -> (usize, usize) {
        self.size
    }

    fn strides(&self) -> (usize, usize, usize) {
        (self.y.stride, self.u.stride, self.v.stride)
    }

    fn y(&self) -> &[u8] {
        self.y.data
    }

    fn u(&self) -> &[u8] {
        self.u.data
    }

    fn v(&self) -> &[u8] {
        self.v.data
    }
}

/// A NAL unit of a byte stream without what it begins with (ITU-T H.264, B.1.1).
fn without_start_code(unit: &[u8]) -> &[u8] {
    let zeros = unit.iter().take_while(|byte| **byte == 0).count();
    match unit.get(zeros) {
        Some(1) if zeros >= 2 => &unit[zeros + 1..],
        _ => unit,
    }
}
