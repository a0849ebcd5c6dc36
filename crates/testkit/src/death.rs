//! The ways in which a server ends, and what there is to be seen of it afterwards.

use std::io::Write as _;
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt as _;
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};

use crate::server::Server;
use crate::wait;

/// A way in which a server ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Death {
    /// As a service manager stops it: SIGTERM.
    Term,
    /// As a person stops it: SIGINT.
    Int,
    /// SIGKILL.
    Kill,
    /// A panic of its main thread, which debug builds have on SIGUSR2.
    Panic,
    /// There is no more memory for it: it is refused more than it has, and then sent a picture that is larger.
    OutOfMemory,
}

impl Death {
    /// All there are.
    pub const ALL: [Self; 5] = [
        Self::Term,
        Self::Int,
        Self::Kill,
        Self::Panic,
        Self::OutOfMemory,
    ];
}

/// What a dead server may still hold has to be free before this is over.
pub struct Aftermath(wait::Deadline);

/// How long after its end, or after the signal if there was one, everything has to be free.
const AFTERMATH: Duration = Duration::from_secs(5);

impl Aftermath {
    /// Asks again and again until there is an answer.
    ///
    /// # Panics
    /// 5 s after the death, naming `what` was waited for.
    pub fn until<T>(&self, what: &str, ask: impl FnMut() -> Option<T>) -> T {
        self.0.until(what, ask)
    }
}

impl Server {
    /// Brings about that it dies so, and waits for it. [`start_again`](Server::start_again) is the way back.
    ///
    /// # Panics
    /// When it dies otherwise: it ends with a status that is not that death's, or its log does not tell it.
    pub fn die(&mut self, death: Death) -> Aftermath {
        let logged = self.log().len();
        let mut deadline = wait::Deadline::after(AFTERMATH);
        match death {
            Death::Term => self.kill(Signal::TERM),
            Death::Int => self.kill(Signal::INT),
            Death::Kill => self.kill(Signal::KILL),
            Death::Panic => self.kill(Signal::USR2),
            Death::OutOfMemory => {
                self.exhaust();
                deadline = wait::Deadline::after(AFTERMATH);
            }
        }
        let status = self.wait();
        let died = ending(death);
        assert_eq!(
            (status.code(), status.signal()),
            died.status,
            "{death:?}: {}",
            self.log()
        );
        wait::until(&format!("{:?} in the log", died.said), || {
            self.log()[logged..].contains(died.said).then_some(())
        });
        Aftermath(deadline)
    }

    fn kill(&self, signal: Signal) {
        kill_process(self.process(), signal).expect("a signal reaches the server");
    }

    fn process(&self) -> Pid {
        let pid = i32::try_from(self.pid()).ok().and_then(Pid::from_raw);
        pid.expect("a process id")
    }

    /// Takes away all the memory that it does not have yet, and makes it want some.
    fn exhaust(&mut self) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()));
        let status = status.expect("the server runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmSize:"));
        let kib: Option<u64> = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
        let bytes = kib.expect("VmSize in /proc/PID/status") * 1024;
        let limit = Rlimit {
            current: Some(bytes),
            maximum: Some(bytes),
        };
        prlimit(Some(self.process()), Resource::As, limit).expect("a limit of memory");
        wait::until("the server to run out of memory", || {
            // An error is the end that is waited for, or comes before it.
            let _ = upload(self.port());
            self.has_ended().then_some(())
        });
    }
}

/// The largest picture that is taken, of 67 MB; sent until somebody hangs up.
fn upload(port: u16) -> std::io::Result<()> {
    let mut server = TcpStream::connect(("127.0.0.1", port))?;
    server.write_all(
        b"POST /streams/too-large/ingest?format=bgr24&size=4728x4728 HTTP/1.1\r\n\
          Host: 127.0.0.1\r\nContent-Length: 67061952\r\n\r\n",
    )?;
    let piece = vec![0; 65_536];
    loop {
        server.write_all(&piece)?;
    }
}

/// How a death shows.
struct Ending {
    /// Exit code and signal.
    status: (Option<i32>, Option<i32>),
    said: &'static str,
}

fn ending(death: Death) -> Ending {
    let (status, said) = match death {
        Death::Term => ((Some(0), None), "SIGTERM: stopping"),
        Death::Int => ((Some(0), None), "SIGINT: stopping"),
        Death::Kill => ((None, Some(Signal::KILL.as_raw())), ""),
        Death::Panic => ((Some(101), None), "panicked at"),
        Death::OutOfMemory => ((None, Some(Signal::ABORT.as_raw())), "memory allocation of"),
    };
    Ending { status, said }
}
