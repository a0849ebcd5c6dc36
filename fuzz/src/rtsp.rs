//! What clients of RTSP send, and descriptions of streams.

use std::time::Duration;

use bytes::Bytes;
use eyeline_proto::rtsp::{Credentials, Incoming, Reader, Session, Step, Target, Transport};
use eyeline_proto::sdp::{Description, Track};

use super::cut;

/// Most bytes that a message may have, with what stands before it.
const LIMIT: usize = 16 * 1024 + 64 * 1024;

/// A connection: the first byte says into which pieces it is cut. They must not matter, and no
/// request may put a session into a state in which another makes it panic.
pub fn rtsp(data: &[u8]) {
    let &[seed, ref body @ ..] = data else {
        return;
    };
    let whole = run(&[Bytes::copy_from_slice(body)]);
    for pieces in [cut(body, seed), cut(body, 0)] {
        let other = run(&pieces);
        // What is too long or no RTSP may be seen before it is whole.
        if whole.is_ok() && other.is_ok() {
            assert_eq!(whole, other, "the pieces mattered");
        }
    }
    hold(whole.unwrap_or_default());
    describe(body);
    let text = String::from_utf8_lossy(body);
    for line in text.lines() {
        let _ = (Transport::parse(line), Credentials::parse(line));
        if let Some(target) = Target::parse(line) {
            let _ = Target::control(line, target.track.unwrap_or_default());
        }
    }
}

fn run(pieces: &[Bytes]) -> Result<Vec<Incoming>, String> {
    let (mut reader, mut all) = (Reader::new(), Vec::new());
    for piece in pieces {
        reader.push(piece);
        while let Some(one) = reader.incoming().map_err(|error| error.to_string())? {
            all.push(one);
        }
        assert!(
            reader.buffer().len() <= LIMIT.max(piece.len()),
            "held too much"
        );
    }
    Ok(all)
}

/// Does what a session says is to be done.
fn hold(all: Vec<Incoming>) {
    let mut session = Session::new("id".to_owned(), Duration::ZERO);
    for one in all {
        let Incoming::Request(request) = one else {
            continue;
        };
        let answer = match session.request(Duration::ZERO, &request) {
            Step::Answer(answer) | Step::Teardown(answer) => answer,
            Step::Describe => continue,
            Step::Announce(_) => session.announce(),
            Step::SetUp(transport) => session.set_up(request.body.len() % 3, transport, None),
            Step::Play | Step::Record => session.begin(),
            Step::Pause => session.pause(),
        };
        let bytes = answer.to_bytes(request.field("CSeq"));
        let text = String::from_utf8(bytes).expect("answers are text");
        let (head, _) = text.split_once("\r\n\r\n").expect("a head has an end");
        assert!(
            head.lines().skip(1).all(|line| line.contains(": ")),
            "{head:?}"
        );
    }
}

fn describe(bytes: &[u8]) {
    let Ok(description) = Description::parse(bytes) else {
        return;
    };
    for media in &description.media {
        match Track::of(media) {
            Ok(track) => drop(track.depacketizer()),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}
