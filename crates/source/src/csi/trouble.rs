//! What the tools say when a camera cannot be had, and what helps.

use crate::last_words::Known;

const TAKEN: &str = "another program has the camera; `fuser -v /dev/video* /dev/media*` names it";
const CABLE: &str = "check the cable at both ends, and the dtoverlay in /boot/firmware/config.txt";
const DAEMON: &str = "end other programs that use the camera; if there are none, `sudo systemctl restart nvargus-daemon`";

/// In small letters; where several fit, the first counts.
pub(crate) static KNOWN: &[Known] = &[
    known("in use by another process", TAKEN),
    known("failed to acquire camera", TAKEN),
    known("device or resource busy", TAKEN),
    known("no cameras available", CABLE),
    known(
        "selected camera is not available",
        "there is no camera of that number; csi:0 is the first",
    ),
    known(
        "invalid camera device specified",
        "there is no camera of that number; csi:0 is the first",
    ),
    known("device timeout detected", CABLE),
    known("camera frontend has timed out", CABLE),
    known("failed to create capturesession", DAEMON),
    known(
        "no element \"nv",
        "install NVIDIA's elements: `sudo apt install nvidia-l4t-gstreamer`",
    ),
];

const fn known(says: &'static str, remedy: &'static str) -> Known {
    Known { says, remedy }
}
