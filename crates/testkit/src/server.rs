//! The real program as a child of a test, on a port of its own, gone with the test.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use crate::{http, wait};

/// A running `eyeline serve`.
pub struct Server {
    child: Child,
    port: u16,
    log: Arc<Mutex<String>>,
    said: Arc<Mutex<String>>,
    program: String,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    // Holds the token, the store and the current folder; removed with the server.
    state: tempfile::TempDir,
}

impl Server {
    /// Runs `program serve --listen 127.0.0.1:0 ARGS…`, with nothing on standard input,
    /// and waits until it says where it listens.
    ///
    /// # Panics
    /// When the program does not start.
    pub fn start<S: AsRef<OsStr>>(program: &str, args: impl IntoIterator<Item = S>) -> Self {
        Self::start_with(program, args, Stdio::null())
    }

    /// As [`start`](Self::start), with other values of these variables.
    ///
    /// # Panics
    /// When the program does not start.
    pub fn start_in<S: AsRef<OsStr>>(
        program: &str,
        args: impl IntoIterator<Item = S>,
        env: impl IntoIterator<Item = (S, S)>,
    ) -> Self {
        let env = env.into_iter();
        let env = env.map(|(name, value)| (name.as_ref().to_owned(), value.as_ref().to_owned()));
        Self::launch(program, args, env.collect(), Stdio::null())
    }

    /// As [`start`](Self::start), with a standard input.
    ///
    /// # Panics
    /// When the program does not start.
    pub fn start_with<S: AsRef<OsStr>>(
        program: &str,
        args: impl IntoIterator<Item = S>,
        stdin: impl Into<Stdio>,
    ) -> Self {
        Self::launch(program, args, Vec::new(), stdin.into())
    }

    fn launch<S: AsRef<OsStr>>(
        program: &str,
        args: impl IntoIterator<Item = S>,
        env: Vec<(OsString, OsString)>,
        stdin: Stdio,
    ) -> Self {
        let state = tempfile::tempdir().expect("a temporary folder");
        let args = args.into_iter().map(|arg| arg.as_ref().to_owned());
        let args: Vec<OsString> = args.collect();
        let (log, said) = (Arc::default(), Arc::default());
        let (child, port) = spawn(program, 0, &args, &env, state.path(), stdin, (&log, &said));
        Self {
            child,
            port,
            log,
            said,
            program: program.to_owned(),
            args,
            env,
            state,
        }
    }

    /// Kills it with SIGKILL and starts it again, on the same port and with what it kept.
    ///
    /// # Panics
    /// When the program does not start.
    pub fn restart(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.start_again();
    }

    /// Starts it again when it has ended, on the same port and with what it kept.
    ///
    /// # Panics
    /// When the program does not start.
    pub fn start_again(&mut self) {
        let (program, state) = (&self.program, self.state.path());
        let (args, env, stdin) = (&self.args, &self.env, Stdio::null());
        (self.child, _) = spawn(
            program,
            self.port,
            args,
            env,
            state,
            stdin,
            (&self.log, &self.said),
        );
    }

    /// Port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Port of RTMP on 127.0.0.1, which is free to choose unless the test says otherwise.
    ///
    /// # Panics
    /// When it is not served.
    #[must_use]
    pub fn rtmp_port(&self) -> u16 {
        let log = self.log();
        let said = log.lines().rfind(|line| line.contains("RTMP is served"));
        let rest = said
            .and_then(|line| line.split_once("127.0.0.1:"))
            .map(|(_, rest)| rest);
        rest.map(|rest| {
            rest.chars()
                .take_while(char::is_ascii_digit)
                .collect::<String>()
        })
        .and_then(|digits| digits.parse().ok())
        .unwrap_or_else(|| panic!("RTMP is not served:\n{log}"))
    }

    /// Process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where it listens for another protocol than HTTP, of which the test has asked for a port:
    /// as the program has said it.
    ///
    /// # Panics
    /// When it does not say it.
    #[must_use]
    pub fn listens(&self, scheme: &str) -> SocketAddr {
        let before = format!(" {scheme}://localhost:");
        wait::until(&format!("the address of {scheme}"), || {
            let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
            let (_, rest) = said.split_once(&before)?;
            let (port, _) = rest.split_once(|after: char| !after.is_ascii_digit())?;
            let port = port.parse().ok()?;
            Some(SocketAddr::from(([127, 0, 0, 1], port)))
        })
    }

    /// The address of a path that starts with a slash.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Everything logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// GETs a path.
    #[must_use]
    pub fn get(&self, path: &str) -> http::Answer {
        http::get(self.port, path)
    }

    /// GETs JSON.
    ///
    /// # Panics
    /// When the answer is none.
    #[must_use]
    pub fn json(&self, path: &str) -> serde_json::Value {
        let answer = self.get(path);
        serde_json::from_slice(&answer.body)
            .unwrap_or_else(|error| panic!("{path}: {error}: {answer:?}"))
    }

    /// Waits until the stream shows pictures of its source.
    pub fn wait_live(&self, stream: &str) {
        self.wait_state(stream, "live");
    }

    /// Waits until the stream's state has this name.
    pub fn wait_state(&self, stream: &str, state: &str) {
        wait::until(&format!("{stream} to be {state}\n{}", self.log()), || {
            let info = self.json(&format!("/api/streams/{stream}"));
            (info["state"] == state).then_some(())
        });
    }

    /// Resident memory in KiB.
    ///
    /// # Panics
    /// When the server is gone.
    #[must_use]
    pub fn rss_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()))
            .expect("the server runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
        number.expect("VmRSS in /proc/PID/status")
    }

    /// Sends a signal, such as `TERM`.
    ///
    /// # Panics
    /// When there is no `kill`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args(["-s", name, &self.pid().to_string()])
            .status();
        assert!(sent.expect("kill runs").success(), "kill -s {name}");
    }

    /// Waits for the server to end by itself.
    pub fn wait(&mut self) -> ExitStatus {
        wait::until("the server to end", || self.child.try_wait().ok().flatten())
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)))
    }

    /// Stops it as a service manager does, and checks that it ended well.
    ///
    /// # Panics
    /// When it does not exit with 0.
    pub fn stop(mut self) {
        self.signal("TERM");
        let status = self.wait();
        assert_eq!(
            (status.code(), status.signal()),
            (Some(0), None),
            "{}",
            self.log()
        );
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts the program and waits until it listens, on a free port if `port` is 0.
fn spawn(
    program: &str,
    port: u16,
    args: &[OsString],
    env: &[(OsString, OsString)],
    state: &Path,
    stdin: Stdio,
    (log, said): (&Arc<Mutex<String>>, &Arc<Mutex<String>>),
) -> (Child, u16) {
    let mut child = Command::new(program)
        .args(["serve", "--listen", &format!("127.0.0.1:{port}")])
        .args(args)
        .current_dir(state)
        .env("XDG_STATE_HOME", state)
        .env_remove("EYELINE_CONFIG")
        .env_remove("EYELINE_VIVID")
        .env("EYELINE_RTMP_LISTEN", "127.0.0.1:0")
        // Tests run side by side, and the usual port is one.
        .env("EYELINE_RTSP_LISTEN", "off")
        .envs(env.iter().map(|(name, value)| (name, value)))
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    keep(child.stderr.take().expect("piped"), Arc::clone(log));
    let port = said_port(&mut child, said).unwrap_or_else(|| {
        let _ = child.kill();
        let log = log.lock().unwrap_or_else(PoisonError::into_inner);
        panic!("the server did not start:\n{log}")
    });
    (child, port)
}

/// Reads the banner until it names the port, and goes on reading so that it never blocks.
fn said_port(child: &mut Child, said: &Arc<Mutex<String>>) -> Option<u16> {
    let mut lines = BufReader::new(child.stdout.take()?).lines();
    let port = lines.by_ref().find_map(|line| {
        let line = line.ok()?;
        let (_, rest) = line.split_once("http://localhost:")?;
        rest.split('/').next()?.parse().ok()
    });
    let said = Arc::clone(said);
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
            said.push_str(&line);
            said.push('\n');
        }
    });
    port
}

fn keep(mut from: impl std::io::Read + Send + 'static, log: Arc<Mutex<String>>) {
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            let text = String::from_utf8_lossy(&buffer[..count]);
            log.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push_str(&text);
        }
    });
}
