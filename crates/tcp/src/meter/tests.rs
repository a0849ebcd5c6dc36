//! A meter on a socket that tells what the test says, in simulated time.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;

use eyeline_clock::SimClock;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

use super::*;

const MS: Duration = Duration::from_millis(1);

#[derive(Default)]
struct Fake {
    info: Cell<TcpInfo>,
    asked: Cell<usize>,
    buffers: RefCell<Vec<usize>>,
}

impl AsyncWrite for Fake {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Pending
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

impl Probe for Fake {
    fn info(&self) -> Option<TcpInfo> {
        self.asked.set(self.asked.get() + 1);
        Some(self.info.get())
    }

    fn bound_send_buffer(&self, bytes: usize) {
        self.buffers.borrow_mut().push(bytes);
    }

    fn poll_room(&mut self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}

struct Rig {
    clock: Arc<SimClock>,
    link: Arc<Link>,
    meter: Meter,
    socket: Fake,
}

impl Rig {
    fn new() -> Self {
        let clock = SimClock::starting_at(0);
        clock.advance(MS * 1_000);
        let link = Arc::<Link>::default();
        Self {
            meter: Meter::new(Arc::clone(&link), clock.clone()),
            clock,
            link,
            socket: Fake::default(),
        }
    }

    /// A picture of `bytes` that takes `took`, on a link that was busy meanwhile; if it had
    /// to wait, all that time.
    fn picture(&mut self, bytes: u64, took: Duration, waited: bool) {
        self.meter
            .wrote(&self.socket, usize::try_from(bytes).unwrap());
        if waited {
            self.meter.wrote(&self.socket, 0);
        }
        self.clock.advance(took);
        let mut info = self.socket.info.get();
        info.acked_bytes += bytes;
        info.busy += took;
        info.min_rtt = MS * 10;
        self.socket.info.set(info);
        self.meter.all_taken(&self.socket);
    }

    fn bandwidth_is_about(&self, expected_bps: u64) {
        let bandwidth_bps = self.link.bandwidth_bps().unwrap();
        assert!(
            bandwidth_bps.abs_diff(expected_bps) <= expected_bps / 100,
            "{bandwidth_bps}"
        );
    }
}

#[test]
fn a_full_link_is_known_by_what_it_took_in_that_time() {
    let mut rig = Rig::new();
    rig.picture(50_000, MS * 100, true);
    rig.bandwidth_is_about(4_000_000);
    assert_eq!((rig.link.took(), rig.link.taken()), (MS * 100, 1));
    for _ in 0..8 {
        rig.picture(25_000, MS * 100, true);
    }
    rig.bandwidth_is_about(2_000_000);
    assert_eq!(
        rig.socket.asked.get(),
        18,
        "when it waits and when it is through"
    );
}

#[test]
fn a_short_wait_says_little() {
    let mut rig = Rig::new();
    rig.picture(50_000, MS * 100, true);
    rig.picture(3_000, MS, true);
    let bandwidth_bps = rig.link.bandwidth_bps().unwrap();
    assert!(bandwidth_bps < 4_200_000, "{bandwidth_bps}");
}

#[test]
fn little_sent_is_no_sign_of_a_thin_link() {
    let mut rig = Rig::new();
    rig.picture(500_000, MS * 100, true);
    for _ in 0..100 {
        rig.picture(1_000, MS * 40, false);
    }
    rig.bandwidth_is_about(40_000_000);
}

#[test]
fn more_that_went_through_without_waiting_is_a_sign_of_a_better_link() {
    let mut rig = Rig::new();
    rig.picture(50_000, MS * 100, true);
    for _ in 0..16 {
        rig.picture(50_000, MS * 20, false);
    }
    rig.bandwidth_is_about(4_400_000);
    for _ in 0..640 {
        rig.picture(50_000, MS * 20, false);
    }
    rig.bandwidth_is_about(20_000_000);
}

#[test]
fn one_that_keeps_up_is_seldom_asked_about() {
    let mut rig = Rig::new();
    for _ in 0..160 {
        rig.picture(50_000, MS * 33, false);
    }
    assert_eq!(rig.socket.asked.get(), 10);
}

#[test]
fn the_send_buffer_follows_the_link_within_bounds() {
    let check = |bytes_per_second: f64, min_rtt_ms: u32, expected: usize| {
        assert_eq!(send_buffer(bytes_per_second, MS * min_rtt_ms), expected);
    };
    check(1_000_000.0, 1, 25_000);
    check(1_000_000.0, 100, 100_000);
    check(1_000.0, 1, LEAST_SEND_BUFFER_BYTES);
    check(1e9, 1, SEND_BUFFER_BYTES);
}

#[test]
fn the_send_buffer_is_left_alone_when_it_is_about_right() {
    let mut rig = Rig::new();
    for bytes in [320_000, 350_000, 300_000, 330_000] {
        rig.picture(bytes, MS * 100, true);
    }
    assert_eq!(*rig.socket.buffers.borrow(), [32_768, 65_536]);
}

#[test]
fn a_link_that_takes_a_large_picture_at_once_has_soon_all_the_room() {
    let mut rig = Rig::new();
    for waited in [true, false, false, false, false] {
        rig.picture(60_000, Duration::from_micros(300), waited);
    }
    let steps = [
        32 * 1024,
        64 * 1024,
        128 * 1024,
        256 * 1024,
        SEND_BUFFER_BYTES,
    ];
    assert_eq!(*rig.socket.buffers.borrow(), steps);
}

/// Whether the kernel is asked for room behind a picture of so many bytes, on a link of 4 MB/s whose
/// pictures have not had to wait for a while.
fn is_asked_behind(bytes: u64) -> bool {
    let mut rig = Rig::new();
    for _ in 0..200 {
        rig.picture(20_000, MS * 5, false);
    }
    assert!(rig.meter.send_buffer < SEND_BUFFER_BYTES);
    rig.meter
        .wrote(&rig.socket, usize::try_from(bytes).unwrap());
    rig.meter.may_be_full()
}

#[test]
fn the_kernel_is_asked_for_room_unless_the_link_carries_much_more() {
    assert!(!is_asked_behind(20_000));
    assert!(is_asked_behind(60_000));
    let mut rig = Rig::new();
    rig.picture(20_000, MS * 50, true);
    rig.meter.wrote(&rig.socket, 1);
    assert!(rig.meter.may_be_full(), "it had to wait lately");
}

#[test]
fn a_large_body_is_measured_while_it_is_written() {
    let mut rig = Rig::new();
    rig.meter.wrote(&rig.socket, 50_000);
    for _ in 0..10 {
        rig.clock.advance(MS * 50);
        rig.meter.wrote(&rig.socket, 0);
    }
    assert_eq!(rig.socket.asked.get(), 5);
}

/// Writes until the kernel takes no more, also when the other end has taken what it has room
/// for; says how many bytes it took.
async fn fill(near: &mut TcpStream) -> usize {
    let piece = [7; 4096];
    let (mut taken, mut full) = (0, 0);
    while full < 10 {
        let before = taken;
        poll_fn(|cx| {
            while let Poll::Ready(count) = near.poll_send(cx, &[IoSlice::new(&piece)]) {
                taken += count.unwrap();
            }
            Poll::Ready(())
        })
        .await;
        full = if taken == before { full + 1 } else { 0 };
        tokio::time::sleep(MS * 20).await;
    }
    taken
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_send_buffer_takes_nothing_until_it_has_drained() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut near = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    let (mut far, _) = listener.accept().await.unwrap();
    near.bound_send_buffer(LEAST_SEND_BUFFER_BYTES);
    let taken = fill(&mut near).await;
    let waiting = near.info().unwrap().unsent_bytes;
    assert!(waiting < 32 * 1024, "more joined what waits: {waiting}");
    let room = poll_fn(|cx| Poll::Ready(near.poll_room(cx))).await;
    assert!(room.is_pending());
    let mut rest = vec![0; taken];
    let (read, ()) = tokio::join!(far.read_exact(&mut rest), poll_fn(|cx| near.poll_room(cx)));
    assert_eq!(read.unwrap(), taken);
}
