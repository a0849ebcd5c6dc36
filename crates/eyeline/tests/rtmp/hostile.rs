//! Those who send nonsense, or next to nothing.

use std::io::{Read as _, Write as _};

use eyeline_testkit::http::connect;
use eyeline_testkit::wait;

use crate::clip::make;
use crate::publisher::Publisher;
use crate::{check_moves, serve};

/// Open files of the server.
fn files(pid: u32) -> usize {
    std::fs::read_dir(format!("/proc/{pid}/fd"))
        .unwrap()
        .count()
}

#[test]
fn who_says_nonsense_or_nothing_is_closed_and_leaves_nothing_behind() {
    let server = serve();
    let port = server.rtmp_port();
    let before = files(server.pid());
    let hello = [&[3][..], &[0; 2 * 1_536]].concat();
    let says: Vec<Vec<u8>> = vec![
        vec![],
        vec![3],
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(),
        vec![6; 2_000],
        hello.clone(),
        [&hello[..], &[0xff; 500]].concat(),
        // A message of 16 MiB of which little comes, and a command that is none.
        [
            &hello[..],
            &[3, 0, 0, 0, 0xff, 0xff, 0xff, 9, 0, 0, 0, 0, 1, 2, 3],
        ]
        .concat(),
        [
            &hello[..],
            &[3, 0, 0, 0, 0, 0, 2, 20, 0, 0, 0, 0, 0xff, 0xff],
        ]
        .concat(),
    ];
    let mut all: Vec<_> = (0..5)
        .flat_map(|_| &says)
        .map(|said| {
            let mut tcp = connect(port);
            tcp.write_all(said).unwrap();
            tcp
        })
        .collect();
    for tcp in &mut all {
        // What comes before the end does not matter; that it comes does. Closing with something unread
        // is a reset.
        let mut rest = Vec::new();
        if let Err(error) = tcp.read_to_end(&mut rest) {
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
        }
    }
    wait::until("its files to be closed", || {
        (files(server.pid()) <= before + 1).then_some(())
    });
    assert!(!server.log().contains("this is a bug"), "{}", server.log());
    server.stop();
}

#[test]
fn a_player_that_takes_nothing_is_closed_with_a_reason_and_others_go_on() {
    let server = serve();
    let port = server.rtmp_port();
    let large = make("640x360", "-c:v libx264 -preset ultrafast -qp 5 -g 30 -an");
    let _publisher = Publisher::start(port, "cam").play(vec![large], 0);
    server.wait_live("cam");
    let slow = Publisher::ask_to("play", port, "cam");
    let viewers = || server.json("/api/streams/cam/viewers")["viewers"].clone();
    wait::until("a viewer", || viewers().as_array()?.first().map(drop));
    check_moves(&server, "cam", "640x360");
    wait::until("it to be closed", || {
        viewers().as_array()?.is_empty().then_some(())
    });
    wait::until("the reason in the log", || {
        server.log().contains("took no data").then_some(())
    });
    check_moves(&server, "cam", "640x360");
    drop(slow);
    server.stop();
}
