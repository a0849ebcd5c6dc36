//! A viewer of `live.mp4`, which says of each picture when it was captured.

use std::io::Write as _;
use std::net::SocketAddr;

use eyeline_clock::RealClock;
use eyeline_testkit::http;

use crate::{Seen, WATCHED, read};

/// From 1900, from which NTP counts, to 1970 (RFC 5905, 6).
const SECONDS_TO_1970: u64 = 2_208_988_800;

/// Watches for some time; the viewer's clock is the server's.
pub(crate) fn watch(server: SocketAddr) -> Seen {
    let clock = RealClock::shared();
    let mut stream = http::connect_to(server);
    let request = format!("GET /streams/cam/live.mp4 HTTP/1.0\r\nHost: {server}\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.extend(read(&mut stream, 1));
    }
    let head = String::from_utf8(head).unwrap();
    assert!(head.contains(" 200 "), "{head}");
    let (mut seen, mut captured) = (Seen::new("mp4"), 0);
    while clock.now() < WATCHED {
        let header = read(&mut stream, 8);
        let length = u32::from_be_bytes(header[..4].try_into().unwrap()) as usize;
        let content = read(&mut stream, length - 8);
        match &header[4..] {
            b"prft" => captured = wall_nanos(&content),
            b"mdat" => {
                let age = clock.wall_nanos().saturating_sub(captured);
                seen.ages.push((clock.now(), age / 1_000_000));
            }
            _ => {}
        }
        seen.bytes.extend([header, content].concat());
    }
    seen
}

/// The time of capture (ISO/IEC 14496-12, 8.16.5), in nanoseconds since 1970.
fn wall_nanos(prft: &[u8]) -> u64 {
    let ntp = u64::from_be_bytes(prft[8..16].try_into().unwrap());
    let (seconds, fraction) = ((ntp >> 32) - SECONDS_TO_1970, ntp & 0xffff_ffff);
    seconds * 1_000_000_000 + ((fraction * 1_000_000_000) >> 32)
}
