//! A visit from the host: a script that opens the guest's pages in a browser, while the
//! guest serves.
//!
//! Not here: what the guest serves (`mod`), when the visit has to be over (`guest`).

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

const ASK_EVERY: Duration = Duration::from_millis(200);
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// Who visits, and where.
#[derive(Clone)]
pub(super) struct Visit {
    /// For Node.js; it is given the address of the guest's server.
    pub(super) script: PathBuf,
    /// The port on the host's loopback that leads to the server.
    pub(super) port: u16,
}

/// Runs the script as soon as the server answers, and sends whether it succeeded.
pub(super) fn begin(visit: Visit, done: Sender<bool>) {
    thread::spawn(move || {
        while !answers(visit.port) {
            thread::sleep(ASK_EVERY);
        }
        // The kernel ends the script when this thread ends, as it does with the program.
        let status = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "node"])
            .arg(&visit.script)
            .arg(format!("http://127.0.0.1:{}/", visit.port))
            .status();
        // Nobody waits when the guest has ended before.
        let _ = done.send(status.is_ok_and(|status| status.success()));
    });
}

/// QEMU takes every connection; only the server answers.
fn answers(port: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(ANSWER_WITHIN))?;
        stream.write_all(b"GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
        let mut answer = [0; 5];
        stream.read_exact(&mut answer)?;
        Ok(&answer == b"HTTP/")
    };
    ask().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// What is known of a port whose connections get `said`.
    fn check(said: &'static [u8], expected: bool) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 11];
            stream.read_exact(&mut request).unwrap();
            assert_eq!(&request, b"GET /health");
            stream.write_all(said).unwrap();
        });
        assert_eq!(answers(port), expected);
        server.join().unwrap();
    }

    #[test]
    fn a_server_is_there_when_it_answers_not_when_a_connection_is_taken() {
        check(b"HTTP/1.1 200 OK\r\n\r\n", true);
        check(b"", false);
    }
}
