//! Sessions as clients hold them, in simulated time.

use std::time::Duration;

use proptest::prelude::*;

use super::*;

const ZERO: Duration = Duration::ZERO;

fn request(text: &str) -> Request {
    let mut reader = Reader::new();
    reader.push(text.replace('\n', "\r\n").as_bytes());
    match reader.incoming() {
        Ok(Some(Incoming::Request(request))) => request,
        other => panic!("{other:?}"),
    }
}

fn ask(method: &str, fields: &str) -> Request {
    request(&format!(
        "{method} rtsp://h/cam RTSP/1.0\nCSeq: 1\n{fields}\n"
    ))
}

fn status(step: &Step) -> u16 {
    match step {
        Step::Answer(response) => response.status,
        other => panic!("{other:?}"),
    }
}

fn session() -> Session {
    Session::new("id".to_owned(), ZERO)
}

/// Sets up a track with this transport; what is answered.
fn set_up(session: &mut Session, track: usize, transport: &str) -> Response {
    match session.request(ZERO, &ask("SETUP", &format!("Transport: {transport}\n"))) {
        Step::SetUp(transport) => session.set_up(track, transport, Some((7000, 7001))),
        Step::Answer(answer) => answer,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_comes_in_pieces_is_read_as_what_comes_at_once() {
    let text = b"\r\nOPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n$\x01\x00\x03abc\
        ANNOUNCE rtsp://h/x RTSP/1.0\r\ncseq: 2\r\nContent-length: 4\r\n\r\nv=0\nRTSP/1.0 200 OK\r\nCSeq: 3\r\n\r\n";
    let read = |piece: usize| {
        let (mut reader, mut all) = (Reader::new(), Vec::new());
        for piece in text.chunks(piece) {
            reader.push(piece);
            while let Some(one) = reader.incoming().unwrap() {
                all.push(one);
            }
        }
        all
    };
    let whole = read(text.len());
    assert_eq!(whole.len(), 4, "{whole:?}");
    let Incoming::Request(announce) = &whole[2] else {
        panic!("{whole:?}")
    };
    assert_eq!(
        (announce.method, &announce.body[..]),
        (Method::Announce, &b"v=0\n"[..])
    );
    for piece in 1..text.len() {
        assert_eq!(read(piece), whole, "in pieces of {piece}");
    }
}

#[test]
fn what_is_not_rtsp_is_refused_at_its_first_line() {
    let check = |text: &str| {
        let mut reader = Reader::new();
        reader.push(text.as_bytes());
        assert!(reader.incoming().is_err(), "{text}");
    };
    check("POST / HTTP/1.1\r\n");
    check("GET rtsp://h/ RTSP/2.0\r\n\r\n");
    check("OPTIONS * RTSP/1.0\r\nno field\r\n\r\n");
    check("OPTIONS * RTSP/1.0\r\nContent-Length: 99999999\r\n\r\n");
    check("OPTIONS * RTSP/1.0\r\nContent-Length: -1\r\n\r\n");
    check(&"x".repeat(20_000));
    check(&format!(
        "OPTIONS * RTSP/1.0\r\n{}\r\n",
        "a: b\r\n".repeat(65)
    ));
}

#[test]
fn transports_are_read_as_clients_write_them() {
    let check = |text: &str, expected: Option<(Carrier, bool)>| {
        let found = Transport::parse(text)
            .first()
            .map(|t| (t.carrier, t.record));
        assert_eq!(found, expected, "{text}");
    };
    let interleaved = |channels| Carrier::Interleaved { channels };
    let datagrams = |client_ports| Carrier::Datagrams { client_ports };
    check(
        "RTP/AVP/TCP;unicast;interleaved=0-1",
        Some((interleaved(Some((0, 1))), false)),
    );
    check("RTP/AVP/TCP", Some((interleaved(None), false)));
    check(
        "RTP/AVP;multicast,RTP/AVP/TCP;interleaved=4-5",
        Some((interleaved(Some((4, 5))), false)),
    );
    check(
        "RTP/AVP;unicast;client_port=5000-5001",
        Some((datagrams((5000, 5001)), false)),
    );
    check(
        "RTP/AVP/UDP;client_port=5000;mode=record",
        Some((datagrams((5000, 5001)), true)),
    );
    check(
        "RTP/AVP/TCP;interleaved=0-1;mode=\"RECORD\"",
        Some((interleaved(Some((0, 1))), true)),
    );
    check("RTP/AVP;unicast;client_port=25-26", None);
    check("RTP/AVP;unicast", None);
    check("RTP/SAVP;unicast;client_port=5000-5001", None);
    check("RTP/AVP/TCP;interleaved=300-301", None);
}

#[test]
fn a_player_sets_up_plays_pauses_and_leaves() {
    let mut session = session();
    assert_eq!(session.request(ZERO, &ask("DESCRIBE", "")), Step::Describe);
    let answer = set_up(&mut session, 0, "RTP/AVP/TCP;unicast;interleaved=0-1");
    assert_eq!(
        answer.field("Transport"),
        Some("RTP/AVP/TCP;unicast;interleaved=0-1;mode=\"PLAY\"")
    );
    assert_eq!(answer.field("Session"), Some("id;timeout=60"));
    set_up(&mut session, 1, "RTP/AVP/TCP;unicast");
    let channels = Some((2, 3));
    assert_eq!(
        session.tracks()[1].carrier,
        Carrier::Interleaved { channels }
    );
    assert_eq!(status(&session.request(ZERO, &ask("PLAY", ""))), 454);
    assert_eq!(
        status(&session.request(ZERO, &ask("PLAY", "Session: other\n"))),
        454
    );
    assert_eq!(
        session.request(ZERO, &ask("PLAY", "Session: id;timeout=60\n")),
        Step::Play
    );
    session.begin();
    assert_eq!(
        status(&session.request(ZERO, &ask("SETUP", "Session: id\n"))),
        455
    );
    assert_eq!(
        status(&session.request(ZERO, &ask("GET_PARAMETER", "Session: id\n"))),
        200
    );
    assert_eq!(
        status(&session.request(ZERO, &ask("SET_PARAMETER", "Session: id\n"))),
        200
    );
    assert_eq!(
        status(&session.request(ZERO, &ask("RECORD", "Session: id\n"))),
        455
    );
    assert_eq!(
        session.request(ZERO, &ask("PAUSE", "Session: id\n")),
        Step::Pause
    );
    session.pause();
    assert_eq!(
        session.request(ZERO, &ask("PLAY", "Session: id\n")),
        Step::Play
    );
    assert!(matches!(
        session.request(ZERO, &ask("TEARDOWN", "Session: id\n")),
        Step::Teardown(_)
    ));
}

#[test]
fn what_cannot_be_done_is_answered_so() {
    let mut session = session();
    assert_eq!(
        status(&session.request(ZERO, &ask("SETUP", "Transport: RTP/AVP;multicast\n"))),
        461
    );
    assert_eq!(status(&session.request(ZERO, &ask("SETUP", ""))), 461);
    assert_eq!(status(&session.request(ZERO, &ask("PLAY", ""))), 454);
    assert_eq!(status(&session.request(ZERO, &ask("REDIRECT", ""))), 501);
    assert_eq!(
        status(&session.request(ZERO, &ask("OPTIONS", "Require: magic\n"))),
        551
    );
    assert_eq!(
        status(&session.request(ZERO, &ask("ANNOUNCE", "Content-Type: text/html\n"))),
        415
    );
    set_up(&mut session, 0, "RTP/AVP/TCP;interleaved=0-1");
    let taken = session.request(
        ZERO,
        &ask(
            "SETUP",
            "Session: id\nTransport: RTP/AVP/TCP;interleaved=1-2\n",
        ),
    );
    assert_eq!(status(&taken), 461);
}

#[test]
fn a_publisher_announces_sets_up_and_records() {
    let mut session = session();
    let announce = request(
        "ANNOUNCE rtsp://h/x RTSP/1.0\nCSeq: 1\nContent-Type: application/sdp\nContent-Length: 5\n\nv=0\n",
    );
    let Step::Announce(_) = session.request(ZERO, &announce) else {
        panic!("it is taken")
    };
    session.announce();
    let answer = set_up(
        &mut session,
        0,
        "RTP/AVP/UDP;unicast;client_port=5000-5001;mode=record",
    );
    assert_eq!(
        answer.field("Transport"),
        Some("RTP/AVP;unicast;client_port=5000-5001;server_port=7000-7001;mode=\"RECORD\"")
    );
    assert_eq!(
        session.request(ZERO, &ask("RECORD", "Session: id\n")),
        Step::Record
    );
    session.begin();
    assert_eq!((session.mode(), session.is_running()), (Mode::Record, true));
}

#[test]
fn a_session_of_which_nothing_is_heard_ends_unless_its_connection_carries_it() {
    let mut session = session();
    assert_eq!(session.deadline(), Some(TIMEOUT));
    set_up(&mut session, 0, "RTP/AVP;unicast;client_port=5000-5001");
    session.begin();
    session.heard(TIMEOUT);
    assert_eq!(session.deadline(), Some(TIMEOUT * 2));
    session.request(TIMEOUT * 2, &ask("GET_PARAMETER", "Session: id\n"));
    assert_eq!(session.deadline(), Some(TIMEOUT * 3));
    let mut carried = Session::new("id".to_owned(), ZERO);
    set_up(&mut carried, 0, "RTP/AVP/TCP;interleaved=0-1");
    assert_eq!(carried.deadline(), Some(TIMEOUT));
    carried.begin();
    assert_eq!(carried.deadline(), None);
}

#[test]
fn urls_are_taken_apart_as_players_put_them_together() {
    let check = |url: &str, path: &str, query: &str, track: Option<usize>| {
        let target = Target::parse(url).unwrap();
        let found = (target.path.as_str(), target.query.as_str(), target.track);
        assert_eq!(found, (path, query, track), "{url}");
        assert_eq!(target.authority, "h:8554");
    };
    check("rtsp://h:8554/cam", "cam", "", None);
    check("rtsp://u:p@h:8554/cam/", "cam", "", None);
    check("rtsps://h:8554/cam/trackID=1", "cam", "", Some(1));
    check("rtsp://h:8554/cam?quality=low", "cam", "quality=low", None);
    check(
        "rtsp://h:8554/cam?quality=low/trackID=0",
        "cam",
        "quality=low",
        Some(0),
    );
    check(
        "rtsp://h:8554/cam/trackID=0?quality=low",
        "cam",
        "quality=low",
        Some(0),
    );
    check("rtsp://h:8554", "", "", None);
    for url in ["*", "http://h/", ""] {
        assert_eq!(Target::parse(url), None);
    }
    assert_eq!(Target::control("rtsp://h/cam", 1), "trackID=1");
    assert_eq!(
        Target::control("rtsp://h/cam?a=b", 0),
        "rtsp://h/cam/trackID=0?a=b"
    );
}

#[test]
fn passwords_and_proofs_of_them_are_told_from_wrong_ones() {
    let check = |field: &str, expected: bool| {
        let holds = match Credentials::parse(field) {
            Some(Credentials::Password(password)) => password == "Circle of Life",
            Some(Credentials::Digest(proof)) => proof.holds("DESCRIBE", "abc", "Circle of Life"),
            None => false,
        };
        assert_eq!(holds, expected, "{field}");
    };
    check("Basic TXVmYXNhOkNpcmNsZSBvZiBMaWZl", true);
    check("Basic !", false);
    // Made by Python's hashlib.
    let digest = |response: &str, more: &str| {
        format!(
            "Digest username=\"Mufasa\", realm=\"Eyeline\", nonce=\"abc\", uri=\"rtsp://h/cam\", response=\"{response}\"{more}"
        )
    };
    check(&digest("83dd8d1de00002e237c9ac08e617b358", ""), true);
    check(
        &digest(
            "ea138bb618ffb918a6ce76b488e55967aa5b33bdde825ec2d0da67b6c4f35a68",
            ", algorithm=SHA-256, qop=auth, nc=00000001, cnonce=\"x\"",
        ),
        true,
    );
    check(&digest("00000000000000000000000000000000", ""), false);
    check(&digest("", ""), false);
}

proptest! {
    #[test]
    fn anything_is_read_without_panic(text in "[ -~\r\n$]{0,200}") {
        let mut reader = Reader::new();
        reader.push(text.as_bytes());
        while let Ok(Some(_)) = reader.incoming() {}
        let _ = Transport::parse(&text);
        let _ = Target::parse(&text);
        let _ = Credentials::parse(&text);
        let _ = crate::sdp::Description::parse(text.as_bytes());
    }
}
