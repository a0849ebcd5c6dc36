//! A running program as its parent sees it: its pipes, its end, and how to bring that about.

use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use rustix::net::{RecvFlags, SendFlags, recv, send};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::net::UnixStream;
use tokio::net::unix::pipe;
use tokio::time::timeout;

use crate::wire::{Order, REPORT_LEN, Report};

/// Writes to the program's standard input; dropping it is the end of the file.
pub type Stdin = pipe::Sender;
/// Reads the program's standard output.
pub type Stdout = pipe::Receiver;
/// Reads the program's standard error.
pub type Stderr = pipe::Receiver;

/// How long a program that was killed may take to vanish. Only one that hangs in a driver or
/// runs as another user takes longer.
const KILL_GRACE: Duration = Duration::from_secs(1);

/// A running program. Dropping it ends the program and all its descendants as the parent's death does:
/// with `SIGINT`, and what ignores that is gone some 4 s later.
#[derive(Debug)]
pub struct Child {
    /// For [`Input::Piped`](crate::Input::Piped), until taken.
    pub stdin: Option<Stdin>,
    /// There until taken. A program whose output nobody reads blocks.
    pub stdout: Option<Stdout>,
    /// There until taken. A program whose errors nobody reads blocks.
    pub stderr: Option<Stderr>,
    pid: Pid,
    control: Control,
    guard: tokio::process::Child,
    status: Option<ExitStatus>,
}

/// How long to wait after each step of [`Child::stop`] before the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grace {
    /// After the end of its input and `SIGINT`.
    pub interrupt: Duration,
    /// After `SIGTERM`.
    pub terminate: Duration,
}

impl Default for Grace {
    /// Time enough to finish a file, and short enough to end a service within 5 s.
    fn default() -> Self {
        Self {
            interrupt: Duration::from_secs(2),
            terminate: Duration::from_secs(1),
        }
    }
}

/// How a program came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// Of the program itself; descendants have none.
    pub status: ExitStatus,
    /// The last step that was needed until the program and all descendants were gone.
    pub step: Step,
}

/// The steps of [`Child::stop`], in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The end of its input and `SIGINT`.
    Interrupt,
    /// `SIGTERM`.
    Terminate,
    /// `SIGKILL`.
    Kill,
}

impl Child {
    pub(crate) fn new(
        (stdin, stdout, stderr): (Option<Stdin>, Stdout, Stderr),
        pid: Pid,
        control: Control,
        guard: tokio::process::Child,
    ) -> Self {
        Self {
            stdin,
            stdout: Some(stdout),
            stderr: Some(stderr),
            pid,
            control,
            guard,
            status: None,
        }
    }

    /// The program's process id, which is also that of its process group and session. For logs: to signal by
    /// it is to risk hitting a stranger.
    pub fn pid(&self) -> i32 {
        self.pid.as_raw_nonzero().get()
    }

    /// Waits until the program and all its descendants are gone. Closes the standard input first, as
    /// many programs end only then; take it out to keep it. When the program ends and leaves
    /// others behind, they get `SIGTERM`, and `SIGKILL` a second later.
    ///
    /// Cancel-safe, and may be repeated.
    ///
    /// # Errors
    /// When the kernel refuses to say how the guard has ended.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        drop(self.stdin.take());
        if self.status.is_none() {
            self.status = match self.control.next().await {
                Some(Report::Ended(status)) => Some(ExitStatus::from_raw(status)),
                Some(Report::Started(_) | Report::Failed(_)) | None => {
                    self.kill_without_guard();
                    None
                }
            };
        }
        // The guard must be reaped; if it was killed, its end is the program's.
        let guard = self.guard.wait().await?;
        Ok(*self.status.get_or_insert(guard))
    }

    /// Ends the program step by step, each when the grace of the one before is over: the end of its
    /// input and `SIGINT`, `SIGTERM`, `SIGKILL`. The signals go to its whole process group. Output
    /// that has not been taken is read and thrown away, so that the program can finish.
    ///
    /// Dropping the future leaves the steps that remain to the guard, at its own pace.
    ///
    /// # Errors
    /// `TimedOut` if it cannot be killed because it hangs in a driver or runs as another user;
    /// those of [`Child::wait`].
    pub async fn stop(mut self, grace: Grace) -> io::Result<Stopped> {
        let output = discard_both(self.stdout.take(), self.stderr.take());
        tokio::select! {
            stopped = self.steps(grace) => stopped,
            never = output => match never {},
        }
    }

    async fn steps(&mut self, grace: Grace) -> io::Result<Stopped> {
        for (step, order, patience) in [
            (Step::Interrupt, Order::Interrupt, grace.interrupt),
            (Step::Terminate, Order::Terminate, grace.terminate),
            (Step::Kill, Order::Kill, KILL_GRACE),
        ] {
            self.control.order(order);
            if let Ok(status) = timeout(patience, self.wait()).await {
                let status = status?;
                return Ok(Stopped { status, step });
            }
        }
        Err(io::ErrorKind::TimedOut.into())
    }

    /// Somebody has killed the guard. The program dies by that, its group only by this.
    fn kill_without_guard(&self) {
        // The only error is that nobody is left.
        let _ = kill_process_group(self.pid, Signal::KILL);
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Politely even here: this runs when this program panics, and the program may hold a camera. The
        // guard then finds the socket closed and sees to the rest.
        let guarded = || self.control.order(Order::Interrupt);
        if self.status.is_none() && !guarded() && !self.control.has_ended() {
            self.kill_without_guard();
        }
    }
}

/// The parent's end of the socket to the guard.
#[derive(Debug)]
pub(crate) struct Control {
    socket: UnixStream,
    /// A report, of which `received` bytes have arrived: kept here so that [`Control::next`] is cancel-safe.
    report: [u8; REPORT_LEN],
    received: usize,
}

impl Control {
    pub(crate) fn new(socket: StdUnixStream) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        Ok(Self {
            socket: UnixStream::from_std(socket)?,
            report: [0; REPORT_LEN],
            received: 0,
        })
    }

    /// The guard's next report; `None` if the guard is gone or talks nonsense.
    pub(crate) async fn next(&mut self) -> Option<Report> {
        while self.received < REPORT_LEN {
            self.socket.readable().await.ok()?;
            match self.socket.try_read(&mut self.report[self.received..]) {
                Ok(0) => return None,
                Ok(length) => self.received += length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return None,
            }
        }
        self.received = 0;
        Report::decode(self.report)
    }

    /// Tells the guard what to do; whether there is a guard. Never blocks: a few bytes always fit.
    fn order(&self, order: Order) -> bool {
        send(&self.socket, &[order.encode()], SendFlags::NOSIGNAL).is_ok()
    }

    /// Whether the last thing a guard that is gone has said is that all have ended.
    fn has_ended(&mut self) -> bool {
        while self.received < REPORT_LEN {
            let rest = &mut self.report[self.received..];
            match recv(&self.socket, rest, RecvFlags::DONTWAIT) {
                Ok((length @ 1.., _)) => self.received += length,
                Ok(_) | Err(_) => return false,
            }
        }
        matches!(Report::decode(self.report), Some(Report::Ended(_)))
    }
}

async fn discard_both(stdout: Option<Stdout>, stderr: Option<Stderr>) -> Infallible {
    tokio::join!(discard(stdout), discard(stderr));
    pending().await
}

async fn discard(output: Option<pipe::Receiver>) {
    if let Some(mut output) = output {
        // An error ends the reading, which is no worse than nobody reading.
        let _ = tokio::io::copy(&mut output, &mut tokio::io::sink()).await;
    }
}
