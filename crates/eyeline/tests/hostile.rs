//! Hostile input by every way in: a clear error or a clean close, bounded memory, and
//! the healthy streams go on.

#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, TryRecvError};
use std::thread;
use std::time::Duration;

use eyeline_testkit::http::{self, Viewer};
use eyeline_testkit::pictures;
use eyeline_testkit::server::Server;
use eyeline_testkit::wait;

const EYELINE: &str = env!("CARGO_BIN_EXE_eyeline");

/// What the server may grow by while it is attacked, in KiB: a few parts of the
/// largest size, and what the allocator keeps.
const GROWTH_KIB: u64 = 150 * 1024;

fn picture() -> Vec<u8> {
    let size = eyeline_media::Resolution::new(320, 240).unwrap();
    pictures::jpeg(size, eyeline_media::Timestamp::from_micros(1), 80).to_vec()
}

/// A JPEG whose frame header claims 60000 by 60000 pixels.
fn gigantic() -> Vec<u8> {
    let mut jpeg = picture();
    let frame = jpeg
        .windows(2)
        .position(|marker| marker == [0xFF, 0xC0])
        .unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xEA, 0x60, 0xEA, 0x60]);
    jpeg
}

fn part(headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("--b\r\nContent-Type: image/jpeg\r\n{headers}\r\n");
    [head.as_bytes(), body, b"\r\n--b\r\n"].concat()
}

/// What is sent once, what is then sent over and over, and what must be said of it.
struct Attack {
    name: &'static str,
    once: Vec<u8>,
    endless: Vec<u8>,
    says: &'static [&'static str],
    /// The same where a header had announced multipart.
    says_multipart: &'static [&'static str],
}

/// The start of a part whose picture never ends.
fn endless_picture() -> Vec<u8> {
    let jpeg = picture();
    let scan = jpeg
        .windows(2)
        .position(|marker| marker == [0xFF, 0xDA])
        .unwrap();
    [
        b"--b\r\nContent-Type: image/jpeg\r\n\r\n",
        &jpeg[..scan + 40],
    ]
    .concat()
}

fn attacks() -> Vec<Attack> {
    let noise: Vec<u8> = (0..65_536_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8 | 1)
        .collect();
    let attack = |name, once: &[u8], endless: &[u8], says| Attack {
        name,
        once: once.to_vec(),
        endless: endless.to_vec(),
        says,
        says_multipart: says,
    };
    let gigabyte = part("Content-Length: 1073741824\r\n", b"x");
    let gigantic = part("", &gigantic()).repeat(50);
    vec![
        Attack {
            says_multipart: &["no boundary"],
            ..attack("garbage", b"", &noise, &["JPEG"])
        },
        attack("a part of a gigabyte", &gigabyte, b"", &["1073741824"]),
        attack("a gigantic picture", &gigantic, b"", &["60000x60000"]),
        attack(
            "endless headers",
            b"--b\r\n",
            &b"X-A: aaaa\r\n".repeat(100),
            &["header", "8192"],
        ),
        attack(
            "an endless part",
            &endless_picture(),
            &[0; 65_536],
            &["33554432"],
        ),
        attack("a truncated picture", &picture()[..500], b"", &[]),
    ]
}

fn write_attack(mut to: impl std::io::Write, attack: &Attack) {
    let mut sent = to.write_all(&attack.once);
    while sent.is_ok() && !attack.endless.is_empty() {
        sent = to.write_all(&attack.endless);
    }
}

/// Serves each attack to whoever connects, until the test ends.
fn attacker(attack: &'static Attack, head: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || {
                let mut stream = stream;
                if stream.write_all(head).is_ok() {
                    write_attack(stream, attack);
                }
            });
        }
    });
    port
}

fn check_healthy(server: &Server) {
    let mut viewer = Viewer::open(server.port(), "/streams/good/mjpeg");
    for _ in 0..3 {
        let part = viewer.next_part().expect("the healthy stream goes on");
        assert!(pictures::read_time(&part.jpeg).is_some());
    }
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

#[test]
fn hostile_sources_are_told_apart_and_harm_nobody() {
    let attacks: &'static [Attack] = Vec::leak(attacks());
    let http_head =
        b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=b\r\n\r\n";
    let mut sources = vec!["good=test:?size=320x240&fps=20".to_owned()];
    for (n, attack) in attacks.iter().enumerate() {
        sources.push(format!("tcp{n}=tcp://127.0.0.1:{}", attacker(attack, b"")));
        sources.push(format!(
            "http{n}=http://127.0.0.1:{}/video",
            attacker(attack, http_head)
        ));
    }
    let server = Server::start(EYELINE, &sources);
    let before = server.rss_kib();
    for (n, attack) in attacks.iter().enumerate() {
        for kind in ["tcp", "http"] {
            let path = format!("/api/streams/{kind}{n}");
            wait::until(&format!("{}: the stream to be away", attack.name), || {
                let info = server.json(&path);
                let reason = info["reason"].as_str().unwrap_or_default().to_owned();
                let says = if kind == "http" {
                    attack.says_multipart
                } else {
                    attack.says
                };
                let said = says.iter().all(|part| reason.contains(part));
                (info["state"] == "away" && said).then_some(())
            });
        }
    }
    check_healthy(&server);
    let growth = server.rss_kib().saturating_sub(before);
    assert!(growth < GROWTH_KIB, "grew by {growth} KiB");
    server.stop();
}

/// Sends a request whose body is the attack and gives the answer's status and text.
fn ingest(server: &Server, attack: &Attack) -> String {
    let mut stream = http::connect(server.port());
    let head = "POST /streams/x/ingest HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\
                Content-Type: multipart/x-mixed-replace; boundary=b\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let mut writer = stream.try_clone().unwrap();
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut chunk = |bytes: &[u8]| {
                let size = format!("{:x}\r\n", bytes.len());
                writer.write_all(&[size.as_bytes(), bytes, b"\r\n"].concat())
            };
            let mut sent = if attack.once.is_empty() {
                Ok(())
            } else {
                chunk(&attack.once)
            };
            while sent.is_ok() && !attack.endless.is_empty() {
                sent = chunk(&attack.endless);
            }
            // The last chunk; a refusal may have come before it.
            let _ = chunk(b"");
        });
        let mut answer = Vec::new();
        // A reset after the answer is what an early refusal looks like.
        let _ = stream.read_to_end(&mut answer);
        let _ = stream.shutdown(std::net::Shutdown::Both);
        String::from_utf8_lossy(&answer).into_owned()
    })
}

#[test]
fn hostile_pushes_are_refused_with_a_reason() {
    let server = Server::start(EYELINE, ["good=test:?size=320x240&fps=20"]);
    let before = server.rss_kib();
    for attack in attacks() {
        let answer = ingest(&server, &attack);
        let status: u16 = answer
            .get(9..12)
            .and_then(|code| code.parse().ok())
            .unwrap_or(0);
        assert!((400..500).contains(&status), "{}: {answer}", attack.name);
        assert!(answer.contains("\"error\""), "{}: {answer}", attack.name);
        for part in attack.says_multipart {
            assert!(
                answer.contains(part),
                "{}: {part:?} in {answer}",
                attack.name
            );
        }
    }
    check_healthy(&server);
    let growth = server.rss_kib().saturating_sub(before);
    assert!(growth < GROWTH_KIB, "grew by {growth} KiB");
    server.stop();
}

#[test]
fn a_picture_of_impossible_size_is_named_when_pushed_alone() {
    let server = Server::start(EYELINE, ["good=test:"]);
    let jpeg = [("Content-Type", "image/jpeg")];
    let answer = http::send(
        server.port(),
        "PUT",
        "/streams/x/ingest",
        &jpeg,
        &gigantic(),
    );
    assert_eq!(answer.status, 400, "{answer:?}");
    assert!(answer.text().contains("60000x60000"), "{}", answer.text());
    let answer = http::send(server.port(), "PUT", "/streams/x/ingest", &jpeg, &picture());
    assert_eq!(answer.status, 200, "{answer:?}");
    server.stop();
}

#[test]
fn ten_thousand_idle_connections_do_not_stop_a_viewer() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    const IDLE: usize = 10_000;
    let limit = getrlimit(Resource::Nofile);
    setrlimit(
        Resource::Nofile,
        Rlimit {
            current: limit.maximum,
            ..limit
        },
    )
    .unwrap();
    let most = limit
        .maximum
        .map_or(IDLE, |most| (most as usize).saturating_sub(200).min(IDLE));

    let server = Server::start(EYELINE, ["good=test:?size=320x240&fps=20"]);
    let mut viewer = Viewer::open(server.port(), "/streams/good/mjpeg");
    let (finish, finished) = mpsc::channel::<()>();
    // Reads all the time: whoever takes nothing for long is closed, whatever the others do.
    let viewer = thread::spawn(move || {
        while finished.try_recv() != Err(TryRecvError::Disconnected) {
            viewer.next_part().expect("the viewer goes on");
        }
    });
    let before = server.rss_kib();
    let mut idle: Vec<TcpStream> = Vec::with_capacity(most);
    for _ in 0..most {
        idle.push(http::connect(server.port()));
    }
    check_healthy(&server);
    let growth = server.rss_kib().saturating_sub(before);
    assert!(growth < GROWTH_KIB, "grew by {growth} KiB");
    // Each is closed: at once where there were too many, after the header time elsewhere.
    for mut connection in idle {
        connection
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        let mut rest = Vec::new();
        let ended = connection.read_to_end(&mut rest);
        let reset = ended
            .as_ref()
            .is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionReset);
        assert!(ended.is_ok() || reset, "{ended:?}");
    }
    drop(finish);
    viewer.join().expect("the viewer was kept");
    server.stop();
}
