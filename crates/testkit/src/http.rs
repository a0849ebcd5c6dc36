//! A plain HTTP client of our own for tests: it sees every byte and hides nothing.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};

use bytes::Bytes;
use eyeline_media::Timestamp;

use crate::wait::PATIENCE;

/// An answer read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Header names in lower case, and their values.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Bytes,
}

impl Answer {
    /// The value of a header, its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

/// A connection to 127.0.0.1 on which nothing takes longer than a test's patience.
///
/// # Panics
/// When nobody listens there.
#[must_use]
pub fn connect(port: u16) -> TcpStream {
    connect_to((Ipv4Addr::LOCALHOST, port).into())
}

/// As [`connect`], to any address.
///
/// # Panics
/// When nobody listens there.
#[must_use]
pub fn connect_to(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("a server listens");
    stream
        .set_read_timeout(Some(PATIENCE))
        .expect("a timeout can be set");
    stream.set_nodelay(true).expect("the option exists");
    stream
}

/// GETs a path of a server on 127.0.0.1.
#[must_use]
pub fn get(port: u16, path: &str) -> Answer {
    send(port, "GET", path, &[], b"")
}

/// Sends a request with a body and reads the answer to its end.
///
/// # Panics
/// When the connection breaks or the answer is no HTTP.
#[must_use]
pub fn send(port: u16, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut stream = connect(port);
    let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    if !headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("host"))
    {
        head += &format!("Host: 127.0.0.1:{port}\r\n");
    }
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    if !body.is_empty() {
        head += &format!("Content-Length: {}\r\n", body.len());
    }
    head += "\r\n";
    // A server that refuses early closes while we still write; its answer counts.
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(body));
    read_answer(&mut BufReader::new(stream), method == "HEAD")
}

fn read_head(from: &mut impl std::io::BufRead) -> (u16, Vec<(String, String)>) {
    let mut line = String::new();
    from.read_line(&mut line).expect("a status line");
    let status = line.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.unwrap_or_else(|| panic!("no status line: {line:?}"));
    (status, read_headers(from))
}

fn read_headers(from: &mut impl std::io::BufRead) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        from.read_line(&mut line).expect("a header line");
        let Some((name, value)) = line.trim_end().split_once(':') else {
            return headers;
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
}

fn read_answer(from: &mut impl std::io::BufRead, no_body: bool) -> Answer {
    let (status, headers) = read_head(from);
    let mut body = Vec::new();
    let chunked = find(&headers, "transfer-encoding") == Some("chunked");
    if no_body || status == 304 {
    } else if chunked {
        Dechunk::new(from)
            .read_to_end(&mut body)
            .expect("a chunked body");
    } else if let Some(length) = find(&headers, "content-length") {
        body.resize(length.parse().expect("a length"), 0);
        from.read_exact(&mut body).expect("a body of that length");
    } else {
        from.read_to_end(&mut body).expect("a body");
    }
    Answer {
        status,
        headers,
        body: body.into(),
    }
}

/// Takes the chunk headers out of a chunked body (RFC 9112 section 7.1).
struct Dechunk<R> {
    from: R,
    left: usize,
    first: bool,
    ended: bool,
}

impl<R: std::io::BufRead> Dechunk<R> {
    fn new(from: R) -> Self {
        Self {
            from,
            left: 0,
            first: true,
            ended: false,
        }
    }

    fn next_chunk(&mut self) -> std::io::Result<()> {
        let mut line = String::new();
        if !self.first {
            self.from.read_line(&mut line)?;
            line.clear();
        }
        self.first = false;
        self.from.read_line(&mut line)?;
        self.left = usize::from_str_radix(line.trim(), 16)
            .map_err(|_| std::io::Error::other(format!("no chunk size: {line:?}")))?;
        self.ended = self.left == 0;
        Ok(())
    }
}

impl<R: std::io::BufRead> std::io::Read for Dechunk<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.left == 0 && !self.ended {
            self.next_chunk()?;
        }
        let most = buffer.len().min(self.left);
        let count = self.from.read(&mut buffer[..most])?;
        self.left -= count;
        Ok(count)
    }
}

/// One part of a multipart MJPEG stream.
#[derive(Clone, Debug)]
pub struct Part {
    /// The `X-Timestamp` header.
    pub captured: Timestamp,
    /// The JPEG.
    pub jpeg: Bytes,
}

/// A viewer of a multipart MJPEG stream.
pub struct Viewer {
    body: BufReader<Dechunk<BufReader<TcpStream>>>,
    boundary: String,
}

impl Viewer {
    /// Opens a stream of a server on 127.0.0.1.
    ///
    /// # Panics
    /// When the answer is no multipart stream.
    #[must_use]
    pub fn open(port: u16, path: &str) -> Self {
        Self::open_at((Ipv4Addr::LOCALHOST, port).into(), path)
    }

    /// Opens a stream of a server anywhere.
    ///
    /// # Panics
    /// When the answer is no multipart stream.
    #[must_use]
    pub fn open_at(server: SocketAddr, path: &str) -> Self {
        let mut stream = connect_to(server);
        let request = format!("GET {path} HTTP/1.1\r\nHost: {server}\r\n\r\n");
        stream
            .write_all(request.as_bytes())
            .expect("the request is sent");
        let mut from = BufReader::new(stream);
        let (status, headers) = read_head(&mut from);
        let kind = find(&headers, "content-type").unwrap_or_default();
        let boundary = kind
            .split_once("boundary=")
            .map(|(_, boundary)| format!("--{boundary}"));
        let boundary = boundary.unwrap_or_else(|| panic!("{path}: {status} {headers:?}"));
        let mut viewer = Self {
            body: BufReader::new(Dechunk::new(from)),
            boundary,
        };
        let first = viewer.line();
        assert_eq!(first, viewer.boundary);
        viewer
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.body
            .read_line(&mut line)
            .expect("the stream goes on or ends");
        line.trim_end().to_owned()
    }

    /// The next part with the boundary that ends it, which must come with it; `None`
    /// when the stream ended properly.
    ///
    /// # Panics
    /// When the part is not as it must be.
    pub fn next_part(&mut self) -> Option<Part> {
        if self
            .body
            .fill_buf()
            .expect("the stream goes on or ends")
            .is_empty()
        {
            return None;
        }
        let first = self.line();
        if first.is_empty() {
            // A part without headers and content, so that the delimiter may follow.
            assert_eq!(self.line(), format!("{}--", self.boundary));
            return None;
        }
        let (name, value) = first.split_once(':').unwrap_or_else(|| panic!("{first:?}"));
        let mut headers = vec![(name.to_ascii_lowercase(), value.trim().to_owned())];
        headers.extend(read_headers(&mut self.body));
        let length = find(&headers, "content-length")
            .expect("a length")
            .parse()
            .expect("a number");
        let mut jpeg = vec![0; length];
        self.body.read_exact(&mut jpeg).expect("the whole picture");
        assert_eq!(self.line(), "");
        assert_eq!(self.line(), self.boundary);
        let captured = find(&headers, "x-timestamp").and_then(Timestamp::parse_secs);
        Some(Part {
            captured: captured.expect("a capture time"),
            jpeg: jpeg.into(),
        })
    }
}
