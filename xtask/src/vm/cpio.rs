//! Writes a cpio archive in the "newc" format, which Linux unpacks at boot (kernel
//! documentation, "initramfs buffer format").
//!
//! Not here: what is put into it.

use std::collections::BTreeSet;
use std::io::{self, Write};

const DIRECTORY: u32 = 0o040_000;
const REGULAR: u32 = 0o100_000;
const SYMLINK: u32 = 0o120_000;

/// An archive being written. Everything in it belongs to root.
pub(super) struct Archive<W> {
    out: W,
    /// The number of the last entry: names that share one would be hard links.
    inode: u32,
    directories: BTreeSet<String>,
}

impl<W: Write> Archive<W> {
    pub(super) fn new(out: W) -> Archive<W> {
        Archive {
            out,
            inode: 0,
            directories: BTreeSet::new(),
        }
    }

    /// Adds a file, and the directories above it.
    ///
    /// # Errors
    /// When it cannot be written, or is larger than the format can say (4 GiB).
    pub(super) fn file(&mut self, path: &str, permissions: u32, data: &[u8]) -> io::Result<()> {
        self.parents(path)?;
        self.entry(path, REGULAR | permissions, data)
    }

    /// Adds a directory, and those above it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn directory(&mut self, path: &str) -> io::Result<()> {
        self.parents(&format!("{path}/"))
    }

    /// Adds a symbolic link, and the directories above it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn symlink(&mut self, path: &str, target: &str) -> io::Result<()> {
        self.parents(path)?;
        self.entry(path, SYMLINK | 0o777, target.as_bytes())
    }

    /// Ends the archive and gives back what it was written to.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.entry("TRAILER!!!", 0, b"")?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn parents(&mut self, path: &str) -> io::Result<()> {
        let path = path.trim_start_matches('/');
        for (slash, _) in path.match_indices('/') {
            let directory = &path[..slash];
            if self.directories.insert(directory.to_owned()) {
                self.entry(directory, DIRECTORY | 0o755, b"")?;
            }
        }
        Ok(())
    }

    fn entry(&mut self, path: &str, mode: u32, data: &[u8]) -> io::Result<()> {
        let path = path.trim_start_matches('/');
        let too_large = |_| io::Error::other(format!("{path} is too large for an archive"));
        let size = u32::try_from(data.len()).map_err(too_large)?;
        let name_size = u32::try_from(path.len() + 1).map_err(too_large)?;
        self.inode += 1;
        // Inode, mode, owner, group, links, time, size, device (2), device it is (2), name
        // size, checksum.
        let fields = [self.inode, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, name_size, 0];
        let mut header = String::from("070701");
        for field in fields {
            header.push_str(&format!("{field:08x}"));
        }
        header.push_str(path);
        header.push('\0');
        self.padded(header.as_bytes())?;
        self.padded(data)
    }

    /// Header with name, and data, each end at a multiple of four bytes.
    fn padded(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        let padding = bytes.len().next_multiple_of(4) - bytes.len();
        self.out.write_all(&[0; 3][..padding])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        let mut archive = Archive::new(Vec::new());
        archive.file("/etc/a/one", 0o600, b"12345").unwrap();
        archive.file("etc/a/two", 0o755, b"").unwrap();
        archive.symlink("/bin/sh", "busybox").unwrap();
        archive.directory("/etc/b").unwrap();
        archive.finish().unwrap()
    }

    /// Reads an archive by the format's rules: name, mode, data.
    fn entries(mut bytes: &[u8]) -> Vec<(String, u32, Vec<u8>)> {
        let mut found = Vec::new();
        while !bytes.is_empty() {
            let field = |index: usize| {
                let text = std::str::from_utf8(&bytes[6 + index * 8..14 + index * 8]).unwrap();
                u32::from_str_radix(text, 16).unwrap() as usize
            };
            assert_eq!(&bytes[..6], b"070701");
            let (mode, size, name_size) = (field(1), field(6), field(11));
            let name = &bytes[110..110 + name_size];
            assert_eq!(name.last(), Some(&0));
            let data = (110 + name_size).next_multiple_of(4);
            found.push((
                String::from_utf8(name[..name_size - 1].to_vec()).unwrap(),
                u32::try_from(mode).unwrap(),
                bytes[data..data + size].to_vec(),
            ));
            bytes = &bytes[(data + size).next_multiple_of(4)..];
        }
        found
    }

    #[test]
    fn entries_are_laid_out_as_the_format_says_and_directories_come_once_and_first() {
        let expected: &[(&str, u32, &[u8])] = &[
            ("etc", 0o040_755, b""),
            ("etc/a", 0o040_755, b""),
            ("etc/a/one", 0o100_600, b"12345"),
            ("etc/a/two", 0o100_755, b""),
            ("bin", 0o040_755, b""),
            ("bin/sh", 0o120_777, b"busybox"),
            ("etc/b", 0o040_755, b""),
            ("TRAILER!!!", 0, b""),
        ];
        let expected: Vec<_> = expected
            .iter()
            .map(|(name, mode, data)| ((*name).to_owned(), *mode, data.to_vec()))
            .collect();
        assert_eq!(entries(&sample()), expected);
    }

    #[test]
    fn no_two_entries_share_an_inode() {
        let bytes = sample();
        let inodes: Vec<_> = bytes
            .windows(14)
            .filter(|window| window.starts_with(b"070701"))
            .map(|window| window[6..].to_vec())
            .collect();
        let distinct: BTreeSet<_> = inodes.iter().collect();
        assert_eq!((inodes.len(), distinct.len()), (8, 8));
    }
}
