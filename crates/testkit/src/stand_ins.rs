//! Stand-ins for the tools of cameras on ribbon cables, which this machine does not have: programs of the same
//! names in `tools/`, found by `PATH`, and the cameras that they open.

use std::ffi::OsString;
use std::fs::File;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// A folder of tools and a folder of cameras.
pub struct StandIns {
    folder: tempfile::TempDir,
}

impl StandIns {
    /// These tools, each as the program in `tools/` that acts for it, and so many cameras.
    ///
    /// # Panics
    /// When files cannot be made.
    #[must_use]
    pub fn new(tools: &[(&str, &str)], cameras: usize) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let of = |name: &str| folder.path().join(name);
        std::fs::create_dir(of("bin")).expect("a folder of tools");
        for number in 0..cameras {
            File::create(of(&format!("camera-{number}"))).expect("a camera");
        }
        let made = Self { folder };
        for (name, acts) in tools {
            made.install(name, acts);
        }
        made
    }

    /// Adds a tool.
    ///
    /// # Panics
    /// When it is there already.
    pub fn install(&self, name: &str, acts: &str) {
        let link = self.folder.path().join("bin").join(name);
        symlink(program(acts), link).expect("a link to a tool");
    }

    /// The tool of a Raspberry Pi, and one camera.
    #[must_use]
    pub fn raspberry_pi() -> Self {
        Self::new(&[("rpicam-vid", "rpicam-vid")], 1)
    }

    /// The tools of a Jetson, and one camera.
    #[must_use]
    pub fn jetson() -> Self {
        let tools = ["gst-launch-1.0", "gst-inspect-1.0"];
        Self::new(&tools.map(|tool| (tool, tool)), 1)
    }

    /// What is to stand in the environment of whoever uses them.
    #[must_use]
    pub fn env(&self) -> Vec<(OsString, OsString)> {
        let mut path = self.folder.path().join("bin").into_os_string();
        if let Some(rest) = std::env::var_os("PATH") {
            path.push(":");
            path.push(rest);
        }
        vec![
            ("PATH".into(), path),
            ("STAND_IN_CAMERAS".into(), self.folder.path().into()),
        ]
    }

    /// Whether nobody has the camera open.
    ///
    /// # Panics
    /// When there is no such camera.
    #[must_use]
    pub fn is_free(&self, camera: usize) -> bool {
        let device = File::open(self.file("camera", camera)).expect("there is that camera");
        device.try_lock().is_ok()
    }

    /// Whether its driver is in a state that only a restart of the machine mends, because whoever had it has not
    /// closed it; true while somebody has it.
    #[must_use]
    pub fn is_dirty(&self, camera: usize) -> bool {
        self.file("dirty", camera).exists()
    }

    /// Makes it so, as a crash of whoever had it does.
    ///
    /// # Panics
    /// When the file cannot be made.
    pub fn soil(&self, camera: usize) {
        File::create(self.file("dirty", camera)).expect("a mark");
    }

    /// Mends it.
    pub fn clean(&self, camera: usize) {
        let _ = std::fs::remove_file(self.file("dirty", camera));
    }

    fn file(&self, kind: &str, camera: usize) -> PathBuf {
        self.folder.path().join(format!("{kind}-{camera}"))
    }
}

/// A program in `tools/`.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tools")
        .join(name)
}
