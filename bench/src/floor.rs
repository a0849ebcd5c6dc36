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
use crate::picture::{self, BOUNDARY, Camera};
use crate::process::{raise_file_limit, write_port};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// File to write the port to once it can be connected to
    #[arg(long)]
    port_file: PathBuf,
    #[command(flatten)]
    shape: Shape,
}

/// A viewer: how much of the current chunk it has.
struct Seat {
    stream: TcpStream,
    sent: usize,
    open: bool,
}

/// The bytes that everybody gets: one chunk of HTTP with one part in it.
struct Chunk {
    bytes: Vec<u8>,
    time_at: usize,
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
    let jpeg = Camera::new(options.shape.size, options.shape.bytes)?.take(now(&clock))?;
    let mut chunk = Chunk::new(&jpeg, now(&clock));
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
    fn new(jpeg: &[u8], time: Timestamp) -> Self {
        let part = picture::part(jpeg, time);
        let mut bytes = format!("{:x}\r\n", part.len()).into_bytes();
        let time = time.to_string();
        let in_part = String::from_utf8_lossy(&part[..200]).find(&time);
        let time_at = bytes.len() + in_part.expect("the time is in the headers");
        bytes.extend(part);
        bytes.extend(b"\r\n");
        Self { bytes, time_at }
    }

    fn set_time(&mut self, time: Timestamp) {
        let time = time.to_string();
        self.bytes[self.time_at..][..time.len()].copy_from_slice(time.as_bytes());
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
