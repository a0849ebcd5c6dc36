//! Which tool this machine has. It is looked for whenever a camera is opened, so that one that has been
//! installed meanwhile is found.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use eyeline_sys_process::Spec;
use tokio::time::timeout;

use super::Tool;
use crate::error::InputError;

/// Says which elements GStreamer has.
const INSPECT: &str = "gst-inspect-1.0";
/// The element that reads a Jetson's camera.
const ELEMENT: &str = "nvarguscamerasrc";
/// How long that may take: the first time GStreamer looks at every plugin there is.
const INSPECT_TIMEOUT: Duration = Duration::from_secs(20);

/// A tool, and where it is.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) tool: Tool,
    pub(crate) program: PathBuf,
}

/// Looks for the tool that is wished, or else for any, along `PATH`.
///
/// # Errors
/// When there is none: which were looked for, and what to install.
pub(crate) async fn find(wished: Option<Tool>) -> Result<Found, InputError> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if let Some(tool) = wished {
        let program = program(tool.program(), &path);
        return program.map_or_else(
            || Err(missing(&[tool])),
            |program| Ok(Found { tool, program }),
        );
    }
    for tool in Tool::ALL {
        if let Some(program) = program(tool.program(), &path)
            && (tool != Tool::Jetson || has_element(&path).await)
        {
            return Ok(Found { tool, program });
        }
    }
    Err(missing(&Tool::ALL))
}

/// An executable file of this name.
fn program(name: &str, path: &OsStr) -> Option<PathBuf> {
    let is_program = |file: &PathBuf| {
        let file = file.metadata();
        file.is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
    };
    std::env::split_paths(path)
        .map(|folder| folder.join(name))
        .find(is_program)
}

/// GStreamer is there on many machines; what makes one a Jetson is the element.
async fn has_element(path: &OsStr) -> bool {
    let Some(inspect) = program(INSPECT, path) else {
        return false;
    };
    timeout(INSPECT_TIMEOUT, exists(&inspect))
        .await
        .unwrap_or(false)
}

async fn exists(inspect: &Path) -> bool {
    let Ok(mut child) = Spec::new(inspect).args(["--exists", ELEMENT]).spawn().await else {
        return false;
    };
    child.wait().await.is_ok_and(|status| status.success())
}

fn missing(tools: &[Tool]) -> InputError {
    let each = tools.iter().map(|tool| match tool {
        Tool::Rpicam => "rpicam-vid (Raspberry Pi: `sudo apt install rpicam-apps-lite`)",
        Tool::Libcamera => "libcamera-vid (older: `sudo apt install libcamera-apps-lite`)",
        Tool::Jetson => {
            "gst-launch-1.0 with nvarguscamerasrc (Jetson: `sudo apt install gstreamer1.0-tools nvidia-l4t-gstreamer`)"
        }
    });
    let each: Vec<_> = each.collect();
    InputError::Camera(format!(
        "no tool that reads cameras on ribbon cables; looked for {}",
        each.join(", ")
    ))
}
