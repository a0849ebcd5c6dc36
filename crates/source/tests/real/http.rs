//! `http:` against a small server that does what it is told.

use std::fmt::Write as _;

use eyeline_media::{Resolution, Timestamp};
use eyeline_proto::mpjpeg::mux;
use eyeline_testkit::pictures::Pictures;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::bench::Bench;

fn pictures() -> Pictures {
    Pictures::new(Resolution::new(64, 48).unwrap(), 80)
}

/// A server that answers every request by its path; the paths and `Authorization`
/// headers that were asked for are kept.
struct Server {
    address: String,
    serving: JoinHandle<()>,
}

impl Server {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let serving = tokio::spawn(async move {
            while let Ok((peer, _)) = listener.accept().await {
                tokio::spawn(serve(peer));
            }
        });
        Self { address, serving }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Answers requests on one connection until it breaks.
async fn serve(mut peer: TcpStream) {
    let mut made = pictures();
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match peer.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => return,
            }
        }
        let head = String::from_utf8(head).unwrap();
        let path = head.split(' ').nth(1).unwrap().to_owned();
        let authorized = head
            .to_ascii_lowercase()
            .contains("authorization: basic dtpw");
        if answer(&mut peer, &path, authorized, &mut made)
            .await
            .is_err()
        {
            return;
        }
    }
}

async fn answer(
    peer: &mut TcpStream,
    path: &str,
    authorized: bool,
    made: &mut Pictures,
) -> std::io::Result<()> {
    let (status, headers, body) = match path {
        "/video" => {
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: {}\r\n\r\n",
                mux::CONTENT_TYPE
            );
            peer.write_all(head.as_bytes()).await?;
            peer.write_all(mux::PREAMBLE).await?;
            for n in 0..3 {
                let time = Timestamp::from_micros(n);
                peer.write_all(&mux::part(&made.at(time), time)).await?;
            }
            return Err(std::io::ErrorKind::ConnectionAborted.into());
        }
        "/secret" if authorized => (
            "200 OK",
            "Content-Type: image/jpeg",
            made.at(Timestamp::default()),
        ),
        "/secret" => ("401 No", "WWW-Authenticate: Basic realm=\"x\"", "no".into()),
        "/digest" => (
            "401 No",
            "WWW-Authenticate: Digest realm=\"x\"",
            "no".into(),
        ),
        "/snap?ch=1" => (
            "200 OK",
            "Content-Type: image/jpeg",
            made.at(Timestamp::default()),
        ),
        "/moved" => ("302 Found", "Location: /snap?ch=1", "".into()),
        "/circle" => ("302 Found", "Location: /circle", "".into()),
        "/page" => (
            "200 OK",
            "Content-Type: text/html; charset=utf-8",
            "<html>".into(),
        ),
        "/large" => {
            let head =
                "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: 1000000000\r\n\r\n";
            peer.write_all(head.as_bytes()).await?;
            let zeros = [0; 65536];
            loop {
                peer.write_all(&zeros).await?;
            }
        }
        _ => ("404 Not Found", "X: y", "gone".into()),
    };
    let mut head = format!("HTTP/1.1 {status}\r\n{headers}\r\n");
    write!(head, "Content-Length: {}\r\n\r\n", body.len()).unwrap();
    peer.write_all(head.as_bytes()).await?;
    peer.write_all(&body).await
}

async fn check_away(server: &Server, url: &str, says: &[&str]) {
    let bench = Bench::start(url);
    let reason = bench.reason().await;
    for part in says {
        assert!(
            reason.contains(part),
            "{url}: {reason:?} does not say {part:?}"
        );
    }
    assert!(!server.address.is_empty());
    bench.end().await;
}

#[tokio::test]
async fn multipart_is_read_and_asked_for_again_when_it_ends() {
    let server = Server::start().await;
    let bench = Bench::start(&server.url("/video"));
    let mut seen = bench.look();
    for _ in 0..2 {
        seen.take(3).await;
        seen.slate().await;
    }
    bench.end().await;
}

#[tokio::test]
async fn a_snapshot_is_polled_at_the_rate_that_is_asked_for() {
    let server = Server::start().await;
    for path in ["/snap?ch=1#fps=50", "/moved#fps=50"] {
        let bench = Bench::start(&server.url(path));
        let taken = bench.look().take(11).await;
        let spread = taken[10].captured.since(taken[1].captured).as_secs_f64();
        assert!(
            spread > 0.15,
            "{path}: 9 intervals of 20 ms took {spread} s"
        );
        bench.end().await;
    }
}

#[tokio::test]
async fn user_and_password_are_sent() {
    let server = Server::start().await;
    let url = server
        .url("/secret#fps=50")
        .replace("http://", "http://u:p@");
    let bench = Bench::start(&url);
    bench.look().take(3).await;
    let shown = bench.stream.profile().source;
    assert!(shown.starts_with("http://u:***@"), "{shown}");
    bench.end().await;
    let wrong = server.url("/secret").replace("http://", "http://u:wrong@");
    check_away(&server, &wrong, &["does not accept this user"]).await;
    check_away(&server, &server.url("/secret"), &["user:password@"]).await;
    check_away(&server, &server.url("/digest"), &["Digest"]).await;
}

#[tokio::test]
async fn answers_without_pictures_are_named() {
    let server = Server::start().await;
    check_away(&server, &server.url("/none"), &["404"]).await;
    check_away(&server, &server.url("/page"), &["text/html"]).await;
    check_away(&server, &server.url("/circle"), &["5 redirects"]).await;
    check_away(&server, &server.url("/large"), &["limit"]).await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let server = Server::start().await;
    server.serving.abort();
    let _ = (&mut { server }.serving).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let bench = Bench::start(&format!("http://{address}/"));
    let reason = bench.reason().await;
    assert!(
        reason.contains(&address.to_string()) && reason.contains("refused"),
        "{reason}"
    );
    bench.end().await;
}
