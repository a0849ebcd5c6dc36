//! A client of RTSP that does as it is told, right or wrong, and publishes with packets that get
//! lost, late or counted past their end.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::process::Command;
use std::time::Duration;

use eyeline_clock::{RealClock, SharedClock};
use eyeline_proto::h264::{AccessUnit, Demux, Limits};
use eyeline_proto::rtp::sender::frames;
use eyeline_proto::rtp::{Sender, h264};
use eyeline_proto::sdp::{Video, write};

use crate::tools::Program;
use crate::wait::PATIENCE;

/// A connection.
pub struct Client {
    stream: BufReader<TcpStream>,
    cseq: u32,
    session: Option<String>,
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The head, line by line.
    pub head: Vec<String>,
    /// What follows it.
    pub body: String,
}

impl Answer {
    /// The value of a header field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let found = self.head.iter().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        });
        found.map(str::trim)
    }
}

impl Client {
    /// Connects.
    ///
    /// # Panics
    /// When nobody listens.
    #[must_use]
    pub fn connect(server: SocketAddr) -> Self {
        let stream = TcpStream::connect(server).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        Self {
            stream: BufReader::new(stream),
            cseq: 0,
            session: None,
        }
    }

    /// Asks, and waits for the answer; packets before it are passed over.
    ///
    /// # Panics
    /// When the connection ends.
    pub fn ask(&mut self, method: &str, url: &str, fields: &str, body: &str) -> Answer {
        self.cseq += 1;
        let session = self.session.as_ref();
        let session = session.map_or(String::new(), |id| format!("Session: {id}\r\n"));
        let length = body.len();
        let request = format!(
            "{method} {url} RTSP/1.0\r\nCSeq: {}\r\n{session}{fields}Content-Length: {length}\r\n\r\n{body}",
            self.cseq
        );
        self.send(request.as_bytes());
        let answer = self.answer().expect("an answer");
        if let Some(id) = answer.field("Session") {
            self.session = Some(id.split(';').next().unwrap_or_default().to_owned());
        }
        answer
    }

    /// Sends bytes.
    ///
    /// # Panics
    /// When the connection has ended.
    pub fn send(&mut self, bytes: &[u8]) {
        self.stream
            .get_mut()
            .write_all(bytes)
            .expect("the server reads");
    }

    /// The next answer; `None` when the connection has ended.
    pub fn answer(&mut self) -> Option<Answer> {
        while self.stream.fill_buf().ok()?.first()? == &b'$' {
            self.packet()?;
        }
        let mut line = String::new();
        self.stream.read_line(&mut line).ok()?;
        let status = line.split(' ').nth(1)?.parse().ok()?;
        let mut answer = Answer {
            status,
            head: Vec::new(),
            body: String::new(),
        };
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).ok()?;
            if line.trim().is_empty() {
                break;
            }
            answer.head.push(line.trim().to_owned());
        }
        let length = answer
            .field("Content-Length")
            .and_then(|text| text.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        self.stream.read_exact(&mut body).ok()?;
        answer.body = String::from_utf8_lossy(&body).into_owned();
        Some(answer)
    }

    /// The next packet and its channel; `None` when the connection has ended or something else comes.
    pub fn packet(&mut self) -> Option<(u8, Vec<u8>)> {
        let mut head = [0; 4];
        self.stream.read_exact(&mut head).ok()?;
        let mut packet = vec![0; usize::from(u16::from_be_bytes([head[2], head[3]]))];
        self.stream.read_exact(&mut packet).ok()?;
        (head[0] == b'$').then_some((head[1], packet))
    }
}

/// What becomes of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It arrives.
    Arrives,
    /// It gets lost.
    Lost,
    /// It arrives behind the next one.
    Late,
}

/// Who publishes pictures of H.264 as datagrams.
pub struct Publisher {
    _client: Client,
    socket: UdpSocket,
    to: SocketAddr,
    sender: Sender,
    timestamp: u32,
    held: Option<Vec<u8>>,
    sent: u64,
    clock: SharedClock,
    next: Duration,
}

impl Publisher {
    /// Ticks between two pictures: 25 a second.
    const STEP: u32 = 3_600;

    /// Announces a stream and begins to publish it, with packets and times that count from these.
    ///
    /// # Panics
    /// When the server does not take it.
    #[must_use]
    pub fn start(server: SocketAddr, stream: &str, sequence: u16, timestamp: u32) -> Self {
        let mut client = Client::connect(server);
        let url = format!("rtsp://{server}/{stream}");
        let sdp = write(stream, &Video::H264(Vec::new()), None, |_| {
            "video".to_owned()
        });
        let kind = "Content-Type: application/sdp\r\n";
        let announced = client.ask("ANNOUNCE", &url, kind, &sdp);
        assert_eq!(announced.status, 200, "{announced:?}");
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let reports = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let port = |socket: &UdpSocket| socket.local_addr().expect("a port").port();
        let transport = format!(
            "Transport: RTP/AVP;unicast;client_port={}-{};mode=record\r\n",
            port(&socket),
            port(&reports)
        );
        let set_up = client.ask("SETUP", &format!("{url}/video"), &transport, "");
        let transport = set_up.field("Transport").expect("a transport");
        let (_, ports) = transport.split_once("server_port=").expect("its ports");
        let ports = ports
            .split(';')
            .next()
            .and_then(|pair| pair.split('-').next());
        let server_port: u16 = ports.and_then(|port| port.parse().ok()).expect("a number");
        let record = client.ask("RECORD", &url, "", "");
        assert_eq!(record.status, 200, "{record:?}");
        Self {
            _client: client,
            socket,
            to: SocketAddr::new(server.ip(), server_port),
            sender: Sender::new(0, 96, 7, sequence),
            timestamp,
            held: None,
            sent: 0,
            clock: RealClock::shared(),
            next: Duration::ZERO,
        }
    }

    /// Sends pictures as they are due, 25 a second. `fate` says of each packet, counted from the
    /// first ever, what becomes of it.
    ///
    /// # Panics
    /// When a datagram cannot be sent.
    pub fn send(&mut self, pictures: &[AccessUnit], fate: impl Fn(u64) -> Fate) {
        for picture in pictures {
            let wait = self.next.saturating_sub(self.clock.now());
            std::thread::sleep(wait);
            self.next += Duration::from_millis(40);
            let mut packets = Vec::new();
            h264::pack(
                &picture.data,
                self.timestamp,
                &mut self.sender,
                &mut packets,
            );
            self.timestamp = self.timestamp.wrapping_add(Self::STEP);
            for (_, packet) in frames(&packets) {
                self.sent += 1;
                match fate(self.sent) {
                    Fate::Lost => {}
                    Fate::Late => self.held = Some(packet.to_vec()),
                    Fate::Arrives => {
                        self.put(packet);
                        if let Some(held) = self.held.take() {
                            self.put(&held);
                        }
                    }
                }
            }
        }
    }

    fn put(&self, packet: &[u8]) {
        self.socket
            .send_to(packet, self.to)
            .expect("a datagram is sent");
    }
}

/// So many pictures of a test pattern of this size, of which every `distance`th is a key picture.
///
/// # Panics
/// When `ffmpeg` fails.
#[must_use]
pub fn pictures(size: &str, count: usize, distance: usize) -> Vec<AccessUnit> {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-v", "error", "-f", "lavfi", "-i"]);
    ffmpeg.arg(format!("testsrc2=size={size}:rate=25"));
    ffmpeg.args(["-frames:v", &count.to_string(), "-g", &distance.to_string()]);
    ffmpeg.args([
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-tune",
        "zerolatency",
    ]);
    ffmpeg.args([
        "-pix_fmt",
        "yuv420p",
        "-sc_threshold",
        "0",
        "-f",
        "h264",
        "-",
    ]);
    let mut demux = Demux::new(Limits::default());
    demux.push(&Program::output(&mut ffmpeg));
    let mut pictures = Vec::new();
    while let Ok(Some(picture)) = demux.access_unit() {
        pictures.push(picture);
    }
    while let Ok(Some(picture)) = demux.finish() {
        pictures.push(picture);
    }
    assert_eq!(pictures.len(), count);
    pictures
}
