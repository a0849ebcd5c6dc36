//! A server of another make, whose clock shows what the test likes.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use eyeline_clock::RealClock;
use eyeline_media::MediaTime;
use eyeline_proto::rtmp::{
    Event, Limits, Message, Outgoing, Server, Unit, metadata, write_message,
};

use crate::clip::Clip;

/// How it says what it has.
#[derive(Clone, Copy)]
pub(crate) enum Manner {
    /// As the clip has it: the configuration once, at the start.
    Foreign,
    /// As Eyeline plays.
    Own,
}

/// Serves a clip, again and again, to everybody who asks for anything, with times from `from` on. Its port.
/// The thread ends with the test.
pub(crate) fn serve(clip: Clip, manner: Manner, from: u32) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for tcp in listener.incoming().flatten() {
            let clip = clip.clone();
            thread::spawn(move || {
                let _ = play(tcp, &clip, manner, from);
            });
        }
    });
    port
}

fn play(mut tcp: TcpStream, clip: &Clip, manner: Manner, from: u32) -> std::io::Result<()> {
    let mut server = Server::new(7, Limits::default());
    let mut piece = [0; 4096];
    loop {
        let event = server.next().expect("a client that speaks RTMP");
        if let Some(Event::Play(_)) = event {
            server.accept();
        }
        tcp.write_all(&server.take_output())?;
        if event.is_some() {
            break;
        }
        let count = tcp.read(&mut piece)?;
        server.push(&piece[..count]);
    }
    tcp.write_all(&metadata(None, None))?;
    let pieces = match manner {
        Manner::Foreign => foreign(clip),
        Manner::Own => own(clip),
    };
    let clock = RealClock::shared();
    for at in (0..).step_by(clip.length as usize) {
        for (millis, write) in &pieces {
            let wait = Duration::from_millis((at + millis).into()).saturating_sub(clock.now());
            thread::sleep(wait);
            tcp.write_all(&write(from.wrapping_add(at + millis)))?;
        }
    }
    Ok(())
}

/// When it is due, and its bytes with the time that is to stand there.
type Piece = (u32, Box<dyn Fn(u32) -> Vec<u8>>);

fn foreign(clip: &Clip) -> Vec<Piece> {
    let piece = |message: &Message| -> Piece {
        let Message {
            kind,
            timestamp,
            payload,
            ..
        } = message.clone();
        let write = move |millis| {
            let mut chunks = Vec::new();
            // The size that `Server` has set.
            write_message(
                &mut chunks,
                kind.0,
                (kind, millis, 1),
                &[&payload],
                64 * 1024,
            );
            chunks
        };
        (timestamp, Box::new(write))
    };
    clip.messages.iter().map(piece).collect()
}

fn own(clip: &Clip) -> Vec<Piece> {
    let millis = |time: MediaTime| time.as_nanos() / 1_000_000;
    let piece = |unit: Unit| -> Option<Piece> {
        match unit {
            Unit::Picture {
                unit,
                present,
                decode,
            } => {
                let later = (millis(present) - millis(decode)) as i32;
                let write = move |at| {
                    Outgoing::new(None)
                        .picture(&unit.data, unit.key, at, later)
                        .to_vec()
                };
                Some((millis(decode) as u32, Box::new(write)))
            }
            Unit::Sound {
                format, at, data, ..
            } => {
                let write = move |at| {
                    Outgoing::new(None)
                        .sound(&format, &data, at)
                        .unwrap()
                        .to_vec()
                };
                Some((millis(at) as u32, Box::new(write)))
            }
            Unit::Format(_) => None,
        }
    };
    clip.units().into_iter().filter_map(piece).collect()
}
