//! Messages as ffmpeg makes them, to be sent whenever a test likes.

use eyeline_proto::rtmp::{Incoming, Kind, Message, Unit};
use eyeline_testkit::tools::Program;

use crate::{LIVE, sh};

/// Some seconds of video and perhaps sound, as they stand in a file.
#[derive(Clone)]
pub(crate) struct Clip {
    pub(crate) messages: Vec<Message>,
    /// How long it is, in milliseconds.
    pub(crate) length: u32,
}

/// Two seconds of moving pictures, 30 a second, with sound.
pub(crate) fn short() -> Clip {
    make("320x240", &format!("{LIVE} -c:a aac"))
}

/// Two seconds of moving pictures of this size, encoded so.
pub(crate) fn make(size: &str, options: &str) -> Clip {
    let line = format!(
        "ffmpeg -nostdin -loglevel error -f lavfi -i testsrc2=size={size}:rate=30:duration=2 \
         -f lavfi -i sine=sample_rate=44100:duration=2 -pix_fmt yuv420p {options} -f flv -"
    );
    let file = Program::output(&mut sh(&line));
    let mut messages = Vec::new();
    // Behind the header of the file and the length of nothing before (FLV, E.2 and E.3).
    let mut rest = &file[13..];
    while let Some((header, after)) = rest.split_first_chunk::<11>() {
        let length = u32::from_be_bytes([0, header[1], header[2], header[3]]) as usize;
        let timestamp = u32::from_be_bytes([header[7], header[4], header[5], header[6]]);
        let kind = Kind(header[0]);
        if [Kind::VIDEO, Kind::AUDIO].contains(&kind) {
            let payload = after[..length].to_vec().into();
            messages.push(Message {
                kind,
                timestamp,
                stream: 1,
                payload,
            });
        }
        rest = &after[length + 4..];
    }
    assert!(messages.len() >= 60, "{} messages", messages.len());
    Clip {
        messages,
        length: 2_000,
    }
}

impl Clip {
    /// The pictures and the sound in it.
    pub(crate) fn units(&self) -> Vec<Unit> {
        let mut incoming = Incoming::default();
        let read = |message| incoming.read(message).unwrap();
        self.messages.iter().filter_map(read).collect()
    }

    /// The same with H.264 named by its four characters, as Enhanced RTMP has it.
    pub(crate) fn enhanced(mut self) -> Self {
        for message in &mut self.messages {
            if message.kind == Kind::VIDEO {
                let [first, kind, rest @ ..] = &message.payload[..] else {
                    panic!("a message of video is longer");
                };
                let head = [0x80 | first & 0xf0 | kind, b'a', b'v', b'c', b'1'];
                // A time stands only before pictures.
                let rest = if *kind == 1 { rest } else { &rest[3..] };
                message.payload = [&head, rest].concat().into();
            }
        }
        self
    }
}
