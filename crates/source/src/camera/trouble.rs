//! What is wrong with a camera, in a sentence that says what to do.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use eyeline_sys_v4l2::Error;

use crate::error::InputError;

/// So many processes that have the device are named.
const NAMED: usize = 3;

/// What an error of a camera comes to.
pub(super) fn explain(path: &Path, error: &Error) -> InputError {
    let shown = path.display();
    InputError::Camera(if error.is_busy() {
        let holders = holders(path);
        if holders.is_empty() {
            format!("{shown} is in use already, perhaps by another stream")
        } else {
            format!("{shown} is in use by {}", holders.join(", "))
        }
    } else if error.is_forbidden() {
        match group(path) {
            Some(group) => format!(
                "{shown} may not be opened; add this user to the group {group} (usermod -aG {group} USER) \
                 and start again"
            ),
            None => format!("{shown} may not be opened by this user"),
        }
    } else if error.is_gone() && !path.exists() {
        format!("there is no {shown}; is the camera plugged in?")
    } else if error.is_gone() {
        format!("{shown} was unplugged, or is no camera ({error})")
    } else {
        format!("{shown}: {error}")
    })
}

/// Who has a device open, this program left out: `motion (812)`.
fn holders(path: &Path) -> Vec<String> {
    let Ok(device) = fs::canonicalize(path) else {
        return Vec::new();
    };
    let own = std::process::id();
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let holds = |pid: &u32| {
        let open = fs::read_dir(format!("/proc/{pid}/fd"))
            .into_iter()
            .flatten();
        open.flatten()
            .any(|fd| fs::read_link(fd.path()).is_ok_and(|target| target == device))
    };
    let named = |pid: u32| {
        let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        format!("{} ({pid})", name.trim())
    };
    pids.filter(|pid| *pid != own)
        .filter(holds)
        .take(NAMED)
        .map(named)
        .collect()
}

/// The group that a device belongs to, by name if it has one.
fn group(path: &Path) -> Option<String> {
    let gid = fs::metadata(path).ok()?.gid();
    let groups = fs::read_to_string("/etc/group").unwrap_or_default();
    let named = groups.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(gid)).then(|| name.to_owned())
    });
    Some(named.unwrap_or_else(|| gid.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_a_file_open_is_named_and_this_program_is_not() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert_eq!(holders(file.path()), Vec::<String>::new());
        let open = fs::File::open(file.path()).unwrap();
        let mut other = std::process::Command::new("sleep")
            .arg("60")
            .stdin(open)
            .spawn()
            .unwrap();
        let found = holders(file.path());
        other.kill().unwrap();
        other.wait().unwrap();
        assert_eq!(found, [format!("sleep ({})", other.id())]);
    }

    #[test]
    fn the_group_of_a_file_is_named() {
        assert_eq!(group(Path::new("/proc/1")).as_deref(), Some("root"));
        assert_eq!(group(Path::new("/nowhere")), None);
    }
}
