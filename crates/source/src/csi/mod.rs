//! Cameras on ribbon cables (CSI), through the tools of those who make the boards: which tool there is, and
//! what it is to be told.
//!
//! Not here: running it (`program`), stopping it (`session`), the parameters as written (`inputs/csi`).

mod find;
mod jetson;
mod raspberry;
mod trouble;
mod wish;

pub(crate) use find::find;
pub(crate) use trouble::KNOWN;
pub(crate) use wish::{Coding, Control, Rotation, Wish, with_controls};

use crate::spec::SpecError;

/// A tool that reads such cameras.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    /// `rpicam-vid` of a Raspberry Pi.
    Rpicam,
    /// What it was called until 2023: `libcamera-vid`.
    Libcamera,
    /// GStreamer's `gst-launch-1.0` with NVIDIA's `nvarguscamerasrc`.
    Jetson,
}

impl Tool {
    /// Every tool, in the order in which they are looked for.
    pub(crate) const ALL: [Self; 3] = [Self::Rpicam, Self::Libcamera, Self::Jetson];

    /// The program.
    pub(crate) fn program(self) -> &'static str {
        match self {
            Self::Rpicam => "rpicam-vid",
            Self::Libcamera => "libcamera-vid",
            Self::Jetson => "gst-launch-1.0",
        }
    }

    /// What to tell it.
    ///
    /// # Errors
    /// When it cannot do what is wished, and what it can do instead.
    pub(crate) fn arguments(self, wish: &Wish) -> Result<Vec<String>, String> {
        match self {
            Self::Rpicam | Self::Libcamera => raspberry::arguments(wish),
            Self::Jetson => jetson::arguments(wish),
        }
    }
}

impl std::str::FromStr for Tool {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "rpicam" => Ok(Self::Rpicam),
            "libcamera" => Ok(Self::Libcamera),
            "jetson" => Ok(Self::Jetson),
            _ => Err("use rpicam, libcamera or jetson"),
        }
    }
}

/// Checks that this tool can do what is wished; without one, that any can.
///
/// # Errors
/// What it cannot do, or what the last of them cannot.
pub(crate) fn check(tool: Option<Tool>, wish: &Wish) -> Result<(), SpecError> {
    let all = Tool::ALL;
    let tools = tool.as_ref().map_or(&all[..], std::slice::from_ref);
    let mut refused = String::new();
    for tool in tools {
        match tool.arguments(wish) {
            Ok(_) => return Ok(()),
            Err(why) => refused = why,
        }
    }
    Err(SpecError::Malformed(refused))
}

#[cfg(test)]
mod tests;
