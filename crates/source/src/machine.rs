//! What this machine has that could be shown.

use tokio::sync::watch;

/// A source that this machine has, ready to be made a stream of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineSource {
    /// As it is written.
    pub source: String,
    /// A name for people.
    pub name: String,
    /// `camera`, or `test` for the test pattern.
    pub kind: &'static str,
    /// What it is, in a sentence.
    pub hint: String,
}

/// A camera of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineCamera {
    /// Its device, such as `/dev/video0`.
    pub device: String,
    /// A name of the device that stays when it is plugged in again, if the system gives one;
    /// else the device.
    pub lasting: String,
    /// Its name, such as `HD Pro Webcam C920`.
    pub name: String,
    /// Where it is plugged in.
    pub bus: String,
    /// Whether it gives pictures that can be shown.
    pub shown: bool,
}

/// A camera of this machine, and what its driver says of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Camera {
    /// Its device, such as `/dev/video0`.
    pub device: String,
    /// Its name, such as `HD Pro Webcam C920`.
    pub name: String,
    /// Its driver, such as `uvcvideo`.
    pub driver: String,
    /// Where it is plugged in.
    pub bus: String,
    /// What it gives.
    pub formats: Vec<CameraFormat>,
    /// What can be set on it.
    pub controls: Vec<CameraControl>,
}

/// What a camera gives in one format.
#[derive(Clone, Debug, PartialEq)]
pub struct CameraFormat {
    /// The kernel's name, such as `MJPG`.
    pub fourcc: String,
    /// The driver's name.
    pub name: String,
    /// Whether the camera compresses it.
    pub compressed: bool,
    /// Whether it can be shown.
    pub shown: bool,
    /// In which sizes; none when the driver does not say.
    pub sizes: Vec<CameraSize>,
}

/// A size that a camera gives, or a range of them.
#[derive(Clone, Debug, PartialEq)]
pub struct CameraSize {
    /// `1280x720`, or `16x16 to 640x480`.
    pub size: String,
    /// Frames a second, fastest first; of a range of sizes those of the largest, of a range
    /// of rates its ends.
    pub fps: Vec<f64>,
}

/// Something that can be set on a camera.
#[derive(Clone, Debug, PartialEq)]
pub struct CameraControl {
    /// Its name for programs, such as `white_balance_automatic`; as `v4l2-ctl` has it.
    pub id: String,
    /// The driver's name, such as `White Balance, Automatic`.
    pub name: String,
    /// The driver's name of the group it belongs to, such as `User Controls`; may be empty.
    pub group: String,
    /// `integer`, `boolean`, `menu`, `button` or `bitmask`.
    pub kind: &'static str,
    /// The least value.
    pub minimum: i64,
    /// The greatest value.
    pub maximum: i64,
    /// From one value to the next.
    pub step: u64,
    /// What the driver starts with.
    pub default: i64,
    /// What it is now; `None` where there is nothing to read.
    pub value: Option<i64>,
    /// The choices of a menu: values and what they stand for.
    pub choices: Vec<(i64, String)>,
    /// Without effect now, because another control is on automatic.
    pub inactive: bool,
    /// It cannot be set.
    pub read_only: bool,
}

/// The cameras of this machine, in the order of their devices; those that cannot be opened
/// are left out. Asks the drivers, which may take a moment.
#[must_use]
pub fn cameras() -> Vec<Camera> {
    #[cfg(target_os = "linux")]
    return crate::camera::found();
    #[cfg(not(target_os = "linux"))]
    Vec::new()
}

/// The cameras of this machine, in the order of their devices, without asking what each can.
#[must_use]
pub fn machine_cameras() -> Vec<MachineCamera> {
    #[cfg(target_os = "linux")]
    return crate::camera::plugged_in();
    #[cfg(not(target_os = "linux"))]
    Vec::new()
}

/// Counts how often cameras may have come, gone, or become accessible.
#[must_use]
pub fn camera_changes() -> watch::Receiver<u64> {
    #[cfg(target_os = "linux")]
    return crate::camera::changes();
    #[cfg(not(target_os = "linux"))]
    watch::channel(0).1
}

/// What this machine has: its cameras, and the test pattern, which is always there.
#[must_use]
pub fn machine_sources() -> Vec<MachineSource> {
    let camera = |camera: MachineCamera| MachineSource {
        source: format!("v4l2:{}", camera.device),
        name: camera.name,
        kind: "camera",
        hint: format!("{}, {}", camera.device, camera.bus),
    };
    let test = MachineSource {
        source: "test:".to_owned(),
        name: "Test pattern".to_owned(),
        kind: "test",
        hint: "A moving picture that shows the time, to try things out.".to_owned(),
    };
    let cameras = machine_cameras().into_iter();
    cameras.map(camera).chain([test]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Spec;

    #[test]
    fn what_is_offered_can_be_taken() {
        let offered = machine_sources();
        assert!(offered.iter().any(|one| one.kind == "test"));
        for one in offered {
            assert!(Spec::parse(&one.source).is_ok(), "{one:?}");
        }
    }
}
