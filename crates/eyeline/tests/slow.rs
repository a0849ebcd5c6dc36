//! Slow viewers: the healthy lose nothing, nobody's picture grows old, memory stays flat.

#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use eyeline_testkit::http::{self, Viewer};
use eyeline_testkit::server::Server;
use eyeline_testkit::wait;

const EYELINE: &str = env!("CARGO_BIN_EXE_eyeline");

fn open(server: &Server, name: &str) -> TcpStream {
    let mut stream = http::connect(server.port());
    let request = format!(
        "GET /streams/{name}/mjpeg HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: slow\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    stream
}

#[test]
fn viewers_that_do_not_read_cost_the_healthy_nothing_and_are_closed_with_a_reason() {
    const SLOW: usize = 50;
    let server = Server::start(EYELINE, ["cam=test:?size=1280x720&fps=30"]);
    let mut healthy = Viewer::open(server.port(), "/streams/cam/mjpeg");
    healthy.next_part().unwrap();
    let before = server.rss_kib();
    let slow: Vec<_> = (0..SLOW).map(|_| open(&server, "cam")).collect();
    let running = AtomicBool::new(true);
    thread::scope(|scope| {
        // Half of them read nothing at all, half a byte now and then.
        for mut stream in slow
            .iter()
            .skip(SLOW / 2)
            .map(|stream| stream.try_clone().unwrap())
        {
            let running = &running;
            scope.spawn(move || {
                while running.load(Ordering::Relaxed) && matches!(stream.read(&mut [0]), Ok(1)) {
                    thread::sleep(Duration::from_millis(20));
                }
            });
        }
        let closed = wait::until("the viewers that read nothing to be closed", || {
            for _ in 0..10 {
                healthy.next_part().expect("the healthy viewer goes on");
            }
            let growth = server.rss_kib().saturating_sub(before);
            assert!(growth < 64 * 1024, "grew by {growth} KiB");
            let viewers = server.json("/api/streams/cam/viewers");
            let slow = viewers["viewers"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|viewer| viewer["agent"] == "slow");
            (slow.count() <= SLOW / 2).then(|| server.log())
        });
        assert!(closed.contains("took no data"), "{closed}");
        running.store(false, Ordering::Relaxed);
        slow.iter()
            .for_each(|stream| drop(stream.shutdown(std::net::Shutdown::Both)));
    });
    let viewers = server.json("/api/streams/cam/viewers");
    let kept = viewers["viewers"]
        .as_array()
        .unwrap()
        .iter()
        .find(|viewer| viewer["agent"] != "slow");
    assert_eq!(kept.expect("the healthy viewer")["skipped"], 0);
    server.stop();
}
