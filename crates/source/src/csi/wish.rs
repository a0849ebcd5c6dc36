//! What is wished of a camera on a ribbon cable, whichever tool reads it.

use std::ops::RangeInclusive;

use eyeline_media::Resolution;

use crate::params::{Param, Params};
use crate::spec::SpecError;

/// What is wished of a camera.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wish {
    /// Which one, from 0.
    pub(crate) camera: u8,
    /// The size of the pictures, after they were turned.
    pub(crate) size: Resolution,
    /// Frames a second.
    pub(crate) fps: f64,
    pub(crate) coding: Coding,
    pub(crate) rotation: Rotation,
    /// Mirrored left to right, after it was turned.
    pub(crate) hflip: bool,
    /// Mirrored top to bottom, after it was turned.
    pub(crate) vflip: bool,
    /// Controls and their values, each within its limits.
    pub(crate) controls: Vec<(&'static Control, String)>,
}

/// How the tool is to code pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    /// JPEGs of this quality, 1 to 100.
    Mjpeg { quality: u8 },
    /// H.264 by the encoder in the hardware.
    H264 {
        /// Bits a second.
        bitrate: u32,
        /// Pictures from one key frame to the next.
        key_interval: u32,
    },
}

/// How far pictures are turned, clockwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Rotation {
    #[default]
    None,
    Quarter,
    Half,
    ThreeQuarters,
}

impl std::str::FromStr for Rotation {
    type Err = &'static str;

    fn from_str(degrees: &str) -> Result<Self, Self::Err> {
        match degrees {
            "0" => Ok(Self::None),
            "90" => Ok(Self::Quarter),
            "180" => Ok(Self::Half),
            "270" => Ok(Self::ThreeQuarters),
            _ => Err("use 0, 90, 180 or 270"),
        }
    }
}

/// Something that can be set on a camera.
#[derive(Debug, PartialEq)]
pub(crate) struct Control {
    pub(crate) name: &'static str,
    values: Values,
}

#[derive(Debug, PartialEq)]
enum Values {
    Number(RangeInclusive<f64>),
    /// One of these.
    Words(&'static [&'static str]),
    /// On or off.
    Switch,
    /// Left, top, width and height as parts of the whole, between commas.
    Region,
}

const fn control(name: &'static str, values: Values) -> Control {
    Control { name, values }
}

const fn number(name: &'static str, range: RangeInclusive<f64>) -> Control {
    control(name, Values::Number(range))
}

/// Every control. The limits are those of `rpicam-vid`, which has the wider ones; it has none for gain and shutter.
static CONTROLS: [Control; 16] = [
    number("brightness", -1.0..=1.0),
    number("contrast", 0.0..=15.99),
    number("saturation", 0.0..=15.99),
    number("sharpness", 0.0..=15.99),
    number("ev", -8.0..=8.0),
    number("gain", 1.0..=64.0),
    number("shutter", 1.0..=10_000_000.0),
    number("lens-position", 0.0..=32.0),
    control("exposure", Values::Words(&["normal", "sport", "long"])),
    control("metering", Values::Words(&["centre", "spot", "average"])),
    control("awb", Values::Words(AWB)),
    control("denoise", Values::Words(&["auto", "off", "fast", "hq"])),
    control(
        "autofocus-mode",
        Values::Words(&["manual", "auto", "continuous"]),
    ),
    control("roi", Values::Region),
    control("ae-lock", Values::Switch),
    control("awb-lock", Values::Switch),
];

const AWB: &[&str] = &[
    "auto",
    "incandescent",
    "tungsten",
    "fluorescent",
    "indoor",
    "daylight",
    "cloudy",
];

impl Control {
    /// Those that are given.
    pub(crate) fn read(params: &Params<'_>) -> Result<Vec<(&'static Self, String)>, SpecError> {
        let read = CONTROLS.iter().filter_map(|control| {
            let value = control.value(params).transpose()?;
            Some(value.map(|value| (control, value)))
        });
        read.collect()
    }

    fn value(&self, params: &Params<'_>) -> Result<Option<String>, SpecError> {
        let name = self.name;
        Ok(match &self.values {
            Values::Number(range) => params
                .number(name, range.clone())?
                .map(|number| number.to_string()),
            Values::Words(words) => match params.get::<String>(name)? {
                Some(word) if !words.contains(&word.as_str()) => {
                    return Err(bad(name, &word, &format!("use {}", words.join(", "))));
                }
                word => word,
            },
            Values::Switch => params.switch(name)?.then(|| "true".to_owned()),
            Values::Region => match params.get::<String>(name)? {
                Some(region) if !is_region(&region) => {
                    let why = "write left,top,width,height as parts of the whole, such as 0.25,0.25,0.5,0.5";
                    return Err(bad(name, &region, why));
                }
                region => region,
            },
        })
    }
}

fn is_region(text: &str) -> bool {
    let parts: Result<Vec<f64>, _> = text.split(',').map(str::parse).collect();
    let part = 0.0..=1.0;
    matches!(parts.as_deref(), Ok(&[left, top, width, height])
        if width > 0.0 && height > 0.0 && part.contains(&left) && part.contains(&top)
            && part.contains(&(left + width)) && part.contains(&(top + height)))
}

fn bad(name: &str, value: &str, why: &str) -> SpecError {
    let value: String = value.chars().take(40).collect();
    SpecError::BadValue {
        param: format!("{name}={value}"),
        why: why.to_owned(),
    }
}

/// How many parameters the input has beside the controls.
const OWN_PARAMS: usize = 10;
/// How many parameters there are: those of the input and the controls.
const PARAMS: usize = OWN_PARAMS + CONTROL_PARAMS.len();

/// The parameters of the input, and one for each control.
pub(crate) const fn with_controls(own: [Param; OWN_PARAMS]) -> [Param; PARAMS] {
    let mut all = [own[0]; PARAMS];
    let mut at = 0;
    while at < PARAMS {
        all[at] = if at < own.len() {
            own[at]
        } else {
            CONTROL_PARAMS[at - own.len()]
        };
        at += 1;
    }
    all
}

/// The controls as parameters.
const CONTROL_PARAMS: [Param; 16] = [
    param(
        "brightness",
        "0.1",
        "-1 to 1, 0 if not given. Raspberry Pi.",
    ),
    param(
        "contrast",
        "1.2",
        "0 to 15.99, where 1 is as it is. Raspberry Pi.",
    ),
    param(
        "saturation",
        "0.8",
        "0 is grey, 1 as it is; to 15.99, on a Jetson to 2.",
    ),
    param(
        "sharpness",
        "1.5",
        "0 to 15.99, where 1 is as it is. Raspberry Pi.",
    ),
    param(
        "ev",
        "-0.5",
        "Brighter or darker than metered, in stops: -8 to 8, on a Jetson -2 to 2.",
    ),
    param("gain", "4", "Fixed gain, 1 to 64."),
    param(
        "shutter",
        "10000",
        "Fixed exposure time in microseconds, 1 to 10000000.",
    ),
    param(
        "lens-position",
        "2",
        "Focus in dioptres: 0 is far, 10 is 10 cm. Raspberry Pi.",
    ),
    param("exposure", "sport", "normal, sport or long. Raspberry Pi."),
    param("metering", "spot", "centre, spot or average. Raspberry Pi."),
    param(
        "awb",
        "daylight",
        "White balance: auto, incandescent, fluorescent, daylight or cloudy; on a Raspberry Pi also tungsten and indoor.",
    ),
    param(
        "denoise",
        "fast",
        "off, fast or hq; on a Raspberry Pi also auto.",
    ),
    param(
        "autofocus-mode",
        "auto",
        "manual, auto or continuous. Raspberry Pi.",
    ),
    param(
        "roi",
        "0,0,0.5,0.5",
        "The part of the picture to show: left, top, width and height as parts of the whole. Raspberry Pi.",
    ),
    param("ae-lock", "", "Keeps the exposure as it is. Jetson."),
    param("awb-lock", "", "Keeps the white balance as it is. Jetson."),
];

const fn param(name: &'static str, value: &'static str, help: &'static str) -> Param {
    Param { name, value, help }
}
