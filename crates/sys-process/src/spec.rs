//! What to run, and starting it. What happens to it afterwards is [`Child`]'s affair.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::Stdio;

use rustix::process::Pid;
use tokio::process::Command;

use crate::child::{Child, Control, Stderr, Stdin, Stdout};
use crate::guard::GUARD_NAME;
use crate::wire::{Report, send_pipes};

/// A program to run, its arguments, and where its input comes from. Output and errors
/// always come to the parent. Directory and environment are the parent's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    program: OsString,
    arguments: Vec<OsString>,
    input: Input,
}

/// What a program finds on its standard input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Input {
    /// Nothing: `/dev/null`.
    #[default]
    Null,
    /// What is written to [`Child::stdin`].
    Piped,
}

/// Why a program was not started.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    /// The program cannot be executed: missing, not executable, a bad interpreter.
    #[error("cannot start {}: {error}", program.display())]
    Program {
        /// As it was asked for.
        program: OsString,
        /// What the kernel said.
        error: io::Error,
    },
    /// Out of processes, memory or descriptors, or no `/proc`.
    #[error("cannot start a guard for a child process: {0}")]
    Guard(#[from] io::Error),
}

/// A command line for `/bin/sh -c`, with pipes, variables and all.
pub fn shell(command_line: impl AsRef<OsStr>) -> Spec {
    Spec::new("/bin/sh").args([OsStr::new("-c"), command_line.as_ref()])
}

impl Spec {
    /// A program by its path, or by a name that is looked for in `PATH`.
    pub fn new(program: impl Into<OsString>) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            input: Input::Null,
        }
    }

    /// Adds arguments.
    #[must_use]
    pub fn args(mut self, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Chooses the standard input.
    #[must_use]
    pub fn stdin(mut self, input: Input) -> Self {
        self.input = input;
        self
    }

    /// Starts the program and returns once it has been executed. If the future is dropped before, the
    /// program is not started, or ended at once.
    ///
    /// # Errors
    /// See [`SpawnError`].
    ///
    /// # Panics
    /// Outside a tokio runtime with I/O.
    pub async fn spawn(&self) -> Result<Child, SpawnError> {
        let (input, stdin) = self.input()?;
        let (stdout, output) = io::pipe()?;
        let (stderr, errors) = io::pipe()?;
        let (ours, theirs) = UnixStream::pair()?;
        let theirs_and_ours = [
            input.as_fd(),
            output.as_fd(),
            errors.as_fd(),
            stdout.as_fd(),
            stderr.as_fd(),
        ];
        send_pipes(&ours, theirs_and_ours)?;
        // From here on only the program may hold its ends, or the other ends would never close.
        drop((input, output, errors));

        let mut guard = self.guard(theirs.into()).spawn()?;
        let mut control = Control::new(ours)?;
        match control.next().await {
            Some(Report::Started(pid)) => {
                let pid = Pid::from_raw(pid)
                    .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
                let stdout = Stdout::from_owned_fd(stdout.into())?;
                let stderr = Stderr::from_owned_fd(stderr.into())?;
                Ok(Child::new((stdin, stdout, stderr), pid, control, guard))
            }
            Some(Report::Failed(errno)) => {
                guard.wait().await?;
                Err(SpawnError::Program {
                    program: self.program.clone(),
                    error: io::Error::from_raw_os_error(errno),
                })
            }
            Some(Report::Ended(_)) | None => {
                Err(SpawnError::Guard(io::ErrorKind::UnexpectedEof.into()))
            }
        }
    }

    /// The program's end of its standard input, and ours.
    fn input(&self) -> io::Result<(OwnedFd, Option<Stdin>)> {
        match self.input {
            Input::Null => Ok((File::open("/dev/null")?.into(), None)),
            Input::Piped => {
                let (reader, writer) = io::pipe()?;
                let stdin = Stdin::from_owned_fd(writer.into())?;
                Ok((reader.into(), Some(stdin)))
            }
        }
    }

    /// This very program as a guard: outside our process group, so that a Ctrl-C or a
    /// kill that is meant for us does not reach it.
    fn guard(&self, socket: OwnedFd) -> Command {
        let mut guard = Command::new("/proc/self/exe");
        guard
            .arg0(GUARD_NAME)
            .arg(&self.program)
            .args(&self.arguments)
            .stdin(Stdio::from(socket))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0);
        guard
    }
}
