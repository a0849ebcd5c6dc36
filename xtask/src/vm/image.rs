//! The guest's file system, all of it in memory: busybox, the kernel's modules for
//! cameras and network, what is to be run, and the libraries that takes.
//!
//! Not here: the archive's format (`cpio`), what runs it (`guest`).

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};

use super::cpio::Archive;

const INIT: &str = include_str!("init.sh");

/// The network's modules, beside `vivid`, which makes the cameras and is loaded last.
const NETWORK: &[&str] = &["virtio_pci", "virtio_net"];

/// What the guest is made of.
pub(super) struct Contents<'a> {
    /// Where `scripts/setup vm` unpacked the kernel and this puts what it makes.
    pub(super) folder: &'a Path,
    /// The program, which the guest has as `/usr/bin/eyeline`.
    pub(super) program: &'a Path,
    /// Where the program was built.
    pub(super) workspace: &'a Path,
    /// Files for the guest's `/root`.
    pub(super) with: &'a [PathBuf],
    /// Parameters of the `vivid` module.
    pub(super) vivid: &'a str,
    /// A shell script that the guest runs.
    pub(super) command: &'a str,
}

/// Kernel and file system, ready to boot. The file system is this run's own.
pub(super) struct Image {
    pub(super) kernel: PathBuf,
    pub(super) initramfs: PathBuf,
}

impl Image {
    /// Removes the file system, which has been read or is not wanted any more.
    pub(super) fn forget(&self) {
        // It may have been removed already.
        let _ = fs::remove_file(&self.initramfs);
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        self.forget();
    }
}

/// Writes the file system.
///
/// # Errors
/// When something that belongs into it is missing.
pub(super) fn write(contents: &Contents) -> anyhow::Result<Image> {
    let root = contents.folder.join("root");
    let version = kernel_version(&root)?;
    let initramfs = contents.folder.join(own_name("initramfs"));
    let file = fs::File::create(&initramfs)
        .with_context(|| format!("cannot write {}", initramfs.display()))?;
    let mut archive = Archive::new(BufWriter::new(file));

    archive.file("init", 0o755, INIT.as_bytes())?;
    archive.file("bin/busybox", 0o755, &read(Path::new("/bin/busybox"))?)?;
    archive.file("root/command", 0o644, contents.command.as_bytes())?;
    archive.file("etc/passwd", 0o644, b"root::0:0:root:/root:/bin/sh\n")?;
    archive.file("etc/hosts", 0o644, b"127.0.0.1 localhost\n")?;
    archive.file("etc/resolv.conf", 0o644, b"nameserver 10.0.2.3\n")?;
    add_modules(&mut archive, &root, &version, contents.vivid)?;

    let mut libraries = BTreeSet::new();
    let mut add = |path: &Path, inside: &str| -> anyhow::Result<()> {
        let bytes = read(path)?;
        if bytes.starts_with(b"\x7fELF") {
            libraries.extend(libraries_of(path)?);
        }
        archive.file(inside, 0o755, &stripped(path, bytes, contents.folder)?)?;
        Ok(())
    };
    add(contents.program, "usr/bin/eyeline")?;
    for path in contents.with {
        add(path, &format!("root/{}", file_name(path)?))?;
    }
    // Tests know the program by its path on the host.
    archive.symlink(&contents.program.to_string_lossy(), "/usr/bin/eyeline")?;
    add_pages(&mut archive, contents.workspace)?;
    for library in libraries {
        archive.file(&library, 0o755, &read(Path::new(&library))?)?;
    }
    archive.finish()?;
    let kernel = root.join(format!("boot/vmlinuz-{version}"));
    Ok(Image { kernel, initramfs })
}

/// The last part of a path.
///
/// # Errors
/// When there is none.
pub(super) fn file_name(path: &Path) -> anyhow::Result<String> {
    let name = path
        .file_name()
        .with_context(|| format!("{} has no name", path.display()))?;
    Ok(name.to_string_lossy().into_owned())
}

fn kernel_version(root: &Path) -> anyhow::Result<String> {
    let modules = root.join("lib/modules");
    let entry = fs::read_dir(&modules)
        .ok()
        .and_then(|mut entries| entries.next())
        .with_context(|| format!("there is no kernel in {}", modules.display()))??;
    Ok(entry.file_name().to_string_lossy().into_owned())
}

/// Adds the modules and `/modules/order`: file names in the order of loading, with
/// parameters.
fn add_modules<W: Write>(
    archive: &mut Archive<W>,
    root: &Path,
    version: &str,
    vivid: &str,
) -> anyhow::Result<()> {
    let mut order = Vec::new();
    for module in NETWORK.iter().chain(&["vivid"]) {
        let modprobe = Command::new("/sbin/modprobe")
            .arg("-d")
            .arg(root)
            .args(["-S", version, "--show-depends", module])
            .output()
            .context("cannot run modprobe")?;
        ensure!(modprobe.status.success(), "the kernel has no {module}");
        // "insmod FILE", or "builtin NAME".
        for line in String::from_utf8(modprobe.stdout)?.lines() {
            let path = line.strip_prefix("insmod ").map(|path| path.trim_end());
            if let Some(path) = path
                && !order.contains(&path.to_owned())
            {
                order.push(path.to_owned());
            }
        }
    }
    let mut list = String::new();
    for path in &order {
        let name = file_name(Path::new(path))?;
        let parameters = if name.starts_with("vivid.") {
            vivid
        } else {
            ""
        };
        list.push_str(&format!("{name} {parameters}\n"));
        archive.file(&format!("modules/{name}"), 0o644, &read(Path::new(path))?)?;
    }
    archive.file("modules/order", 0o644, list.as_bytes())?;
    Ok(())
}

/// Adds the pages where a program built for debugging reads them: at the path that they have
/// on the host, by way of the folder of the crate that serves them.
fn add_pages<W: Write>(archive: &mut Archive<W>, workspace: &Path) -> anyhow::Result<()> {
    let host = workspace.display();
    archive.directory(&format!("{host}/crates/web"))?;
    let mut folders = vec![workspace.join("web-ui/dist")];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder);
        let entries = entries.with_context(|| format!("there are no {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                archive.file(&path.to_string_lossy(), 0o644, &read(&path)?)?;
            }
        }
    }
    Ok(())
}

/// What the loader would load: none for a program that needs no loader.
fn libraries_of(path: &Path) -> anyhow::Result<Vec<String>> {
    let ldd = Command::new("ldd")
        .arg(path)
        .output()
        .context("cannot run ldd")?;
    let listing = String::from_utf8(ldd.stdout)?;
    ensure!(!listing.contains("not found"), "{listing}");
    // "libc.so.6 => /lib/libc.so.6 (0x…)", or "/lib64/ld-linux-x86-64.so.2 (0x…)".
    let paths = listing.split_whitespace().filter(|w| w.starts_with('/'));
    Ok(paths.map(str::to_owned).collect())
}

/// A program without its debug information, which is most of it.
fn stripped(path: &Path, bytes: Vec<u8>, folder: &Path) -> anyhow::Result<Vec<u8>> {
    if !bytes.starts_with(b"\x7fELF") {
        return Ok(bytes);
    }
    let small = folder.join(own_name("stripped"));
    let status = Command::new("objcopy")
        .arg("--strip-debug")
        .args([path, &small])
        .status()
        .context("cannot run objcopy")?;
    ensure!(status.success(), "cannot strip {}", path.display());
    let bytes = read(&small);
    fs::remove_file(&small)?;
    bytes
}

/// For a file that no other run writes at the same time.
fn own_name(name: &str) -> String {
    format!("{name}-{}", std::process::id())
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}
