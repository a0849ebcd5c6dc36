//! The guard's side: a process that starts one program, watches it and its parent, and ends
//! when nothing of the program is left. It is a process of its own with one thread, so
//! it may block; see the crate's description for why it exists.
//!
//! It runs before `main` (glibc and musl run `.init_array` when memory, thread-locals and the environment
//! are ready) and uses only what needs no more than these: files, `Command`, system calls.

use std::convert::Infallible;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read, Write};
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{
    Pid, Signal, getpid, getppid, set_child_subreaper, set_parent_process_death_signal, setsid,
};

use crate::drain::Drain;
use crate::family::Family;
use crate::signals;
use crate::wire::{Order, Report, receive_pipes};

/// The name (`argv[0]`) under which this program runs as a guard; `ps` shows it.
pub const GUARD_NAME: &str = "child-guard";

/// How long processes have between `SIGINT` and `SIGTERM` when the parent has died. Programs that hold a camera
/// take this long to close its driver well; with what follows it is less than 5 s.
const INTERRUPT_GRACE: Duration = Duration::from_secs(3);
/// How long processes have between `SIGTERM` and `SIGKILL` when nobody is there to say: the parent has died, or
/// the program has ended and left others behind.
const LEFTOVER_GRACE: Duration = Duration::from_secs(1);
/// How often a guard that kills looks for processes that appeared meanwhile.
const KILL_INTERVAL: Duration = Duration::from_millis(50);

/// The start-up hook: runs in every process of a program that uses this crate.
#[used]
// SAFETY: the section is a table of functions `extern "C" fn()` (the C library passes arguments to
// them, which the C calling convention lets us ignore), and this is one.
#[unsafe(link_section = ".init_array")]
static HOOK: extern "C" fn() = hook;

extern "C" fn hook() {
    let Ok(arguments) = fs::read("/proc/self/cmdline") else {
        return;
    };
    let mut arguments = arguments
        .strip_suffix(b"\0")
        .unwrap_or_default()
        .split(|byte| *byte == 0)
        .map(OsStr::from_bytes);
    if arguments.next() == Some(OsStr::new(GUARD_NAME)) {
        let Err(_parent_is_gone) = run(arguments);
        // SAFETY: always sound; skips exit handlers of a `main` that never ran.
        unsafe { libc::_exit(1) }
    }
}

/// Guards one program. Returns only if it could not begin, and then nothing has been started.
fn run<'a>(mut arguments: impl Iterator<Item = &'a OsStr>) -> io::Result<Infallible> {
    signals::reset_actions();
    signals::block_all()?;
    close_inherited()?;
    rustix::thread::set_name(c"child-guard")?;
    set_child_subreaper(Some(getpid()))?;
    // SAFETY: the parent started us with the socket as descriptor 0, and nobody else uses it.
    let mut parent = UnixStream::from(unsafe { OwnedFd::from_raw_fd(libc::STDIN_FILENO) });
    let [stdin, stdout, stderr, output, errors] = receive_pipes(&parent)?;
    let child_ended = signals::child_ended()?;

    let program = arguments.next().unwrap_or_default();
    let last_words = match start(program, arguments, [stdin, stdout, stderr]) {
        Ok(pid) => {
            // A parent that is gone is noticed below.
            let _ = parent.write_all(&Report::Started(pid.as_raw_nonzero().get()).encode());
            let drain = Drain::new([output, errors]);
            Report::Ended(
                Watch::new(&parent, child_ended, Family::new(pid), drain).until_all_ended(),
            )
        }
        Err(error) => Report::Failed(error.raw_os_error().unwrap_or(libc::EINVAL)),
    };
    let _ = parent.write_all(&last_words.encode());
    // SAFETY: always sound; skips exit handlers of a `main` that never ran.
    unsafe { libc::_exit(0) }
}

/// Executes the program in a session of its own (so without a terminal to ask or to be
/// stopped by), with nothing of ours but its standard descriptors.
fn start<'a>(
    program: &OsStr,
    arguments: impl Iterator<Item = &'a OsStr>,
    [stdin, stdout, stderr]: [OwnedFd; 3],
) -> io::Result<Pid> {
    let guard = getpid();
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(stdin)
        .stdout(stdout)
        .stderr(stderr);
    let before_exec = move || {
        signals::unblock_all()?;
        setsid()?;
        set_parent_process_death_signal(Some(Signal::KILL))?;
        // If the guard died before that call, no signal will come.
        if getppid() == Some(guard) {
            Ok(())
        } else {
            Err(rustix::io::Errno::SRCH.into())
        }
    };
    // SAFETY: it makes system calls only, neither allocates nor locks, and touches no memory but its own.
    unsafe { command.pre_exec(before_exec) };
    Ok(Pid::from_child(&command.spawn()?))
}

/// The guard's loop: what it waits for, and what it has decided.
struct Watch<'a> {
    /// `None` once the parent is gone.
    parent: Option<&'a UnixStream>,
    child_ended: OwnedFd,
    family: Family,
    drain: Drain,
    /// What the family has been told. While the parent lives, it sets the pace from then on.
    told: Told,
    pace: Pace,
}

/// The last signal the family has got. There is no way back, and none is sent twice: many programs close
/// well on the first `SIGINT` and at once on the second.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Told {
    Nothing,
    Interrupt,
    Terminate,
}

/// How the family is to end.
enum Pace {
    /// Not yet.
    Live,
    /// `SIGINT` has been sent; `SIGTERM` follows then.
    TerminateAt(Instant),
    /// `SIGTERM` has been sent; `SIGKILL` follows then.
    KillAt(Instant),
    /// `SIGKILL`, until nobody is left.
    Kill,
}

impl<'a> Watch<'a> {
    fn new(parent: &'a UnixStream, child_ended: OwnedFd, family: Family, drain: Drain) -> Self {
        // A guard must not keep a mount busy.
        let _ = std::env::set_current_dir("/");
        Self {
            parent: Some(parent),
            child_ended,
            family,
            drain,
            told: Told::Nothing,
            pace: Pace::Live,
        }
    }

    /// Returns the program's wait status when it and everything it left behind are gone.
    fn until_all_ended(mut self) -> i32 {
        loop {
            // In this order: who is an orphan is final only after the program's end.
            let ended = self.family.program_ended();
            let orphans = self.family.reap_orphans();
            if ended && !orphans {
                return self.family.reap_program();
            }
            if ended && self.told == Told::Nothing {
                self.terminate();
            }
            match self.pace {
                Pace::TerminateAt(deadline) if deadline <= now() => self.terminate(),
                Pace::KillAt(deadline) if deadline <= now() => self.pace = Pace::Kill,
                _ => {}
            }
            if let Pace::Kill = self.pace {
                self.family.kill();
            }
            self.sleep();
        }
    }

    /// `SIGTERM` now and `SIGKILL` after a while.
    fn terminate(&mut self) {
        self.tell(Told::Terminate);
        self.pace = Pace::KillAt(now() + LEFTOVER_GRACE);
    }

    /// The parent is gone: all the steps from the one that comes next, unless they are under way.
    fn end_alone(&mut self) {
        match (&self.pace, self.told) {
            (Pace::Live, Told::Terminate) => self.terminate(),
            (Pace::Live, _) => {
                self.tell(Told::Interrupt);
                self.pace = Pace::TerminateAt(now() + INTERRUPT_GRACE);
            }
            _ => {}
        }
    }

    fn tell(&mut self, told: Told) {
        if self.told < told {
            self.told = told;
            match told {
                Told::Nothing => {}
                Told::Interrupt => self.family.signal(Signal::INT),
                Told::Terminate => self.family.signal(Signal::TERM),
            }
        }
    }

    /// Waits for the next event and obeys if it is an order.
    fn sleep(&mut self) {
        let timeout = match self.pace {
            Pace::Live => None,
            Pace::TerminateAt(deadline) | Pace::KillAt(deadline) => {
                Some(deadline.saturating_duration_since(now()))
            }
            Pace::Kill => Some(KILL_INTERVAL),
        };
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        let mut events = vec![PollFd::new(&self.child_ended, PollFlags::IN)];
        match self.parent {
            Some(parent) => events.push(PollFd::new(parent, PollFlags::IN)),
            None => events.extend(self.drain.events()),
        }
        // It fails for want of memory only; the loop then asks again.
        let _ = poll(&mut events, timeout.as_ref());
        let from_parent = self.parent.is_some()
            && events
                .get(1)
                .is_some_and(|event| !event.revents().is_empty());

        // One read empties it: signals of one number do not queue.
        let _ = rustix::io::read(
            &self.child_ended,
            &mut [0; size_of::<libc::signalfd_siginfo>()],
        );
        if from_parent {
            self.listen();
        }
        if self.parent.is_none() {
            self.drain.read();
        }
    }

    fn listen(&mut self) {
        let Some(mut parent) = self.parent else {
            return;
        };
        let mut bytes = [0; 16];
        match parent.read(&mut bytes) {
            Ok(length @ 1..) => bytes[..length]
                .iter()
                .filter_map(|byte| Order::decode(*byte))
                .for_each(|order| self.obey(order)),
            // End of file, or a reset because the last report went unread: the parent is gone.
            Ok(0) | Err(_) => {
                self.parent = None;
                self.end_alone();
            }
        }
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Interrupt => self.tell(Told::Interrupt),
            Order::Terminate => self.tell(Told::Terminate),
            Order::Kill => self.pace = Pace::Kill,
        }
    }
}

/// Closes what the parent's own parent let it inherit: the guard lives long and may keep no pipe open.
fn close_inherited() -> io::Result<()> {
    let open: Vec<RawFd> = fs::read_dir("/proc/self/fd")?
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|descriptor| *descriptor > libc::STDERR_FILENO)
        .collect();
    for descriptor in open {
        // SAFETY: before `main` and in a single thread nothing of ours is open yet. The listing's own
        // descriptor is closed already, which is an error without effect.
        unsafe { libc::close(descriptor) };
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the guard is a program of its own: its one clock is read here only"
)]
fn now() -> Instant {
    Instant::now()
}
