//! Which cameras there are, and which one a source means.

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::str::FromStr;

use eyeline_sys_v4l2::{Device, FourCc, Info, Intervals, Sizes, paths};

use super::choose::Offer;
use super::controls;
use super::trouble::explain;
use crate::error::InputError;
use crate::machine::{Camera, CameraFormat, CameraSize, MachineCamera};

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

impl Which {
    /// Opens the camera, which leaves whoever captures from it alone.
    pub(super) fn open(&self) -> Result<(PathBuf, Device), InputError> {
        let Self::Device(path) = self else {
            return first();
        };
        let device = Device::open(path).map_err(|error| explain(path, &error))?;
        Ok((path.clone(), device))
    }
}

/// The first camera that there is.
fn first() -> Result<(PathBuf, Device), InputError> {
    let mut trouble = None;
    for path in devices() {
        match Device::open(&path) {
            Ok(device) => return Ok((path, device)),
            Err(error) if error.is_gone() => {}
            Err(error) => trouble = trouble.or(Some(explain(&path, &error))),
        }
    }
    Err(trouble.unwrap_or_else(|| {
        InputError::Camera("this machine has no camera; is it plugged in?".to_owned())
    }))
}

/// See [`machine_cameras`](crate::machine_cameras).
pub(crate) fn plugged_in() -> Vec<MachineCamera> {
    let opened = devices().into_iter();
    let cameras = opened.filter_map(|path| Some((Device::open(&path).ok()?, path)));
    cameras
        .map(|(device, path)| MachineCamera {
            shown: gives_pictures(&device),
            device: path.display().to_string(),
            lasting: lasting(&path).unwrap_or(path).display().to_string(),
            name: device.info().card.clone(),
            bus: device.info().bus.clone(),
        })
        .collect()
}

/// Drivers of processors that other devices feed: they capture, but are no cameras.
const NO_CAMERAS: [&str; 4] = ["bcm2835-isp", "pispbe", "rp1-cfe", "unicam"];

/// Whether what it gives can be shown as it comes.
fn gives_pictures(device: &Device) -> bool {
    let formats = device.formats().unwrap_or_default();
    let mut known = formats
        .iter()
        .map(|format| super::format::Format::of(format.fourcc));
    !NO_CAMERAS.contains(&device.info().driver.as_str()) && known.any(|format| format.is_some())
}

/// A name of the device that stays when it is plugged in again: by what it is, or else by
/// where it is plugged in.
fn lasting(device: &Path) -> Option<PathBuf> {
    let links = ["/dev/v4l/by-id", "/dev/v4l/by-path"]
        .into_iter()
        .flat_map(|folder| {
            let mut links: Vec<_> = fs::read_dir(folder)
                .into_iter()
                .flatten()
                .flatten()
                .collect();
            links.sort_by_key(fs::DirEntry::file_name);
            links
        });
    let mut paths = links.map(|link| link.path());
    paths.find(|link| fs::canonicalize(link).is_ok_and(|target| target == device))
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
                controls: controls::of(&device),
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
    let ends = |intervals: &Intervals| match *intervals {
        Intervals::One(interval) => vec![interval.fps()],
        Intervals::Range { shortest, longest } => vec![shortest.fps(), longest.fps()],
    };
    let mut fps: Vec<f64> = intervals.iter().flat_map(ends).collect();
    fps.sort_by(|a, b| b.total_cmp(a));
    CameraSize { size: text, fps }
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
