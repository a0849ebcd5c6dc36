//! A reader by RTSP, whose packets come over the connection itself.

use std::collections::VecDeque;
use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};

use eyeline_clock::RealClock;
use eyeline_proto::rtp::{Depacketizer, Media, Packet};
use eyeline_testkit::http;

use crate::{Arrivals, Seen, WATCHED, read};

/// Ticks of the clock of H.264 in a second (RFC 6184, 8.2.1).
const HZ: i64 = 90_000;

/// Watches for some time.
pub(crate) fn watch(server: SocketAddr) -> Seen {
    let clock = RealClock::shared();
    let mut stream = http::connect_to(server);
    let url = format!("rtsp://{server}/cam");
    ask(&mut stream, "DESCRIBE", &url, "");
    let transport = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n";
    let track = format!("{url}/trackID=0");
    let session = ask(&mut stream, "SETUP", &track, transport);
    let session = session.split(';').next().unwrap_or_default();
    ask(
        &mut stream,
        "PLAY",
        &url,
        &format!("Session: {session}\r\n"),
    );
    let mut unpack = Depacketizer::h264([]);
    let (mut seen, mut arrivals) = (Seen::new("h264"), Arrivals::default());
    let (mut first, mut number, mut out) = (None, None, VecDeque::new());
    while clock.now() < WATCHED {
        let head = read(&mut stream, 4);
        assert_eq!(head[0], b'$', "it is a frame");
        let length = u16::from_be_bytes([head[2], head[3]]);
        let frame = read(&mut stream, length.into());
        if head[1] != 0 {
            continue;
        }
        let packet = Packet::parse(&frame).unwrap();
        let expected = number.replace(packet.sequence.wrapping_add(1));
        if expected.is_some_and(|expected| expected != packet.sequence) {
            // Pictures were left out for this reader, up to a key picture.
            unpack.lose();
        }
        let first = *first.get_or_insert(packet.timestamp);
        let ticks = i64::from(packet.timestamp.wrapping_sub(first) as i32);
        unpack.push(ticks, &packet, &mut out).unwrap();
        for output in out.drain(..) {
            if let Media::Picture(unit) = output.media {
                arrivals.come(clock.now(), output.ticks * 1_000_000 / HZ);
                seen.annex_b(&unit.data);
            }
        }
    }
    seen.ages = arrivals.ages();
    seen
}

/// Asks, and gives the name of the session that the answer says.
fn ask(stream: &mut TcpStream, method: &str, url: &str, headers: &str) -> String {
    let request = format!("{method} {url} RTSP/1.0\r\nCSeq: 1\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.extend(read(stream, 1));
    }
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("RTSP/1.0 200"), "{method}: {answer}");
    let header = |name: &str| {
        let named = |line: &str| {
            let (found, value) = line.split_once(':')?;
            found
                .eq_ignore_ascii_case(name)
                .then(|| value.trim().to_owned())
        };
        answer.lines().find_map(named).unwrap_or_default()
    };
    let length = header("content-length").parse().unwrap_or_default();
    read(stream, length);
    header("session")
}
