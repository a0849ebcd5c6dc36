//! Connections of RTMP, from either end, and what is published over them.

use eyeline_proto::rtmp::{
    Client, Command, Error, Event, Heard, Incoming, Kind, Limits, Message, Reader, Server, Value,
    Wanted,
};

use super::cut;

/// Small enough for a fuzzer to reach every one of them.
const LIMITS: Limits = Limits {
    max_message_bytes: 2_000,
    max_held_bytes: 3_000,
    max_chunk_streams: 5,
};
/// What comes before the first chunk: the version, and twice 1536 bytes.
const HANDSHAKE: usize = 1 + 2 * 1_536;

/// What comes after the handshake: the first byte says what is made of it, the second into which
/// pieces it is cut.
pub fn rtmp(data: &[u8]) {
    let &[kind, seed, ref body @ ..] = data else {
        return;
    };
    match kind % 4 {
        0 => chunks(body, seed),
        1 => server(body, seed),
        2 => client(body, seed),
        _ => media(body),
    }
}

/// The pieces must not matter, and the memory held stays within the limits.
fn chunks(body: &[u8], seed: u8) {
    let run = |pieces: &[bytes::Bytes]| {
        let mut reader = Reader::new(LIMITS);
        let mut messages: Vec<Message> = Vec::new();
        let mut failed: Option<Error> = None;
        for piece in pieces {
            reader.push(piece);
            while failed.is_none() {
                match reader.next() {
                    Ok(Some(message)) => messages.push(message),
                    Ok(None) => break,
                    Err(error) => failed = Some(error),
                }
            }
            assert!(reader.buffered() <= LIMITS.max_held_bytes + 18, "held");
        }
        if let Some(error) = &failed {
            assert!(!error.to_string().is_empty());
            assert_eq!(reader.next().err().as_ref(), Some(error), "errors stay");
        }
        (messages, failed)
    };
    let whole = run(&[bytes::Bytes::copy_from_slice(body)]);
    assert_eq!(whole, run(&cut(body, seed)), "the pieces mattered");
    assert_eq!(whole, run(&cut(body, 0)), "single bytes mattered");
    let payload: usize = whole.0.iter().map(|message| message.payload.len()).sum();
    assert!(payload <= body.len(), "bytes from nowhere");
}

/// Everything that is asked for is granted.
fn server(body: &[u8], seed: u8) {
    let mut server = Server::new(1, LIMITS);
    let mut incoming = Incoming::default();
    let mut bytes = vec![0; HANDSHAKE];
    bytes[0] = 3;
    bytes.extend_from_slice(body);
    for piece in cut(&bytes, seed | 0x80) {
        server.push(&piece);
        loop {
            match server.next() {
                Ok(Some(Event::Publish(target) | Event::Play(target))) => {
                    assert!(!target.stream.starts_with('/'));
                    server.accept();
                }
                Ok(Some(Event::Media(message))) => drop(incoming.read(&message)),
                Ok(Some(Event::Pause(_) | Event::Stop)) => {}
                Ok(None) => break,
                Err(error) => return assert!(!error.to_string().is_empty()),
            }
        }
        server.take_output();
    }
    server.end("the end");
}

fn client(body: &[u8], seed: u8) {
    let wanted = Wanted {
        app: "live".to_owned(),
        url: "rtmp://h/live".to_owned(),
        stream: "cam".to_owned(),
    };
    let mut client = Client::new(wanted, 1, LIMITS);
    let mut incoming = Incoming::default();
    let mut bytes = vec![0; HANDSHAKE];
    bytes[0] = 3;
    bytes.extend_from_slice(body);
    for piece in cut(&bytes, seed | 0x80) {
        client.push(&piece);
        loop {
            match client.next() {
                Ok(Some(Heard::Media(message))) => drop(incoming.read(&message)),
                Ok(Some(Heard::Refused(why) | Heard::Ended(why))) => assert!(!why.is_empty()),
                Ok(Some(Heard::Playing)) => {}
                Ok(None) => break,
                Err(error) => return assert!(!error.to_string().is_empty()),
            }
        }
        client.take_output();
    }
}

/// Messages behind a byte that says of which kind they are and one that says how long.
fn media(body: &[u8]) {
    let mut incoming = Incoming::default();
    let mut rest = body;
    let mut timestamp = 0_u32;
    while let &[kind, length, ref after @ ..] = rest {
        let (payload, after) = after.split_at(usize::from(length).min(after.len()));
        rest = after;
        timestamp = timestamp
            .wrapping_mul(31)
            .wrapping_add(u32::from(length) << 20);
        let message = Message {
            kind: Kind(kind % 24),
            timestamp,
            stream: 1,
            payload: bytes::Bytes::copy_from_slice(payload),
        };
        if let Err(error) = incoming.read(&message) {
            assert!(!error.to_string().is_empty());
        }
        if let Ok(command) = Command::read(&message) {
            let written = Message {
                kind: Kind::COMMAND,
                payload: command.write().into(),
                ..message
            };
            // Names that were cut in the middle of a character grow when they are read.
            assert!(Command::read(&written).is_ok());
        }
        let _ = Value::read_all(payload);
    }
}
