//! A socket and its client in one process, in virtual time.

use eyeline_proto::websocket::frame::Opcode;
use tokio::io::{AsyncWriteExt as _, DuplexStream, duplex};
use tokio::time::sleep;

use super::*;

const ACCEPTS: Accepts = Accepts {
    limits: Limits {
        max_text_bytes: 1024,
        max_binary_bytes: 1024,
    },
    messages: 200,
};

const KEY: [u8; 4] = [9, 8, 7, 6];

struct Client {
    io: DuplexStream,
    parser: Parser,
}

fn pair(pipe_bytes: usize) -> (Socket<DuplexStream>, Client) {
    let (near, io) = duplex(pipe_bytes);
    let parser = Parser::new(Role::Client, ACCEPTS.limits);
    (Socket::new(near, b"", ACCEPTS), Client { io, parser })
}

impl Client {
    async fn next(&mut self) -> Message {
        loop {
            if let Some(message) = self.parser.next().unwrap() {
                return message;
            }
            let count = self.io.read_buf(&mut self.parser.input()).await.unwrap();
            assert_ne!(count, 0, "closed without a Close");
        }
    }

    async fn send(&mut self, opcode: Opcode, payload: &[u8]) {
        let frame = frame::masked(opcode, &[payload], KEY);
        self.io.write_all(&frame).await.unwrap();
    }
}

/// Answers Pings `pongs` times, and says how the server ended and after how many seconds.
async fn silence(pongs: u32) -> (Goodbye, u64) {
    let (mut socket, mut client) = pair(1024);
    let start = Instant::now();
    let answering = async {
        for _ in 0..pongs {
            assert_eq!(client.next().await, Message::Ping(Bytes::new()));
            client.send(Opcode::Pong, b"").await;
        }
        loop {
            client.next().await;
        }
    };
    let heard = tokio::select! {
        heard = socket.heard() => heard.unwrap(),
        () = answering => unreachable!(),
    };
    let Heard::End(goodbye) = heard else {
        panic!("{heard:?}");
    };
    (goodbye, start.elapsed().as_secs())
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_answers_a_ping_is_given_up_after_a_minute() {
    let (goodbye, seconds) = silence(0).await;
    let Goodbye::Close(code, reason) = goodbye else {
        panic!("{goodbye:?}");
    };
    assert_eq!(code, CloseCode::INTERNAL_ERROR);
    assert!(reason.contains("60 s"), "{reason}");
    assert_eq!(
        seconds, 80,
        "20 s until the first Ping, and 60 s without an answer"
    );
}

#[tokio::test(start_paused = true)]
async fn a_client_that_answers_is_kept() {
    let (_, seconds) = silence(100).await;
    assert_eq!(seconds, 20 * 100 + 80);
}

#[tokio::test(start_paused = true)]
async fn a_ping_is_answered_between_whole_messages() {
    let (mut socket, mut client) = pair(16);
    let large = vec![7; 300];
    poll_fn(|cx| socket.poll_ready(cx)).await.unwrap();
    socket.send(frame::binary(&[&large]));
    client.send(Opcode::Ping, b"now").await;
    let reading = async {
        // The pipe holds 16 bytes, so the message is half written when the Ping comes.
        sleep(Duration::from_secs(1)).await;
        assert_eq!(client.next().await, Message::Binary(large.into()));
        assert_eq!(
            client.next().await,
            Message::Pong(Bytes::from_static(b"now"))
        );
    };
    tokio::select! {
        heard = socket.heard() => panic!("{heard:?}"),
        () = reading => {}
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_takes_no_answers_is_not_heard_any_more() {
    let (mut socket, mut client) = pair(16);
    let flood = async {
        for _ in 0..150 {
            client.send(Opcode::Ping, b"0123456789").await;
        }
    };
    let heard = timeout(Duration::from_secs(10), async {
        tokio::select! {
            heard = socket.heard() => Some(heard),
            () = flood => None,
        }
    });
    assert!(heard.await.is_err(), "both sides wait");
    assert!((REPLIES..REPLIES + 2).contains(&socket.replies.len()));
}

#[tokio::test(start_paused = true)]
async fn the_goodbye_comes_behind_what_was_begun() {
    let (mut socket, mut client) = pair(16);
    let large = vec![7; 300];
    socket.send(frame::binary(&[&large]));
    let first = poll_fn(|cx| Poll::Ready(socket.poll_ready(cx).is_pending())).await;
    assert!(first, "it does not fit into the pipe");
    let ending = tokio::spawn(socket.end(Goodbye::STOPPING));
    assert_eq!(client.next().await, Message::Binary(large.into()));
    let Message::Close { code, reason } = client.next().await else {
        panic!("no Close");
    };
    assert_eq!(code, Some(CloseCode::GOING_AWAY));
    assert_eq!(reason, "the server is stopping");
    drop(client);
    ending.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_client_that_does_not_take_the_goodbye() {
    let (mut socket, client) = pair(16);
    socket.send(frame::binary(&[&[7; 300]]));
    let start = Instant::now();
    socket.end(Goodbye::STOPPING).await.unwrap();
    assert_eq!(start.elapsed(), CLOSE_TIMEOUT);
    drop(client);
}

#[test]
fn so_many_messages_are_admitted_in_a_second() {
    let start = Instant::now();
    let mut rate = Rate {
        most: 3,
        begun: start,
        count: 0,
    };
    let mut check = |millis: u64, expected: bool| {
        assert_eq!(
            rate.admits(start + Duration::from_millis(millis)),
            expected,
            "{millis}"
        );
    };
    check(0, true);
    check(500, true);
    check(999, true);
    check(999, false);
    check(1_000, true);
    check(1_001, true);
    check(1_002, true);
    check(1_999, false);
    check(9_000, true);
}
