//! A WebSocket client for tests that sees every message, and panics when something is not as
//! it must be.

#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test that fails panics; the head of this file says so"
)]

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};

use bytes::Bytes;
use eyeline_proto::websocket::frame::{self, Opcode};
use eyeline_proto::websocket::{CloseCode, Limits, Message, Parser, Role, handshake, picture};
use serde_json::{Value, json};

use crate::http::{self, Part};

const LIMITS: Limits = Limits {
    max_text_bytes: 16 * 1024 * 1024,
    max_binary_bytes: 16 * 1024 * 1024,
};
/// Not random, as no proxy is to be fooled here.
const KEY: [u8; 4] = [1, 2, 3, 4];

/// One end of a connection, played by the test.
pub struct Client {
    /// The connection, for what the protocol does not do.
    pub tcp: TcpStream,
    parser: Parser,
}

impl Client {
    /// Opens a socket of a server on 127.0.0.1.
    #[must_use]
    pub fn open(port: u16, path: &str) -> Self {
        Self::open_saying(port, path, b"")
    }

    /// Opens a socket of a server anywhere.
    #[must_use]
    pub fn open_at(server: SocketAddr, path: &str) -> Self {
        Self::shake_hands(server, path, b"")
    }

    /// Sends something right behind the handshake, without waiting for the answer.
    #[must_use]
    pub fn open_saying(port: u16, path: &str, more: &[u8]) -> Self {
        Self::shake_hands((Ipv4Addr::LOCALHOST, port).into(), path, more)
    }

    fn shake_hands(server: SocketAddr, path: &str, more: &[u8]) -> Self {
        let mut tcp = http::connect_to(server);
        let key = handshake::key([9; 16]);
        let ask = format!(
            "GET {path} HTTP/1.1\r\nHost: {server}\r\nConnection: keep-alive, Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
        );
        tcp.write_all(&[ask.as_bytes(), more].concat()).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            let read = tcp.read(&mut byte).unwrap();
            assert_eq!(read, 1, "{}", head.escape_ascii());
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
        let proof = handshake::accept_for(&key).to_ascii_lowercase();
        assert!(head.starts_with("http/1.1 101 "), "{head}");
        assert!(
            head.contains(&format!("\r\nsec-websocket-accept: {proof}\r\n")),
            "{head}"
        );
        assert!(!head.contains("sec-websocket-extensions"), "{head}");
        Self {
            tcp,
            parser: Parser::new(Role::Client, LIMITS),
        }
    }

    /// Sends a text message.
    pub fn text(&mut self, text: &str) {
        self.send(Opcode::Text, text.as_bytes());
    }

    /// Sends a message of JSON with its members under `data`.
    pub fn say(&mut self, kind: &str, data: Value) {
        self.text(&json!({ "type": kind, "data": data }).to_string());
    }

    /// Sends a frame that is a whole message, masked as a client must.
    pub fn send(&mut self, opcode: Opcode, payload: &[u8]) {
        self.raw(&frame::masked(opcode, &[payload], KEY));
    }

    /// Sends bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.tcp.write_all(bytes).unwrap();
    }

    /// The next message; `None` when the connection was closed.
    pub fn message(&mut self) -> Option<Message> {
        loop {
            if let Some(message) = self.parser.next().unwrap() {
                return Some(message);
            }
            let mut piece = [0; 64 * 1024];
            match self.tcp.read(&mut piece).unwrap() {
                0 => return None,
                count => self.parser.push(&piece[..count]),
            }
        }
    }

    /// The data of the next message, which is of this type.
    pub fn expect(&mut self, kind: &str) -> Value {
        let Some(Message::Text(text)) = self.message() else {
            panic!("no text where {kind} was expected");
        };
        let mut message: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(message["type"], kind, "{text}");
        assert_eq!(message.as_object().unwrap().len(), 2, "{text}");
        message["data"].take()
    }

    /// Passes over messages of other types.
    pub fn wait_for(&mut self, kind: &str) -> Value {
        loop {
            if let Some(Message::Text(text)) = self.message() {
                let mut message: Value = serde_json::from_str(&text).unwrap();
                if message["type"] == kind {
                    return message["data"].take();
                }
            }
        }
    }

    /// The next message, which is binary.
    pub fn binary(&mut self) -> Bytes {
        match self.message() {
            Some(Message::Binary(bytes)) => bytes,
            other => panic!("{other:?}"),
        }
    }

    /// The next picture of a socket with `?format=binary`, passing over messages of other kinds;
    /// `None` when the connection was closed.
    pub fn next_picture(&mut self) -> Option<Part> {
        loop {
            if let Message::Binary(message) = self.message()? {
                let (header, jpeg) = picture::parse_binary(&message).unwrap();
                let captured = header.timestamp.expect("a capture time");
                return Some(Part { captured, jpeg });
            }
        }
    }

    /// Reads the Close, which must be next, and the end of the connection behind it.
    pub fn closed(&mut self) -> (u16, String) {
        let Some(Message::Close { code, reason }) = self.message() else {
            panic!("no Close");
        };
        self.ended();
        (code.map_or(0, CloseCode::as_u16), reason)
    }

    /// The server closes the connection and sends nothing more.
    pub fn ended(&mut self) {
        match self.tcp.read(&mut [0; 16]) {
            Ok(0) => {}
            other => panic!("{other:?}"),
        }
    }
}
