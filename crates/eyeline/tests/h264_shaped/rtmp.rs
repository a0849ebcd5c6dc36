//! A player by RTMP.

use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};

use eyeline_clock::RealClock;
use eyeline_proto::rtmp::{Client, Heard, Incoming, Limits, Unit, Wanted};
use eyeline_testkit::http;

use crate::{Arrivals, Seen, WATCHED, read_some};

/// Watches for some time.
pub(crate) fn watch(server: SocketAddr) -> Seen {
    let clock = RealClock::shared();
    let mut stream = http::connect_to(server);
    let wanted = Wanted {
        app: "live".to_owned(),
        url: format!("rtmp://{server}/live"),
        stream: "cam".to_owned(),
    };
    let mut client = Client::new(wanted, 1, Limits::default());
    let mut incoming = Incoming::default();
    let (mut seen, mut arrivals) = (Seen::new("h264"), Arrivals::default());
    while clock.now() < WATCHED {
        match next(&mut client, &mut stream) {
            Heard::Media(message) => {
                if let Some(Unit::Picture { unit, present, .. }) = incoming.read(&message).unwrap()
                {
                    arrivals.come(clock.now(), present.as_nanos() / 1_000);
                    seen.annex_b(&unit.data);
                }
            }
            Heard::Playing => {}
            Heard::Refused(why) | Heard::Ended(why) => panic!("{why}"),
        }
    }
    seen.ages = arrivals.ages();
    seen
}

fn next(client: &mut Client, stream: &mut TcpStream) -> Heard {
    loop {
        if let Some(heard) = client.next().unwrap() {
            return heard;
        }
        stream.write_all(&client.take_output()).unwrap();
        client.push(&read_some(stream));
    }
}
