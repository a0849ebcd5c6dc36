//! Which cameras there are, and which one a source means.

use std::path::{Component, Path, PathBuf};
use std::str::FromStr;

use eyeline_sys_v4l2::{Device, FourCc, Info, Kind, Sizes, paths};

use super::choose::Offer;
use crate::machine::{Camera, CameraControl, CameraFormat, CameraSize};

/// Which camera a source means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// The first there is.
    First,
    /// The one with this device.
    Device(PathBuf),
}

impl FromStr for Which {
    type Err = String;

    /// Only names of video devices: what opens others has effects of its own.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            return Ok(Self::First);
        }
        if let Ok(number) = text.parse::<u16>() {
            return Ok(Self::Device(format!("/dev/video{number}").into()));
        }
        let path = Path::new(text);
        let upwards = path.components().any(|part| part == Component::ParentDir);
        let video = text
            .strip_prefix("/dev/video")
            .is_some_and(|number| number.parse::<u16>().is_ok());
        if video || (text.starts_with("/dev/v4l/by-") && !upwards) {
            return Ok(Self::Device(path.to_owned()));
        }
        Err(format!(
            "v4l2: takes a video device such as /dev/video0 or /dev/v4l/by-id/…, its number, \
             or nothing for the first camera, but not {text:?}"
        ))
    }
}

/// See [`cameras`](crate::cameras).
pub(crate) fn found() -> Vec<Camera> {
    let opened = devices().into_iter();
    let cameras = opened.filter_map(|path| Some((Device::open(&path).ok()?, path)));
    cameras
        .map(|(device, path)| {
            let Info { driver, card, bus } = device.info().clone();
            Camera {
                device: path.display().to_string(),
                name: card,
                driver,
                bus,
                formats: formats(&device),
                controls: controls(&device),
            }
        })
        .collect()
}

/// Devices, cameras or not; none where there is no folder of devices.
pub(super) fn devices() -> Vec<PathBuf> {
    paths().unwrap_or_default()
}

fn formats(device: &Device) -> Vec<CameraFormat> {
    let formats = device.formats().unwrap_or_default().into_iter();
    formats
        .map(|format| {
            let sizes = device.sizes(format.fourcc).unwrap_or_default();
            CameraFormat {
                fourcc: format.fourcc.to_string(),
                name: format.name,
                compressed: format.compressed,
                shown: super::format::Format::of(format.fourcc).is_some(),
                sizes: sizes
                    .into_iter()
                    .map(|size| described(device, format.fourcc, size))
                    .collect(),
            }
        })
        .collect()
}

fn described(device: &Device, fourcc: FourCc, size: Sizes) -> CameraSize {
    let (text, width, height) = match size {
        Sizes::One { width, height } => (format!("{width}x{height}"), width, height),
        Sizes::Range { width, height } => (
            format!("{}x{} to {}x{}", width[0], height[0], width[1], height[1]),
            width[1],
            height[1],
        ),
    };
    let intervals = device.intervals(fourcc, width, height).unwrap_or_default();
    let mut fps: Vec<f64> = intervals.iter().map(|interval| interval.fps()).collect();
    fps.sort_by(|a, b| b.total_cmp(a));
    CameraSize { size: text, fps }
}

fn controls(device: &Device) -> Vec<CameraControl> {
    let controls = device.controls().unwrap_or_default().into_iter();
    controls
        .map(|control| CameraControl {
            value: device.get(&control).ok(),
            kind: match control.kind {
                Kind::Integer | Kind::Integer64 => "integer",
                Kind::Boolean => "boolean",
                Kind::Menu | Kind::IntegerMenu => "menu",
                Kind::Button => "button",
                Kind::Bitmask => "bitmask",
            },
            name: control.name,
            minimum: control.minimum,
            maximum: control.maximum,
            step: control.step,
            default: control.default,
            choices: control
                .menu
                .into_iter()
                .map(|item| (item.value, item.name))
                .collect(),
            inactive: control.inactive,
            read_only: control.read_only,
        })
        .collect()
}

/// What a camera can give, for choosing.
pub(super) fn offers(device: &Device) -> Result<Vec<Offer>, eyeline_sys_v4l2::Error> {
    let formats = device
        .formats()?
        .into_iter()
        .filter(|format| !format.emulated);
    formats
        .map(|format| {
            Ok(Offer {
                fourcc: format.fourcc,
                sizes: device.sizes(format.fourcc)?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_video_devices_are_cameras() {
        let device = |path: &str| Some(Which::Device(path.into()));
        let check = |text: &str, expected: Option<Which>| {
            assert_eq!(text.parse::<Which>().ok(), expected, "{text}");
        };
        check("", Some(Which::First));
        check("3", device("/dev/video3"));
        check("/dev/video0", device("/dev/video0"));
        check(
            "/dev/v4l/by-id/usb-cam-index0",
            device("/dev/v4l/by-id/usb-cam-index0"),
        );
        check("/dev/v4l/by-id/../../watchdog", None);
        check("/dev/watchdog", None);
        check("/dev/video", None);
        check("/dev/video0/../mem", None);
        check("/etc/passwd", None);
        check("camera", None);
    }
}
