//! The floor of sending: a server that makes its picture once, and for every tick
//! writes the same bytes to every socket with one `send` each.
//!
//! Not here: anything a real server needs, such as requests that are understood or
//! pictures that change. Only the time in the headers does.

use std::future::poll_fn;
use std::io;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::task::{Context, Poll};
use std::time::Duration;

use clap::Args;
use eyeline_clock::{RealClock, SharedClock};
use eyeline_media::Timestamp;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;

use crate::Shape;
use crate::coded;
use crate::picture::{self, BOUNDARY, Camera};
use crate::process::{raise_file_limit, write_port};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// File to write the port to once it can be connected to
    #[arg(long)]
    port_file: PathBuf,
    /// Send pictures of H.264, with the time at their end
    #[arg(long)]
    coded: bool,
    #[command(flatten)]
    shape: Shape,
}

/// A viewer: how much of the current chunk it has.
struct Seat {
    stream: TcpStream,
    sent: usize,
    open: bool,
}

/// The bytes that everybody gets: one chunk of HTTP with one picture in it.
struct Chunk {
    bytes: Vec<u8>,
    write_time: fn(Timestamp) -> String,
    /// Where the time stands.
    times_at: Vec<usize>,
}

/// Serves until killed.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    raise_file_limit()?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(serve(options))
}

async fn serve(options: &Options) -> anyhow::Result<()> {
    let clock = RealClock::shared();
    let mut chunk = if options.coded {
        let time = now(&clock);
        let picture = coded::picture(1, options.shape.bytes, time);
        Chunk::new(&picture, time, coded::digits)
    } else {
        let jpeg = Camera::new(options.shape.size, options.shape.bytes)?.take(now(&clock))?;
        let time = now(&clock);
        Chunk::new(&picture::part(&jpeg, time), time, |time| time.to_string())
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    write_port(&options.port_file, listener.local_addr()?.port())?;
    let (seated, mut arrivals) = mpsc::unbounded_channel();
    tokio::spawn(accept(listener, seated));

    let mut seats: Vec<Seat> = Vec::new();
    let mut ticks = tokio::time::interval(Duration::from_nanos(options.shape.interval_nanos()));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            biased;
            _ = ticks.tick() => {
                while let Ok(stream) = arrivals.try_recv() {
                    seats.push(Seat { stream, sent: chunk.bytes.len(), open: true });
                }
                // What is still on its way keeps its bytes: only the time, long
                // gone out, changes under it.
                chunk.set_time(now(&clock));
                for seat in &mut seats {
                    if seat.sent == chunk.bytes.len() {
                        seat.sent = 0;
                    }
                    seat.send(&chunk.bytes);
                }
                seats.retain(|seat| seat.open);
            }
            () = poll_fn(|cx| poll_rest(&mut seats, &chunk.bytes, cx)) => {}
        }
    }
}

fn now(clock: &SharedClock) -> Timestamp {
    Timestamp::from_nanos(clock.wall_nanos())
}

impl Chunk {
    /// Of a picture that says this time, written so.
    fn new(picture: &[u8], time: Timestamp, write_time: fn(Timestamp) -> String) -> Self {
        let mut bytes = format!("{:x}\r\n", picture.len()).into_bytes();
        bytes.extend(picture);
        bytes.extend(b"\r\n");
        let time = write_time(time);
        let windows = bytes.windows(time.len()).enumerate();
        let times_at = windows.filter(|(_, window)| *window == time.as_bytes());
        Self {
            times_at: times_at.map(|(at, _)| at).collect(),
            bytes,
            write_time,
        }
    }

    fn set_time(&mut self, time: Timestamp) {
        let time = (self.write_time)(time);
        for &at in &self.times_at {
            self.bytes[at..][..time.len()].copy_from_slice(time.as_bytes());
        }
    }
}

impl Seat {
    /// Sends what the socket takes at once.
    fn send(&mut self, bytes: &[u8]) {
        match self.stream.try_write(&bytes[self.sent..]) {
            Ok(sent) => self.sent += sent,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => self.open = false,
        }
    }
}

/// Goes on with every seat whose socket was full, forever.
fn poll_rest(seats: &mut [Seat], bytes: &[u8], cx: &mut Context<'_>) -> Poll<()> {
    for seat in seats {
        while seat.open && seat.sent < bytes.len() {
            match seat.stream.poll_write_ready(cx) {
                Poll::Pending => break,
                Poll::Ready(Ok(())) => seat.send(bytes),
                Poll::Ready(Err(_)) => seat.open = false,
            }
        }
    }
    Poll::Pending
}

async fn accept(listener: TcpListener, seated: mpsc::UnboundedSender<TcpStream>) {
    while let Ok((stream, _)) = listener.accept().await {
        let seated = seated.clone();
        tokio::spawn(async move {
            if let Ok(stream) = greet(stream).await {
                // Fails only when the program ends.
                let _ = seated.send(stream);
            }
        });
    }
}

/// Reads a request, whatever it asks for, and sends the head of the answer.
async fn greet(mut stream: TcpStream) -> io::Result<TcpStream> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut request).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    stream.set_nodelay(true)?;
    let preamble = picture::preamble();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: multipart/x-mixed-replace; boundary={BOUNDARY}\r\n\
         transfer-encoding: chunked\r\n\r\n{:x}\r\n{preamble}\r\n",
        preamble.len()
    );
    stream.write_all(head.as_bytes()).await?;
    Ok(stream)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coded::Marks;

    #[test]
    fn every_picture_says_when_it_was_sent() {
        let at = Timestamp::from_micros;
        let picture = coded::picture(1, 500, at(1_700_000_000_000_000));
        let mut chunk = Chunk::new(&picture, at(1_700_000_000_000_000), coded::digits);
        let mut seen = Vec::new();
        chunk.set_time(at(1_800_000_000_000_000));
        Marks::default().feed(&chunk.bytes, |time| seen.push(time));
        assert_eq!(seen, [at(1_800_000_000_000_000); 2]);
    }
}
