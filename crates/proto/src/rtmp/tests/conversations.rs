//! Client and server.

use bytes::Bytes;

use super::*;

fn wanted() -> Wanted {
    Wanted {
        app: "live".to_owned(),
        url: "rtmp://h/live".to_owned(),
        stream: "cam?token=a".to_owned(),
    }
}

/// Lets both talk until neither has anything to say.
fn talk(client: &mut Client, server: &mut Server) -> (Vec<Heard>, Vec<Event>) {
    let (mut heard, mut events) = (Vec::new(), Vec::new());
    loop {
        while let Some(event) = server.next().unwrap() {
            events.push(event);
        }
        while let Some(one) = client.next().unwrap() {
            heard.push(one);
        }
        let (up, down) = (client.take_output(), server.take_output());
        if up.is_empty() && down.is_empty() {
            return (heard, events);
        }
        server.push(&up);
        client.push(&down);
    }
}

fn pair() -> (Client, Server) {
    (
        Client::new(wanted(), 1, Limits::default()),
        Server::new(2, Limits::default()),
    )
}

#[test]
fn a_client_asks_for_a_stream_and_gets_it() {
    let (mut client, mut server) = pair();
    let (heard, events) = talk(&mut client, &mut server);
    assert_eq!(heard, []);
    let [Event::Play(target)] = &events[..] else {
        panic!("{events:?}");
    };
    assert_eq!((&*target.stream, &*target.query), ("cam", "token=a"));
    assert!(server.knows_opus());
    server.accept();
    assert_eq!(
        talk(&mut client, &mut server),
        (vec![Heard::Playing], vec![])
    );

    let picture = Outgoing::new(None).picture(&framed(&[SPS, PPS, IDR]), true, 0x0100_0000, 40);
    client.push(&metadata(None, None));
    client.push(&picture);
    let (heard, _) = talk(&mut client, &mut server);
    let times: Vec<_> = heard
        .iter()
        .map(|heard| match heard {
            Heard::Media(message) => (message.kind, message.timestamp),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(times, [(Kind::VIDEO, 0x0100_0000); 2]);

    server.end("the publisher has left");
    let (heard, _) = talk(&mut client, &mut server);
    assert!(matches!(&heard[0], Heard::Ended(_)), "{heard:?}");
}

#[test]
fn a_refusal_says_why() {
    let (mut client, mut server) = pair();
    talk(&mut client, &mut server);
    server.refuse(Refusal::NotFound, "there is no stream cam");
    let (heard, _) = talk(&mut client, &mut server);
    let expected = "NetStream.Play.StreamNotFound: there is no stream cam";
    assert_eq!(heard, [Heard::Refused(expected.to_owned())]);
}

/// A server that has shaken hands, and a way to say something to it.
fn connected() -> Server {
    let mut server = Server::new(2, Limits::default());
    server.push(&[3]);
    server.push(&[0; 2 * 1_536]);
    say(
        &mut server,
        &Command::new(
            "connect",
            1.0,
            vec![Value::object([("app", Value::text("live"))])],
        ),
    );
    assert_eq!(server.next(), Ok(None));
    server.take_output();
    server
}

fn say(server: &mut Server, command: &Command) {
    let mut chunks = Vec::new();
    write_message(
        &mut chunks,
        3,
        (Kind::COMMAND, 0, 1),
        &[&command.write()],
        128,
    );
    server.push(&chunks);
}

/// What the server says; its chunks are large by now.
fn said(server: &mut Server) -> Vec<Command> {
    let mut reader = Reader::new(Limits::default());
    reader.push(&[2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 1, 0, 0]);
    reader.push(&server.take_output());
    let mut commands = Vec::new();
    while let Some(message) = reader.next().unwrap() {
        if message.kind == Kind::COMMAND {
            commands.push(Command::read(&message).unwrap());
        }
    }
    commands
}

#[test]
fn what_encoders_ask_on_their_way_to_publish_is_answered() {
    let mut server = connected();
    for (number, name) in [
        "releaseStream",
        "FCPublish",
        "_checkbw",
        "getStreamLength",
        "unheard",
    ]
    .into_iter()
    .enumerate()
    {
        say(
            &mut server,
            &Command::new(
                name,
                number as f64 + 2.0,
                vec![Value::Null, Value::text("cam")],
            ),
        );
    }
    say(
        &mut server,
        &Command::new("createStream", 9.0, vec![Value::Null]),
    );
    let cam = vec![Value::Null, Value::text("cam")];
    say(&mut server, &Command::new("publish", 10.0, cam));
    let event = server.next().unwrap();
    assert!(
        matches!(&event, Some(Event::Publish(target)) if target.stream == "cam"),
        "{event:?}"
    );
    let names: Vec<_> = said(&mut server)
        .into_iter()
        .map(|c| (c.name, c.transaction))
        .collect();
    let expected = [
        ("_result", 2.0),
        ("_result", 3.0),
        ("onFCPublish", 0.0),
        ("_result", 4.0),
        ("_result", 5.0),
        ("_result", 9.0),
    ];
    assert_eq!(
        names,
        expected.map(|(name, number)| (name.to_owned(), number))
    );

    server.accept();
    let code = said(&mut server)[0].argument(0).get("code").cloned();
    assert_eq!(code, Some(Value::text("NetStream.Publish.Start")));
    let mut chunks = Vec::new();
    write_message(&mut chunks, 6, (Kind::VIDEO, 9, 1), &[&[0x17, 2]], 128);
    server.push(&chunks);
    let event = server.next().unwrap();
    assert_eq!(event, Some(Event::Media(media(Kind::VIDEO, 9, &[0x17, 2]))));
    say(
        &mut server,
        &Command::new("FCUnpublish", 11.0, vec![Value::Null, Value::text("cam")]),
    );
    say(
        &mut server,
        &Command::new("deleteStream", 12.0, vec![Value::Null, Value::Number(1.0)]),
    );
    assert_eq!(server.next(), Ok(Some(Event::Stop)));
    assert_eq!(server.next(), Ok(None));
}

#[test]
fn a_command_in_amf3_and_a_ping_are_understood() {
    let mut server = connected();
    let command = Command::new("createStream", 4.0, vec![Value::Null]).write();
    let mut chunks = Vec::new();
    write_message(
        &mut chunks,
        3,
        (Kind::COMMAND_AMF3, 0, 0),
        &[&[0], &command],
        128,
    );
    write_message(
        &mut chunks,
        2,
        (Kind::USER_CONTROL, 0, 0),
        &[&[0, 6, 1, 2, 3, 4]],
        128,
    );
    server.push(&chunks);
    assert_eq!(server.next(), Ok(None));
    let output = server.take_output();
    assert!(output.ends_with(&[0, 7, 1, 2, 3, 4]), "{output:?}");
    assert!(output.windows(7).any(|window| window == b"_result"));
}

#[test]
fn what_comes_is_acknowledged() {
    let mut server = connected();
    say(
        &mut server,
        &Command::new("publish", 0.0, vec![Value::Null, Value::text("cam")]),
    );
    server.next().unwrap();
    server.accept();
    server.take_output();
    let mut acknowledged = Vec::new();
    for _ in 0..30 {
        let mut chunks = Vec::new();
        write_message(&mut chunks, 6, (Kind::VIDEO, 0, 1), &[&[0; 100_000]], 128);
        server.push(&chunks);
        while server.next().unwrap().is_some() {}
        acknowledged.push(server.take_output());
    }
    acknowledged.retain(|bytes| !bytes.is_empty());
    assert_eq!(acknowledged.len(), 2, "of 3 MB, one for each 1.25");
}

#[test]
fn what_is_no_rtmp_is_told_from_the_first_byte() {
    let check = |bytes: &[u8], expected: &str| {
        let mut server = Server::new(1, Limits::default());
        server.push(bytes);
        let error = server.next().unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    check(b"GET / HTTP/1.1", "not RTMP");
    check(&[6], "enciphered");
    check(&[0x16, 3, 1], "not RTMP");
    let mut server = Server::new(1, Limits::default());
    server.push(&[3; 1_536]);
    assert_eq!(server.next(), Ok(None));
    assert_eq!(server.take_output(), Bytes::new());
}

#[test]
fn nobody_plays_before_connecting_or_twice() {
    let mut server = Server::new(1, Limits::default());
    server.push(&[3]);
    server.push(&[0; 2 * 1_536]);
    let play = Command::new("play", 3.0, vec![Value::Null, Value::text("cam")]);
    say(&mut server, &play);
    assert!(
        server
            .next()
            .unwrap_err()
            .to_string()
            .contains("before connect")
    );
    let mut server = connected();
    say(&mut server, &play);
    say(&mut server, &play);
    server.next().unwrap();
    assert_eq!(
        server.next(),
        Ok(None),
        "the first is to be answered before"
    );
    server.accept();
    assert!(
        server
            .next()
            .unwrap_err()
            .to_string()
            .contains("another stream")
    );
}

#[test]
fn who_asks_and_does_not_read_is_closed() {
    let mut server = connected();
    let error = (0..100_000).find_map(|_| {
        say(
            &mut server,
            &Command::new("createStream", 4.0, vec![Value::Null]),
        );
        server.next().err()
    });
    assert!(matches!(error, Some(Error::Unread { .. })), "{error:?}");
}

#[test]
fn values_are_read_as_they_were_written_and_others_refused() {
    let values = vec![
        Value::Number(-1.5),
        Value::Boolean(true),
        Value::text("a\u{e9}"),
        Value::text(&"x".repeat(70_000)),
        Value::object([
            ("a", Value::Null),
            ("b", Value::Array(vec![Value::Number(1.0)])),
        ]),
        Value::Map(vec![("c".to_owned(), Value::text(""))]),
    ];
    let mut bytes = Vec::new();
    values.iter().for_each(|value| value.write(&mut bytes));
    assert_eq!(Value::read_all(&bytes), Ok(values));
    let check = |bytes: &[u8], expected: &str| {
        let error = Value::read_all(bytes).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    check(&[2, 0, 5, b'a'], "cut short");
    check(&[12, 0xff, 0xff, 0xff, 0xff, 1], "cut short");
    check(&[10, 0xff, 0xff, 0xff, 0xff, 5, 5], "cut short");
    check(&[5; 3_000], "too many");
    check(&[10, 0, 0, 0, 1].repeat(20), "too deep");
    check(&[99], "unknown type");
}
