//! Packets of RTP and RTCP, and JPEGs that are to become such.

use std::time::Duration;

use bytes::Bytes;
use eyeline_proto::h264::nal_units;
use eyeline_proto::rtp::latm::MuxConfig;
use eyeline_proto::rtp::sender::{FRAME_BYTES, frames};
use eyeline_proto::rtp::{Depacketizer, Media, Packet, Receiver, Sender, aac, jpeg, rtcp};

/// Packets, each behind its length in one byte: the first byte says what they carry and whether
/// they come in order. What comes out is whole, however they are damaged.
pub fn rtp(data: &[u8]) {
    let _ = rtcp::reports(data).count();
    let _ = frames(data).count();
    pack(data);
    let &[kind, ref body @ ..] = data else {
        return;
    };
    let _ = MuxConfig::parse(body);
    let depacketizer = match kind % 4 {
        0 => Depacketizer::h264([]),
        1 if kind & 8 != 0 => Depacketizer::latm(&MuxConfig {
            audio: Bytes::from_static(&[0x12, 0x10]),
            channels: 2,
            units: 1 + usize::from(kind >> 4),
        }),
        1 => Depacketizer::aac(aac::Layout::default(), &[0x12, 0x10]),
        2 => Depacketizer::opus(),
        _ => Depacketizer::g711(kind >> 4),
    };
    let mut receiver = Receiver::new(96, depacketizer, kind & 4 != 0);
    let (mut now, mut rest) = (Duration::ZERO, body);
    while let Some((&length, after)) = rest.split_first() {
        let (packet, after) = after.split_at(after.len().min(length.into()));
        rest = after;
        now += Duration::from_millis(u64::from(length));
        receiver.push(now, Bytes::copy_from_slice(packet));
        take(&mut receiver, now);
    }
    take(&mut receiver, now + Duration::from_secs(1));
    let counts = receiver.counts();
    assert!(counts.packets as usize <= body.len());
    let _ = receiver.report();
}

fn take(receiver: &mut Receiver, now: Duration) {
    while let Ok(Some(output)) = receiver.poll(now) {
        match output.media {
            Media::Picture(unit) => {
                let whole: usize = nal_units(&unit.data).map(|nal| 4 + nal.len()).sum();
                assert_eq!(whole, unit.data.len(), "whole NAL units");
            }
            Media::Sound { data, .. } => assert!(data.len() <= 64 * 1024 + 255),
        }
    }
}

/// A JPEG that is taken becomes packets that are packets.
fn pack(data: &[u8]) {
    match jpeg::Scan::of(data) {
        Ok(scan) => {
            let mut all = Vec::new();
            scan.pack(0, &mut Sender::new(0, jpeg::PAYLOAD_TYPE, 1, 0), &mut all);
            let mut bytes = 0;
            for (_, packet) in frames(&all) {
                assert!(!Packet::parse(packet).expect("a packet").payload.is_empty());
                bytes += FRAME_BYTES + packet.len();
            }
            assert_eq!(bytes, all.len());
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
