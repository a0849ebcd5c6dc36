//! The queue, with the thread and without.

use eyeline_clock::{RealClock, SimClock};
use tokio::sync::mpsc;

use super::*;
use crate::sink::Report;

fn outlet() -> (Outlet, mpsc::Receiver<Report>) {
    let (sender, reports) = mpsc::channel(16);
    (Outlet::new(0, sender), reports)
}

fn picture(number: u64) -> RawPicture {
    RawPicture {
        format: PixelFormat::Gray8,
        size: Resolution::new(8, 8).unwrap(),
        data: Bytes::from_static(&[9; 64]),
        captured: Timestamp::from_micros(number),
    }
}

/// The capture times that came out so far.
fn encoded(reports: &mut mpsc::Receiver<Report>) -> Vec<u64> {
    let mut times = Vec::new();
    while let Ok(report) = reports.try_recv() {
        match report.event {
            Event::Picture(packet) => times.push(packet.captured.as_micros()),
            Event::Unseen => times.push(u64::MAX),
            other => panic!("{other:?}"),
        }
    }
    times
}

#[tokio::test]
async fn pictures_come_out_as_they_went_in() {
    let (outlet, mut reports) = outlet();
    let encoder = RawEncoder::new(JpegQuality::DEFAULT, RealClock::shared(), true);
    for number in 0..10 {
        encoder.push(picture(number), &outlet);
        encoder.drained().await;
    }
    assert_eq!(encoded(&mut reports), Vec::from_iter(0..10));
    encoder.close();
}

#[tokio::test]
async fn nothing_is_encoded_for_nobody_and_the_newest_is_for_the_first_to_look() {
    let (outlet, mut reports) = outlet();
    let encoder = RawEncoder::new(JpegQuality::DEFAULT, RealClock::shared(), false);
    for number in 0..3 {
        encoder.push(picture(number), &outlet);
    }
    encoder.drained().await;
    assert_eq!(encoded(&mut reports), [u64::MAX; 3]);
    encoder.set_wanted(true);
    encoder.drained().await;
    assert_eq!(encoded(&mut reports), [2]);
    encoder.set_wanted(false);
    encoder.set_wanted(true);
    encoder.drained().await;
    assert_eq!(encoded(&mut reports), [0; 0], "no picture comes twice");
    encoder.close();
}

#[tokio::test]
async fn a_picture_of_the_wrong_length_is_skipped() {
    let (outlet, mut reports) = outlet();
    let encoder = RawEncoder::new(JpegQuality::DEFAULT, RealClock::shared(), true);
    let data = Bytes::from_static(&[9; 63]);
    encoder.push(RawPicture { data, ..picture(0) }, &outlet);
    encoder.drained().await;
    let event = reports.try_recv().unwrap().event;
    assert!(
        matches!(event, Event::Skipped(PictureError::Encode(_))),
        "{event:?}"
    );
    encoder.close();
}

/// An encoder whose thread never starts, so that its queue can be looked at.
fn stalled(clock: SharedClock) -> RawEncoder {
    let encoder = RawEncoder::new(JpegQuality::DEFAULT, clock, true);
    encoder.shared.lock().running = true;
    encoder
}

#[test]
fn the_oldest_give_way_when_too_many_wait() {
    let (outlet, _reports) = outlet();
    let encoder = stalled(RealClock::shared());
    for number in 0..6 {
        encoder.push(picture(number), &outlet);
    }
    let waiting = encoder.shared.lock().waiting.len();
    assert_eq!(waiting, MAX_WAITING);
    let next = encoder.shared.next().unwrap();
    assert_eq!(next.0.captured.as_micros(), 2);
    assert_eq!(encoder.shared.lock().dropped, 2);
}

#[test]
fn pictures_that_waited_too_long_give_way_to_newer_ones() {
    let (outlet, _reports) = outlet();
    let clock = SimClock::starting_at(0);
    let encoder = stalled(Arc::clone(&clock) as SharedClock);
    for number in 0..3 {
        encoder.push(picture(number), &outlet);
        clock.advance(Duration::from_millis(60));
    }
    // They have waited 180, 120 and 60 ms.
    let next = encoder.shared.next().unwrap();
    assert_eq!(next.0.captured.as_micros(), 2);
    encoder.push(picture(3), &outlet);
    clock.advance(Duration::from_secs(1));
    let next = encoder.shared.next().unwrap();
    assert_eq!(
        next.0.captured.as_micros(),
        3,
        "the only one is better than none"
    );
}
