//! What is said before a stream flows: nothing more than a request over HTTP, a conversation of
//! RTSP or RTMP.
//!
//! Not here: what flows then.

use anyhow::{Context as _, bail};
use bytes::BytesMut;
use eyeline_proto::rtmp::{Client, Heard, Limits, Wanted};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Asks a server of RTSP for the first media of `url`, over the connection itself.
pub(super) async fn rtsp(stream: &mut TcpStream, url: &str) -> anyhow::Result<()> {
    ask(stream, "DESCRIBE", url, 1, "Accept: application/sdp\r\n").await?;
    let track = format!("{url}/trackID=0");
    let transport = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n";
    let answer = ask(stream, "SETUP", &track, 2, transport).await?;
    let session = header(&answer, "session").context("no session")?;
    let session = format!(
        "Session: {}\r\n",
        session.split(';').next().unwrap_or_default()
    );
    ask(stream, "PLAY", url, 3, &session).await?;
    Ok(())
}

async fn ask(
    stream: &mut TcpStream,
    method: &str,
    url: &str,
    number: u32,
    headers: &str,
) -> anyhow::Result<String> {
    let request = format!("{method} {url} RTSP/1.0\r\nCSeq: {number}\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await?);
    }
    let answer = String::from_utf8_lossy(&answer).into_owned();
    if !answer.starts_with("RTSP/1.0 200") {
        bail!("{method} is answered with {answer}");
    }
    let length = header(&answer, "content-length").unwrap_or_default();
    let mut body = vec![0; length.parse().unwrap_or_default()];
    stream.read_exact(&mut body).await?;
    Ok(answer)
}

fn header(answer: &str, name: &str) -> Option<String> {
    answer.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        let is_it = found.trim().eq_ignore_ascii_case(name);
        is_it.then(|| value.trim().to_owned())
    })
}

/// Asks a server of RTMP for a stream of its application `live`. Until it plays, what comes is
/// taken in here.
pub(super) async fn rtmp(stream: &mut TcpStream, addr: &str, name: &str) -> anyhow::Result<()> {
    let wanted = Wanted {
        app: "live".to_owned(),
        url: format!("rtmp://{addr}/live"),
        stream: name.to_owned(),
    };
    let mut client = Client::new(wanted, 1, Limits::default());
    let mut piece = BytesMut::with_capacity(4096);
    loop {
        if let Some(heard) = client.next()? {
            match heard {
                Heard::Playing | Heard::Media(_) => return Ok(()),
                Heard::Refused(why) | Heard::Ended(why) => bail!("refused: {why}"),
            }
        }
        stream.write_all(&client.take_output()).await?;
        piece.clear();
        if stream.read_buf(&mut piece).await? == 0 {
            bail!("the server closed the connection");
        }
        client.push(&piece);
    }
}
