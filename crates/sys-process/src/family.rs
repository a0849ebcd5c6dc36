//! The guard's descendants: finding, signalling and reaping them. When to do so is the
//! guard's affair.

use std::fs;

use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, WaitOptions, getpid, kill_process, kill_process_group,
    waitid, waitpid,
};

/// The program and everything it leaves behind. The program itself is reaped last: until
/// then its process id, which is also that of its group, belongs to nobody else.
pub(crate) struct Family {
    program: Pid,
}

impl Family {
    /// The family of a child of this process that leads its own process group.
    pub(crate) fn new(program: Pid) -> Self {
        Self { program }
    }

    /// Sends a signal to the program's process group, and wakes those that are stopped, for
    /// only a running process can act on it.
    pub(crate) fn signal(&self, signal: Signal) {
        // The only error is that nobody is left, or that all belong to another user.
        let _ = kill_process_group(self.program, signal);
        let _ = kill_process_group(self.program, Signal::CONT);
    }

    /// Kills the group and whatever has left the group and been orphaned since.
    pub(crate) fn kill(&self) {
        let _ = kill_process_group(self.program, Signal::KILL);
        for orphan in self.orphans() {
            let _ = kill_process(orphan, Signal::KILL);
        }
    }

    /// Whether the program itself has ended.
    pub(crate) fn program_ended(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        !matches!(waitid(WaitId::Pid(self.program), options), Ok(None))
    }

    /// Reaps the orphans that have ended; whether any is left.
    pub(crate) fn reap_orphans(&self) -> bool {
        loop {
            let orphans = self.orphans();
            let reaped = orphans
                .iter()
                .filter(|pid| matches!(waitpid(Some(**pid), WaitOptions::NOHANG), Ok(Some(_))))
                .count();
            // Each one reaped may have left orphans that were not on the list yet.
            if reaped == 0 {
                return !orphans.is_empty();
            }
        }
    }

    /// Reaps the program, waiting for its end if need be, and returns its wait status.
    pub(crate) fn reap_program(self) -> i32 {
        match waitpid(Some(self.program), WaitOptions::empty()) {
            Ok(Some((_, status))) => status.as_raw(),
            // Nobody else reaps our children.
            Ok(None) | Err(_) => unreachable!("a child that nobody has reaped can be"),
        }
    }

    /// The children of this process except the program: descendants whose parent has ended.
    fn orphans(&self) -> Vec<Pid> {
        let guard = getpid();
        let Ok(processes) = fs::read_dir("/proc") else {
            return Vec::new();
        };
        processes
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter_map(Pid::from_raw)
            .filter(|pid| *pid != self.program && parent_of(*pid) == Some(guard))
            .collect()
    }
}

fn parent_of(pid: Pid) -> Option<Pid> {
    let stat = fs::read(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    Pid::from_raw(parent_in_stat(&stat)?)
}

/// The fourth field of proc_pid_stat(5). The second, the program's name in parentheses, may itself
/// hold spaces, parentheses and bytes that are no text.
fn parent_in_stat(stat: &[u8]) -> Option<i32> {
    let name_end = stat.iter().rposition(|byte| *byte == b')')?;
    let rest = str::from_utf8(stat.get(name_end + 1..)?).ok()?;
    rest.split_ascii_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::parent_in_stat;

    #[track_caller]
    fn check(stat: &[u8], parent: Option<i32>) {
        assert_eq!(parent_in_stat(stat), parent);
    }

    #[test]
    fn the_parent_is_found_behind_any_program_name() {
        check(b"42 (sleep) S 7 42 42 0 -1", Some(7));
        check(b"42 (a) S 1 (b) R 7 42 42 0 -1", Some(7));
        check(b"42 (\xff\xfe) Z 7 42 42 0 -1", Some(7));
    }

    #[test]
    fn a_broken_line_has_no_parent() {
        check(b"", None);
        check(b"42 (sleep", None);
        check(b"42 (sleep) S", None);
        check(b"42 (sleep) S x", None);
    }
}
