//! The processes of this machine, as `/proc` shows them.

use std::collections::HashSet;

/// A process: its id, and when it began, so that another that gets the same id is not taken for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Process {
    /// Process id.
    pub pid: u32,
    parent: u32,
    zombie: bool,
    began_ticks: u64,
}

impl Process {
    /// A process that there is, even one that has ended and that nobody has asked for since.
    #[must_use]
    pub fn of(pid: u32) -> Option<Self> {
        let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
        let stat = String::from_utf8_lossy(&stat);
        // The name before may hold anything. The fields of proc_pid_stat(5) from the third on.
        let fields: Vec<_> = stat.rsplit_once(')')?.1.split_ascii_whitespace().collect();
        Some(Self {
            pid,
            parent: fields.get(1)?.parse().ok()?,
            zombie: *fields.first()? == "Z",
            began_ticks: fields.get(19)?.parse().ok()?,
        })
    }

    /// Whether it has not ended yet.
    #[must_use]
    pub fn runs(&self) -> bool {
        Self::of(self.pid).is_some_and(|now| now.began_ticks == self.began_ticks && !now.zombie)
    }
}

/// The children of a process and theirs, as far as they run.
#[must_use]
pub fn descendants(of: u32) -> Vec<Process> {
    let listed = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let all: Vec<Process> = listed
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(Process::of)
        .collect();
    let (mut family, mut found) = (HashSet::from([of]), Vec::new());
    loop {
        let is_new = |p: &&Process| family.contains(&p.parent) && !family.contains(&p.pid);
        let next: Vec<Process> = all.iter().filter(is_new).copied().collect();
        if next.is_empty() {
            return found;
        }
        family.extend(next.iter().map(|process| process.pid));
        found.extend(next.into_iter().filter(|process| !process.zombie));
    }
}
