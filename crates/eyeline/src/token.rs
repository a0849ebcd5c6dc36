//! The token: made at the first start, kept, and read again at every later one.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use eyeline_auth::Token;

const FILE: &str = "token";

/// The token kept in `folder`, made if there is none.
///
/// # Errors
/// The folder or the file cannot be written or read, or holds no token.
pub(crate) fn kept_in(folder: &Path) -> anyhow::Result<Token> {
    let path = folder.join(FILE);
    match fs::read_to_string(&path) {
        Ok(text) => Token::new(text.trim()).with_context(|| {
            format!(
                "{} holds no token; delete it to have a new one made",
                path.display()
            )
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => make(folder, &path),
        Err(error) => Err(anyhow!(
            "cannot read the token in {}: {error}",
            path.display()
        )),
    }
}

fn make(folder: &Path, path: &Path) -> anyhow::Result<Token> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).context("the system gives no random numbers")?;
    let token = Token::from_random(bytes);
    let write = || {
        fs::create_dir_all(folder)?;
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        writeln!(file, "{}", token.reveal())
    };
    match write() {
        Ok(()) => Ok(token),
        // Another Eyeline started in this moment; its token is the one.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => kept_in(folder),
        Err(error) => Err(anyhow!(
            "cannot keep the token in {}: {error}",
            path.display()
        )),
    }
}

/// Where things are kept from run to run, unless configured: `$STATE_DIRECTORY`
/// (systemd), `$XDG_STATE_HOME/eyeline`, `~/.local/state/eyeline`, `/var/lib/eyeline`.
pub(crate) fn state_dir(variable: impl Fn(&str) -> Option<std::ffi::OsString>) -> PathBuf {
    let absolute = |name: &str| {
        variable(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    absolute("STATE_DIRECTORY")
        .or_else(|| absolute("XDG_STATE_HOME").map(|path| path.join("eyeline")))
        .or_else(|| absolute("HOME").map(|path| path.join(".local/state/eyeline")))
        .unwrap_or_else(|| PathBuf::from("/var/lib/eyeline"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_token_is_made_once_and_kept_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("deep/er");
        let first = kept_in(&state).unwrap();
        assert!(kept_in(&state).unwrap().matches(first.reveal()));
        let mode = fs::metadata(state.join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_token_is_not_replaced_silently() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), "short").unwrap();
        let error = kept_in(folder.path()).unwrap_err();
        assert!(error.to_string().contains("delete it"), "{error}");
    }

    #[test]
    fn the_state_folder_follows_the_surroundings() {
        let check = |set: &[(&str, &str)], expected: &str| {
            let variable = |name: &str| {
                set.iter()
                    .find(|(key, _)| *key == name)
                    .map(|(_, value)| value.into())
            };
            assert_eq!(state_dir(variable), PathBuf::from(expected));
        };
        check(&[("HOME", "/home/u")], "/home/u/.local/state/eyeline");
        check(
            &[("HOME", "/home/u"), ("XDG_STATE_HOME", "/x")],
            "/x/eyeline",
        );
        check(
            &[("STATE_DIRECTORY", "/var/lib/e"), ("HOME", "/home/u")],
            "/var/lib/e",
        );
        check(&[("HOME", "")], "/var/lib/eyeline");
    }
}
