//! Processes of a run: started, found, looked at from outside, and ended with the
//! run, however it ends.
//!
//! Not here: what they are asked to do.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::{sleep, timeout};

use crate::transport::Doors;

/// This program, even after it was built anew.
const OWN_PROGRAM: &str = "/proc/self/exe";
/// How long a process may take until it serves.
const START_TIMEOUT: Duration = Duration::from_secs(20);
/// How often something is looked for while waiting.
const POLL: Duration = Duration::from_millis(20);

/// A program that serves something; killed when dropped.
pub(crate) struct Server {
    child: Child,
    /// Where it serves.
    pub(crate) addr: SocketAddr,
    /// The same, by protocol.
    pub(crate) doors: Doors,
}

/// A run of `viewers`; killed when dropped.
pub(crate) struct Audience {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Server {
    /// Starts another of this program's commands and waits until it serves.
    pub(crate) async fn own(args: &[String], dir: &Path) -> anyhow::Result<Self> {
        let port_file = dir.join(format!("port-{}", free_port()?));
        let child = Command::new(OWN_PROGRAM)
            .args(args)
            .arg("--port-file")
            .arg(&port_file)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {args:?}"))?;
        let waiting = async {
            loop {
                match fs::read_to_string(&port_file) {
                    Ok(text) => return text.trim().parse::<u16>(),
                    Err(_) => sleep(POLL).await,
                }
            }
        };
        let port = timeout(START_TIMEOUT, waiting)
            .await
            .with_context(|| format!("{args:?} does not start"))??;
        let addr = (Ipv4Addr::LOCALHOST, port).into();
        let doors = Doors::http(addr);
        Ok(Self { child, addr, doors })
    }

    /// Starts Eyeline with a source, keeping its log in `dir`, and waits until it has
    /// a picture of it.
    pub(crate) async fn eyeline(
        program: &Path,
        source: SocketAddr,
        dir: &Path,
    ) -> anyhow::Result<Self> {
        let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?));
        let doors = Doors {
            rtsp: (Ipv4Addr::LOCALHOST, free_port()?).into(),
            rtmp: (Ipv4Addr::LOCALHOST, free_port()?).into(),
            http: addr,
        };
        let log = dir.join("eyeline.log");
        let file = fs::File::create(&log)?;
        let mut child = Command::new(program)
            .args(["serve", &format!("bench=tcp://{source}"), "--listen"])
            .arg(addr.to_string())
            .current_dir(dir)
            .env("EYELINE_RTSP_LISTEN", doors.rtsp.to_string())
            .env("EYELINE_RTMP_LISTEN", doors.rtmp.to_string())
            .env("HOME", dir)
            .env("XDG_STATE_HOME", dir)
            .env("XDG_CONFIG_HOME", dir)
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let waiting = async {
            while !is_live(addr).await {
                if let Some(status) = child.try_wait()? {
                    let said = fs::read_to_string(&log).unwrap_or_default();
                    bail!("Eyeline ended with {status}:\n{said}");
                }
                sleep(POLL).await;
            }
            Ok(())
        };
        match timeout(START_TIMEOUT, waiting).await {
            Ok(done) => done?,
            Err(_) => {
                let said = fs::read_to_string(&log).unwrap_or_default();
                bail!("Eyeline has no picture after {START_TIMEOUT:?}:\n{said}");
            }
        }
        Ok(Self { child, addr, doors })
    }

    /// CPU time used so far by all threads that are alive, user and system.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        let mut nanos = 0;
        for task in fs::read_dir(format!("/proc/{}/task", self.pid()?))? {
            // A thread may end while the list is read.
            let Ok(text) = fs::read_to_string(task?.path().join("schedstat")) else {
                continue;
            };
            nanos += text
                .split(' ')
                .next()
                .and_then(|field| field.parse::<u64>().ok())
                .context("the kernel does not account for CPU time by thread")?;
        }
        Ok(Duration::from_nanos(nanos))
    }

    /// Resident memory in KiB.
    pub(crate) fn rss_kib(&self) -> anyhow::Result<u64> {
        fs::read_to_string(format!("/proc/{}/status", self.pid()?))?
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"))
            .and_then(|kib| kib.trim().parse().ok())
            .context("the process has ended")
    }

    fn pid(&self) -> anyhow::Result<u32> {
        self.child.id().context("the process has ended")
    }
}

impl Audience {
    /// Starts viewers, which keep their connections until [dismissed](Self::dismiss).
    pub(crate) fn start(args: &[String]) -> anyhow::Result<Self> {
        let mut child = Command::new(OWN_PROGRAM)
            .arg("viewers")
            .args(args)
            .arg("--hold")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().context("no pipe")?;
        let lines = BufReader::new(stdout).lines();
        Ok(Self {
            child,
            stdin,
            lines,
        })
    }

    /// Waits until they say `word`.
    pub(crate) async fn until(&mut self, word: &str) -> anyhow::Result<()> {
        let line = self.line().await?;
        anyhow::ensure!(line == word, "the viewers say {line:?}, not {word:?}");
        Ok(())
    }

    /// What they say next.
    pub(crate) async fn line(&mut self) -> anyhow::Result<String> {
        let line = self.lines.next_line().await?;
        line.context("the viewers ended early")
    }

    /// Lets them go.
    pub(crate) async fn dismiss(mut self) -> anyhow::Result<()> {
        drop(self.stdin.take());
        self.child.wait().await?;
        Ok(())
    }
}

/// Runs to the end, or until this program is told to stop; dropping what runs then
/// ends its processes.
pub(crate) fn until_interrupted(
    run: impl Future<Output = anyhow::Result<()>>,
) -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async {
            let mut interrupt = signal(SignalKind::interrupt())?;
            let mut terminate = signal(SignalKind::terminate())?;
            tokio::select! {
                done = run => done,
                _ = interrupt.recv() => bail!("interrupted"),
                _ = terminate.recv() => bail!("terminated"),
            }
        })
}

/// The server's program: the one given, else the one built beside this one.
pub(crate) fn eyeline_program(given: Option<&Path>) -> anyhow::Result<PathBuf> {
    let beside = std::env::current_exe()?.with_file_name("eyeline");
    let program = given.map_or(beside, Path::to_owned);
    let found = program.canonicalize();
    found.with_context(|| format!("{} is not there: build it", program.display()))
}

/// Tells the one who waits for it where this process serves.
pub(crate) fn write_port(file: &Path, port: u16) -> anyhow::Result<()> {
    let unfinished = file.with_extension("new");
    fs::write(&unfinished, format!("{port}\n"))?;
    fs::rename(&unfinished, file)?;
    Ok(())
}

/// Allows as many open sockets as the machine does.
pub(crate) fn raise_file_limit() -> anyhow::Result<()> {
    let maximum = getrlimit(Resource::Nofile).maximum;
    let limit = Rlimit {
        current: maximum,
        maximum,
    };
    setrlimit(Resource::Nofile, limit).context("cannot raise the limit of open files")
}

fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

/// Whether pictures come.
async fn is_live(addr: SocketAddr) -> bool {
    let fetch = async {
        let mut stream = TcpStream::connect(addr).await?;
        let request = format!("GET /api/streams/bench HTTP/1.0\r\nHost: {addr}\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    fetch.await.is_ok_and(|answer| {
        let answer = String::from_utf8_lossy(&answer);
        answer.contains("\"is_active\":true")
    })
}
