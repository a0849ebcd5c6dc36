//! What is printed at the start: the addresses to open, the link with the token, and
//! its QR code for a phone.

use std::io::{IsTerminal as _, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

use eyeline_auth::Token;
use eyeline_media::StreamId;
use qrcodegen::{QrCode, QrCodeEcc};

/// What there is to announce.
pub(crate) struct Banner<'a> {
    pub(crate) listening: &'a [SocketAddr],
    pub(crate) token: Option<&'a Token>,
    /// Where players find streams by other protocols, each with its scheme.
    pub(crate) players: &'a [(&'static str, SocketAddr)],
    /// Streams that are given on ports of their own, as a byte stream.
    pub(crate) tcp: &'a [(StreamId, SocketAddr)],
    pub(crate) streams: &'a [(StreamId, String)],
    pub(crate) note: Option<&'a str>,
}

impl Banner<'_> {
    /// Prints to standard output, the QR code only where a person looks.
    ///
    /// # Errors
    /// Standard output is closed.
    pub(crate) fn print(&self) -> std::io::Result<()> {
        let out = std::io::stdout();
        let person = out.is_terminal();
        self.write(&mut out.lock(), network_address(), person)
    }

    fn write(&self, out: &mut impl Write, lan: Option<IpAddr>, qr: bool) -> std::io::Result<()> {
        writeln!(out, "\nEyeline {}\n", env!("CARGO_PKG_VERSION"))?;
        if let Some(note) = self.note {
            writeln!(out, "  {note}\n")?;
        }
        let home = self
            .listening
            .iter()
            .find_map(|addr| url_here("http", *addr));
        if let Some(home) = &home {
            writeln!(out, "  Open on this machine   {home}/")?;
        }
        let away = self
            .listening
            .iter()
            .find_map(|addr| url_away("http", *addr, lan));
        let link = away.map(|url| match self.token {
            Some(token) => format!("{url}/?token={}", token.reveal()),
            None => format!("{url}/"),
        });
        if let Some(link) = &link {
            writeln!(out, "  Open elsewhere         {link}")?;
        }
        for (scheme, addr) in self.players {
            let label = format!("Players by {}", scheme.to_uppercase());
            if let Some(url) = url_here(scheme, *addr).or_else(|| url_away(scheme, *addr, lan)) {
                writeln!(out, "  {label:22} {url}/NAME")?;
            }
        }
        for (id, addr) in self.tcp {
            if let Some(url) = url_here("tcp", *addr).or_else(|| url_away("tcp", *addr, lan)) {
                writeln!(out, "  {:22} {url}", format!("{id} as H.264"))?;
            }
        }
        if self.token.is_none() {
            writeln!(
                out,
                "\n  OPEN: everybody who can reach this server may watch and publish."
            )?;
        }
        if !self.streams.is_empty() {
            writeln!(out, "\n  Streams")?;
        }
        let width = self
            .streams
            .iter()
            .map(|(id, _)| id.as_str().len())
            .max()
            .unwrap_or(0);
        let base = home.unwrap_or_default();
        for (id, source) in self.streams {
            writeln!(
                out,
                "  {:width$}   {base}/streams/{id}   ({source})",
                id.as_str()
            )?;
        }
        writeln!(out)?;
        match link {
            Some(link) if qr => write_qr(out, &link),
            _ => out.flush(),
        }
    }
}

fn url_here(scheme: &str, addr: SocketAddr) -> Option<String> {
    let ip = addr.ip();
    let port = addr.port();
    (ip.is_unspecified() || ip.is_loopback()).then(|| format!("{scheme}://localhost:{port}"))
}

fn url_away(scheme: &str, addr: SocketAddr, lan: Option<IpAddr>) -> Option<String> {
    let ip = if addr.ip().is_unspecified() {
        lan?
    } else {
        addr.ip()
    };
    (!ip.is_loopback()).then(|| format!("{scheme}://{}", SocketAddr::new(ip, addr.port())))
}

/// The address others on the network see: that of the default route. Connecting a
/// datagram socket sends nothing; 192.0.2.1 is reserved for documentation (RFC 5737).
fn network_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|ip| !ip.is_unspecified())
}

/// Two modules a character, dark on light whatever the terminal's colours.
fn write_qr(out: &mut impl Write, text: &str) -> std::io::Result<()> {
    const BORDER: i32 = 2;
    let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Low) else {
        return Ok(());
    };
    let side = -BORDER..code.size() + BORDER;
    for y in side.clone().step_by(2) {
        write!(out, "  \x1b[30;47m")?;
        for x in side.clone() {
            let pair = (code.get_module(x, y), code.get_module(x, y + 1));
            let glyph = match pair {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            };
            write!(out, "{glyph}")?;
        }
        writeln!(out, "\x1b[0m")?;
    }
    writeln!(out)?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn banner(listening: &str, token: Option<&Token>) -> String {
        let listening = [listening.parse().unwrap()];
        let streams = [("front".parse().unwrap(), "test:".to_owned())];
        let banner = Banner {
            listening: &listening,
            token,
            players: &[
                ("rtsp", ([127, 0, 0, 1], 8554).into()),
                ("rtmp", ([127, 0, 0, 1], 1935).into()),
            ],
            tcp: &[("front".parse().unwrap(), ([127, 0, 0, 1], 9000).into())],
            streams: &streams,
            note: None,
        };
        let mut out = Vec::new();
        banner
            .write(&mut out, Some([192, 168, 1, 5].into()), false)
            .unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_link_for_elsewhere_carries_the_token_and_the_local_one_does_not() {
        let token = Token::new("0123456789abcdef").unwrap();
        let said = banner("0.0.0.0:8000", Some(&token));
        assert!(said.contains("http://localhost:8000/\n"), "{said}");
        assert!(
            said.contains("http://192.168.1.5:8000/?token=0123456789abcdef"),
            "{said}"
        );
        assert!(
            said.contains("http://localhost:8000/streams/front"),
            "{said}"
        );
    }

    #[test]
    fn an_open_server_says_so_loudly() {
        assert!(banner("0.0.0.0:8000", None).contains("OPEN: everybody"));
    }

    #[test]
    fn a_server_on_loopback_names_no_address_elsewhere() {
        let token = Token::new("0123456789abcdef").unwrap();
        let said = banner("127.0.0.1:8000", Some(&token));
        assert!(
            !said.contains("192.168.1.5") && !said.contains("token"),
            "{said}"
        );
    }
}
