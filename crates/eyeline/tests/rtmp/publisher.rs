//! A publisher that says exactly what the test wants, at the times it wants.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use eyeline_clock::RealClock;
use eyeline_proto::rtmp::{Command, Kind, Limits, Message, Reader, Value, write_message};
use eyeline_testkit::http::connect;

use crate::clip::Clip;

const BLOCK: usize = 1_536;
/// As long as none is set: every picture is cut into many.
const CHUNK_SIZE: usize = 128;

pub(crate) struct Publisher {
    tcp: TcpStream,
    reader: Reader,
}

impl Publisher {
    /// Shakes hands, connects and asks to publish.
    pub(crate) fn ask(port: u16, name: &str) -> Self {
        Self::ask_to("publish", port, name)
    }

    /// As [`ask`](Self::ask), to do something else.
    pub(crate) fn ask_to(what: &str, port: u16, name: &str) -> Self {
        let mut tcp = connect(port);
        let mut hello = vec![0; 1 + BLOCK];
        hello[0] = 3;
        tcp.write_all(&hello).unwrap();
        let mut answer = vec![0; 1 + 2 * BLOCK];
        tcp.read_exact(&mut answer).unwrap();
        tcp.write_all(&answer[1..=BLOCK]).unwrap();
        let mut this = Self {
            tcp,
            reader: Reader::new(Limits::default()),
        };
        let address = format!("rtmp://127.0.0.1:{port}/live");
        let said = Value::object([
            ("app", Value::text("live")),
            ("tcUrl", Value::text(&address)),
        ]);
        this.say(&Command::new("connect", 1.0, vec![said]));
        this.say(&Command::new("createStream", 2.0, vec![Value::Null]));
        let stream = vec![Value::Null, Value::text(name), Value::text("live")];
        this.say(&Command::new(what, 3.0, stream));
        this
    }

    /// Publishes under this name.
    pub(crate) fn start(port: u16, name: &str) -> Self {
        let mut this = Self::ask(port, name);
        let (code, description) = this.status();
        assert_eq!(code, "NetStream.Publish.Start", "{description}");
        this
    }

    fn say(&mut self, command: &Command) {
        self.send(Kind::COMMAND, 0, &command.write()).unwrap();
    }

    pub(crate) fn send(&mut self, kind: Kind, millis: u32, payload: &[u8]) -> std::io::Result<()> {
        let mut chunks = Vec::new();
        let chunk_stream = if kind == Kind::COMMAND { 3 } else { kind.0 };
        write_message(
            &mut chunks,
            chunk_stream,
            (kind, millis, 1),
            &[payload],
            CHUNK_SIZE,
        );
        self.tcp.write_all(&chunks)
    }

    /// Code and description of the next status.
    pub(crate) fn status(&mut self) -> (String, String) {
        loop {
            while let Some(message) = self.reader.next().unwrap() {
                if let Some(status) = status(&message) {
                    return status;
                }
            }
            let mut piece = [0; 4096];
            let count = self.tcp.read(&mut piece).expect("a status comes in time");
            assert!(count > 0, "closed without a status");
            self.reader.push(&piece[..count]);
        }
    }

    /// Sends clips one after the other, again and again, as fast as they happen, until it is dropped.
    /// Times begin with `from`.
    pub(crate) fn play(mut self, clips: Vec<Clip>, from: u32) -> Background {
        let ended = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&ended);
        let thread = thread::spawn(move || {
            let clock = RealClock::shared();
            let mut at = 0;
            for clip in clips.iter().cycle() {
                for Message {
                    kind,
                    timestamp,
                    payload,
                    ..
                } in &clip.messages
                {
                    let due = at + timestamp;
                    let wait = Duration::from_millis(due.into()).saturating_sub(clock.now());
                    thread::sleep(wait);
                    let sent = self.send(*kind, from.wrapping_add(due), payload);
                    if sent.is_err() || told.load(Ordering::Relaxed) {
                        return;
                    }
                }
                at += clip.length;
            }
        });
        Background {
            ended,
            thread: Some(thread),
        }
    }
}

fn status(message: &Message) -> Option<(String, String)> {
    let command = (message.kind == Kind::COMMAND).then(|| Command::read(message).unwrap())?;
    let text = |name| {
        command
            .argument(0)
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    (command.name == "onStatus").then(|| (text("code"), text("description")))
}

/// Somebody who publishes until this is dropped.
pub(crate) struct Background {
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Background {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
