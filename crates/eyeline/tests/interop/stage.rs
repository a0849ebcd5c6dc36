//! The servers that all cells work with: one whose test pattern has the time in its pixels, and the
//! one that is put to the test, with a stream of that pattern in H.264.

use std::fs;
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use eyeline_media::{Resolution, Timestamp};
use eyeline_testkit::http::Viewer;
use eyeline_testkit::pictures;
use eyeline_testkit::server::Server;
use eyeline_testkit::wait;
use serde_json::Value;

use crate::cell::Outcome;
use crate::publishers::PULLED;
use crate::run::now;

const EYELINE: &str = env!("CARGO_BIN_EXE_eyeline");
/// What ffmpeg takes multipart MJPEG for; with another rate its clock would go wrong.
const FPS: u32 = 25;
/// So many pictures behind the first key frame the first programs join.
const JOINED_AFTER: u32 = FPS * 5;
/// A publisher that is not seen after so long does not publish.
const PATIENCE: Duration = Duration::from_secs(25);
const PAUSE: Duration = Duration::from_millis(20);
/// So long after the first picture it is looked how old they are.
const LATER: Duration = Duration::from_secs(2);
/// Pictures that are looked at then.
const LOOKED: usize = 20;
/// A picture that shows the time of its capture so nearly is a slate: no encoder is as quick, and a publisher that
/// counts pictures instead of looking at the clock may say a time before that in the pixels.
const SLATE: Duration = Duration::from_millis(5);

pub(crate) struct Stage {
    clock: Server,
    server: Server,
    /// Address and port of RTSP.
    pub(crate) rtsp: String,
    pub(crate) rtmp_port: u16,
    /// Address and port of the stream's own.
    pub(crate) tcp: String,
    /// Where publishers wait to be fetched from, by the stream.
    ports: Vec<(&'static str, u16)>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let size = size();
        let clock = Server::start(EYELINE, [format!("clock=test:?size={size}&fps={FPS}")]);
        let ports: Vec<_> = PULLED
            .iter()
            .map(|(name, _)| (*name, free_port()))
            .collect();
        let mut args = Vec::new();
        for ((name, pulled), (_, port)) in PULLED.iter().zip(&ports) {
            args.push(format!("{name}={}", pulled.source(*port)));
        }
        let args = args.iter().map(String::as_str);
        let camera = format!("exec:{} -f mpegts -", encoder(&clock, true));
        let configured = [
            ("EYELINE_RTSP_LISTEN", "127.0.0.1:0"),
            ("EYELINE_STREAMS_CAM_SOURCE", &camera),
            ("EYELINE_STREAMS_CAM_TCP", "127.0.0.1:0"),
        ];
        let server = Server::start_in(EYELINE, args, configured);
        let stage = Self {
            clock,
            rtsp: server.listens("rtsp").to_string(),
            rtmp_port: server.rtmp_port(),
            tcp: server.listens("tcp").to_string(),
            server,
            ports,
        };
        stage.hold_open();
        stage
    }

    /// The port at which this stream is fetched.
    pub(crate) fn port(&self, stream: &str) -> u16 {
        let found = self.ports.iter().find(|(name, _)| *name == stream);
        found.unwrap().1
    }

    pub(crate) fn end(self) {
        self.server.stop();
        self.clock.stop();
    }

    /// The address of something of a stream.
    pub(crate) fn http(&self, path: &str) -> String {
        self.server.url(&format!("/streams/{path}"))
    }

    /// The address of the server, with its last slash.
    pub(crate) fn base(&self) -> String {
        self.server.url("/")
    }

    /// The command line of ffmpeg that encodes the pattern as cameras do, without its output.
    pub(crate) fn encoder(&self, sound: bool) -> String {
        encoder(&self.clock, sound)
    }

    /// The address of the pattern's JPEGs.
    pub(crate) fn pattern(&self) -> String {
        self.clock.url("/streams/clock/mjpeg")
    }

    /// A camera is open while somebody looks; here it is open all the time.
    fn hold_open(&self) {
        let mut socket = TcpStream::connect((Ipv4Addr::LOCALHOST, self.server.port())).unwrap();
        let request = "GET /streams/cam/live.mp4 HTTP/1.1\r\nHost: localhost\r\n\r\n";
        socket.write_all(request.as_bytes()).unwrap();
        thread::spawn(move || io::copy(&mut socket, &mut io::sink()));
        self.server.wait_live("cam");
        wait::until("a stream between key frames", || {
            let info = self.server.json("/api/streams/cam");
            (info["frame_count"].as_u64()? > u64::from(JOINED_AFTER)).then_some(())
        });
    }

    /// Looks at a stream that listens for datagrams, so that it does before the first are sent: nobody
    /// sends those again.
    pub(crate) fn listen(&self, stream: &str) -> Option<Viewer> {
        stream.starts_with("udp-").then(|| {
            let viewer = Viewer::open(self.server.port(), &format!("/streams/{stream}/mjpeg"));
            wait::until("a stream to listen", || {
                let info = self.server.json(&format!("/api/streams/{stream}"));
                (info["state"] != "idle").then_some(())
            });
            viewer
        })
    }

    /// Waits until a publisher that is fetched from listens: what is tried before would be tried again only
    /// after seconds. It is not asked, as some serve only the first who comes.
    pub(crate) fn serves(&self, stream: &str, began: Timestamp) -> Result<(), String> {
        let pulled = PULLED.iter().find(|(name, _)| *name == stream);
        if !pulled.is_some_and(|(_, pulled)| pulled.is_connected_to()) {
            return Ok(());
        }
        // Its state is that of listening.
        let socket = format!(":{:04X} ", self.port(stream));
        let listens = |line: &str| {
            let mut words = line.split_once(&socket).map(|(_, rest)| rest.split(' '));
            words.as_mut().and_then(|words| words.nth(1)) == Some("0A")
        };
        loop {
            let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(fs::read_to_string);
            if tables
                .iter()
                .flatten()
                .any(|table| table.lines().any(listens))
            {
                return Ok(());
            }
            if now().since(began) > PATIENCE {
                return Err(format!("nobody listens at port {}", self.port(stream)));
            }
            thread::sleep(PAUSE);
        }
    }

    /// Waits until a stream shows what is published, and looks how old it is.
    pub(crate) fn see(&self, stream: &str, began: Timestamp) -> Result<Outcome, String> {
        let told = || -> Value {
            let answer = self.server.get(&format!("/api/streams/{stream}"));
            serde_json::from_slice(&answer.body).unwrap_or_default()
        };
        self.wait(began, "it is not known", &told, |info| {
            info["stream_id"] == stream
        })?;
        // Looked at, it is fetched if it has to be.
        let mut viewer = Viewer::open(self.server.port(), &format!("/streams/{stream}/mjpeg"));
        let mut first = None;
        let mut ages = Vec::new();
        while ages.len() < LOOKED {
            let Some(part) = viewer.next_part() else {
                return Err("the stream ended".to_owned());
            };
            let seen = now();
            if let Some(made) = pictures::read_time(&part.jpeg)
                && part.captured.since(made).max(made.since(part.captured)) > SLATE
            {
                let since = seen.since(*first.get_or_insert(seen));
                ages.extend((since > LATER).then(|| seen.since(made)));
            }
            if seen.since(began) > PATIENCE {
                return Err(format!("no picture of it: {}", told()));
            }
        }
        let info = told();
        if info["codec"] != "h264" {
            return Err(format!("it is not taken as it is: {info}"));
        }
        ages.sort();
        Ok(Outcome {
            first: first.unwrap_or(began).since(began),
            behind: ages.get(ages.len() / 2).copied(),
            sound: info["audio"]["codec"] == "aac",
        })
    }

    fn wait(
        &self,
        began: Timestamp,
        what: &str,
        told: &dyn Fn() -> Value,
        holds: impl Fn(&Value) -> bool,
    ) -> Result<(), String> {
        loop {
            let info = told();
            if holds(&info) {
                return Ok(());
            }
            if now().since(began) > PATIENCE {
                return Err(format!("{what}: {info}"));
            }
            thread::sleep(PAUSE);
        }
    }
}

/// Of all pictures.
pub(crate) fn size() -> Resolution {
    Resolution::new(640, 360).unwrap()
}

fn encoder(clock: &Server, sound: bool) -> String {
    let from = clock.url("/streams/clock/mjpeg");
    let (tone, aac) = if sound {
        ("-re -f lavfi -i sine=sample_rate=48000", "-c:a aac -ac 2")
    } else {
        ("", "")
    };
    let key_every = FPS * 10;
    format!(
        "ffmpeg -nostdin -loglevel error -probesize 32 -analyzeduration 0 -f mpjpeg -i {from} {tone} \
         -c:v libx264 -pix_fmt yuv420p -preset veryfast -tune zerolatency -g {key_every} -sc_threshold 0 \
         {aac} -flush_packets 1"
    )
}

/// A port that nobody has at the moment, neither of TCP nor, most likely, of UDP.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}
